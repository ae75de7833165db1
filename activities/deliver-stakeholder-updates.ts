/**
 * The queue of stakeholder updates. Unlike the other queues it is one for each address, so that one dead address holds up
 * nobody else's stakeholder updates.
 */
import type { Delivery } from '../domain/kernel/incident.ts';
import type { StakeholderUpdateEntry } from '../domain/kernel/outbox.ts';
import { isRejectedByVendor } from '../runtime/failures.ts';
import { formatClockTime } from '../schedules/format-time.ts';
import { now } from './clock.ts';
import type { DeliveryCall, QueueOutcome } from './outbox-queues.ts';
import { failureOf, orUndefinedAfter } from './outbox-queues.ts';
import type { StakeholderContact, StakeholderUpdate } from './ports.ts';
import { renderStakeholderUpdate, templateValuesOf } from './render-text.ts';

/** A stakeholder update names the incident's channel: it waits this long for the chat to make one. */
const CHANNEL_MS = 4_000;
/** Older news is none: an address that could not be reached for so long is left out. */
const TOO_OLD_MS = 24 * 3_600_000;

/** A stakeholder update to one address. */
interface Sending {
  readonly entry: StakeholderUpdateEntry;
  readonly update: StakeholderUpdate;
  readonly contact: StakeholderContact;
}

type QueueFailure = NonNullable<QueueOutcome['failure']>;

/** `posted`: the outcome of the chat posts. Adds the entries that everybody has to `delivered`. Never rejects. */
export async function deliverStakeholderUpdates(
  call: DeliveryCall,
  posted: Promise<unknown> | undefined,
): Promise<QueueOutcome> {
  const entries = (call.request.stakeholderUpdates ?? []).filter(({ n }) => !call.delivered.has(n));
  if (entries.length === 0) return { queue: 'stakeholderUpdates', failure: null, rejected: [] };
  await orUndefinedAfter(posted ?? Promise.resolve(), CHANNEL_MS);
  const rejected: string[] = [];
  const pending = entries.flatMap((entry) => sendingsOf(call, entry));
  const failures = await Promise.all(queuesOf(pending).map((queue) => sendInOrder(call, queue, rejected)));
  for (const { n } of entries) {
    const own = pending.filter(({ entry }) => entry.n === n);
    if (own.every(({ update }) => isSettled(call, update.key))) call.delivered.add(n);
    // Nobody was there to read it: then the record must not say that it went out.
    if (own.length === 0) call.stakeholderUpdates.delete(n);
  }
  return { queue: 'stakeholderUpdates', failure: failures.find((failure) => failure !== null) ?? null, rejected };
}

/** One for each address. */
function queuesOf(pending: readonly Sending[]): readonly (readonly Sending[])[] {
  const queues = new Map<string, Sending[]>();
  for (const sending of pending) {
    const address = `${sending.update.to} ${sending.contact.method}`;
    queues.set(address, [...(queues.get(address) ?? []), sending]);
  }
  return [...queues.values()];
}

function sendingsOf(call: DeliveryCall, entry: StakeholderUpdateEntry): readonly Sending[] {
  const { ports, request, context, mayBeRepeat, stakeholderUpdates } = call;
  const { id: incidentId, reference, url } = context.incident;
  const isInternal = entry.template.startsWith('internal');
  const values = valuesOf(call, entry, isInternal);
  const rendered = renderStakeholderUpdate(entry.template, values, ports.textSettings);
  // The record is for more readers, and for longer, than a signed address.
  const recorded = renderStakeholderUpdate(
    entry.template,
    isInternal ? { ...values, url: ports.links.incidentUnsigned(request.incident.workflowId) } : values,
    ports.textSettings,
  );
  stakeholderUpdates.set(entry.n, `Subject: ${recorded.subject}\n\n${recorded.text}`);
  return entry.to.flatMap((to) =>
    ports.stakeholders.contacts(to).map((contact) => ({
      entry,
      contact,
      update: {
        key: `${incidentId}/stakeholder-update/${entry.n}/${to}.${contact.method}`,
        at: entry.at,
        mayBeRepeat,
        to,
        thread: `${incidentId}/stakeholder-updates/${to}`,
        ...rendered,
        ...(isInternal
          ? { audience: 'internal', incident: incidentForPrograms({ ...request.projection, reference, url }) }
          : { audience: 'external', incident: { component: values['component'] ?? '', state: values['state'] ?? '' } }),
      },
    })),
  );
}

/** With what has come to be known since the entry was made. */
function valuesOf(
  { ports, request: { projection }, context }: DeliveryCall,
  { template, textValues }: StakeholderUpdateEntry,
  isInternal: boolean,
): Readonly<Record<string, string>> {
  const { url, workflowId } = context.incident;
  const address = isInternal ? url : ports.links.incidentUnsigned(workflowId);
  const values = templateValuesOf(template, textValues, ports, address);
  if (!isInternal) return values;
  const { channel = '', ticket = '' } = context.refs();
  // The declaration itself does not know yet since when its alerts fire.
  const startedAt = formatClockTime(Date.parse(projection.detectedAt ?? projection.declaredAt), ports.timeZone);
  return { ...values, reference: context.incident.reference ?? '', channel, ticket, startedAt };
}

/** What a program may read about it: by name. */
function incidentForPrograms(
  projection: DeliveryCall['request']['projection'] & { readonly reference: string | null; readonly url: string },
) {
  const { id, reference, url, workflowId, severity, title, phase, team, service } = projection;
  return { id, reference, workflowId, url, severity, title, phase, team, service };
}

/** Up to the first stakeholder update that this address does not take for now. */
async function sendInOrder(
  call: DeliveryCall,
  queue: readonly Sending[],
  rejected: string[],
): Promise<QueueFailure | null> {
  for (const { entry, update, contact } of queue) {
    const { key, to } = update;
    if (isSettled(call, key)) continue;
    const settle = (state: Delivery['state'], reason: string | null): void =>
      void call.deliveries.push({ at: now(), to, method: contact.method, key, state, reason });
    try {
      await contact.send(update, call.signal);
      settle('accepted', null);
    } catch (err) {
      const failure = failureOf('stakeholderUpdates', err);
      if (!isRejectedByVendor(err) && now() - entry.at < TOO_OLD_MS) return failure;
      settle('failed', failure.reason);
      rejected.push(failure.reason);
    }
  }
  return null;
}

function isSettled({ request, deliveries }: DeliveryCall, key: string): boolean {
  const { stakeholderUpdatesSettled = [] } = request;
  return stakeholderUpdatesSettled.includes(key) || deliveries.some((delivery) => delivery.key === key);
}
