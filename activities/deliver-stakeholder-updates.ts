/**
 * The line of stakeholder updates. Unlike the other lines it is one queue for each address, so that one address that
 * is dead holds up nobody else's stakeholder updates.
 */
import type { Delivery } from '../domain/kernel/incident.ts';
import type { StakeholderUpdateEntry } from '../domain/kernel/outbox.ts';
import { formatClockTime } from '../schedules/format-time.ts';
import { now } from './clock.ts';
import { isRejectedByVendor } from '../runtime/failures.ts';
import { orUndefinedAfter, failureOf } from './deliver-queue.ts';
import type { QueueOutcome } from './deliver-queue.ts';
import type { DeliveryCall } from './outbox-queues.ts';
import type { StakeholderUpdate, StakeholderContact } from './ports.ts';
import { renderStakeholderUpdate, templateValuesOf } from './render-text.ts';

/** A stakeholder update says where the incident's channel is: as long as this it waits for the chat to make one. */
const CHANNEL_MS = 4_000;
/** Older news is none: whoever could not be reached for so long is left out. */
const TOO_OLD_MS = 24 * 3_600_000;

/** A stakeholder update by one of its ways. */
interface Sending {
  readonly order: StakeholderUpdateEntry;
  readonly stakeholderUpdate: StakeholderUpdate;
  readonly contact: StakeholderContact;
}

type QueueFailure = NonNullable<QueueOutcome['failure']>;

/** `posted`: the outcome of the line of chat posts. Adds to `done` the orders that are told to everybody. Never rejects. */
export async function deliverStakeholderUpdates(
  call: DeliveryCall,
  posted: Promise<unknown> | undefined,
  done: Set<number>,
): Promise<QueueOutcome> {
  const orders = (call.request.stakeholderUpdates ?? []).filter(({ n }) => !done.has(n));
  if (orders.length === 0) return { queue: 'stakeholderUpdates', failure: null, rejected: [] };
  await orUndefinedAfter(posted ?? Promise.resolve(), CHANNEL_MS);
  const rejected: string[] = [];
  const pending = orders.flatMap((order) => sendingsOf(call, order));
  const failures = await Promise.all(queuesOf(pending).map((queue) => sendInOrder(call, queue, rejected)));
  for (const { n } of orders) {
    if (isSettled(call, pending, n)) done.add(n);
    // Nobody was there to be told: then the record must not say it.
    if (!pending.some(({ order }) => order.n === n)) call.stakeholderUpdates.delete(n);
  }
  return { queue: 'stakeholderUpdates', failure: failures.find((failure) => failure !== null) ?? null, rejected };
}

/** One for each address. */
function queuesOf(pending: readonly Sending[]): readonly (readonly Sending[])[] {
  const queues = new Map<string, Sending[]>();
  for (const sending of pending) {
    const address = `${sending.stakeholderUpdate.to} ${sending.contact.method}`;
    queues.set(address, [...(queues.get(address) ?? []), sending]);
  }
  return [...queues.values()];
}

function sendingsOf(call: DeliveryCall, order: StakeholderUpdateEntry): readonly Sending[] {
  const { ports, request, context, mayBeRepeat, stakeholderUpdates } = call;
  const { workflowId, id: incidentId, reference } = context.incident;
  const { channel = '', ticket = '' } = context.refs();
  const isInternal = order.template.startsWith('internal');
  const values: Readonly<Record<string, string>> = {
    ...templateValuesOf(order.template, order.textValues, ports, workflowId),
    // What has come to be known since the order was given.
    ...(isInternal
      ? { reference: reference ?? '', channel, ticket, startedAt: formatClockTime(startOf(call), ports.timeZone) }
      : {}),
  };
  const { subject, text } = renderStakeholderUpdate(order.template, values, ports.textSettings);
  stakeholderUpdates.set(order.n, `Subject: ${subject}\n\n${text}`);
  const about = isInternal ? { ...request.projection, reference, url: context.incident.url } : null;
  return order.to.flatMap((to) =>
    ports.stakeholders.contacts(to).map((contact) => ({
      order,
      contact,
      stakeholderUpdate: {
        key: keyOf(incidentId, order.n, to, contact),
        at: order.at,
        mayBeRepeat,
        to,
        thread: `${incidentId}/stakeholder-updates/${to}`,
        ...{ subject, text },
        ...(about === null
          ? { audience: 'external', incident: { component: values['component'] ?? '', state: values['state'] ?? '' } }
          : { audience: 'internal', incident: incidentForPrograms(about) }),
      },
    })),
  );
}

/** Epoch ms. The declaration itself does not know yet since when its alerts fire. */
const startOf = ({ request: { projection } }: DeliveryCall): number =>
  Date.parse(projection.detectedAt ?? projection.declaredAt);

const keyOf = (incidentId: string, n: number, to: string, { method }: StakeholderContact): string =>
  `${incidentId}/stakeholder-update/${n}/${to}.${method}`;

/** What a program may read of it: by name. */
function incidentForPrograms(
  head: DeliveryCall['request']['projection'] & { readonly reference: string | null; readonly url: string },
) {
  const { id, reference, url, workflowId, severity, title, phase, team, service } = head;
  return { id, reference, workflowId, url, severity, title, phase, team, service };
}

/** Up to the first stakeholder update that this address does not take for now. */
async function sendInOrder(
  { request, deliveries, signal }: DeliveryCall,
  queue: readonly Sending[],
  rejected: string[],
): Promise<QueueFailure | null> {
  for (const { order, stakeholderUpdate, contact } of queue) {
    if (isKeySettled(request.stakeholderUpdatesSettled, deliveries, stakeholderUpdate.key)) continue;
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
      const failure = failureOf('stakeholderUpdates', err);
      if (!isRejectedByVendor(err) && now() - order.at < TOO_OLD_MS) return failure;
      settle('failed', failure.reason);
      rejected.push(failure.reason);
    }
  }
  return null;
}

function isSettled({ request, deliveries }: DeliveryCall, pending: readonly Sending[], n: number): boolean {
  return pending.every(
    ({ order, stakeholderUpdate }) =>
      order.n !== n || isKeySettled(request.stakeholderUpdatesSettled, deliveries, stakeholderUpdate.key),
  );
}

function isKeySettled(before: readonly string[] = [], deliveries: readonly Delivery[], key: string): boolean {
  return before.includes(key) || deliveries.some((delivery) => delivery.key === key);
}
