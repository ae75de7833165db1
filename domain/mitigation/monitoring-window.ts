/**
 * The monitoring window after the fix: how long it lasts, what may end it, and how long a run awaits late alerts.
 * RUNBOOK §P4. Pure.
 */
import type { Due } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { isOpen } from '../kernel/phase.ts';
import { firingAlerts, needsConfirmation, rememberedUntil } from '../kernel/queries.ts';

export function monitoringLengthMs({ policy, mitigation }: Incident): number {
  if (mitigation.decision === 'rollback') return policy.monitoring.afterRollbackMs;
  if (mitigation.decision === 'fix-forward') return policy.monitoring.afterFixForwardMs;
  return policy.monitoring.defaultMs;
}

export type MonitoringDue = { readonly act: 'ask' | 'resolve' | 'end-test'; readonly at: number };

/** Test incidents end by themselves after this. */
const TEST_LASTS_MS = 10 * 60_000;

/** What ends the incident by itself, and when; null while only people or alerts can. */
export function nextInMonitoring(incident: Incident): MonitoringDue | null {
  if (!isOpen(incident.phase)) return null;
  if (incident.test) return { act: 'end-test', at: incident.declaredAt + TEST_LASTS_MS };
  const { mitigation } = incident;
  if (mitigation.monitoringWindow === null || firingAlerts(incident).length > 0) return null;
  if (!needsConfirmation(incident)) return { act: 'resolve', at: mitigation.monitoringWindow.endsAt };
  return mitigation.monitoringWindow.confirmationRequested
    ? null
    : { act: 'ask', at: mitigation.monitoringWindow.endsAt };
}

/** Until when the run of an incident that is over remembers its alerts. */
export function awaitsLateAlertsUntil(incident: Incident): number {
  const ends = Object.values(incident.alerts.states).map(rememberedUntil);
  return Math.max(incident.resolvedAt ?? incident.closedAt ?? incident.declaredAt, ...ends);
}

const MONITORING_EVENTS = {
  ask: { type: 'confirmation-requested', summary: 'ask the IC to confirm' },
  resolve: { type: 'resolved', summary: 'resolved if quiet' },
  'end-test': { type: 'test-ended', summary: 'the test ends' },
} as const;

export function monitoringDue(incident: Incident): Due | null {
  const due = nextInMonitoring(incident);
  if (due === null) return null;
  const { type, summary } = MONITORING_EVENTS[due.act];
  return { at: due.at, summary, events: (now) => [{ type, at: now }] };
}
