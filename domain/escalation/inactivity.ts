/**
 * Acknowledged, and then silent: the IC is asked, then paged, then the next level is. A sign of life is anything that a
 * person does about the incident. RUNBOOK §2.5. Pure.
 */
import type { Due, EventType, IncidentEvent } from '../kernel/events.ts';
import { actorOf } from '../kernel/events.ts';
import type { Escalation, Incident } from '../kernel/incident.ts';

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

/** Activity that leaves open who has it. */
const NO_ANSWER: readonly EventType[] = [
  'declined',
  'seen',
  'escalated',
  'policy-move-requested',
  'policy-moved',
  'incident-merged-in',
];

/** `escalation` with what `event` says of the people: somebody is active, so the inactivity is over. */
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
