/**
 * Taking another incident in: it raises the severity, brings its alerts and what was promised about it, and somebody
 * must answer unless both had been answered. RUNBOOK §3. Pure.
 */
import type { IncidentEvent } from '../kernel/events.ts';
import { evolve } from '../engine/evolve.ts';
import type { Incident } from '../kernel/incident.ts';
import type { MergeRequest, MergePeer, MergeStanding } from '../kernel/merge-messages.ts';
import { mayGoPublic, allClear } from '../kernel/queries.ts';
import { isOpen } from '../kernel/phase.ts';
import { isWorse } from '../kernel/severity.ts';

const MERGED_FROM_LIMIT = 100;

export function isMergedIn(
  { merge }: Incident,
  { workflowId, incidentId }: Pick<MergePeer, 'workflowId' | 'incidentId'>,
): boolean {
  return (merge.mergedFrom ?? []).some((one) => one.workflowId === workflowId && one.incidentId === incidentId);
}

/** Why the incident does not take it in; null: it does. */
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

export function mergeInEvents(incident: Incident, asked: MergeRequest, at: number): readonly IncidentEvent[] {
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
export function releaseEvents(incident: Incident, from: MergePeer, at: number): readonly IncidentEvent[] {
  const released: IncidentEvent = { type: 'merged-incident-released', at, from };
  return [released, ...monitorWhenClear(incident, evolve(incident, released), at)];
}

/** Everything has cleared `after`, though no alert said so by itself. */
export function monitorWhenClear(before: Incident, after: Incident, at: number): readonly IncidentEvent[] {
  if (!isOpen(after.phase) || after.phase === 'monitoring') return [];
  return allClear(after) && !allClear(before) ? [{ type: 'monitoring-started', at, by: null, resolution: null }] : [];
}
