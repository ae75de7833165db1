/** How merging changes the state of both incidents, and which messages they send each other. Pure. */
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident, Merge } from '../kernel/incident.ts';
import type { MergeMessage, MergePeer, MergeMessageEntry } from '../kernel/merge-messages.ts';
import { incidentIdsOf, mergeTarget, mergePeerOf, standingOf } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';
import { firingAlerts } from '../kernel/queries.ts';
import { isWorse } from '../kernel/severity.ts';
import { reportOf, reportsThatFit, undeliveredAfter } from './forwarding.ts';

export function reduceMerge(before: Incident, after: Incident, event: IncidentEvent): Merge {
  const moved = reduceByType(before, event);
  const isEnd = isOpen(before.phase) && !isOpen(after.phase);
  return undeliveredAfter({ ...after, merge: isEnd ? atTheEnd(moved) : moved }, event);
}

function reduceByType(before: Incident, event: IncidentEvent): Merge {
  const { merge } = before;
  switch (event.type) {
    case 'merge-requested':
      return mergeRequested(before, event);
    case 'merge-redirected':
      return mergeRedirected(before, event);
    case 'merge-refused': {
      const { requestNumber, reason } = event;
      return { ...merge, pendingMerge: null, mergeRefused: { requestNumber, reason } };
    }
    case 'merged':
    case 'merge-target-changed':
      return mergedInto(merge, event.into);
    case 'merge-target-closed':
      return { ...merge, mergedTo: merge.mergedTo ? { ...merge.mergedTo, isOver: true } : null };
    case 'incident-merged-in': {
      const { from, incidentIds, standing } = event;
      return {
        ...merge,
        mergedFrom: [...mergedFromOthers(merge, from), { ...from, incidentIds, truncated: standing.truncated }],
      };
    }
    case 'merged-incident-released':
      return { ...merge, mergedFrom: mergedFromOthers(merge, event.from) };
    case 'alerts-joined':
      return merge.mergedFrom === undefined ? merge : { ...merge, mergedFrom: withTruncated(merge.mergedFrom, event) };
    case 'reopened':
      return { ...merge, mergedInto: null, mergedTo: null };
    default:
      return merge;
  }
}

function mergeRequested(incident: Incident, event: EventOf<'merge-requested'>): Merge {
  const { at, by, into, requestNumber, requestId } = event;
  const { mergeRefused: _, ...merge } = incident.merge;
  const request = { into, requestNumber, hops: 0, by, requestedAt: at, sentStanding: standingOf(incident) };
  return { ...merge, pendingMerge: requestId === undefined ? request : { ...request, requestId } };
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
export function mergeOutbox(before: Incident, after: Incident, event: IncidentEvent): Pick<Incident, 'outbox'> {
  const { mergeMessages: waiting = [] } = after.outbox;
  const left = waiting.filter((entry) => !isDone(entry, before, event));
  const added = mergeMessagesFor(before, after, event);
  if (added.length === 0 && left.length === waiting.length) return after;
  const numbered = added.map((entry, i) => ({ ...entry, id: `${after.incidentId}/${after.stateVersion}/${i}` }));
  return { outbox: { ...after.outbox, mergeMessages: [...left, ...numbered] } };
}

function isDone({ id, message }: MergeMessageEntry, { merge }: Incident, event: IncidentEvent): boolean {
  if (event.type === 'merge-message-sent') return id === event.id;
  const isAnswer = event.type === 'merged' || event.type === 'merge-refused' || event.type === 'merge-redirected';
  return isAnswer && message.kind === 'merge-request' && message.requestNumber === merge.pendingMerge?.requestNumber;
}

function mergeMessagesFor(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): readonly Omit<MergeMessageEntry, 'id'>[] {
  switch (event.type) {
    case 'merge-message-queued':
      return [{ to: event.to, message: event.message }];
    case 'merge-requested':
    case 'merge-redirected':
      return [{ to: event.into, message: mergeRequestOf(after) }];
    case 'merged':
      return [...newsSince(before, event.into), ...farewells(before, event.into)];
    case 'merge-target-changed':
      return [{ to: event.into.workflowId, message: followOf(after) }];
    case 'reopened': {
      const there = mergeTarget(before);
      return there === null ? [] : [{ to: there.workflowId, message: { kind: 'release', from: mergePeerOf(after) } }];
    }
    default:
      return isOpen(before.phase) && !isOpen(after.phase) ? farewells(before, null) : [];
  }
}

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
function newsSince(before: Incident, into: MergePeer): readonly Omit<MergeMessageEntry, 'id'>[] {
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
function farewells(before: Incident, to: MergePeer | null): readonly Omit<MergeMessageEntry, 'id'>[] {
  const by = mergePeerOf(before);
  return (before.merge.mergedFrom ?? []).map(({ workflowId, incidentId }) => ({
    to: workflowId,
    message: to === null ? { kind: 'over', incidentId, by } : { kind: 'moved', incidentId, by, to },
  }));
}
