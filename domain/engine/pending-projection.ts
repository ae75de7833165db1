/**
 * What the records do not have yet: the tail of the record, kept in the incident's state until they say they have it.
 * Every item carries the revision that made it, so that one number says how far the records have come. Pure.
 */
import type { IncidentEvent } from '../kernel/events.ts';
import type { Delivery, Incident } from '../kernel/incident.ts';
import type { TemplatedText } from '../kernel/outbox.ts';
import type { OutboundMessage, PendingProjectionItem } from '../kernel/projection.ts';

/** The tail is cut beyond this many bytes, oldest first: a database that is away for weeks must not stop an incident. */
export const PENDING_PROJECTION_BYTES = 512 * 1024;

/** `after` with what `event` adds to the tail, and without what the records have by now. */
export function withPendingProjection(before: Incident, after: Incident, event: IncidentEvent): Incident {
  const { stateVersion } = after;
  // Its post-incident flow counts the lines now, and a number has but one line.
  const entry =
    after.projection.seq > before.projection.seq && !after.postIncident.handedOver
      ? after.projection.timeline.at(-1)
      : undefined;
  const news: readonly PendingProjectionItem[] = [
    ...(entry === undefined ? [] : [{ stateVersion, entry }]),
    ...('deliveries' in event ? event.deliveries.map((delivery) => ({ stateVersion, delivery: plain(delivery) })) : []),
    ...[...messagesGiven(before, after), ...stakeholderUpdatesTold(before, event)].map((message) => ({
      stateVersion,
      message,
    })),
  ];
  const recorded = event.type === 'notification-accepted' ? event.projectedVersion : null;
  if (news.length === 0 && recorded === null) return withChangedAlerts(before, after);
  const left =
    recorded === null
      ? after.projection.pending
      : after.projection.pending.filter((item) => item.stateVersion > recorded);
  return withoutRecordedAlerts(
    withChangedAlerts(before, { ...after, projection: { ...after.projection, pending: bounded([...left, ...news]) } }),
    recorded,
  );
}

/** A page's delivery knows its level, which is the chain's business alone. */
function plain({ at, to, method, key, state, reason }: Delivery): Delivery {
  return { at, to, method, key, state, reason };
}

function messagesGiven(before: Incident, after: Incident): readonly OutboundMessage[] {
  if (after.outbox.lastNumber === before.outbox.lastNumber) return [];
  const isNew = ({ n }: { readonly n: number }): boolean => n > before.outbox.lastNumber;
  const { posts, publicEntries, notices } = after.outbox;
  return [
    ...posts.filter(isNew).map(({ n, at, about, text, ...order }) => ({
      n,
      at,
      kind: 'chat' as const,
      about,
      to: [],
      text,
      ...worded(order),
    })),
    ...publicEntries.filter(isNew).map(({ n, at, state, text, ...order }) => {
      const said = { n, at, kind: 'public' as const, about: state, to: [], text: [text] };
      return { ...said, ...worded(order) };
    }),
    ...notices.filter(isNew).map(({ n, at, about, to, text, ...order }) => ({
      n,
      at,
      kind: 'notice' as const,
      about,
      to,
      text,
      ...worded(order),
    })),
  ];
}

/** Only what is there: absent and undefined are not the same to the records. */
function worded({ template, textValues, draft }: TemplatedText): TemplatedText {
  return {
    ...(template === undefined ? {} : { template }),
    ...(textValues === undefined ? {} : { textValues }),
    ...(draft === undefined ? {} : { draft }),
  };
}

/** Stakeholder updates say what is known when they go out, so the record has them from then on. */
function stakeholderUpdatesTold(before: Incident, event: IncidentEvent): readonly OutboundMessage[] {
  if (event.type !== 'notification-accepted' || event.stakeholderUpdates === undefined) return [];
  return event.stakeholderUpdates.flatMap(({ n, text }) => {
    const order = before.outbox.stakeholderUpdates?.find((stakeholderUpdate) => stakeholderUpdate.n === n);
    return order === undefined
      ? []
      : [{ n, at: order.at, kind: 'stakeholder-update' as const, about: order.about, to: order.to, text: [text] }];
  });
}

function bounded(tail: readonly PendingProjectionItem[]): readonly PendingProjectionItem[] {
  let bytes = tail.reduce((sum, item) => sum + sizeOf(item), 0);
  if (bytes <= PENDING_PROJECTION_BYTES) return tail;
  let first = 0;
  for (; bytes > PENDING_PROJECTION_BYTES && first < tail.length - 1; first += 1)
    bytes -= sizeOf(tail[first] as PendingProjectionItem);
  return tail.slice(first);
}

/** Close enough to an item's bytes as JSON: three for each UTF-16 unit of what people and senders wrote. */
export function sizeOf(item: PendingProjectionItem): number {
  if ('entry' in item) return 120 + 3 * item.entry.text.length;
  if ('delivery' in item) return 240;
  const { text, textValues, draft } = item.message;
  const parts = [...text, ...Object.values({ ...textValues }), ...Object.values({ ...draft?.textValues })].flat();
  return 160 + parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? 20 + 3 * part.length : 30), 0);
}

/** Alerts whose labels are kept and that fired, cleared, changed, or are another incident's now. */
function withChangedAlerts(before: Incident, after: Incident): Incident {
  if (before.alerts.states === after.alerts.states) return after;
  const changed = Object.keys(after.alerts.details).filter((fingerprint) => {
    const [then, now] = [own(before.alerts.states, fingerprint), own(after.alerts.states, fingerprint)];
    if (now === undefined) return false;
    return then?.status !== now.status || then.startsAt !== now.startsAt || then.stale?.answer !== now.stale?.answer;
  });
  changed.push(
    ...Object.keys(before.alerts.details).filter((fingerprint) => own(after.alerts.details, fingerprint) === undefined),
  );
  if (changed.length === 0) return after;
  const kept = after.projection.changedAlerts.filter(({ fingerprint }) => !changed.includes(fingerprint));
  const { stateVersion } = after;
  return {
    ...after,
    projection: {
      ...after.projection,
      changedAlerts: [...kept, ...changed.map((fingerprint) => ({ fingerprint, stateVersion }))],
    },
  };
}

function withoutRecordedAlerts(incident: Incident, recorded: number | null): Incident {
  if (recorded === null || incident.projection.changedAlerts.length === 0) return incident;
  return {
    ...incident,
    projection: {
      ...incident.projection,
      changedAlerts: incident.projection.changedAlerts.filter(({ stateVersion }) => stateVersion > recorded),
    },
  };
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
