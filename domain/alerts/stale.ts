/**
 * Stale alerts, which have not been reported for too long: when to ask their source, and what its answer changes. A
 * stale alert never counts as clear: it is shown, and a person is asked. RUNBOOK §§P4, 7. Pure.
 */
import type { AlertBatch, AlertReport, AlertState } from '../kernel/alert.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { isOpen } from '../kernel/phase.ts';
import { firingAlerts } from '../kernel/queries.ts';
import { ENOUGH_MESSAGES, isAbsent, wantsQuestion } from './absence.ts';

/**
 * `gone`: the source no longer has it. `unknown`: the source cannot be asked or did not answer. `vanished`: the source
 * resolved it because its series or rule is gone.
 */
export type StaleAnswer = 'gone' | 'unknown' | 'vanished';

/** Alerts to ask their source about, and when. */
export interface SourceQuestion {
  readonly at: number;
  /** The source that reported them. */
  readonly source: string;
  readonly fingerprints: readonly string[];
}

/** The source's answer about the alerts asked about. */
export interface SourceAnswer {
  /** Fingerprints of those that still fire there. */
  readonly firing: readonly string[];
  /** About all others. */
  readonly answer: StaleAnswer;
  /** How many fire there that were not asked about. Absent where the source was not asked. */
  readonly othersFiring?: number;
}

/** The most alerts in one query; the rest go into the next. */
export const ASKED_AT_ONCE = 1_000;

/** Alerts due within this time are asked about together. */
const GATHER_MS = 60_000;

/** The shortest time between two queries, however short the source's repeat interval is. */
const ASK_AGAIN_MS = 5 * 60_000;

/** The next alerts to ask their source about, and when; null when there are none. */
export function nextStale(incident: Incident): SourceQuestion | null {
  if (!isOpen(incident.phase) || incident.test) return null;
  const waiting = firingAlerts(incident).filter(({ staleAfterMs }) => staleAfterMs > 0);
  return questionAbout(incident, waiting, { dueAt, gatherMs: GATHER_MS });
}

/** The question to the source of the first of `waiting` that is due, also about those due within `gatherMs` of it. */
export function questionAbout(
  incident: Incident,
  waiting: readonly AlertState[],
  { dueAt, gatherMs }: { readonly dueAt: (alert: AlertState) => number; readonly gatherMs: number },
): SourceQuestion | null {
  const first = waiting.reduce<AlertState | null>((a, b) => (a !== null && dueAt(a) <= dueAt(b) ? a : b), null);
  if (first === null) return null;
  const source = sourceOf(incident, first);
  const together = waiting.filter(
    (alert) => sourceOf(incident, alert) === source && dueAt(alert) <= dueAt(first) + gatherMs,
  );
  const asked = together.slice(0, ASKED_AT_ONCE);
  return { at: Math.max(...asked.map(dueAt)), source, fingerprints: asked.map(({ fingerprint }) => fingerprint) };
}

function dueAt(alert: AlertState): number {
  const { stale, absent, lastReportedAt, staleAfterMs } = alert;
  if (absent !== undefined && wantsQuestion(alert)) return absent.since;
  return stale === undefined ? lastReportedAt + staleAfterMs : stale.askedAt + Math.max(staleAfterMs, ASK_AGAIN_MS);
}

/** The source that reported an alert. */
function sourceOf({ source }: Incident, alert: AlertState): string {
  return alert.source ?? source;
}

/** The events that the answer causes. Alerts that were reported or cleared meanwhile are left alone. */
export function eventsFromSourceAnswer(
  incident: Incident,
  { source, fingerprints }: SourceQuestion,
  said: SourceAnswer,
  at: number,
): readonly IncidentEvent[] {
  if (!isOpen(incident.phase)) return [];
  const asked = new Set(fingerprints);
  const there = new Set(said.firing);
  const waiting = firingAlerts(incident).filter((alert) => asked.has(alert.fingerprint) && dueAt(alert) <= at);
  const seen = waiting.filter(({ fingerprint }) => there.has(fingerprint));
  const others = waiting.filter(({ fingerprint }) => !there.has(fingerprint));
  const missing = others.filter((alert) => !isAbsent(alert));
  const news = missing.filter(({ stale }) => stale === undefined);
  const events: IncidentEvent[] = [];
  if (seen.length > 0) {
    events.push({ type: 'alerts-seen', at, fingerprints: seen.map(nameOf), truncated: incident.alerts.truncated });
  }
  if (missing.length > 0) {
    const unreportedMs = at - Math.min(at, ...news.map(({ lastReportedAt }) => lastReportedAt));
    const { answer } = said;
    const names = { fingerprints: missing.map(nameOf), newlyStale: news.map(nameOf) };
    events.push({ type: 'alerts-stale', at, source, answer, unreportedMs, ...names });
  }
  return [...events, ...absentEvents(source, others.filter(isAbsent), said, at)];
}

/** Alerts that whole messages no longer list: one message alone is enough only where the source says so, too. */
function absentEvents(
  source: string,
  absent: readonly AlertState[],
  { answer }: SourceAnswer,
  at: number,
): readonly IncidentEvent[] {
  const isEnough = (alert: AlertState): boolean =>
    answer === 'gone' || alert.stale !== undefined || (alert.absent?.times ?? 0) >= ENOUGH_MESSAGES;
  const shown = absent.filter(isEnough);
  const waiting = absent.filter((alert) => !isEnough(alert));
  const events: IncidentEvent[] = [];
  if (waiting.length > 0) events.push({ type: 'absence-unverified', at, fingerprints: waiting.map(nameOf) });
  if (shown.length === 0) return events;
  const newlyStale = shown.filter(({ stale }) => stale === undefined).map(nameOf);
  const names = { fingerprints: shown.map(nameOf), newlyStale };
  return [...events, { type: 'alerts-stale', at, source, answer, unreportedMs: 0, absent: true, ...names }];
}

/** Marks alerts of `batch` as stale that still count as firing and that their source resolved without proof. */
export function vanishedEvents(
  incident: Incident,
  { alerts, source }: Pick<AlertBatch, 'alerts' | 'source'>,
  at: number,
): readonly IncidentEvent[] {
  const ended = new Map(alerts.filter(isVanished).map((alert) => [alert.fingerprint, alert.receivedAt ?? at]));
  const missing = firingAlerts(incident).filter(
    ({ fingerprint, receivedAt = 0 }) => receivedAt <= (ended.get(fingerprint) ?? -Infinity),
  );
  if (missing.length === 0 || !isOpen(incident.phase)) return [];
  const news = missing.filter(({ stale }) => stale === undefined);
  const names = { fingerprints: missing.map(nameOf), newlyStale: news.map(nameOf) };
  return [{ type: 'alerts-stale', at, source, answer: 'vanished', unreportedMs: 0, ...names }];
}

export function isVanished({ status, vanished }: AlertReport): boolean {
  return status === 'resolved' && vanished === true;
}

const nameOf = ({ fingerprint }: AlertState): string => fingerprint;
