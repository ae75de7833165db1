/**
 * Where alerts wait while maintenance holds them back: beside an incident that runs, or before there is one. They are
 * no alerts of the incident until they are let in, and then they are as if they had just fired. RUNBOOK §3. Pure.
 */
import type { AlertBatch, AlertReport } from './alert.ts';
import { DETAILED_ALERTS } from './alert.ts';
import type { HeldBy } from './held-by.ts';
import { clip } from './text.ts';

/** The newest of one alert; one that has resolved is kept, so that its firing, come late, does not wait for a page. */
export interface Waiting {
  readonly report: AlertReport;
  readonly source: string;
  readonly staleAfterMs: number;
  readonly truncated: number;
}

export interface SuppressedAlerts {
  /** One a fingerprint; the first `DETAILED_ALERTS` with labels. */
  readonly waiting: readonly Waiting[];
  /** What workflows of windows have said themselves since: id → until when they hold back, epoch ms. */
  readonly ends: Readonly<Record<string, number>>;
}

export const NOTHING_SUPPRESSED: SuppressedAlerts = { waiting: [], ends: {} };

/** What an incident would make of a report: see `newsOf` of alerts.ts. */
type News = (report: AlertReport) => 'fired' | 'cleared' | 'seen' | 'old';

export interface SortedOut {
  readonly room: SuppressedAlerts;
  /** What is not held back; null when that is nothing at all. */
  readonly batch: AlertBatch | null;
  /** What waits since now. */
  readonly arrived: readonly AlertReport[];
}

/** `known`: that the incident has an alert of this fingerprint, so that it must hear of its end. */
export function sortOut(
  room: SuppressedAlerts,
  batch: AlertBatch,
  { at, news, known }: { readonly at: number; readonly news: News; readonly known: (fingerprint: string) => boolean },
): SortedOut {
  const waiting = new Map(room.waiting.map((one) => [one.report.fingerprint, one]));
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
  return { room: { ...room, waiting: [...waiting.values()] }, batch: isNothing ? null : left, arrived };
}

function isHeld(room: SuppressedAlerts, { status, held = [] }: AlertReport, at: number): boolean {
  return status === 'firing' && untilOf(room, held) > at;
}

/** The last of the windows; those that can be ended or moved have the last word themselves. */
function untilOf({ ends }: SuppressedAlerts, held: readonly HeldBy[]): number {
  return Math.max(
    0,
    ...held.map(({ windowWorkflowId: id, until }) =>
      id !== null && Object.hasOwn(ends, id) ? (ends[id] ?? until) : until,
    ),
  );
}

/** Null: nothing new, it has resolved or is older. */
function taken(here: Waiting | undefined, report: AlertReport, batch: AlertBatch): Waiting | null {
  const { source, staleAfterMs, truncated } = batch;
  if (here === undefined) return { report, source, staleAfterMs, truncated };
  const known = here.report;
  const isSame = known.startsAt === report.startsAt || (report.startGuessed && known.status === 'firing');
  if (isSame && known.status === 'resolved') return null;
  // A repeat knows of the windows as they are now.
  if (isSame) return { ...here, report: { ...known, held: report.held ?? [] }, truncated };
  return report.startsAt < known.startsAt ? null : { report, source, staleAfterMs, truncated };
}

function ended(here: Waiting, { startsAt, startGuessed, endsAt }: AlertReport): Waiting {
  if (!startGuessed && startsAt < here.report.startsAt) return here;
  const start = startGuessed ? here.report.startsAt : startsAt;
  return { ...here, report: { ...here.report, status: 'resolved', startsAt: start, endsAt } };
}

const TITLE_LENGTH = 200;

function detailed(one: Waiting, others: number): Waiting {
  if (others < DETAILED_ALERTS) return one;
  const { report } = one;
  const title = clip(report.title, TITLE_LENGTH);
  return { ...one, report: { ...report, title, labels: {}, annotations: {}, links: {} } };
}

/** Those whose windows have ended go in, as messages of their sources; what has cleared meanwhile is forgotten. */
export function release(
  room: SuppressedAlerts,
  at: number,
): { readonly room: SuppressedAlerts; readonly batches: AlertBatch[] } {
  const isOver = ({ report }: Waiting): boolean => untilOf(room, report.held ?? []) <= at;
  if (!room.waiting.some(isOver)) return { room, batches: [] };
  const batches = new Map<string, AlertBatch>();
  for (const { report, source, staleAfterMs, truncated } of room.waiting.filter(isOver)) {
    if (report.status === 'resolved') continue;
    const { held: _, ...alert } = report;
    const others = batches.get(source);
    batches.set(source, {
      source,
      receivedAt: at,
      staleAfterMs: Math.max(staleAfterMs, others?.staleAfterMs ?? 0),
      alerts: [...(others?.alerts ?? []), alert],
      truncated: Math.max(truncated, others?.truncated ?? 0),
    });
  }
  const waiting = room.waiting.filter((one) => !isOver(one));
  return { room: waiting.length === 0 ? NOTHING_SUPPRESSED : { ...room, waiting }, batches: [...batches.values()] };
}

/** When the next of them is let in, or forgotten; null: nobody waits. */
export function nextRelease(room: SuppressedAlerts): number | null {
  if (room.waiting.length === 0) return null;
  return Math.min(...room.waiting.map(({ report }) => untilOf(room, report.held ?? [])));
}

/** Workflows of windows that hold somebody back here: they must know, so that an early end is heard of. */
export function windowsOf({ waiting }: SuppressedAlerts): readonly string[] {
  const held = waiting.flatMap(({ report }) => (report.status === 'firing' ? (report.held ?? []) : []));
  return [...new Set(held.flatMap(({ windowWorkflowId }) => windowWorkflowId ?? []))];
}

/** A window ends then, whatever was known of it. */
export function withEnd(room: SuppressedAlerts, windowWorkflowId: string, until: number): SuppressedAlerts {
  return { ...room, ends: { ...room.ends, [windowWorkflowId]: until } };
}

/** What fires and waits. */
export function firingHere({ waiting }: SuppressedAlerts): readonly AlertReport[] {
  return waiting.map(({ report }) => report).filter(({ status }) => status === 'firing');
}

/** For people: `"disk swap" until 2026-11-21T22:00Z`. */
export function windowWords(room: SuppressedAlerts, held: readonly HeldBy[]): string {
  const names = [...new Set(held.map(({ window }) => clip(window, 100)))].map((name) => `"${name}"`).join(', ');
  return `${names} until ${new Date(untilOf(room, held)).toISOString().slice(0, 16)}Z`;
}
