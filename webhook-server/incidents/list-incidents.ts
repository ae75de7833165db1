/**
 * Lists of incidents. The records answer; while they are starting, away or not current yet, open incidents are read from
 * Temporal, so that nobody is told that nothing is open while somebody is being paged.
 */
import type { IncidentPage, ListQuery, RecordsState } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { IncidentsUnavailable } from './gateway.ts';
import { HttpProblem } from '../http/problem.ts';
import { listOpenInTemporal } from './open-from-temporal.ts';
import { orNullWithoutRecords, recordsTimeLimit } from './records-time-limit.ts';

export interface ListPage extends IncidentPage {
  readonly source: 'records' | 'temporal';
  readonly records: RecordsState;
  /** False: there may be more than these and the next pages hold. */
  readonly complete: boolean;
}

type ListDeps = Pick<AppDeps, 'gateway' | 'records' | 'log' | 'now'>;

/** Workers try again every 30 s to write what they could not, after a pause of as much. */
const RECORDS_CATCH_UP_MS = 75_000;

/** The records have had the time to learn what happened while they were away. */
export function recordsAreCurrent({ records, now = Date.now }: Pick<AppDeps, 'records' | 'now'>): boolean {
  const since = records.upSince();
  return since !== null && now() - since >= RECORDS_CATCH_UP_MS;
}

/** Throws `HttpProblem` (503) when neither can answer, and `BadCursor`. */
export async function listIncidents(query: ListQuery, deps: ListDeps): Promise<ListPage> {
  // Only the records have incidents that are over, and the places where their pages end.
  const isForTemporal = query.open === true && query.cursor === undefined;
  const isTried = !isForTemporal || recordsAreCurrent(deps);
  if (isTried) {
    const page = await orNullWithoutRecords(listFromRecords(query, deps));
    if (page !== null) return page;
    if (!isForTemporal)
      throw listUnavailable('only they have incidents that are over: ask for open=true, without a cursor');
  }
  try {
    const { incidents, complete } = await listOpenInTemporal(deps.gateway, query);
    return { incidents, next: null, source: 'temporal', records: deps.records.state(), complete };
  } catch (error) {
    if (!(error instanceof IncidentsUnavailable)) throw error;
    const page = isTried ? null : await orNullWithoutRecords(listFromRecords(query, deps));
    if (page === null) throw listUnavailable(error.message);
    return { ...page, complete: false };
  }
}

async function listFromRecords(query: ListQuery, deps: ListDeps): Promise<ListPage> {
  const page = await recordsTimeLimit(deps).ask((records) => records.list(query));
  return { ...page, source: 'records', records: deps.records.state(), complete: true };
}

const listUnavailable = (why: string): HttpProblem =>
  new HttpProblem(503, `incidents cannot be listed now: the records cannot be reached, and ${why}`, {
    headers: { 'Retry-After': '5' },
    reason: 'records',
  });
