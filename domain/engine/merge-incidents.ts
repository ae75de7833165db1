/**
 * What a message of another incident causes here: a request to become a part of this one, the answer to such a request,
 * or news of the incident that this one is a part of. RUNBOOK §3. Pure.
 */
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import {
  type MergeRequest,
  type MergePeer,
  type MergeStanding,
  type MergeMessage,
  mergePeerOf,
  mergeTarget,
} from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';
import { mayGoPublic, allClear } from '../kernel/queries.ts';
import { isWorse } from '../kernel/severity.ts';
import { isMergedIn, mergeRefusal, queueMergeMessage, unanswered } from '../merge/merge.ts';
import { evolve } from './evolve.ts';
import { refireReturnedAlerts } from './observe.ts';

function mergeInEvents(incident: Incident, asked: MergeRequest, at: number): readonly IncidentEvent[] {
  const { from, by, incidentIds, standing, alerts, source, staleAfterMs } = asked;
  const absorbed: readonly IncidentEvent[] = [
    { type: 'incident-merged-in', at, by, from, incidentIds, standing },
    {
      type: 'alerts-joined',
      ...{ at, from: from.workflowId, alerts, source, staleAfterMs, truncated: standing.truncated },
    },
  ];
  return [...absorbed, ...standingEvents(absorbed.reduce(evolve, incident), from, { standing, by }, at)];
}

/** What the standing of one that was taken in asks of the incident. */
export function standingEvents(
  incident: Incident,
  from: MergePeer,
  { standing, by }: { readonly standing: MergeStanding; readonly by: string | null },
  at: number,
): readonly IncidentEvent[] {
  const { severity } = standing;
  const events: IncidentEvent[] = [];
  if (isWorse(severity, incident.severity) && !incident.test) {
    const reason = `${from.name} is ${severity} and a part of this`;
    events.push({ type: 'severity-changed', at, by, from: incident.severity, to: severity, reason });
  }
  if (standing.isPublic && incident.communications.publicSchedule === null && mayGoPublic(incident)) {
    events.push({ type: 'public-communication-started', at, reason: `the public was told of ${from.name}` });
  }
  const then = events.reduce(evolve, incident);
  const wanted = standing.mustAnswer || incident.escalation.open;
  const escalateFrom = answerFrom(then, standing, at);
  if (wanted && escalateFrom !== null && isLater(then, escalateFrom))
    events.push({ type: 'acknowledgement-required', at, from, escalateFrom });
  return events;
}

/** Nobody would be paged by then: the chain has stopped, has run out, or begins later. */
function isLater({ escalation }: Incident, beginsAt: number): boolean {
  if (!escalation.open || escalation.exhausted) return true;
  return escalation.level === 0 && beginsAt < (escalation.nextLevelAt ?? Infinity);
}

/** When the chain begins for one that nobody has answered; null: for this severity nobody is paged. */
function answerFrom({ policy, severity }: Incident, standing: MergeStanding, at: number): number | null {
  const { pageAfterMs } = policy.severities[severity];
  if (pageAfterMs === null) return null;
  return pageAfterMs === 0 ? at : Math.max(at, standing.answerFrom ?? at);
}

/** It takes its alerts home; what is left may have cleared. */
function releaseEvents(incident: Incident, from: MergePeer, at: number): readonly IncidentEvent[] {
  const released: IncidentEvent = { type: 'merged-incident-released', at, from };
  return [released, ...monitorWhenClear(incident, evolve(incident, released), at)];
}

/** Everything has cleared `after`, though no alert said so by itself. */
export function monitorWhenClear(before: Incident, after: Incident, at: number): readonly IncidentEvent[] {
  if (!isOpen(after.phase) || after.phase === 'monitoring') return [];
  return allClear(after) && !allClear(before) ? [{ type: 'monitoring-started', at, by: null, resolution: null }] : [];
}

const HOPS_AT_MOST = 10;
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
