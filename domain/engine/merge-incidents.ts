/**
 * What a message from another incident causes here: a merge request, the answer to one, or news from the incident that
 * this one was merged into. RUNBOOK §3. Pure.
 */
import type { IncidentEvent } from '../kernel/events.ts';
import { TOCSIN } from '../kernel/events.ts';
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
import { firingAlerts, mayGoPublic } from '../kernel/queries.ts';
import { isWorse } from '../kernel/severity.ts';
import { mergeIntoOlder } from '../merge/duplicates.ts';
import { isMergedIn, mergeRefusal, queueMergeMessage, unanswered } from '../merge/merge.ts';
import { evolve } from './evolve.ts';
import { monitorWhenClear } from './observe.ts';
import { refireReturnedAlerts } from './observe-forwarded.ts';

function mergeInEvents(incident: Incident, asked: MergeRequest, at: number): readonly IncidentEvent[] {
  const { from, by, incidentIds, standing, alerts, source, staleAfterMs } = asked;
  const absorbed: readonly IncidentEvent[] = [
    { type: 'incident-merged-in', at, by, from, incidentIds, standing },
    {
      type: 'alerts-joined',
      at,
      from: from.workflowId,
      alerts,
      source,
      staleAfterMs,
      truncated: standing.truncated,
    },
  ];
  const raisedBy = by === TOCSIN ? null : by;
  // The person who has this incident has been paged for all of it: its younger twin is no reason to page once more.
  const mustAnswer = standing.mustAnswer && !(by === TOCSIN && firesHere(incident, alerts));
  const due = { standing: { ...standing, mustAnswer }, by: raisedBy };
  return [...absorbed, ...standingEvents(absorbed.reduce(evolve, incident), from, due, at)];
}

/** Each of these alerts fires in this incident already. */
function firesHere(incident: Incident, alerts: MergeRequest['alerts']): boolean {
  const firing = new Set(firingAlerts(incident).map(({ fingerprint }) => fingerprint));
  return alerts.every(({ fingerprint }) => firing.has(fingerprint));
}

/** What the state of an accepted incident requires of this one. */
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

/** Nobody would be paged by `beginsAt`: the escalation has stopped, is exhausted, or starts later. */
function isLater({ escalation }: Incident, beginsAt: number): boolean {
  if (!escalation.open || escalation.exhausted) return true;
  return escalation.level === 0 && beginsAt < (escalation.nextLevelAt ?? Infinity);
}

/** When the escalation starts for an unacknowledged incident; null: this severity pages nobody. */
function answerFrom({ policy, severity }: Incident, standing: MergeStanding, at: number): number | null {
  const { pageAfterMs } = policy.severities[severity];
  if (pageAfterMs === null) return null;
  return pageAfterMs === 0 ? at : Math.max(at, standing.answerFrom ?? at);
}

/** The released incident takes its alerts back; all that is left may have cleared. */
function releaseEvents(incident: Incident, from: MergePeer, at: number): readonly IncidentEvent[] {
  const released: IncidentEvent = { type: 'merged-incident-released', at, from };
  return [released, ...monitorWhenClear(incident, evolve(incident, released), at)];
}

const HOPS_AT_MOST = 10;
/** The events that a message from another incident causes here. */
export function handleMergeMessage(incident: Incident, message: MergeMessage, at: number): readonly IncidentEvent[] {
  switch (message.kind) {
    case 'merge-request':
      return handleMergeRequest(incident, message, at);
    case 'follow':
      return handleFollow(incident, message, at);
    case 'release':
      return handleRelease(incident, message.from, at);
    default:
      return message.incidentId === incident.incidentId || message.kind === 'returned'
        ? handleTarget(incident, message, at)
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
  message: MergeMessage & { kind: 'follow' },
  at: number,
): readonly IncidentEvent[] {
  const { from, incidentIds, standing } = message;
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

/** A merged incident forwards the release to its own target. */
function handleRelease(incident: Incident, from: MergePeer, at: number): readonly IncidentEvent[] {
  // A repeated release: meanwhile the sender may have been merged into the same target by itself.
  if (!hasSomethingOf(incident, from)) return [];
  const there = mergeTarget(incident);
  if (there === null) return releaseEvents(incident, from, at);
  return [{ type: 'merged-incident-released', at, from }, queueMergeMessage(there, { kind: 'release', from }, at)];
}

/** Its alerts may have come through another incident before its own `follow`. */
function hasSomethingOf(incident: Incident, from: MergePeer): boolean {
  return (
    isMergedIn(incident, from) || Object.values(incident.alerts.states).some(({ group }) => group === from.workflowId)
  );
}

type TargetMessage = Exclude<MergeMessage, { kind: 'merge-request' | 'follow' | 'release' }>;
function handleTarget(incident: Incident, message: TargetMessage, at: number): readonly IncidentEvent[] {
  const { merge } = incident;
  const there = mergeTarget(incident);
  switch (message.kind) {
    case 'taken':
      return handleTaken(incident, message, at);
    case 'refused':
      return merge.pendingMerge?.requestNumber === message.requestNumber
        ? unanswered(incident, message.reason, at)
        : [];
    case 'redirected':
      return merge.pendingMerge?.requestNumber === message.requestNumber
        ? redirectMerge(incident, merge.pendingMerge.hops + 1, message.workflowId, at)
        : [];
    case 'moved':
      return there?.workflowId === message.by.workflowId
        ? [{ type: 'merge-target-changed', at, into: message.to }]
        : [];
    case 'duplicate':
      return mergeIntoOlder(incident, message.of, at);
    case 'over':
      return there?.workflowId === message.by.workflowId ? [{ type: 'merge-target-closed', at }] : [];
    case 'returned': {
      const over: readonly IncidentEvent[] =
        there?.workflowId === message.by.workflowId ? [{ type: 'merge-target-closed', at }] : [];
      return [...over, ...refireReturnedAlerts(incident, message.alerts, at)];
    }
  }
}

/**
 * The target has accepted. An earlier acceptance may have been undone since, so the answer must match the request.
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
  // This incident has ended or given up the request meanwhile, so the target must release it.
  return [queueMergeMessage(by, { kind: 'release', from: mergePeerOf(incident) }, at)];
}

function redirectMerge(incident: Incident, hops: number, into: string, at: number): readonly IncidentEvent[] {
  if (into === incident.workflowId) return unanswered(incident, 'that one is a part of this very incident', at);
  if (hops > HOPS_AT_MOST) return unanswered(incident, 'it leads from one incident to the next without end', at);
  return [{ type: 'merge-redirected', at, into, hops, requestNumber: incident.stateVersion + 1 }];
}
