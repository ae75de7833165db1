/**
 * The timeline, and what the records are sent of an incident: its current state, and everything that is new since the
 * last batch. Plain JSON; a batch written twice changes nothing. Pure.
 */
import type { IncidentEvent } from '../kernel/events.ts';
import type { Delivery, Incident, Projection, TimelineEntry } from '../kernel/incident.ts';
import type { TemplatedText } from '../kernel/outbox.ts';
import type { OutboundMessage, OwnedAlert, PendingProjectionItem } from '../kernel/projection.ts';
import { isByPerson } from '../kernel/timeline.ts';
import { takesDuplicates } from '../merge/duplicates.ts';
import { ownedAlerts, withChangedAlerts } from './changed-alerts.ts';
import { entryOf, isSilent, sizeOfEntry } from './timeline-entry.ts';
import { projectionOf, shownDelivery, shownAlert } from './to-view.ts';
import type { IncidentView } from './view.ts';

/** An alert whose labels the incident keeps, as the view shows it. */
export type RecordedAlert = IncidentView['alerts'][number];

/** One try to reach one person, as the view shows it. */
export type RecordedDelivery = IncidentView['deliveries'][number];

/**
 * The incident without its long lists, which have their own tables, and without its number, which the records assign.
 */
export type IncidentProjection = Omit<IncidentView, 'reference' | 'alerts' | 'deliveries'>;

/** A timeline entry. `at` in epoch ms; without `parts` once its people have their names. */
export type RecordedTimelineEntry = TimelineEntry;

/** A message in words. */
export type RecordedOutboundMessage = Omit<OutboundMessage, 'text' | keyof TemplatedText> & { readonly text: string };

export interface ProjectionBatch<M = RecordedOutboundMessage> {
  readonly workflowId: string;
  readonly incidentId: string;
  /** Counts every change of the state; everything up to here is in this batch or in one before. */
  readonly stateVersion: number;
  /** Null when the batch has only lists because another workflow now reports the state. */
  readonly projection: IncidentProjection | null;
  readonly entries: readonly RecordedTimelineEntry[];
  readonly deliveries: readonly RecordedDelivery[];
  readonly messages: readonly M[];
  /** Those that have changed, whole. */
  readonly alerts: readonly RecordedAlert[];
  /** Fingerprints of those that another incident has now. */
  readonly removedAlerts?: readonly string[];
  /** Another incident in which the same alert fires may be merged with it. */
  readonly takesDuplicates?: true;
  /** Those that have changed, whether their labels are kept or not. Absent in batches of 0.2.0. */
  readonly ownedAlerts?: readonly OwnedAlert[];
}

/**
 * Pending items beyond this many bytes are dropped, oldest first: a database outage of weeks must not stop an incident.
 */
export const PENDING_PROJECTION_BYTES = 512 * 1024;

/** The timeline with the entry about `event`, and what the records do not have by now. */
export function reduceProjection(before: Incident, event: IncidentEvent, after: Incident): Projection {
  const { stateVersion } = after;
  const known = after.projection;
  const entry = isSilent(before, event) ? null : entryOf(before, event, after);
  const news: readonly PendingProjectionItem[] = [
    // The post-incident flow numbers the entries now, and each number may be used only once.
    ...(entry === null || after.postIncident.handedOver ? [] : [{ stateVersion, entry }]),
    ...newDeliveries(before, after).map((delivery) => ({ stateVersion, delivery })),
    ...[...messagesGiven(before, after), ...stakeholderUpdatesTold(before, event)].map((message) => ({
      stateVersion,
      message,
    })),
  ];
  const recorded = event.type === 'notification-accepted' ? event.projectedVersion : null;
  const isLeft = (item: { readonly stateVersion: number }): boolean => item.stateVersion > (recorded ?? -1);
  const pending = recorded === null ? known.pending : known.pending.filter(isLeft);
  const { changedAlerts } = withChangedAlerts(before, after, event).projection;
  return {
    seq: entry === null ? known.seq : entry.seq,
    timeline: entry === null ? known.timeline : [...known.timeline, entry].slice(-TIMELINE_ENTRIES_KEPT),
    byPeople: withEntryByPerson(known, entry),
    pending: news.length === 0 ? pending : bounded([...pending, ...news]),
    changedAlerts: recorded === null ? changedAlerts : changedAlerts.filter(isLeft),
  };
}

/** The records have the rest. */
export const TIMELINE_ENTRIES_KEPT = 50;
const ENTRIES_BY_PEOPLE_KEPT = 5;

function withEntryByPerson(known: Projection, entry: TimelineEntry | null): readonly TimelineEntry[] {
  const { byPeople = known.timeline.filter(isByPerson).slice(-ENTRIES_BY_PEOPLE_KEPT) } = known;
  return entry !== null && isByPerson(entry) ? [...byPeople, entry].slice(-ENTRIES_BY_PEOPLE_KEPT) : byPeople;
}
function newDeliveries(before: Incident, after: Incident): readonly Delivery[] {
  if (before.deliveries === after.deliveries) return [];
  const known = new Set(before.deliveries);
  return after.deliveries.filter((delivery) => !known.has(delivery));
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
    // A renewal says again what is recorded already.
    ...publicEntries
      .filter((entry) => isNew(entry) && entry.renews === undefined)
      .map(({ n, at, state, text, ...order }) => {
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

/** Leaves out absent fields: to the records, absent and undefined differ. */
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
  if ('entry' in item) return sizeOfEntry(item.entry);
  if ('delivery' in item) return 240;
  const { text, textValues, draft } = item.message;
  const parts = [...text, ...Object.values({ ...textValues }), ...Object.values({ ...draft?.textValues })].flat();
  return 160 + parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? 20 + 3 * part.length : 30), 0);
}

/** A batch stays well below what Temporal takes as one argument; the rest is for the next. */
const BATCH_BYTES = 128 * 1024;

/** True while there is news that people look for in the records. Deliveries of notices go with the next batch. */
export function hasChangesForRecords({ projection }: Incident): boolean {
  return projection.changedAlerts.length > 0 || projection.pending.some((item) => !('delivery' in item));
}

/** True until the records have everything. */
export function hasPendingProjection({ projection }: Incident): boolean {
  return projection.pending.length + projection.changedAlerts.length > 0;
}

/** As much as fits, oldest first, and each state version whole; null when the records have everything. */
export function nextProjectionBatch(incident: Incident): ProjectionBatch<OutboundMessage> | null {
  if (!hasPendingProjection(incident)) return null;
  const stateVersion = lastThatFits(incident);
  const items = incident.projection.pending.filter((item) => item.stateVersion <= stateVersion);
  const alerts = incident.projection.changedAlerts.filter((changed) => changed.stateVersion <= stateVersion);
  const removedAlerts = alerts
    .filter(({ fingerprint, forgotten }) => !forgotten && !Object.hasOwn(incident.alerts.states, fingerprint))
    .map(({ fingerprint }) => fingerprint);
  return {
    workflowId: incident.workflowId,
    incidentId: incident.incidentId,
    stateVersion,
    // After the handover, the post-incident flow reports the state.
    projection: incident.postIncident.handedOver ? null : projectionOf(incident),
    entries: items.flatMap((item) => ('entry' in item ? [item.entry] : [])),
    deliveries: items.flatMap((item) => ('delivery' in item ? [shownDelivery(item.delivery)] : [])),
    messages: items.flatMap((item) => ('message' in item ? [item.message] : [])),
    alerts: alerts.flatMap(({ fingerprint }) => shownAlert(incident, fingerprint)),
    ...(removedAlerts.length === 0 ? {} : { removedAlerts }),
    ...(takesDuplicates(incident) ? { takesDuplicates: true } : {}),
    ownedAlerts: ownedAlerts(incident, alerts),
  };
}

/** The state version up to which everything fits: the current one if all fits, and at least the oldest pending one. */
function lastThatFits(incident: Incident): number {
  const sizes = new Map<number, number>();
  const add = (revision: number, bytes: number): void => void sizes.set(revision, (sizes.get(revision) ?? 0) + bytes);
  for (const item of incident.projection.pending) add(item.stateVersion, sizeOf(item));
  for (const { fingerprint, stateVersion } of incident.projection.changedAlerts)
    add(stateVersion, sizeOfAlert(incident, fingerprint));
  let bytes = 0;
  let last: number | null = null;
  for (const revision of [...sizes.keys()].sort((a, b) => a - b)) {
    bytes += sizes.get(revision) ?? 0;
    if (last !== null && bytes > BATCH_BYTES) return last;
    last = revision;
  }
  return incident.stateVersion;
}

/** Its labels are text, at three bytes for each UTF-16 unit; what is kept of every alert is short. */
function sizeOfAlert(incident: Incident, fingerprint: string): number {
  return 200 + 3 * fingerprint.length + 3 * JSON.stringify(shownAlert(incident, fingerprint)).length;
}
