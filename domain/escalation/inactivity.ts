/**
 * If the person who acknowledged goes quiet, the IC is nudged, then paged, and then the next level is paged. Anything
 * that a person does about the incident counts as activity. RUNBOOK §2.5. Pure.
 */
import type { Due, EventType, IncidentEvent } from '../kernel/events.ts';
import type { Escalation, Incident } from '../kernel/incident.ts';
import { actorOf } from '../kernel/reduce.ts';

export interface InactivityDue {
  readonly act: 'ask' | 'page' | 'escalate';
  readonly at: number;
}

/** The next step after inactivity, and when; null when activity is not expected. */
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

/**
 * While the incident is being worked on, or the IC must confirm the resolution. A running escalation pages others
 * anyway.
 */
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

/** During the monitoring window no activity is expected. */
function awaitedSince({ mitigation }: Incident): number {
  return mitigation.monitoringWindow?.endsAt ?? 0;
}

/** Activity after which nobody may have the incident. */
const NO_ANSWER: readonly EventType[] = [
  'declined',
  'seen',
  'escalated',
  'policy-move-requested',
  'policy-moved',
  'incident-merged-in',
];

/** `escalation` after `event`: a person's activity ends the inactivity. */
export function withActivity(
  before: Incident,
  after: Incident,
  escalation: Escalation,
  event: IncidentEvent,
): Escalation {
  const by = actorOf(event);
  if (by === null) return escalation;
  const wasEscalated = before.escalation.inactivity?.stage === 'escalated';
  const isAnswer = wasEscalated && !NO_ANSWER.includes(event.type);
  return {
    ...escalation,
    open: escalation.open && !isAnswer,
    lastActivityAt: Math.max(escalation.lastActivityAt, event.at),
    inactivity: wasEscalated && !isAnswer ? before.escalation.inactivity : null,
    commanderPaged: escalation.commanderPaged && by !== after.roles.ic,
  };
}

const INACTIVITY_EVENTS = {
  ask: { type: 'inactivity-nudged', summary: 'ask the IC: still on it?' },
  page: { type: 'inactivity-paged', summary: 'page the IC' },
  escalate: { type: 'inactivity-escalated', summary: 'page the next level' },
} as const;

export function inactivityDue(incident: Incident): Due | null {
  const due = nextInactivity(incident);
  if (due === null) return null;
  const { type, summary } = INACTIVITY_EVENTS[due.act];
  return { at: due.at, summary, events: (now) => [{ type, at: now }] };
}
