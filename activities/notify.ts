/** Notices: each to a person's first method that takes it. They wake nobody's chain. */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Delivery } from '../domain/incident.ts';
import type { NoticeOrder } from '../domain/orders.ts';
import { now } from './clock.ts';
import { isFinal } from './failures.ts';
import type { Ports } from './ports.ts';
import { tell } from './tell.ts';
import type { NotifyAnswer, NotifyRequest } from './types.ts';

type Settled = Record<string, Delivery>;

export function createNotify(ports: Ports): (request: NotifyRequest) => Promise<NotifyAnswer> {
  return async (request) => {
    const settled: Settled = { ...(activityInfo().heartbeatDetails as Settled | undefined) };
    let again = false;
    for (const notice of request.notices) {
      for (const person of peopleOf(ports, request, notice)) {
        if (!(await deliver(ports, request, notice, person, settled))) again = true;
      }
    }
    if (again) {
      heartbeat(settled);
      throw ApplicationFailure.retryable('a provider did not take the notice', 'NoticeNotTaken');
    }
    return { deliveries: Object.values(settled), searchable: ports.searchable() };
  };
}

function peopleOf(
  { directory }: Ports,
  { incident }: NotifyRequest,
  { to, except, at }: NoticeOrder,
): readonly string[] {
  const behind = (names: readonly string[]) =>
    names.flatMap((name) => directory.resolve(name, incident.team, at).people);
  const left = new Set(behind(except));
  return [...new Set(behind(to))].filter((person) => !left.has(person));
}

/** False: some vendor may take it later. */
async function deliver(
  ports: Ports,
  { incident, round }: NotifyRequest,
  notice: NoticeOrder,
  person: string,
  settled: Settled,
): Promise<boolean> {
  const { workflowId, episode } = incident;
  for (const contact of ports.directory.contacts(person)) {
    const key = `${episode}/notice/${notice.n}/${person}.${contact.method}`;
    if (settled[key]?.state === 'accepted') return true;
    if (settled[key]) continue;
    const settle = (state: 'accepted' | 'failed', reason: string | null): void => {
      settled[key] = { at: now(), to: person, method: contact.method, key, state, reason };
    };
    try {
      await contact.send(
        {
          key,
          kind: 'notice',
          reason: notice.about,
          to: person,
          level: 0,
          round,
          attempt: 1,
          lateByMs: 0,
          text: tell(notice.text, ports.directory, ports.timeZone),
          incident: { ...incident, url: ports.links.incident(workflowId) },
          acknowledgeUrl: ports.links.acknowledge({ workflowId, episode, person, round }),
        },
        cancellationSignal(),
      );
      settle('accepted', null);
      return true;
    } catch (err) {
      if (!isFinal(err)) return false;
      settle('failed', err instanceof Error ? err.message : 'failed');
    }
  }
  return true;
}
