/**
 * Lists of incidents. The records answer; while they are starting, away or not current yet, open incidents are read from
 * Temporal, so that nobody is told that nothing is open while somebody is being paged.
 */
import type { IncidentPage, ListQuery, RecordsState } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { Unavailable } from '../gateway.ts';
import { HttpProblem } from '../http/problem.ts';
import { openInTemporal } from './from-temporal.ts';
import { orNull, timeLimitOf } from './time-limit.ts';

export interface ListPage extends IncidentPage {
  readonly source: 'records' | 'temporal';
  readonly records: RecordsState;
  /** False: there may be more than these and the next pages hold. */
  readonly complete: boolean;
}

type ListDeps = Pick<AppDeps, 'gateway' | 'records' | 'log' | 'now'>;

/** Workers try again every 30 s to write what they could not, after a pause of as much. */
const CATCHING_UP_MS = 75_000;

/** The records have had the time to learn what happened while they were away. */
export function recordsAreCurrent({ records, now = Date.now }: Pick<AppDeps, 'records' | 'now'>): boolean {
  const since = records.upSince();
  return since !== null && now() - since >= CATCHING_UP_MS;
}

/** Throws `HttpProblem` (503) when neither can answer, and `BadCursor`. */
export async function listIncidents(query: ListQuery, deps: ListDeps): Promise<ListPage> {
  // Only the records have incidents that are over, and the places where their pages end.
  const isForTemporal = query.open === true && query.cursor === undefined;
  const isTried = !isForTemporal || recordsAreCurrent(deps);
  if (isTried) {
    const page = await orNull(fromRecords(query, deps));
    if (page !== null) return page;
    if (!isForTemporal) throw away('only they have incidents that are over: ask for open=true, without a cursor');
  }
  try {
    const { incidents, complete } = await openInTemporal(deps.gateway, query);
    return { incidents, next: null, source: 'temporal', records: deps.records.state(), complete };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const page = isTried ? null : await orNull(fromRecords(query, deps));
    if (page === null) throw away(error.message);
    return { ...page, complete: false };
  }
}

async function fromRecords(query: ListQuery, deps: ListDeps): Promise<ListPage> {
  const page = await timeLimitOf(deps).ask((records) => records.list(query));
  return { ...page, source: 'records', records: deps.records.state(), complete: true };
}

const away = (why: string): HttpProblem =>
  new HttpProblem(503, `incidents cannot be listed now: the records cannot be reached, and ${why}`, {
    headers: { 'Retry-After': '5' },
    reason: 'records',
  });
