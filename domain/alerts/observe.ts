/**
 * What a message from monitoring means to an incident. State is kept per alert, never per message, and only moves
 * forward: a known start that resolved never fires again; a later start does. RUNBOOK §3 and §7. Pure.
 */
import type { AlertBatch, AlertReport, AlertState } from '../kernel/alert.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import { evolve } from '../engine/evolve.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergeTarget } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';
import { isWorse, worstOf } from '../kernel/severity.ts';
import { isVanished, vanishedEvents } from './stale.ts';
import { newGroups, batchForStorm } from './storm.ts';
import { allClear } from '../kernel/queries.ts';

interface Sorted {
  readonly fired: AlertReport[];
  readonly cleared: AlertReport[];
  readonly seen: string[];
}

/** The events that `batch` causes. Alerts that fire anew after the end are in `recurring`: they open a new incident. */
export function observe(
  incident: Incident,
  told: AlertBatch,
  at: number,
): { readonly events: readonly IncidentEvent[]; readonly recurring: readonly AlertReport[] } {
  const heard = batchForStorm(incident, told);
  const batch = { ...heard, alerts: heard.alerts.filter((alert) => !isVanished(alert)) };
  const { fired, cleared, seen } = sort(incident, batch);
  // Merged: what it is a part of hears all of it, and acts.
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
  // What an earlier message left out has cleared, too, when a later one is whole.
  const news = cleared.length > 0 || (incident.alerts.truncated > 0 && batch.truncated === 0);
  return { events: [...events, ...consequences(events.reduce(evolve, incident), fired, news, at)], recurring: [] };
}

/** Pages that the edge sent meanwhile, unless they are known already. */
function fallbackPageEvents(
  incident: Incident,
  { alreadyPaged = [] }: AlertBatch,
  at: number,
): readonly IncidentEvent[] {
  const known = new Set(incident.deliveries.map(({ key, method }) => `${method} ${key}`));
  const news = alreadyPaged.filter(({ key, method }) => !known.has(`${method} ${key}`));
  if (news.length === 0) return [];
  const deliveries = news.map(({ at: sentAt, to, method, key }) => ({
    ...{ at: sentAt, to, method, key },
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

/** The alert of that fingerprint, which a sender may have called `__proto__`. */
function alertOf({ alerts }: Incident, fingerprint: string): AlertState | undefined {
  return Object.hasOwn(alerts.states, fingerprint) ? alerts.states[fingerprint] : undefined;
}

/** What a report says that `incident` did not know. */
export function changeOf(incident: Incident, report: AlertReport): ReturnType<typeof compareReport> {
  return compareReport(alertOf(incident, report.fingerprint), report);
}

/** What one report says that we did not know. */
function compareReport(known: AlertState | undefined, report: AlertReport): 'fired' | 'cleared' | 'seen' | 'old' {
  const isFiring = report.status === 'firing';
  if (known === undefined) return isFiring ? 'fired' : 'cleared';
  const sameFiring = report.startsAt === known.startsAt || (report.startGuessed && known.status === 'firing');
  if (sameFiring) {
    if (known.status === 'resolved') return 'old';
    return isFiring ? 'seen' : 'cleared';
  }
  if (report.startsAt < known.startsAt) return 'old';
  // Without a start of its own, a repeat of the end would look like the end of something new.
  if (report.startGuessed && !isFiring) return 'old';
  return isFiring ? 'fired' : 'cleared';
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
