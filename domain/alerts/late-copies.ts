/**
 * The members of an Alertmanager cluster may send the same group, so a firing that arrives seconds after the end may be
 * a late copy of an earlier message. It is noted, and when no copy can come any more its source is asked whether the
 * alert fires. RUNBOOK §3. Pure.
 */
import type { AlertBatch, AlertReport, AlertState } from '../kernel/alert.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { alertOf, ownValue, putOwnValue } from '../kernel/queries.ts';
import { questionAbout, type SourceQuestion } from './stale.ts';

interface ReportsAboutCopies {
  readonly 'late-copy': readonly AlertReport[];
  readonly 'cleared-before-copy': readonly AlertReport[];
  readonly 'ended-again': readonly AlertReport[];
}

/** Notes what may be a late copy, and that an alert has ended once more after one. */
export function lateCopyEvents(
  incident: Incident,
  batch: Omit<AlertBatch, 'alerts'>,
  reports: ReportsAboutCopies,
  at: number,
): readonly IncidentEvent[] {
  const { source, receivedAt: batchReceivedAt, lateCopyMs = 0 } = batch;
  const received = ({ receivedAt = batchReceivedAt }: AlertReport): number => receivedAt;
  const newest = ({ fingerprint }: AlertReport): number => {
    const known = alertOf(incident, fingerprint);
    return known?.receivedAt ?? known?.lastReportedAt ?? at;
  };
  const alerts = [
    ...reports['late-copy'].map((report) => ({
      fingerprint: report.fingerprint,
      receivedAt: received(report),
      until: newest(report) + lateCopyMs,
    })),
    // The copy came first.
    ...reports['cleared-before-copy'].map((report) => ({
      fingerprint: report.fingerprint,
      receivedAt: newest(report),
      until: received(report) + lateCopyMs,
    })),
  ];
  const newlyNoted = alerts
    .map(({ fingerprint }) => fingerprint)
    .filter((fingerprint) => alertOf(incident, fingerprint)?.lateCopy === undefined);
  const settled = reports['ended-again'].map(({ fingerprint }) => fingerprint);
  return [
    ...(alerts.length === 0 ? [] : [{ type: 'late-copies-noted' as const, at, source, alerts, newlyNoted }]),
    ...(settled.length === 0 ? [] : [{ type: 'late-copies-settled' as const, at, fingerprints: settled }]),
  ];
}

/** What may be late copies, by the source to ask, and when; null: there are none. */
export function nextLateCopies(incident: Incident): SourceQuestion | null {
  if (incident.test) return null;
  const waiting = Object.values(incident.alerts.states).filter(({ lateCopy }) => lateCopy !== undefined);
  return questionAbout(incident, waiting, { dueAt: untilOf, gatherMs: GATHER_MS });
}

/** Copies whose time is up within this time are asked about together. */
const GATHER_MS = 1_000;

function untilOf({ lateCopy, lastReportedAt }: AlertState): number {
  return lateCopy?.until ?? lastReportedAt;
}

/** Those of `fingerprints` that are still taken for late copies. */
export function unsettledCopies(incident: Incident, fingerprints: readonly string[]): readonly string[] {
  return fingerprints.filter((fingerprint) => alertOf(incident, fingerprint)?.lateCopy !== undefined);
}

/** The states of alerts that may have a late copy. */
export function withLateCopies(
  states: Record<string, AlertState>,
  { alerts }: EventOf<'late-copies-noted'>,
): Record<string, AlertState> {
  for (const { fingerprint, receivedAt, until } of alerts) {
    const known = ownValue(states, fingerprint);
    if (known === undefined) continue;
    const lateCopy = { receivedAt: Math.max(receivedAt, known.lateCopy?.receivedAt ?? 0), until };
    putOwnValue(states, fingerprint, { ...known, lateCopy });
  }
  return states;
}

export function withoutLateCopy({ lateCopy: _, ...known }: AlertState): AlertState {
  return known;
}
