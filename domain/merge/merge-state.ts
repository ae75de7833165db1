/** How merging changes the state of both incidents, and which messages they send each other. Pure. */
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident, Merge } from '../kernel/incident.ts';
import type { MergeMessage, MergePeer, MergeMessageEntry } from '../kernel/merge-messages.ts';
import { incidentIdsOf, mergeTarget, mergePeerOf, standingOf } from '../kernel/merge-messages.ts';
import type { Outbox } from '../kernel/outbox.ts';
import { isOpen } from '../kernel/phase.ts';
import { firingAlerts } from '../kernel/queries.ts';
import type { Reducers } from '../kernel/reduce.ts';
import { reduceSlice } from '../kernel/reduce.ts';
import { isWorse } from '../kernel/severity.ts';
import { withSettledDuplicates } from './duplicates.ts';
import { reportOf, reportsThatFit, undeliveredAfter } from './forwarding.ts';

const MERGE_REDUCERS: Reducers<Merge> = {
  'merge-requested': mergeRequested,
  'merge-redirected': mergeRedirected,
  'merge-refused': ({ merge }, { requestNumber, reason }) => ({
    ...merge,
    pendingMerge: null,
    mergeRefused: { requestNumber, reason },
  }),
  merged: ({ merge }, { into }) => mergedInto(merge, into),
  'merge-target-changed': ({ merge }, { into }) => mergedInto(merge, into),
  'merge-target-closed': ({ merge }) => ({
    ...merge,
    mergedTo: merge.mergedTo ? { ...merge.mergedTo, isOver: true } : null,
  }),
  'incident-merged-in': ({ merge }, { from, incidentIds, standing: { truncated } }) => ({
    ...merge,
    mergedFrom: [...mergedFromOthers(merge, from), { ...from, incidentIds, truncated }],
  }),
  'merged-incident-released': ({ merge }, { from }) => ({ ...merge, mergedFrom: mergedFromOthers(merge, from) }),
  'alerts-joined': ({ merge }, event) =>
    merge.mergedFrom === undefined ? merge : { ...merge, mergedFrom: withTruncated(merge.mergedFrom, event) },
  reopened: ({ merge }) => ({ ...merge, mergedInto: null, mergedTo: null }),
};

/** Of an incident that is merged into another, or ends, or that one of `MERGE_EVENTS` happens to. */
export function reduceMerge(before: Incident, event: IncidentEvent, after: Incident): Merge {
  const merge = withSettledDuplicates(reduceSlice(MERGE_REDUCERS, before.merge, before, event, after), event);
  return undeliveredAfter({ ...after, merge: isEnd(before, after) ? atTheEnd(merge) : merge }, event);
}

const isEnd = (before: Incident, after: Incident): boolean => isOpen(before.phase) && !isOpen(after.phase);

function mergeRequested(incident: Incident, event: EventOf<'merge-requested'>): Merge {
  const { at, by, into, requestNumber, requestId, duplicate } = event;
  const { mergeRefused: _, ...merge } = incident.merge;
  const request = { into, requestNumber, hops: 0, by, requestedAt: at, sentStanding: standingOf(incident) };
  const pendingMerge = {
    ...request,
    ...(requestId === undefined ? {} : { requestId }),
    ...(duplicate === undefined ? {} : { duplicate }),
  };
  return { ...merge, pendingMerge };
}

function mergeRedirected(incident: Incident, event: EventOf<'merge-redirected'>): Merge {
  const { at: requestedAt, into, requestNumber, hops } = event;
  const { merge } = incident;
  if (!merge.pendingMerge) return merge;
  const sent = { into, requestNumber, hops, requestedAt, sentStanding: standingOf(incident) };
  return { ...merge, pendingMerge: { ...merge.pendingMerge, ...sent } };
}

function mergedInto(merge: Merge, into: MergePeer): Merge {
  const mergedTo = { ...into, isOver: false };
  return { ...merge, pendingMerge: null, mergedInto: into.reference ?? into.incidentId, mergedTo };
}

function mergedFromOthers({ mergedFrom = [] }: Merge, from: MergePeer): NonNullable<Merge['mergedFrom']> {
  return mergedFrom.filter(({ workflowId }) => workflowId !== from.workflowId);
}

function withTruncated(
  mergedFrom: NonNullable<Merge['mergedFrom']>,
  { from, truncated }: EventOf<'alerts-joined'>,
): NonNullable<Merge['mergedFrom']> {
  return mergedFrom.map((one) => (one.workflowId === from ? { ...one, truncated } : one));
}

/** Once the incident is over, its pending merge request is dropped and no incident is merged into it. */
function atTheEnd(merge: Merge): Merge {
  const { pendingMerge, mergedFrom } = merge;
  return { ...merge, ...(pendingMerge ? { pendingMerge: null } : {}), ...(mergedFrom ? { mergedFrom: [] } : {}) };
}

/** The outbox with the merge messages that `event` causes, and without those delivered. */
export function mergeOutbox(before: Incident, event: IncidentEvent, after: Incident): Outbox {
  const { mergeMessages: waiting = [] } = after.outbox;
  const left = waiting.filter((entry) => !isDone(entry, before, event));
  const atEnd = isEnd(before, after) ? farewells(before, null) : [];
  const added = reduceSlice(MERGE_MESSAGES, atEnd, before, event, after);
  if (added.length === 0 && left.length === waiting.length) return after.outbox;
  const numbered = added.map((entry, i) => ({ ...entry, id: `${after.incidentId}/${after.stateVersion}/${i}` }));
  return { ...after.outbox, mergeMessages: [...left, ...numbered] };
}

function isDone({ id, message }: MergeMessageEntry, { merge }: Incident, event: IncidentEvent): boolean {
  if (event.type === 'merge-message-sent') return id === event.id;
  const isAnswer = event.type === 'merged' || event.type === 'merge-refused' || event.type === 'merge-redirected';
  return isAnswer && message.kind === 'merge-request' && message.requestNumber === merge.pendingMerge?.requestNumber;
}

type Messages = readonly Omit<MergeMessageEntry, 'id'>[];

const MERGE_MESSAGES: Reducers<Messages> = {
  'merge-message-queued': (_before, { to, message }) => [{ to, message }],
  'merge-requested': (_before, { into }, after) => [{ to: into, message: mergeRequestOf(after) }],
  'merge-redirected': (_before, { into }, after) => [{ to: into, message: mergeRequestOf(after) }],
  merged: (before, { into }) => [...newsSince(before, into), ...farewells(before, into)],
  'merge-target-changed': (_before, { into }, after) => [{ to: into.workflowId, message: followOf(after) }],
  reopened: (before, _event, after) => {
    const there = mergeTarget(before);
    return there === null ? [] : [{ to: there.workflowId, message: { kind: 'release', from: mergePeerOf(after) } }];
  },
};

/** What happens to merges. Any other event is none of theirs, unless the incident ends or is merged into another. */
export const MERGE_EVENTS: ReadonlySet<string> = new Set<string>([
  ...Object.keys(MERGE_REDUCERS),
  ...Object.keys(MERGE_MESSAGES),
  ...(['alerts-returned', 'merge-message-sent'] satisfies IncidentEvent['type'][]),
]);

const ASKED_WITH_BYTES = 96 * 1024;

function mergeRequestOf(incident: Incident): MergeMessage {
  const { merge, restricted, test, source } = incident;
  const alerts = reportsThatFit(
    firingAlerts(incident).flatMap((state) => reportOf(incident, state)),
    ASKED_WITH_BYTES,
  );
  const staleAfterMs = Math.max(0, ...firingAlerts(incident).map((state) => state.staleAfterMs));
  const { requestNumber = 0, by = '' } = merge.pendingMerge ?? {};
  const comes = { from: mergePeerOf(incident), incidentIds: incidentIdsOf(incident), standing: standingOf(incident) };
  return { kind: 'merge-request', ...comes, requestNumber, by, restricted, test, alerts, source, staleAfterMs };
}

/** A `follow` message; a merged incident needs no acknowledgement of its own. */
function followOf(incident: Incident): MergeMessage {
  return {
    kind: 'follow',
    from: mergePeerOf(incident),
    incidentIds: incidentIdsOf(incident),
    standing: standingOf(incident),
  };
}

/** The message about what changed while the answer was on its way. */
function newsSince(before: Incident, into: MergePeer): Messages {
  const said = before.merge.pendingMerge?.sentStanding;
  const now = standingOf(before);
  const isNews =
    said === undefined ||
    isWorse(now.severity, said.severity) ||
    (now.mustAnswer && !said.mustAnswer) ||
    (now.isPublic && !said.isPublic);
  return isNews ? [{ to: into.workflowId, message: followOf(before) }] : [];
}

/** Tells the incidents merged into this one to follow `to`, or that this one is over. */
function farewells(before: Incident, to: MergePeer | null): Messages {
  const by = mergePeerOf(before);
  return (before.merge.mergedFrom ?? []).map(({ workflowId, incidentId }) => ({
    to: workflowId,
    message: to === null ? { kind: 'over', incidentId, by } : { kind: 'moved', incidentId, by, to },
  }));
}
