/** A notice: to each person's first method that takes it. It wakes nobody's chain. */
import type { Delivery } from '../domain/incident.ts';
import type { NoticeOrder } from '../domain/orders.ts';
import { now } from './clock.ts';
import { isFinal } from './failures.ts';
import type { Page, Ports } from './ports.ts';
import { inWords } from './words.ts';
import type { TellRequest } from './types.ts';

/** Rejects with the first vendor's trouble that may pass; the same keys make a repeat harmless to those reached. */
export async function notice(
  ports: Ports,
  request: TellRequest,
  order: NoticeOrder,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const person of peopleOf(ports, request, order)) {
    deliveries.push(
      ...(await reach(ports, person, (method) => compose(ports, request, order, person, method), signal)),
    );
  }
  return deliveries;
}

function peopleOf({ directory }: Ports, { incident }: TellRequest, order: NoticeOrder): readonly string[] {
  const { to, except, instead = [], at } = order;
  const behind = (names: readonly string[]) =>
    names.flatMap((name) => directory.resolve(name, incident.team, at).people);
  const left = new Set(behind(except));
  const meant = behind(to);
  return [...new Set(meant.length === 0 ? behind(instead) : meant)].filter((person) => !left.has(person));
}

async function reach(
  ports: Ports,
  person: string,
  pageFor: (method: string) => Page,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const contact of ports.directory.contacts(person)) {
    if (contact.pagesOnly) continue;
    const page = pageFor(contact.method);
    const delivery = { to: person, method: contact.method, key: page.key };
    try {
      await contact.send(page, signal);
      return [...deliveries, { ...delivery, at: now(), state: 'accepted', reason: null }];
    } catch (err) {
      if (!isFinal(err)) throw err;
      const reason = err instanceof Error ? err.message : 'failed';
      deliveries.push({ ...delivery, at: now(), state: 'failed', reason });
    }
  }
  return deliveries;
}

function compose(
  ports: Ports,
  { incident, cycle }: TellRequest,
  order: NoticeOrder,
  person: string,
  method: string,
): Page {
  const { workflowId, id: incidentId } = incident;
  return {
    key: `${incidentId}/notice/${order.n}/${person}.${method}`,
    kind: 'notice',
    reason: order.about,
    to: person,
    level: 0,
    cycle,
    attempt: 1,
    lateByMs: 0,
    text: inWords(order, ports, workflowId),
    incident: { ...incident, url: ports.links.incident(workflowId) },
    acknowledgeUrl: ports.links.acknowledge({ workflowId, incidentId, person, cycle }),
  };
}
