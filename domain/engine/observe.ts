/**
 * What alerts do to an incident, whether they come from a source or from an incident that was merged into it. They are
 * read one after the other, each against the newest state, and then what follows from all of them. RUNBOOK §3 and §7.
 * Pure.
 */
import type { AlertChange } from '../alerts/compare-report.ts';
import { changeOf, receiptOf, sentStart } from '../alerts/compare-report.ts';
import { absenceEvents } from '../alerts/absence.ts';
import { alertChangeEvents, worsenedAlerts } from '../alerts/alert-changes.ts';
import { joinedEvent } from '../alerts/joining.ts';
import { leftOutEvents } from '../alerts/left-out.ts';
import { lateCopyEvents } from '../alerts/late-copies.ts';
import { isVanished, vanishedEvents } from '../alerts/stale.ts';
import { batchForStorm, newGroups } from '../alerts/storm.ts';
import type { AlertBatch, AlertReport } from '../kernel/alert.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { mergeTarget } from '../kernel/merge-messages.ts';
import { isOpen } from '../kernel/phase.ts';
import { alertName, alertOf, allClear, firingAlerts, waitsForPeople } from '../kernel/queries.ts';
import { worstOf, isWorse } from '../kernel/severity.ts';
import { evolve } from './evolve.ts';

export interface Observation {
  readonly events: readonly IncidentEvent[];
  /** Alerts that fire anew after the incident is over: they open a new one. */
  readonly recurring: readonly AlertReport[];
}

/** The events that `told` causes. */
export function observe(incident: Incident, told: AlertBatch, at: number): Observation {
  const batch = withReceipts(batchForStorm(incident, told));
  // A merged incident forwards everything to its target, which acts on it.
  const isForwarding = mergeTarget(incident) !== null;
  const isOver = !isOpen(incident.phase) && !isForwarding;
  const first = isOver ? [] : [...fallbackPageEvents(incident, batch, at), ...joinEvents(incident, batch, at)];
  const start: Reading = { incident: first.reduce(evolve, incident), events: first, fired: new Map(), cleared: false };
  const read = roundsOf(batch).reduce((reading, round) => readRound(reading, round, { isOver, at }), start);
  const fired = [...read.fired.values()];
  const doubts = isOver ? [] : [...absenceEvents(read.incident, batch, at), ...leftOutEvents(incident, batch, at)];
  if (isOver) return { events: read.events, recurring: fired };
  const events = [...read.events, ...doubts];
  if (isForwarding) return { events, recurring: [] };
  // If an earlier message was truncated and this one is complete, the alerts left out then have cleared too.
  const news = read.cleared || (incident.alerts.truncated > 0 && batch.truncated === 0);
  const worsened = read.events.flatMap((event) => (event.type === 'alert-changed' ? worsenedAlerts(event) : []));
  const now = doubts.reduce(evolve, read.incident);
  const joining = batch.byReceipt === true ? joinedEvent(incident, fired, at) : null;
  const joined = joining === null ? [] : [joining];
  return {
    events: [
      ...events,
      ...consequences(now, { fired, worsened, cleared: news, waited: waitsForPeople(incident) }, at),
      ...joined,
    ],
    recurring: [],
  };
}

/** What has been read of a batch so far. */
interface Reading {
  /** As it is after what was read; of an incident that is over, as if its alerts could fire. */
  readonly incident: Incident;
  readonly events: readonly IncidentEvent[];
  /** The alerts that fired in this batch and have not ended in it. */
  readonly fired: ReadonlyMap<string, AlertReport>;
  /** Some have cleared. */
  readonly cleared: boolean;
}

/** Every report says when it was received. */
function withReceipts(batch: AlertBatch): AlertBatch {
  if (batch.byReceipt !== true) return batch;
  const { receivedAt } = batch;
  return { ...batch, alerts: batch.alerts.map((alert) => ({ receivedAt, ...alert })) };
}

/** The batch in parts that report each alert at most once, in the order of its reports. */
function roundsOf(batch: AlertBatch): readonly AlertBatch[] {
  if (batch.byReceipt !== true) return [batch];
  const rounds: AlertReport[][] = [[]];
  const reported = new Map<string, number>();
  for (const alert of batch.alerts) {
    const round = reported.get(alert.fingerprint) ?? 0;
    reported.set(alert.fingerprint, round + 1);
    (rounds[round] ??= []).push(alert);
  }
  return rounds.map((alerts) => ({ ...batch, alerts }));
}

function readRound(
  { incident, events, fired, cleared }: Reading,
  heard: AlertBatch,
  { isOver, at }: { readonly isOver: boolean; readonly at: number },
): Reading {
  const batch = { ...heard, alerts: heard.alerts.filter((alert) => !isVanished(alert)) };
  const sorted = sort(incident, batch);
  const stillFired = new Map(fired);
  // The newest report of an alert that will open the next incident; nothing of it is for this one.
  const isFired = ({ fingerprint }: AlertReport): boolean => isOver && fired.has(fingerprint);
  for (const report of [...sorted.fired, ...sorted.seen.filter(isFired)]) stillFired.set(report.fingerprint, report);
  for (const { fingerprint } of [...sorted.cleared, ...sorted['cleared-before-copy']]) stillFired.delete(fingerprint);
  const news: readonly IncidentEvent[] = [
    ...(batch.byReceipt === true && !isOver ? alertChangeEvents(incident, sorted.seen, at) : []),
    ...seenEvents(
      incident,
      batch,
      sorted.seen.filter((report) => !isFired(report)),
      at,
    ),
    ...vanishedEvents(incident, heard, at),
    ...clearedEvents([...sorted.cleared, ...sorted['cleared-before-copy']], at),
    ...lateCopyEvents(incident, batch, sorted, at),
  ];
  const firedEvents = firedEvent(batch, sorted.fired, at);
  return {
    incident: [...news, ...firedEvents].reduce(evolve, incident),
    events: [...events, ...news, ...(isOver ? [] : firedEvents)],
    fired: stillFired,
    cleared: cleared || sorted.cleared.length > 0,
  };
}

export type SortedReports = Readonly<Record<Exclude<AlertChange, 'old'>, AlertReport[]>>;

function sort(incident: Incident, batch: AlertBatch): SortedReports {
  const sorted: SortedReports = {
    fired: [],
    cleared: [],
    seen: [],
    'late-copy': [],
    'cleared-before-copy': [],
    'ended-again': [],
  };
  for (const report of batch.alerts) {
    const change = changeOf(incident, report, receiptOf(batch, report));
    if (change !== 'old') sorted[change].push(report);
  }
  return sorted;
}

/** Repeats, one event for each time of receipt; also when only the number of alerts left out has changed. */
function seenEvents(
  incident: Incident,
  { messageGroup, truncated, byReceipt }: AlertBatch,
  seen: readonly AlertReport[],
  at: number,
): readonly IncidentEvent[] {
  if (seen.length === 0 && truncated === incident.alerts.truncated) return [];
  const byTime = new Map<number | undefined, AlertReport[]>();
  for (const report of seen) {
    const others = byTime.get(report.receivedAt);
    if (others === undefined) byTime.set(report.receivedAt, [report]);
    else others.push(report);
  }
  if (byReceipt !== true || byTime.size === 0) {
    return [{ type: 'alerts-seen', at, fingerprints: seen.map(({ fingerprint }) => fingerprint), truncated }];
  }
  return [...byTime].map(([receivedAt, reports]) => ({
    type: 'alerts-seen',
    at,
    fingerprints: reports.map(({ fingerprint }) => fingerprint),
    truncated,
    ...(receivedAt === undefined ? {} : { receivedAt }),
    ...(messageGroup === undefined ? {} : { messageGroup }),
    ...earlierStarts(incident, reports),
  }));
}

/** Without them, the end of such an alert would look like that of an earlier firing. */
function earlierStarts(
  incident: Incident,
  reports: readonly AlertReport[],
): Pick<EventOf<'alerts-seen'>, 'earlierStarts'> {
  const earlier = reports.filter((report) => {
    const known = alertOf(incident, report.fingerprint);
    if (known === undefined || report.startGuessed) return false;
    return report.startsAt < known.startsAt && sentStart(report) !== sentStart(known);
  });
  if (earlier.length === 0) return {};
  return { earlierStarts: earlier.map(({ fingerprint, startsAt }) => ({ fingerprint, startsAt })) };
}

function clearedEvents(cleared: readonly AlertReport[], at: number): readonly IncidentEvent[] {
  return cleared.length === 0 ? [] : [{ type: 'alerts-cleared', at, alerts: cleared.map(essence) }];
}

function essence({
  fingerprint,
  startsAt,
  endsAt,
  receivedAt,
}: AlertReport): EventOf<'alerts-cleared'>['alerts'][number] {
  return { fingerprint, startsAt, endsAt, ...(receivedAt === undefined ? {} : { receivedAt }) };
}

function firedEvent(batch: AlertBatch, fired: readonly AlertReport[], at: number): readonly IncidentEvent[] {
  if (fired.length === 0) return [];
  const { staleAfterMs, source, messageGroup } = batch;
  const group = messageGroup === undefined ? {} : { messageGroup };
  return [{ type: 'alerts-fired', at, alerts: fired, staleAfterMs, source, ...group }];
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

interface Heard {
  readonly fired: readonly AlertReport[];
  /** Those that fired already and are worse now. */
  readonly worsened: readonly AlertReport[];
  readonly cleared: boolean;
  /** The escalation waited for people's answer. */
  readonly waited: boolean;
}

/** What follows from the alerts, once their states are known. */
function consequences(incident: Incident, { fired, worsened, cleared, waited }: Heard, at: number): IncidentEvent[] {
  const events: IncidentEvent[] = [];
  const news = [...fired, ...worsened];
  const worst = worstOf(news.filter((alert) => mayRaise(incident, alert)).map((alert) => alert.severity));
  if (worst !== null && isWorse(worst, incident.severity) && !incident.test) {
    const reason = `${news.find((alert) => alert.severity === worst)?.title ?? 'an alert'} is ${worst}`;
    const alertWorsened = fired.length === 0 ? ({ alertWorsened: true } as const) : {};
    events.push({
      type: 'severity-changed',
      at,
      by: null,
      from: incident.severity,
      to: worst,
      reason,
      ...alertWorsened,
    });
  }
  const isBack = waited && firingAlerts(incident).length > 0 && !waitsForPeople(incident);
  if (isBack && fired.length === 0) {
    const names = firingAlerts(incident).slice(0, 5);
    events.push({ type: 'recurred', at, titles: names.map(({ fingerprint }) => alertName(incident, fingerprint)) });
  } else if (fired.length > 0 && (isBack || incident.phase === 'monitoring')) {
    events.push({ type: 'recurred', at, titles: fired.slice(0, 5).map((alert) => alert.title) });
  }
  if (cleared && incident.phase !== 'monitoring' && allClear(incident)) {
    events.push({ type: 'monitoring-started', at, by: null, resolution: null });
  }
  return events;
}

/** A person knew how bad this alert was when they set the severity, unless it is worse now. */
function mayRaise(incident: Incident, { fingerprint, severity }: AlertReport): boolean {
  const then = alertOf(incident, fingerprint)?.severityThen;
  return then === undefined || isWorse(severity, then);
}

/** Starts monitoring if everything has cleared `after`, although no alert reported it. */
export function monitorWhenClear(before: Incident, after: Incident, at: number): readonly IncidentEvent[] {
  if (!isOpen(after.phase) || after.phase === 'monitoring') return [];
  return allClear(after) && !allClear(before) ? [{ type: 'monitoring-started', at, by: null, resolution: null }] : [];
}
