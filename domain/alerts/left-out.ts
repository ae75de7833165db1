/**
 * Alerts that a sender leaves out of its messages (`max_alerts`): nobody knows when they clear. When all others have,
 * their source is asked, and else a person. RUNBOOK §3. Pure.
 */
import type { AlertBatch } from '../kernel/alert.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { isOpen } from '../kernel/phase.ts';
import { allClear, firingAlerts } from '../kernel/queries.ts';
import { ASKED_AT_ONCE, type SourceAnswer, type SourceQuestion } from './stale.ts';

/** Says once that the sender leaves alerts out. */
export function leftOutEvents(
  { alerts }: Incident,
  { byReceipt, source, truncated }: AlertBatch,
  at: number,
): readonly IncidentEvent[] {
  if (byReceipt !== true || truncated === 0 || alerts.leftOut !== undefined) return [];
  return [{ type: 'alerts-left-out', at, source, count: truncated }];
}

/** All known alerts have cleared, and nobody was asked about the others: asks at once. */
export function nextLeftOut(incident: Incident, at: number): SourceQuestion | null {
  const { phase, test, alerts } = incident;
  if (!isOpen(phase) || phase === 'monitoring' || test) return null;
  if (alerts.leftOut === undefined || alerts.leftOut.askedAt !== null || alerts.truncated === 0) return null;
  if (Object.keys(alerts.states).length === 0 || firingAlerts(incident).length > 0) return null;
  return { at, source: alerts.leftOut.source, fingerprints: Object.keys(alerts.states).slice(0, ASKED_AT_ONCE) };
}

/** Nothing fires in the source any more: the message counts as whole. Otherwise a person is asked, once. */
export function eventsAboutLeftOut(
  incident: Incident,
  { source }: SourceQuestion,
  { answer, firing, othersFiring }: SourceAnswer,
  at: number,
): readonly IncidentEvent[] {
  if (nextLeftOut(incident, at) === null) return [];
  const { truncated } = incident.alerts;
  const isOver = answer === 'gone' && firing.length === 0 && othersFiring === 0;
  if (!isOver) return [{ type: 'left-out-questioned', at, source, count: truncated }];
  const whole: IncidentEvent = { type: 'alerts-seen', at, fingerprints: [], truncated: 0 };
  const isClear = allClear({ ...incident, alerts: { ...incident.alerts, truncated: 0 } });
  return isClear ? [whole, { type: 'monitoring-started', at, by: null, resolution: null }] : [whole];
}
