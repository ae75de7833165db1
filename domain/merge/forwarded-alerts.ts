/** What a merged incident tells the one it is a part of, as that one hears it. Pure. */
import type { AlertBatch, AlertReport } from '../kernel/alert.ts';
import { changeOf, observe } from '../alerts/observe.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import { evolve } from '../engine/evolve.ts';
import type { Incident } from '../kernel/incident.ts';
import { isMergedIn, monitorWhenClear } from './accept-merge.ts';
import { mergeTarget, mergePeerOf } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';

export type ForwardedBatch = AlertBatch & { readonly from: NonNullable<AlertBatch['from']> };

export function isForwarded(batch: AlertBatch): batch is ForwardedBatch {
  return batch.from !== undefined;
}

/** What was there before the merge causes nothing by itself; news is heard as from monitoring. */
export function observeForwarded(incident: Incident, batch: ForwardedBatch, at: number): readonly IncidentEvent[] {
  const { workflowId } = batch.from;
  const isHere = isOpen(incident.phase) && isMergedIn(incident, batch.from);
  if (!isHere && mergeTarget(incident) === null) return [returnedAlerts(incident, batch, at)];
  const alerts = batch.alerts.map((alert) => ({ ...alert, group: alert.group ?? workflowId }));
  // The end of what was never heard to fire is none of our ends.
  const isQuiet = (alert: AlertReport): boolean => batch.from.predatesMerge || !isKnown(incident, alert);
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

function isKnown({ alerts }: Incident, { fingerprint }: AlertReport): boolean {
  return Object.hasOwn(alerts.states, fingerprint);
}

/** Over: what fires anew is the sender's own. */
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

/** What fired while nobody could act on it fires now, though its state is known. */
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
  const state = Object.hasOwn(incident.alerts.states, alert.fingerprint)
    ? incident.alerts.states[alert.fingerprint]
    : undefined;
  if (state === undefined) return true;
  if (state.status === 'resolved' || changeOf(incident, alert) === 'old') return false;
  return state.ignored || !isOpen(incident.phase);
}

/** As `observe` would hear them had it never heard of them. */
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
