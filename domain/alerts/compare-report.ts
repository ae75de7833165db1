/**
 * What a report changes for an alert that the incident knows. An alert may fire again with the start of its last firing
 * (a rule that was reloaded, a member of a cluster that came back), so when the reports were received decides which of
 * them is newer, and a firing received after the end counts. Only late copies are doubted. Pure.
 */
import type { AlertBatch, AlertReport, AlertState } from '../kernel/alert.ts';
import type { Incident } from '../kernel/incident.ts';
import { alertOf, alertDetailsOf } from '../kernel/queries.ts';

/**
 * `fired`, `cleared`, `seen` (a repeat) and `old` (of an earlier firing: nothing). `late-copy`: firing so soon after its
 * end that it may be a late copy; `cleared-before-copy`: an end that came after such a copy. `ended-again`: the end of
 * an alert of which there may be a late copy.
 */
export type AlertChange = 'fired' | 'cleared' | 'seen' | 'old' | 'late-copy' | 'cleared-before-copy' | 'ended-again';

/** How the reports of a batch are compared; null: by their starts alone, as in 0.2. */
export interface Receipt {
  /** When a server received the report. */
  readonly receivedAt: number;
  /** How long after an end its sender may send late copies. */
  readonly lateCopyMs: number;
}

/** The clocks of two servers may differ by this much. */
const CLOCK_SKEW_MS = 2_000;

/** How `report` of `batch` is compared. */
export function receiptOf(batch: Omit<AlertBatch, 'alerts'>, report: AlertReport): Receipt | null {
  if (batch.byReceipt !== true) return null;
  return { receivedAt: report.receivedAt ?? batch.receivedAt, lateCopyMs: batch.lateCopyMs ?? 0 };
}

/** What a report changes for `incident`. */
export function changeOf(incident: Incident, report: AlertReport, receipt: Receipt | null): AlertChange {
  if (receipt !== null && report.status === 'resolved' && hasOtherName(incident, report)) return 'old';
  return compareReport(alertOf(incident, report.fingerprint), report, receipt);
}

/** A fingerprint under another name is another alert, whatever made the two alike: its end is not this one's. */
function hasOtherName(incident: Incident, { fingerprint, labels }: AlertReport): boolean {
  const known = alertDetailsOf(incident, fingerprint);
  const [name, knownName] = [labels['alertname'], known?.labels['alertname']];
  return name !== undefined && knownName !== undefined && name !== knownName;
}

export type ComparedState = Pick<
  AlertState,
  'status' | 'startsAt' | 'sentStartsAt' | 'lastReportedAt' | 'receivedAt' | 'lateCopy'
>;

/** What a report changes for an alert in state `known`. */
export function compareReport(
  known: ComparedState | undefined,
  report: Start & Pick<AlertReport, 'status'>,
  receipt: Receipt | null,
): AlertChange {
  const isFiring = report.status === 'firing';
  if (known === undefined) return isFiring ? 'fired' : 'cleared';
  if (receipt === null) return compareByStart(known, report);
  if (known.status === 'firing') return isFiring ? repeatOf(known, report) : endOf(known, report, receipt);
  return isFiring ? firingAfterEnd(known, report, receipt) : repeatedEnd(known, report, receipt);
}

type Start = Pick<AlertReport, 'startsAt' | 'sentStartsAt' | 'startGuessed'>;

/** What the sender calls the start: it stays the same while our clock catches up with it. */
export function sentStart({ startsAt, sentStartsAt }: Pick<AlertState, 'startsAt' | 'sentStartsAt'>): number {
  return sentStartsAt ?? startsAt;
}

/** How its start compares with the known one; a start that was guessed says nothing. */
function orderOf(known: ComparedState, report: Start): 'earlier' | 'same' | 'later' {
  if (report.startGuessed || sentStart(report) === sentStart(known)) return 'same';
  return report.startsAt < known.startsAt ? 'earlier' : 'later';
}

const receivedAtOf = ({ receivedAt, lastReportedAt }: ComparedState): number => receivedAt ?? lastReportedAt;

/** It fires as far as known. An earlier start is no reason to drop it. */
function repeatOf(known: ComparedState, report: Start): AlertChange {
  return orderOf(known, report) === 'later' ? 'fired' : 'seen';
}

/** It fires as far as known: is this its end, or that of an earlier firing? */
function endOf(known: ComparedState, report: Start, { receivedAt, lateCopyMs }: Receipt): AlertChange {
  const order = orderOf(known, report);
  if (order !== 'same') return order === 'earlier' ? 'old' : 'cleared';
  const firedAfterMs = receivedAtOf(known) - receivedAt;
  if (firedAfterMs <= CLOCK_SKEW_MS) return 'cleared';
  return firedAfterMs <= lateCopyMs ? 'cleared-before-copy' : 'old';
}

/** It has resolved as far as known, and is reported firing. */
function firingAfterEnd(known: ComparedState, report: Start, { receivedAt, lateCopyMs }: Receipt): AlertChange {
  if (orderOf(known, report) === 'later') return 'fired';
  const afterEndMs = receivedAt - receivedAtOf(known);
  if (afterEndMs < -CLOCK_SKEW_MS) return 'old';
  return afterEndMs <= lateCopyMs && lateCopyMs > 0 ? 'late-copy' : 'fired';
}

/** It has resolved as far as known. The end of a later firing that was missed is kept. */
function repeatedEnd(known: ComparedState, report: Start, { receivedAt }: Receipt): AlertChange {
  if (orderOf(known, report) === 'later') return 'cleared';
  return known.lateCopy !== undefined && receivedAt >= known.lateCopy.receivedAt - CLOCK_SKEW_MS
    ? 'ended-again'
    : 'old';
}

/** As 0.2 did. */
function compareByStart(known: ComparedState, report: Start & Pick<AlertReport, 'status'>): AlertChange {
  const isFiring = report.status === 'firing';
  if (sentStart(report) === sentStart(known) || (report.startGuessed && known.status === 'firing')) {
    if (known.status === 'resolved') return 'old';
    return isFiring ? 'seen' : 'cleared';
  }
  if (report.startsAt < known.startsAt) return 'old';
  // Without a start of its own, a repeat of the end would look like the end of something new.
  if (report.startGuessed && !isFiring) return 'old';
  return isFiring ? 'fired' : 'cleared';
}
