/**
 * Where alerts wait while maintenance holds them back: beside an incident that runs, or before there is one. They are
 * no alerts of the incident until they are let in, and then they are as if they had just fired. RUNBOOK §3. Pure.
 */
import type { AlertBatch, AlertReport } from '../kernel/alert.ts';
import { DETAILED_ALERTS } from '../kernel/alert.ts';
import type { Declaration } from '../kernel/declaration.ts';
import type { SuppressedBy } from '../kernel/maintenance.ts';
import { worstOf } from '../kernel/severity.ts';
import { truncate } from '../kernel/text.ts';

/** The newest of one alert; one that has resolved is kept, so that its firing, come late, does not wait for a page. */
export interface SuppressedAlert {
  readonly report: AlertReport;
  readonly source: string;
  readonly staleAfterMs: number;
  readonly truncated: number;
}

export interface SuppressedAlerts {
  /** One a fingerprint; the first `DETAILED_ALERTS` with labels. */
  readonly suppressed: readonly SuppressedAlert[];
  /** What workflows of windows have said themselves since: id → until when they hold back, epoch ms. */
  readonly ends: Readonly<Record<string, number>>;
}

export const NOTHING_SUPPRESSED: SuppressedAlerts = { suppressed: [], ends: {} };

/** What an incident would make of a report: see `newsOf` of alerts.ts. */
type News = (report: AlertReport) => 'fired' | 'cleared' | 'seen' | 'old';

export interface SuppressionResult {
  readonly suppressedAlerts: SuppressedAlerts;
  /** What is not held back; null when that is nothing at all. */
  readonly batch: AlertBatch | null;
  /** What waits since now. */
  readonly arrived: readonly AlertReport[];
}

/** `known`: that the incident has an alert of this fingerprint, so that it must hear of its end. */
export function suppressAlerts(
  room: SuppressedAlerts,
  batch: AlertBatch,
  { at, news, known }: { readonly at: number; readonly news: News; readonly known: (fingerprint: string) => boolean },
): SuppressionResult {
  const waiting = new Map(room.suppressed.map((one) => [one.report.fingerprint, one]));
  const admitted: AlertReport[] = [];
  const arrived: AlertReport[] = [];
  for (const report of batch.alerts) {
    const { fingerprint } = report;
    const here = waiting.get(fingerprint);
    if (isHeld(room, report, at) && news(report) === 'fired') {
      const next = taken(here, report, batch);
      if (next === null) continue;
      if (here?.report.startsAt !== next.report.startsAt) arrived.push(report);
      waiting.set(fingerprint, detailed(next, waiting.size));
    } else if (here !== undefined && report.status === 'resolved') {
      // That nothing is left to measure is no proof that it is over: it still fires when its window ends.
      if (report.vanished !== true) waiting.set(fingerprint, ended(here, report));
      if (known(fingerprint)) admitted.push(report);
    } else {
      // It fires where no window holds it any more.
      if (news(report) === 'fired') waiting.delete(fingerprint);
      admitted.push(report);
    }
  }
  const left = admitted.length === batch.alerts.length ? batch : { ...batch, alerts: admitted };
  const isNothing = admitted.length === 0 && batch.alerts.length > 0 && (batch.alreadyPaged ?? []).length === 0;
  return { suppressedAlerts: { ...room, suppressed: [...waiting.values()] }, batch: isNothing ? null : left, arrived };
}

function isHeld(room: SuppressedAlerts, { status, suppressedBy = [] }: AlertReport, at: number): boolean {
  return status === 'firing' && untilOf(room, suppressedBy) > at;
}

/** The last of the windows; those that can be ended or moved have the last word themselves. */
function untilOf({ ends }: SuppressedAlerts, held: readonly SuppressedBy[]): number {
  return Math.max(
    0,
    ...held.map(({ windowWorkflowId: id, until }) =>
      id !== null && Object.hasOwn(ends, id) ? (ends[id] ?? until) : until,
    ),
  );
}

/** Null: nothing new, it has resolved or is older. */
function taken(here: SuppressedAlert | undefined, report: AlertReport, batch: AlertBatch): SuppressedAlert | null {
  const { source, staleAfterMs, truncated } = batch;
  if (here === undefined) return { report, source, staleAfterMs, truncated };
  const known = here.report;
  const isSame = known.startsAt === report.startsAt || (report.startGuessed && known.status === 'firing');
  if (isSame && known.status === 'resolved') return null;
  // A repeat knows of the windows as they are now.
  if (isSame) return { ...here, report: { ...known, suppressedBy: report.suppressedBy ?? [] }, truncated };
  return report.startsAt < known.startsAt ? null : { report, source, staleAfterMs, truncated };
}

function ended(here: SuppressedAlert, { startsAt, startGuessed, endsAt }: AlertReport): SuppressedAlert {
  if (!startGuessed && startsAt < here.report.startsAt) return here;
  const start = startGuessed ? here.report.startsAt : startsAt;
  return { ...here, report: { ...here.report, status: 'resolved', startsAt: start, endsAt } };
}

const TITLE_LENGTH = 200;

function detailed(one: SuppressedAlert, others: number): SuppressedAlert {
  if (others < DETAILED_ALERTS) return one;
  const { report } = one;
  const title = truncate(report.title, TITLE_LENGTH);
  return { ...one, report: { ...report, title, labels: {}, annotations: {}, links: {} } };
}

/** Those whose windows have ended go in, as messages of their sources; what has cleared meanwhile is forgotten. */
export function releaseAlerts(
  room: SuppressedAlerts,
  at: number,
): { readonly room: SuppressedAlerts; readonly batches: AlertBatch[] } {
  const isOver = ({ report }: SuppressedAlert): boolean => untilOf(room, report.suppressedBy ?? []) <= at;
  if (!room.suppressed.some(isOver)) return { room, batches: [] };
  const batches = new Map<string, AlertBatch>();
  for (const { report, source, staleAfterMs, truncated } of room.suppressed.filter(isOver)) {
    if (report.status === 'resolved') continue;
    const { suppressedBy: _, ...alert } = report;
    const others = batches.get(source);
    batches.set(source, {
      source,
      receivedAt: at,
      staleAfterMs: Math.max(staleAfterMs, others?.staleAfterMs ?? 0),
      alerts: [...(others?.alerts ?? []), alert],
      truncated: Math.max(truncated, others?.truncated ?? 0),
    });
  }
  const suppressed = room.suppressed.filter((one) => !isOver(one));
  return {
    room: suppressed.length === 0 ? NOTHING_SUPPRESSED : { ...room, suppressed },
    batches: [...batches.values()],
  };
}

/** When the next of them is let in, or forgotten; null: nobody waits. */
export function nextRelease(room: SuppressedAlerts): number | null {
  if (room.suppressed.length === 0) return null;
  return Math.min(...room.suppressed.map(({ report }) => untilOf(room, report.suppressedBy ?? [])));
}

/** Workflows of windows that hold somebody back here: they must know, so that an early end is heard of. */
export function windowsOf({ suppressed }: SuppressedAlerts): readonly string[] {
  const held = suppressed.flatMap(({ report }) => (report.status === 'firing' ? (report.suppressedBy ?? []) : []));
  return [...new Set(held.flatMap(({ windowWorkflowId }) => windowWorkflowId ?? []))];
}

/** A window ends then, whatever was known of it. */
export function withEnd(room: SuppressedAlerts, windowWorkflowId: string, until: number): SuppressedAlerts {
  return { ...room, ends: { ...room.ends, [windowWorkflowId]: until } };
}

/** What fires and waits. */
export function firingSuppressed({ suppressed }: SuppressedAlerts): readonly AlertReport[] {
  return suppressed.map(({ report }) => report).filter(({ status }) => status === 'firing');
}

/** For people: `"disk swap" until 2026-11-21T22:00Z`. */
export function windowsText(room: SuppressedAlerts, held: readonly SuppressedBy[]): string {
  const names = [...new Set(held.map(({ window }) => truncate(window, 100)))].map((name) => `"${name}"`).join(', ');
  return `${names} until ${new Date(untilOf(room, held)).toISOString().slice(0, 16)}Z`;
}

/** `firing`: all that begins it; none leaves it as it was. */
export function declarationAfterSuppression(
  { suppressed: _, ...opening }: Declaration,
  firing: readonly AlertReport[],
): Declaration {
  const severity = worstOf(firing.map((alert) => alert.severity));
  if (severity === null || severity === opening.severity) return opening;
  const worst = firing.find((alert) => alert.severity === severity);
  return {
    ...opening,
    ...{ severity, severityGuessed: false, title: worst?.title ?? opening.title },
    summary: worst?.annotations['description'] ?? opening.summary,
  };
}
