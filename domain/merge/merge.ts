/**
 * Merging: one incident asks to become a part of another, which takes it in or says why not. Both go on as before until
 * the answer. RUNBOOK §3. Pure: words and commands in, events out.
 */
import type { Command, Decision, Refuse } from '../kernel/commands.ts';
import { accept, already } from '../kernel/commands.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import { evolve } from '../engine/evolve.ts';
import { refireReturnedAlerts } from './forwarded-alerts.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergeInEvents, isMergedIn, mergeRefusal, releaseEvents, standingEvents } from './accept-merge.ts';
import type { MergeMessage, MergePeer } from '../kernel/merge-messages.ts';
import { mergeTarget, mergePeerOf } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';

/** An answer that does not come, comes never: whoever was asked is no incident. */
const ANSWER_WITHIN_MS = 2 * 60_000;
const HOPS_AT_MOST = 10;

export function decideMerge(
  incident: Incident,
  { by, into, requestId }: Command & { type: 'merge' },
  at: number,
  refuse: Refuse,
): Decision {
  const { workflowId, incidentId, reference, merge, alerts, test, stateVersion } = incident;
  if (into === workflowId || into === incidentId || into === reference) {
    return refuse('an incident cannot be merged into itself');
  }
  if (test) return refuse('a test cannot be merged: it ends by itself');
  if (alerts.storm !== undefined)
    return refuse('a storm cannot be merged away: split groups out of it, or merge into it');
  if (merge.pendingMerge) {
    const isRepeat = requestId !== undefined && requestId === merge.pendingMerge.requestId;
    return isRepeat ? already(MERGE_UNDER_WAY) : refuse(`it is being merged into ${merge.pendingMerge.into} already`);
  }
  const request = requestId === undefined ? {} : { requestId };
  return accept(MERGE_UNDER_WAY, {
    type: 'merge-requested',
    at,
    by,
    into,
    requestNumber: stateVersion + 1,
    ...request,
  });
}

/** What a person hears when the answer of the other incident takes its time. */
export const MERGE_UNDER_WAY = 'It is being merged: the timeline will say what came of it.';

/** What is asked has not been answered, and when that is given up; null: nothing is. */
export function answerDueAt({ merge }: Incident): number | null {
  return merge.pendingMerge ? merge.pendingMerge.requestedAt + ANSWER_WITHIN_MS : null;
}

/** Nobody is there to answer, or nobody has. */
export function unanswered({ merge }: Incident, reason: string, at: number): readonly IncidentEvent[] {
  if (!merge.pendingMerge) return [];
  const { by, into, requestNumber } = merge.pendingMerge;
  return [{ type: 'merge-refused', at, by, into, requestNumber, reason }];
}

/** Whoever was asked may have taken it in, and its answer may be lost or void: it must not keep us. */
export function giveUpMerge(incident: Incident, at: number): readonly IncidentEvent[] {
  const { merge } = incident;
  if (!merge.pendingMerge) return [];
  const release = queueMergeMessage(
    { workflowId: merge.pendingMerge.into },
    { kind: 'release', from: mergePeerOf(incident) },
    at,
  );
  return [...unanswered(incident, 'it did not answer', at), release];
}

/** What a word of another incident causes here. */
export function handleMergeMessage(incident: Incident, word: MergeMessage, at: number): readonly IncidentEvent[] {
  switch (word.kind) {
    case 'merge-request':
      return handleMergeRequest(incident, word, at);
    case 'follow':
      return handleFollow(incident, word, at);
    case 'release':
      return handleRelease(incident, word.from, at);
    default:
      return word.incidentId === incident.incidentId || word.kind === 'returned'
        ? handleTarget(incident, word, at)
        : [];
  }
}

function queueMergeMessage(to: Pick<MergePeer, 'workflowId'>, message: MergeMessage, at: number): IncidentEvent {
  return { type: 'merge-message-queued', at, to: to.workflowId, message };
}

function handleMergeRequest(
  incident: Incident,
  asked: MergeMessage & { kind: 'merge-request' },
  at: number,
): readonly IncidentEvent[] {
  const { from, requestNumber } = asked;
  const { incidentId } = from;
  const taken = queueMergeMessage(from, { kind: 'taken', incidentId, requestNumber, by: mergePeerOf(incident) }, at);
  if (isMergedIn(incident, from)) return [taken];
  const there = mergeTarget(incident);
  if (there !== null && there.workflowId !== from.workflowId) {
    return [
      queueMergeMessage(from, { kind: 'redirected', incidentId, requestNumber, workflowId: there.workflowId }, at),
    ];
  }
  const reason = mergeRefusal(incident, asked);
  if (reason !== null) return [queueMergeMessage(from, { kind: 'refused', incidentId, requestNumber, reason }, at)];
  return [...mergeInEvents(incident, asked, at), taken];
}

function handleFollow(
  incident: Incident,
  word: MergeMessage & { kind: 'follow' },
  at: number,
): readonly IncidentEvent[] {
  const { from, incidentIds, standing } = word;
  const { incidentId } = from;
  if (isOpen(incident.phase)) {
    const joined: readonly IncidentEvent[] = isMergedIn(incident, from)
      ? []
      : [{ type: 'incident-merged-in', at, by: null, from, incidentIds, standing }];
    return [...joined, ...standingEvents(joined.reduce(evolve, incident), from, { standing, by: null }, at)];
  }
  const there = mergeTarget(incident);
  const by = mergePeerOf(incident);
  if (there === null) return [queueMergeMessage(from, { kind: 'over', incidentId, by }, at)];
  const { isOver: _, ...to } = there;
  return [queueMergeMessage(from, { kind: 'moved', incidentId, by, to }, at)];
}

/** One that has gone on into another passes it on. */
function handleRelease(incident: Incident, from: MergePeer, at: number): readonly IncidentEvent[] {
  // Said twice: meanwhile it may have become a part of the same one by itself.
  if (!hasSomethingOf(incident, from)) return [];
  const there = mergeTarget(incident);
  if (there === null) return releaseEvents(incident, from, at);
  return [{ type: 'merged-incident-released', at, from }, queueMergeMessage(there, { kind: 'release', from }, at)];
}

/** Its alerts may have come by way of another, before it could follow itself. */
function hasSomethingOf(incident: Incident, from: MergePeer): boolean {
  return (
    isMergedIn(incident, from) || Object.values(incident.alerts.states).some(({ group }) => group === from.workflowId)
  );
}

type TargetWord = Exclude<MergeMessage, { kind: 'merge-request' | 'follow' | 'release' }>;

function handleTarget(incident: Incident, word: TargetWord, at: number): readonly IncidentEvent[] {
  const { merge } = incident;
  const there = mergeTarget(incident);
  switch (word.kind) {
    case 'taken':
      return handleTaken(incident, word, at);
    case 'refused':
      return merge.pendingMerge?.requestNumber === word.requestNumber ? unanswered(incident, word.reason, at) : [];
    case 'redirected':
      return merge.pendingMerge?.requestNumber === word.requestNumber
        ? redirectMerge(incident, merge.pendingMerge.hops + 1, word.workflowId, at)
        : [];
    case 'moved':
      return there?.workflowId === word.by.workflowId ? [{ type: 'merge-target-changed', at, into: word.to }] : [];
    case 'over':
      return there?.workflowId === word.by.workflowId ? [{ type: 'merge-target-closed', at }] : [];
    case 'returned': {
      const over: readonly IncidentEvent[] =
        there?.workflowId === word.by.workflowId ? [{ type: 'merge-target-closed', at }] : [];
      return [...over, ...refireReturnedAlerts(incident, word.alerts, at)];
    }
  }
}

/**
 * It has us now. What an earlier asking of it brought may have been undone since: each asking has an answer of its own.
 */
function handleTaken(
  incident: Incident,
  { by, requestNumber }: MergeMessage & { kind: 'taken' },
  at: number,
): readonly IncidentEvent[] {
  const { merge } = incident;
  if (merge.pendingMerge?.into === by.workflowId) {
    if (merge.pendingMerge.requestNumber !== requestNumber) return [];
    const merged: IncidentEvent = { type: 'merged', at, by: merge.pendingMerge.by, into: by };
    const { requestId } = merge.pendingMerge;
    const text = `Merged into ${by.name}.`;
    if (requestId === undefined) return [merged];
    return [merged, { type: 'answered', at, requestId, command: 'merge', changed: true, text }];
  }
  if (mergeTarget(incident)?.workflowId === by.workflowId) return [];
  // Over meanwhile, or given up: it must not keep us.
  return [queueMergeMessage(by, { kind: 'release', from: mergePeerOf(incident) }, at)];
}

function redirectMerge(incident: Incident, hops: number, into: string, at: number): readonly IncidentEvent[] {
  if (into === incident.workflowId) return unanswered(incident, 'that one is a part of this very incident', at);
  if (hops > HOPS_AT_MOST) return unanswered(incident, 'it leads from one incident to the next without end', at);
  return [{ type: 'merge-redirected', at, into, hops, requestNumber: incident.stateVersion + 1 }];
}
