/**
 * What a message from monitoring means to an incident, whether it came from a source or from an incident that was
 * merged into this one. State is kept per alert, never per message, and only moves forward: a known start that resolved
 * never fires again; a later start does. RUNBOOK §3 and §7. Pure.
 */
import { type Sorted, changeOf } from '../alerts/compare-report.ts';
import { isVanished, vanishedEvents } from '../alerts/stale.ts';
import { batchForStorm, newGroups } from '../alerts/storm.ts';
import type { AlertBatch, AlertReport } from '../kernel/alert.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergePeerOf, mergeTarget } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';
import { allClear } from '../kernel/queries.ts';
import { worstOf, isWorse } from '../kernel/severity.ts';
import { monitorWhenClear } from './merge-incidents.ts';
import { isMergedIn } from '../merge/merge.ts';
import { evolve } from './evolve.ts';

/** The events that `batch` causes. Alerts that fire anew after the end are in `recurring`: they open a new incident. */
export function observe(
  incident: Incident,
  told: AlertBatch,
  at: number,
): { readonly events: readonly IncidentEvent[]; readonly recurring: readonly AlertReport[] } {
  const heard = batchForStorm(incident, told);
  const batch = { ...heard, alerts: heard.alerts.filter((alert) => !isVanished(alert)) };
  const { fired, cleared, seen } = sort(incident, batch);
  // A merged incident forwards everything to its target, which acts on it.
  const isForwarding = mergeTarget(incident) !== null;
  const over = !isOpen(incident.phase) && !isForwarding;
  const events: IncidentEvent[] = over
    ? []
    : [...fallbackPageEvents(incident, batch, at), ...joinEvents(incident, batch, at)];
  if (seen.length > 0 || batch.truncated !== incident.alerts.truncated) {
    events.push({ type: 'alerts-seen', at, fingerprints: seen, truncated: batch.truncated });
  }
  events.push(...vanishedEvents(incident, heard, at));
  if (cleared.length > 0) events.push({ type: 'alerts-cleared', at, alerts: cleared.map(essence) });
  if (over) return { events, recurring: fired };
  if (fired.length > 0) {
    const { staleAfterMs, source } = batch;
    events.push({ type: 'alerts-fired', at, alerts: fired, staleAfterMs, source });
  }
  if (isForwarding) return { events, recurring: [] };
  // If an earlier message was truncated and this one is complete, the alerts left out then have cleared too.
  const news = cleared.length > 0 || (incident.alerts.truncated > 0 && batch.truncated === 0);
  return { events: [...events, ...consequences(events.reduce(evolve, incident), fired, news, at)], recurring: [] };
}

/** Fallback pages that the server sent, unless they are known already. */
function fallbackPageEvents(
  incident: Incident,
  { alreadyPaged = [] }: AlertBatch,
  at: number,
): readonly IncidentEvent[] {
  const known = new Set(incident.deliveries.map(({ key, method }) => `${method} ${key}`));
  const news = alreadyPaged.filter(({ key, method }) => !known.has(`${method} ${key}`));
  if (news.length === 0) return [];
  const deliveries = news.map(({ at: sentAt, to, method, key }) => ({
    at: sentAt,
    to,
    method,
    key,
    state: 'accepted' as const,
    reason: null,
  }));
  return [
    { type: 'fallback-paged', at, deliveries, incidentIds: [...new Set(news.map(({ incidentId }) => incidentId))] },
  ];
}

function joinEvents(incident: Incident, batch: AlertBatch, at: number): readonly IncidentEvent[] {
  const groups = newGroups(incident, batch);
  return groups.length === 0 ? [] : [{ type: 'groups-joined', at, groups }];
}

function sort(incident: Incident, batch: AlertBatch): Sorted {
  const sorted: Sorted = { fired: [], cleared: [], seen: [] };
  for (const report of batch.alerts) {
    const news = changeOf(incident, report);
    if (news === 'seen') sorted.seen.push(report.fingerprint);
    else if (news !== 'old') sorted[news].push(report);
  }
  return sorted;
}

/** What follows from the alerts, once their states are known. */
function consequences(
  incident: Incident,
  fired: readonly AlertReport[],
  cleared: boolean,
  at: number,
): IncidentEvent[] {
  const events: IncidentEvent[] = [];
  const worst = worstOf(fired.map((alert) => alert.severity));
  if (worst !== null && isWorse(worst, incident.severity) && !incident.test) {
    const reason = `${fired.find((alert) => alert.severity === worst)?.title ?? 'an alert'} is ${worst}`;
    events.push({ type: 'severity-changed', at, by: null, from: incident.severity, to: worst, reason });
  }
  if (fired.length > 0 && incident.phase === 'monitoring') {
    events.push({ type: 'recurred', at, titles: fired.slice(0, 5).map((alert) => alert.title) });
  }
  if (cleared && incident.phase !== 'monitoring' && allClear(incident)) {
    events.push({ type: 'monitoring-started', at, by: null, resolution: null });
  }
  return events;
}

function essence({
  fingerprint,
  startsAt,
  endsAt,
}: AlertReport): Pick<AlertReport, 'fingerprint' | 'startsAt' | 'endsAt'> {
  return { fingerprint, startsAt, endsAt };
}

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
  const state = Object.hasOwn(incident.alerts.states, alert.fingerprint)
    ? incident.alerts.states[alert.fingerprint]
    : undefined;
  if (state === undefined) return true;
  if (state.status === 'resolved' || changeOf(incident, alert) === 'old') return false;
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
