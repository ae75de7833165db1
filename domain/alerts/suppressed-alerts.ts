/**
 * Alerts that maintenance suppresses, beside an open incident or before there is one. They are not alerts of the
 * incident until they are released, and then they count as having just fired. RUNBOOK §3. Pure.
 */
import type { AlertBatch, AlertReport } from '../kernel/alert.ts';
import { DETAILED_ALERTS } from '../kernel/alert.ts';
import type { Declaration } from '../kernel/declaration.ts';
import type { SuppressedBy } from '../kernel/maintenance.ts';
import { worstOf } from '../kernel/severity.ts';
import { truncate } from '../kernel/text.ts';
import type { AlertChange, ComparedState } from './compare-report.ts';
import { compareReport, receiptOf } from './compare-report.ts';

/** The newest report of an alert. A resolved one is kept, so that a late report of its firing is recognised as old. */
export interface SuppressedAlert {
  readonly report: AlertReport;
  readonly source: string;
  readonly staleAfterMs: number;
  readonly truncated: number;
  /** Of the batch that reported it. */
  readonly byReceipt?: true;
}

export interface SuppressedAlerts {
  /** One for each fingerprint; the first `DETAILED_ALERTS` with labels. */
  readonly suppressed: readonly SuppressedAlert[];
  /** The ends that window workflows have signalled since: workflow id → epoch ms. */
  readonly ends: Readonly<Record<string, number>>;
}

export const NOTHING_SUPPRESSED: SuppressedAlerts = { suppressed: [], ends: {} };

/** What a report means to the incident: see `changeOf`. */
type News = (report: AlertReport) => AlertChange;

export interface SuppressionResult {
  readonly suppressedAlerts: SuppressedAlerts;
  /** The batch without suppressed alerts; null when nothing is left. */
  readonly batch: AlertBatch | null;
  /** The newly suppressed alerts. */
  readonly arrived: readonly AlertReport[];
}

/** `known`: whether the incident has an alert with this fingerprint, and so must be told when it resolves. */
export function suppressAlerts(
  suppressedAlerts: SuppressedAlerts,
  batch: AlertBatch,
  { at, news, known }: { readonly at: number; readonly news: News; readonly known: (fingerprint: string) => boolean },
): SuppressionResult {
  const byFingerprint = new Map(suppressedAlerts.suppressed.map((one) => [one.report.fingerprint, one]));
  const admitted: AlertReport[] = [];
  const arrived: AlertReport[] = [];
  for (const report of batch.alerts) {
    const { fingerprint } = report;
    const existing = byFingerprint.get(fingerprint);
    if (isSuppressed(suppressedAlerts, report, at) && news(report) === 'fired') {
      const next = newerReport(existing, report, batch);
      if (next === null) continue;
      if (existing?.report.startsAt !== next.report.startsAt || existing.report.status === 'resolved')
        arrived.push(report);
      byFingerprint.set(fingerprint, detailed(next, byFingerprint.size));
    } else if (existing !== undefined && report.status === 'resolved') {
      // A vanished series does not prove that the alert is over: it still fires when its window ends.
      if (report.vanished !== true) byFingerprint.set(fingerprint, withEndOf(existing, report, batch));
      if (known(fingerprint)) admitted.push(report);
    } else {
      // It fires, and no window covers it any more.
      if (news(report) === 'fired') byFingerprint.delete(fingerprint);
      admitted.push(report);
    }
  }
  const left = admitted.length === batch.alerts.length ? batch : { ...batch, alerts: admitted };
  const isNothing = admitted.length === 0 && batch.alerts.length > 0 && (batch.alreadyPaged ?? []).length === 0;
  return {
    suppressedAlerts: { ...suppressedAlerts, suppressed: [...byFingerprint.values()] },
    batch: isNothing ? null : left,
    arrived,
  };
}

function isSuppressed(
  suppressedAlerts: SuppressedAlerts,
  { status, suppressedBy = [] }: AlertReport,
  at: number,
): boolean {
  return status === 'firing' && untilOf(suppressedAlerts, suppressedBy) > at;
}

/** When the last of the windows ends. What a window's own workflow has signalled takes precedence. */
function untilOf({ ends }: SuppressedAlerts, windows: readonly SuppressedBy[]): number {
  return Math.max(
    0,
    ...windows.map(({ windowWorkflowId: id, until }) =>
      id !== null && Object.hasOwn(ends, id) ? (ends[id] ?? until) : until,
    ),
  );
}

/** Null: the report is older, or of a firing that has resolved. */
function newerReport(
  existing: SuppressedAlert | undefined,
  report: AlertReport,
  batch: AlertBatch,
): SuppressedAlert | null {
  const { source, staleAfterMs, truncated } = batch;
  const byReceipt = batch.byReceipt === true ? ({ byReceipt: true } as const) : {};
  const told = { report: received(report, batch), source, staleAfterMs, truncated, ...byReceipt };
  if (existing === undefined) return told;
  const change = compareReport(stateOf(existing), report, receiptOf(batch, report));
  // A repeated report carries the current windows.
  if (change === 'seen') {
    const { receivedAt } = told.report;
    const current = { suppressedBy: report.suppressedBy ?? [], ...(receivedAt === undefined ? {} : { receivedAt }) };
    return { ...existing, ...byReceipt, report: { ...existing.report, ...current }, truncated };
  }
  // What may be a late copy still fires when its window ends, unless it ends before.
  return change === 'fired' || change === 'late-copy' ? told : null;
}

function received(report: AlertReport, { byReceipt, receivedAt }: AlertBatch): AlertReport {
  return byReceipt === true ? { receivedAt, ...report } : report;
}

/** A suppressed alert as an incident would know it. */
function stateOf({ report }: SuppressedAlert): ComparedState {
  const { status, startsAt, sentStartsAt, receivedAt = 0 } = report;
  const start = sentStartsAt === undefined ? { startsAt } : { startsAt, sentStartsAt };
  return { status, ...start, receivedAt, lastReportedAt: receivedAt };
}

function withEndOf(existing: SuppressedAlert, report: AlertReport, batch: AlertBatch): SuppressedAlert {
  const { startsAt, startGuessed, endsAt } = report;
  const change = compareReport(stateOf(existing), report, receiptOf(batch, report));
  const isEarlier = !startGuessed && startsAt < existing.report.startsAt;
  if (isEarlier || (batch.byReceipt === true && change === 'old')) return existing;
  const start = startGuessed ? existing.report.startsAt : startsAt;
  const { receivedAt } = received(report, batch);
  const end = {
    status: 'resolved',
    startsAt: start,
    endsAt,
    ...(receivedAt === undefined ? {} : { receivedAt }),
  } as const;
  return { ...existing, report: { ...existing.report, ...end } };
}

const TITLE_LENGTH = 200;

function detailed(one: SuppressedAlert, others: number): SuppressedAlert {
  if (others < DETAILED_ALERTS) return one;
  const { report } = one;
  const title = truncate(report.title, TITLE_LENGTH);
  return { ...one, report: { ...report, title, labels: {}, annotations: {}, links: {} } };
}

/** Releases alerts whose windows have ended, as one batch for each source; those that have resolved are dropped. */
export function releaseAlerts(
  suppressedAlerts: SuppressedAlerts,
  at: number,
): { readonly suppressedAlerts: SuppressedAlerts; readonly batches: AlertBatch[] } {
  const isOver = ({ report }: SuppressedAlert): boolean => untilOf(suppressedAlerts, report.suppressedBy ?? []) <= at;
  if (!suppressedAlerts.suppressed.some(isOver)) return { suppressedAlerts, batches: [] };
  const batches = new Map<string, AlertBatch>();
  for (const { report, source, staleAfterMs, truncated, byReceipt } of suppressedAlerts.suppressed.filter(isOver)) {
    if (report.status === 'resolved') continue;
    const { suppressedBy: _, ...alert } = report;
    const others = batches.get(source);
    batches.set(source, {
      source,
      receivedAt: at,
      staleAfterMs: Math.max(staleAfterMs, others?.staleAfterMs ?? 0),
      alerts: [...(others?.alerts ?? []), alert],
      truncated: Math.max(truncated, others?.truncated ?? 0),
      ...(byReceipt === true || others?.byReceipt === true ? { byReceipt: true } : {}),
    });
  }
  const suppressed = suppressedAlerts.suppressed.filter((one) => !isOver(one));
  return {
    suppressedAlerts: suppressed.length === 0 ? NOTHING_SUPPRESSED : { ...suppressedAlerts, suppressed },
    batches: [...batches.values()],
  };
}

/** When the next alert is released or dropped; null when nothing is suppressed. */
export function nextRelease(suppressedAlerts: SuppressedAlerts): number | null {
  if (suppressedAlerts.suppressed.length === 0) return null;
  return Math.min(
    ...suppressedAlerts.suppressed.map(({ report }) => untilOf(suppressedAlerts, report.suppressedBy ?? [])),
  );
}

/** Workflow ids of windows that suppress firing alerts here: they must know this run, to signal an early end. */
export function windowsOf({ suppressed }: SuppressedAlerts): readonly string[] {
  const windows = suppressed.flatMap(({ report }) => (report.status === 'firing' ? (report.suppressedBy ?? []) : []));
  return [...new Set(windows.flatMap(({ windowWorkflowId }) => windowWorkflowId ?? []))];
}

/** Overrides the end of a window. */
export function withEnd(suppressedAlerts: SuppressedAlerts, windowWorkflowId: string, until: number): SuppressedAlerts {
  return { ...suppressedAlerts, ends: { ...suppressedAlerts.ends, [windowWorkflowId]: until } };
}

/** The suppressed alerts that fire. */
export function firingSuppressed({ suppressed }: SuppressedAlerts): readonly AlertReport[] {
  return suppressed.map(({ report }) => report).filter(({ status }) => status === 'firing');
}

/** For people: `"disk swap" until 2026-11-21T22:00Z`. */
export function windowsText(suppressedAlerts: SuppressedAlerts, windows: readonly SuppressedBy[]): string {
  const names = [...new Set(windows.map(({ window }) => truncate(window, 100)))].map((name) => `"${name}"`).join(', ');
  return `${names} until ${new Date(untilOf(suppressedAlerts, windows)).toISOString().slice(0, 16)}Z`;
}

/** `firing`: the alerts that start the incident; when empty, the declaration keeps its severity and title. */
export function declarationAfterSuppression(
  { suppressed: _, ...declaration }: Declaration,
  firing: readonly AlertReport[],
): Declaration {
  const severity = worstOf(firing.map((alert) => alert.severity));
  if (severity === null || severity === declaration.severity) return declaration;
  const worst = firing.find((alert) => alert.severity === severity);
  return {
    ...declaration,
    severity,
    severityGuessed: worst?.severityGuessed === true,
    title: worst?.title ?? declaration.title,
    summary: worst?.annotations['description'] ?? declaration.summary,
  };
}
