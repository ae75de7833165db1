/** The records' copy of an incident, read within a time limit, and awaited where somebody has seen newer state. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentView } from '../../domain/engine/view.ts';
import { BadCursor, RecordsDown, type Records } from '../../records/open-records.ts';
import { withTimeout } from '../delivery/circuit-breaker.ts';
import type { AppDeps } from '../dependencies.ts';
import type { IncidentRef } from './incident-reader.ts';

export interface RecordsTimeLimit {
  /** Throws `RecordsDown` or `BadCursor`. */
  ask<T>(work: (records: Records) => Promise<T>): Promise<T>;
}

/** For a whole request. A query, where one can stand in, takes its time on top. */
const TIMEOUT_MS = 2000;

export function recordsTimeLimit(
  { records, log }: Pick<AppDeps, 'records' | 'log'>,
  ms = TIMEOUT_MS,
): RecordsTimeLimit {
  const end = performance.now() + ms;
  const late = (): Error => new RecordsDown('no answer in time');
  return {
    async ask(work) {
      const left = end - performance.now();
      if (left <= 0) throw late();
      try {
        return await withTimeout(left, work(records), late);
      } catch (error) {
        if (error instanceof RecordsDown || error instanceof BadCursor) throw error;
        log.error({ err: error }, 'the records failed in a way nobody foresaw');
        throw new RecordsDown('failed', { cause: error });
      }
    },
  };
}

/** Null instead of `RecordsDown`, for callers that can do without. */
export async function orNullWithoutRecords<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RecordsDown) return null;
    throw error;
  }
}

export interface ReportedIncident extends IncidentRef {
  /** The last timeline entry that was shown. */
  readonly seq: number;
}

const KEPT_MS = 60_000;
const KEPT_AT_MOST = 10_000;

export class ReportedIncidents {
  /** In insertion order, so the first are the oldest. */
  private readonly kept = new Map<string, ReportedIncident & { readonly until: number }>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  note(reported: ReportedIncident): void {
    const before = this.kept.get(reported.workflowId);
    this.kept.delete(reported.workflowId);
    this.kept.set(reported.workflowId, { ...newest(reported, before), until: this.now() + KEPT_MS });
    for (const [workflowId, { until }] of this.kept) {
      if (until > this.now() && this.kept.size <= KEPT_AT_MOST) break;
      this.kept.delete(workflowId);
    }
  }

  /** Null when none was shown lately. */
  of(workflowId: string): ReportedIncident | null {
    const reported = this.kept.get(workflowId);
    return reported === undefined || reported.until <= this.now() ? null : reported;
  }
}

/** Incident ids are ULIDs: the later one sorts higher. Within one incident the later entry wins. */
function newest(reported: ReportedIncident, before: ReportedIncident | undefined): ReportedIncident {
  if (before === undefined || before.incidentId === null || reported.incidentId === null) return reported;
  if (before.incidentId !== reported.incidentId) return before.incidentId > reported.incidentId ? before : reported;
  return before.seq > reported.seq ? before : reported;
}

/** Which incident to read from the records, and whether they caught up in time. */
interface ProjectedIncident {
  readonly incidentId: string;
  readonly isBehind: boolean;
}

const WAIT_MS = 1000;
const POLL_INTERVAL_MS = 50;

/**
 * Waits up to 1 s. Null: the records do not have it. Throws `RecordsDown`. `minSeq`: the entry that the request
 * requires; 0: none.
 */
export async function awaitProjection(
  incidentRef: IncidentRef,
  minSeq: number,
  { reported, timeLimit }: { readonly reported: ReportedIncidents; readonly timeLimit: RecordsTimeLimit },
): Promise<ProjectedIncident | null> {
  const found = await timeLimit.ask((records) =>
    records.findIncident(incidentRef.incidentId ?? incidentRef.workflowId),
  );
  if (found === null) return null;
  const lastReported = reported.of(incidentRef.workflowId);
  const isNewerIncident =
    incidentRef.incidentId === null && lastReported?.incidentId != null && lastReported.incidentId > found.incidentId;
  const incidentId = isNewerIncident ? (lastReported.incidentId ?? found.incidentId) : found.incidentId;
  const isSameIncident = lastReported !== null && (lastReported.incidentId ?? incidentId) === incidentId;
  const wanted = Math.max(minSeq, isSameIncident ? lastReported.seq : 0);

  const end = performance.now() + WAIT_MS;
  let seq = isNewerIncident ? 0 : found.seq;
  while (seq < wanted && performance.now() < end) {
    await sleep(POLL_INTERVAL_MS);
    seq = await timeLimit.ask((records) => records.seqOf(incidentId));
  }
  return { incidentId, isBehind: seq < wanted || (isNewerIncident && seq === 0) };
}

/** Never throws: the person who declared must get a success. */
export async function awaitReference(
  incident: IncidentView,
  deps: Pick<AppDeps, 'records' | 'log'>,
): Promise<IncidentView> {
  // Tests never get a reference.
  if (incident.reference !== null || incident.test) return incident;
  const timeLimit = recordsTimeLimit(deps, WAIT_MS);
  const end = performance.now() + WAIT_MS;
  while (deps.records.state() === 'up' && performance.now() < end) {
    const found = await orNullWithoutRecords(timeLimit.ask((records) => records.findIncident(incident.id)));
    if (found !== null && found.reference !== null) return { ...incident, reference: found.reference };
    await sleep(POLL_INTERVAL_MS);
  }
  return incident;
}
