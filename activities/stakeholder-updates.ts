/**
 * The line of stakeholder updates. Unlike the other lines it is one queue for each address, so that one address that
 * is dead holds up nobody else's stakeholder updates.
 */
import type { Delivery } from '../domain/incident.ts';
import type { StakeholderUpdateOrder } from '../domain/orders.ts';
import { TEMPLATES } from '../domain/templates.ts';
import { clockTime } from '../schedules/clock-time.ts';
import { now } from './clock.ts';
import { isRefused } from './failures.ts';
import { stakeholderUpdateText } from './stakeholder-update-text.ts';
import { inTime, troubleOf } from './line.ts';
import type { LineOutcome } from './line.ts';
import type { TellCall } from './lines.ts';
import type { StakeholderUpdate, StakeholderContact } from './ports.ts';
import { valuesOf } from './words.ts';

/** A stakeholder update says where the incident's channel is: as long as this it waits for the chat to make one. */
const CHANNEL_MS = 4_000;
/** Older news is none: whoever could not be reached for so long is left out. */
const TOO_OLD_MS = 24 * 3_600_000;

/** A stakeholder update by one of its ways. */
interface Sending {
  readonly order: StakeholderUpdateOrder;
  readonly stakeholderUpdate: StakeholderUpdate;
  readonly contact: StakeholderContact;
}

type Trouble = NonNullable<LineOutcome['trouble']>;

/** `posted`: the outcome of the line of chat posts. Adds to `done` the orders that are told to everybody. Never rejects. */
export async function tellStakeholderUpdates(
  call: TellCall,
  posted: Promise<unknown> | undefined,
  done: Set<number>,
): Promise<LineOutcome> {
  const orders = (call.request.stakeholderUpdates ?? []).filter(({ n }) => !done.has(n));
  if (orders.length === 0) return { line: 'stakeholderUpdates', trouble: null, refused: [] };
  await inTime(posted ?? Promise.resolve(), CHANNEL_MS);
  const refused: string[] = [];
  const owed = orders.flatMap((order) => sendingsOf(call, order));
  const troubles = await Promise.all(queuesOf(owed).map((queue) => sendInOrder(call, queue, refused)));
  for (const { n } of orders) {
    if (isSettled(call, owed, n)) done.add(n);
    // Nobody was there to be told: then the record must not say it.
    if (!owed.some(({ order }) => order.n === n)) call.stakeholderUpdates.delete(n);
  }
  return { line: 'stakeholderUpdates', trouble: troubles.find((trouble) => trouble !== null) ?? null, refused };
}

/** One for each address. */
function queuesOf(owed: readonly Sending[]): readonly (readonly Sending[])[] {
  const queues = new Map<string, Sending[]>();
  for (const sending of owed) {
    const address = `${sending.stakeholderUpdate.to} ${sending.contact.method}`;
    queues.set(address, [...(queues.get(address) ?? []), sending]);
  }
  return [...queues.values()];
}

function sendingsOf(call: TellCall, order: StakeholderUpdateOrder): readonly Sending[] {
  const { ports, request, scene, again, stakeholderUpdates } = call;
  const { workflowId, id: incidentId, reference } = scene.incident;
  const { channel = '', ticket = '' } = scene.refs();
  const isInternal = TEMPLATES[order.template].use === 'internal';
  const values: Readonly<Record<string, string>> = {
    ...valuesOf(order, ports, workflowId),
    // What has come to be known since the order was given.
    ...(isInternal
      ? { reference: reference ?? '', channel, ticket, startedAt: clockTime(startOf(call), ports.timeZone) }
      : {}),
  };
  const { subject, text } = stakeholderUpdateText(order.template, values, ports.wording);
  stakeholderUpdates.set(order.n, `Subject: ${subject}\n\n${text}`);
  const about = isInternal ? { ...request.head, reference, url: scene.incident.url } : null;
  return order.to.flatMap((to) =>
    ports.stakeholders.contacts(to).map((contact) => ({
      order,
      contact,
      stakeholderUpdate: {
        key: keyOf(incidentId, order.n, to, contact),
        at: order.at,
        again,
        to,
        thread: `${incidentId}/stakeholder-updates/${to}`,
        ...{ subject, text },
        ...(about === null
          ? { audience: 'external', incident: { component: values['component'] ?? '', state: values['state'] ?? '' } }
          : { audience: 'internal', incident: shown(about) }),
      },
    })),
  );
}

/** Epoch ms. The declaration itself does not know yet since when its alerts fire. */
const startOf = ({ request: { head } }: TellCall): number => Date.parse(head.detectedAt ?? head.declaredAt);

const keyOf = (incidentId: string, n: number, to: string, { method }: StakeholderContact): string =>
  `${incidentId}/stakeholder-update/${n}/${to}.${method}`;

/** What a program may read of it: by name. */
function shown(head: TellCall['request']['head'] & { readonly reference: string | null; readonly url: string }) {
  const { id, reference, url, workflowId, severity, title, phase, team, service } = head;
  return { id, reference, workflowId, url, severity, title, phase, team, service };
}

/** Up to the first stakeholder update that this address does not take for now. */
async function sendInOrder(
  { request, deliveries, signal }: TellCall,
  queue: readonly Sending[],
  refused: string[],
): Promise<Trouble | null> {
  for (const { order, stakeholderUpdate, contact } of queue) {
    if (isIn(request.stakeholderUpdatesSettled, deliveries, stakeholderUpdate.key)) continue;
    const settle = (state: Delivery['state'], reason: string | null): void =>
      void deliveries.push({
        at: now(),
        to: stakeholderUpdate.to,
        method: contact.method,
        key: stakeholderUpdate.key,
        state,
        reason,
      });
    try {
      await contact.send(stakeholderUpdate, signal);
      settle('accepted', null);
    } catch (err) {
      const trouble = troubleOf('stakeholderUpdates', err);
      if (!isRefused(err) && now() - order.at < TOO_OLD_MS) return trouble;
      settle('failed', trouble.reason);
      refused.push(trouble.reason);
    }
  }
  return null;
}

function isSettled({ request, deliveries }: TellCall, owed: readonly Sending[], n: number): boolean {
  return owed.every(
    ({ order, stakeholderUpdate }) =>
      order.n !== n || isIn(request.stakeholderUpdatesSettled, deliveries, stakeholderUpdate.key),
  );
}

function isIn(before: readonly string[] = [], deliveries: readonly Delivery[], key: string): boolean {
  return before.includes(key) || deliveries.some((delivery) => delivery.key === key);
}
