/**
 * Merging: one incident asks to be merged into another, which accepts or refuses with a reason. Both continue unchanged
 * until the answer. RUNBOOK §3. Pure: messages and commands in, events out.
 */
import type { Command } from '../kernel/commands.ts';
import type { Decision, Refuse } from '../kernel/decision.ts';
import { accept, already } from '../kernel/decision.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { MergeMessage, MergePeer, MergeRequest } from '../kernel/merge-messages.ts';
import { mergePeerOf } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';
import { mayGoPublic } from '../kernel/queries.ts';

/** If no answer comes within this time, there is no such incident. */
const ANSWER_WITHIN_MS = 2 * 60_000;

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

/** The answer to a merge command when the other incident takes long to reply. */
export const MERGE_UNDER_WAY = 'It is being merged: the timeline will say what came of it.';

/** When the pending merge request is given up; null when there is none. */
export function answerDueAt({ merge }: Incident): number | null {
  return merge.pendingMerge ? merge.pendingMerge.requestedAt + ANSWER_WITHIN_MS : null;
}

/** The pending request was not answered. */
export function unanswered({ merge }: Incident, reason: string, at: number): readonly IncidentEvent[] {
  if (!merge.pendingMerge) return [];
  const { by, into, requestNumber } = merge.pendingMerge;
  return [{ type: 'merge-refused', at, by, into, requestNumber, reason }];
}

/** Gives up the request. The target may have accepted, with its answer lost or void, so it must release us. */
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

export function queueMergeMessage(to: Pick<MergePeer, 'workflowId'>, message: MergeMessage, at: number): IncidentEvent {
  return { type: 'merge-message-queued', at, to: to.workflowId, message };
}

const MERGED_FROM_LIMIT = 100;

export function isMergedIn(
  { merge }: Incident,
  { workflowId, incidentId }: Pick<MergePeer, 'workflowId' | 'incidentId'>,
): boolean {
  return (merge.mergedFrom ?? []).some((one) => one.workflowId === workflowId && one.incidentId === incidentId);
}

/** Why the incident refuses the merge; null: it accepts. */
export function mergeRefusal(incident: Incident, { from, standing, restricted, test }: MergeRequest): string | null {
  const { phase, outcome, merge } = incident;
  if (from.workflowId === incident.workflowId) return 'an incident cannot be merged into itself';
  if (merge.mergedTo?.workflowId === from.workflowId && !merge.mergedTo.isOver)
    return 'that one is a part of this very incident';
  if (outcome === 'merged') return 'that one was merged into another, which is over: declare a new one';
  if (phase === 'resolved') return 'that one is resolved: reopen it, or declare a new one';
  if (!isOpen(phase)) return `that one is ${phase}: declare a new one`;
  if (phase === 'monitoring')
    return 'that one is being watched, and would end on what was said before: reopen it first';
  if (merge.pendingMerge) return 'that one is itself being merged: try again in a moment';
  if (test !== incident.test) return 'a test and a real incident cannot be merged';
  if (restricted && !incident.restricted) return 'this one is restricted, and that one is not';
  if (standing.isPublic && !mayGoPublic(incident)) {
    return 'the public was told of this one, and that one is restricted and never goes public';
  }
  return (incident.merge.mergedFrom ?? []).length >= MERGED_FROM_LIMIT
    ? `that one has taken in ${MERGED_FROM_LIMIT} already`
    : null;
}
