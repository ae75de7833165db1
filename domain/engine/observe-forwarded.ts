/**
 * Alerts that an incident merged into this one forwards, and alerts that came back because the incident they were
 * forwarded to was over. RUNBOOK §3. Pure.
 */
import { changeOf } from '../alerts/compare-report.ts';
import type { AlertBatch, AlertReport } from '../kernel/alert.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergePeerOf, mergeTarget } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';
import { alertOf } from '../kernel/queries.ts';
import { isMergedIn } from '../merge/merge.ts';
import { evolve } from './evolve.ts';
import { monitorWhenClear, observe } from './observe.ts';

export type ForwardedBatch = AlertBatch & { readonly from: NonNullable<AlertBatch['from']> };

export function isForwarded(batch: AlertBatch): batch is ForwardedBatch {
  return batch.from !== undefined;
}

/** Alerts from before the merge cause nothing by themselves; new ones count as if monitoring had reported them. */
export function observeForwarded(incident: Incident, batch: ForwardedBatch, at: number): readonly IncidentEvent[] {
  const { workflowId } = batch.from;
  const isHere = isOpen(incident.phase) && isMergedIn(incident, batch.from);
  if (!isHere && mergeTarget(incident) === null) return [returnedAlerts(incident, batch, at)];
  const alerts = batch.alerts.map((alert) => ({ ...alert, group: alert.group ?? workflowId }));
  // The end of an alert that this incident never saw firing is ignored.
  const isQuiet = (alert: AlertReport): boolean =>
    batch.from.predatesMerge || alertOf(incident, alert.fingerprint) === undefined;
  const quiet = alerts.filter((alert) => isQuiet(alert) && (batch.from.predatesMerge || alert.status === 'resolved'));
  const news = alerts.filter((alert) => !quiet.includes(alert));
  const events: IncidentEvent[] = [];
  const truncatedThen =
    incident.merge.mergedFrom?.find((one) => one.workflowId === workflowId)?.truncated ?? batch.truncated;
  if (quiet.length > 0 || truncatedThen !== batch.truncated) {
    const { source, staleAfterMs, truncated } = batch;
    events.push({ type: 'alerts-joined', at, from: workflowId, alerts: quiet, source, staleAfterMs, truncated });
  }
  const { from: _, ...own } = batch;
  const told = { ...own, alerts: news, truncated: incident.alerts.truncated };
  events.push(...observe(events.reduce(evolve, incident), told, at).events);
  return [...events, ...monitorWhenClear(incident, events.reduce(evolve, incident), at)];
}

/** This incident is over, so alerts that fire anew go back to the sender. */
function returnedAlerts(incident: Incident, { from, alerts }: ForwardedBatch, at: number): IncidentEvent {
  const { workflowId, incidentId, predatesMerge } = from;
  const by = mergePeerOf(incident);
  const news = predatesMerge ? [] : alerts.filter(({ status }) => status === 'firing');
  const message =
    news.length === 0
      ? ({ kind: 'over', incidentId, by } as const)
      : ({ kind: 'returned', incidentId, by, alerts: news } as const);
  return { type: 'merge-message-queued', at, to: workflowId, message };
}

/** Alerts that fired while no incident could act on them fire now, although their state is known. */
export function refireReturnedAlerts(
  incident: Incident,
  alerts: readonly AlertReport[],
  at: number,
): readonly IncidentEvent[] {
  const own = alerts.map(({ group: _, ...alert }) => alert);
  const still = own.filter((alert) => isHeldToBeOld(incident, alert));
  if (still.length === 0) return [];
  if (!isOpen(incident.phase)) return [{ type: 'alerts-returned', at, alerts: still }];
  return refireAlerts(incident, still, at);
}

/** It fires, and this incident has not heard of it as its own. */
function isHeldToBeOld(incident: Incident, alert: AlertReport): boolean {
  const state = alertOf(incident, alert.fingerprint);
  if (state === undefined) return true;
  if (state.status === 'resolved' || changeOf(incident, alert, null) === 'old') return false;
  return state.ignored || !isOpen(incident.phase);
}

/** As if `observe` saw these alerts for the first time. */
export function refireAlerts(incident: Incident, alerts: readonly AlertReport[], at: number): readonly IncidentEvent[] {
  const names = new Set(alerts.map(({ fingerprint }) => fingerprint));
  const others = Object.entries(incident.alerts.states).filter(([name]) => !names.has(name));
  const staleAfterMs = Math.max(0, ...[...names].map((name) => incident.alerts.states[name]?.staleAfterMs ?? 0));
  const {
    source,
    alerts: { truncated },
  } = incident;
  const batch = { source, receivedAt: at, staleAfterMs, alerts, truncated };
  return observe({ ...incident, alerts: { ...incident.alerts, states: Object.fromEntries(others) } }, batch, at).events;
}
