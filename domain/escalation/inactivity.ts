/**
 * Acknowledged, and then silent: the IC is asked, then paged, then the next level is. A sign of life is anything that a
 * person does about the incident. RUNBOOK §2.5. Pure.
 */
import { newEscalation } from './escalation.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { EscalationState, Incident } from '../kernel/incident.ts';

export interface InactivityDue {
  readonly act: 'ask' | 'page' | 'escalate';
  readonly at: number;
}

/** What the silence brings next, and when; null while it means nothing. */
export function nextInactivity(incident: Incident): InactivityDue | null {
  const { policy, severity, escalation, acknowledgedAt } = incident;
  const { inactiveAfterMs, inactivePageAfterMs, acknowledgeWithinMs } = policy.severities[severity];
  if (inactiveAfterMs === null || acknowledgedAt === null || !isAwaited(incident)) return null;
  if (escalation.inactivity === null)
    return { act: 'ask', at: Math.max(escalation.lastActivityAt, awaitedSince(incident)) + inactiveAfterMs };
  if (escalation.inactivity.stage === 'asked')
    return { act: 'page', at: escalation.inactivity.at + inactivePageAfterMs };
  if (escalation.inactivity.stage === 'paged')
    return { act: 'escalate', at: escalation.inactivity.at + (acknowledgeWithinMs ?? inactivePageAfterMs) };
  return null;
}

/** While it is worked on, and after the watch while the IC is to confirm. While the chain climbs, others are asked. */
function isAwaited({ escalation, phase, mitigation, test }: Incident): boolean {
  if (escalation.open || test) return false;
  if (phase === 'investigating' || phase === 'mitigating') return true;
  return (
    phase === 'monitoring' &&
    mitigation.monitoringWindow !== null &&
    mitigation.monitoringWindow.confirmationRequested &&
    !mitigation.monitoringWindow.confirmed
  );
}

/** In the watch nobody need speak before its end. */
function awaitedSince({ mitigation }: Incident): number {
  return mitigation.monitoringWindow?.endsAt ?? 0;
}

/** Not a sign of life of the people who work on it. */
const NOT_ACTIVITY: readonly IncidentEvent['type'][] = ['command-refused', 'merge-refused'];

/** Signs of life that leave the question open who has it. */
const NO_ANSWER: readonly IncidentEvent['type'][] = [
  'declined',
  'seen',
  'escalated',
  'policy-move-requested',
  'policy-moved',
  'incident-merged-in',
];

/** `after` with what `event` says of the people: who is there, and that the silence is over. */
export function withActivity(before: Incident, after: Incident, event: IncidentEvent): Incident {
  if (event.type === 'inactivity-nudged')
    return { ...after, escalation: { ...after.escalation, inactivity: { stage: 'asked', at: event.at } } };
  if (event.type === 'inactivity-paged')
    return { ...after, escalation: { ...after.escalation, inactivity: { stage: 'paged', at: event.at } } };
  if (event.type === 'inactivity-escalated')
    return { ...after, escalation: { ...after.escalation, inactivity: { stage: 'escalated', at: event.at } } };
  // The watch asks by itself, at its end.
  if (event.type === 'monitoring-started') after = { ...after, escalation: { ...after.escalation, inactivity: null } };
  const by = 'by' in event ? event.by : null;
  if (by === null || NOT_ACTIVITY.includes(event.type)) return after;
  const involved = after.involved.includes(by) ? after.involved : [...after.involved, by];
  const answered = before.escalation.inactivity?.stage === 'escalated' && !NO_ANSWER.includes(event.type);
  return {
    ...after,
    involved,
    escalation: {
      ...(answered ? { ...after.escalation, open: false } : after.escalation),
      lastActivityAt: Math.max(after.escalation.lastActivityAt, event.at),
      inactivity:
        before.escalation.inactivity?.stage === 'escalated' && !answered ? before.escalation.inactivity : null,
      commanderPaged: after.escalation.commanderPaged && by !== after.roles.ic,
    },
  };
}

/** The chain goes on with its next level; from the last level it begins anew. */
export function escalationAfterInactivity({ escalation, policy }: Incident, at: number): EscalationState {
  if (escalation.level === 0 || escalation.level >= policy.levels.length)
    return { ...newEscalation(at), cycle: escalation.cycle + 1 };
  return { ...escalation, open: true, exhausted: false, nextLevelAt: at, rulesStartedAt: at, attemptsMade: 1 };
}
