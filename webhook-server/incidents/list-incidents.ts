/**
 * Lists incidents. The records answer; while they are starting, down or behind, open incidents are read from Temporal,
 * so that a list never claims that nothing is open while somebody is being paged.
 */
import type { IncidentView } from '../../domain/engine/view.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import type { IncidentPage, ListQuery, RecordsState } from '../../records/open-records.ts';
import { postIncidentWorkflowId } from '../../workflows/contract.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import type { IncidentsGateway } from './gateway.ts';
import { IncidentsUnavailable, UnknownIncident } from './incident-queries.ts';
import type { IncidentRef } from './incident-reader.ts';
import { orNullWithoutRecords, recordsTimeLimit } from './records-copy.ts';

export interface ListPage extends IncidentPage {
  readonly source: 'records' | 'temporal';
  readonly records: RecordsState;
  /** False: there may be more than this and the next pages hold. */
  readonly complete: boolean;
}

type ListDeps = Pick<AppDeps, 'gateway' | 'records' | 'log' | 'now'>;

/** Workers retry failed writes every 30 s, after a pause of the same length. */
const RECORDS_CATCH_UP_MS = 75_000;

/** By now the records have caught up with what they missed while they were down. */
export function recordsAreCurrent({ records, now = Date.now }: Pick<AppDeps, 'records' | 'now'>): boolean {
  const since = records.upSince();
  return since !== null && now() - since >= RECORDS_CATCH_UP_MS;
}

/** Throws `HttpProblem` (503) when neither can answer, and `BadCursor`. */
export async function listIncidents(query: ListQuery, deps: ListDeps): Promise<ListPage> {
  // Only the records have incidents that are over, and cursors for further pages.
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

type Gateway = Pick<IncidentsGateway, 'running' | 'show'>;

interface OpenIncidents {
  /** Newest declaration first. */
  readonly incidents: readonly IncidentView[];
  /** False: there are more. */
  readonly complete: boolean;
}

const LIMIT = 200;

/** The open incidents that match `query`. Throws `Unavailable`. */
async function listOpenInTemporal(gateway: Gateway, query: ListQuery): Promise<OpenIncidents> {
  const { incidents, isComplete } = await gateway.running();
  const found = incidents.filter((view) => isOpen(view.phase) && matches(view, query)).sort(newestFirst);
  const page = found.slice(0, query.limit ?? LIMIT);
  return { incidents: page, complete: isComplete && page.length === found.length };
}

function matches(
  { title, reference, service, ...view }: IncidentView,
  { severity, team, restricted, test, q }: ListQuery,
) {
  const text = [title, reference, service].join('\n').toLowerCase();
  return (
    (severity === undefined || view.severity === severity) &&
    (team === undefined || view.team === team) &&
    (restricted === undefined || view.restricted === restricted) &&
    (test === undefined || view.test === test) &&
    (q === undefined || text.includes(q.toLowerCase()))
  );
}

/** Both are fixed-width texts that sort by time. */
function newestFirst(a: IncidentView, b: IncidentView): number {
  const [one, other] = [a, b].map(({ declaredAt, id: incidentId }) => `${declaredAt} ${incidentId}`) as [
    string,
    string,
  ];
  return one < other ? 1 : one > other ? -1 : 0;
}

const REFERENCE = /^INC-(?:(\d{4})-)?(\d{1,9})$/;

/** The incident with a reference or an id, in capitals; null when no running incident has it. Throws `Unavailable`. */
export async function findInTemporal(gateway: Gateway, id: string): Promise<IncidentRef | null> {
  const { incidents, isComplete } = await gateway.running();
  const isReference = REFERENCE.test(id);
  const found = isReference ? byReference(incidents, id, isComplete) : incidents.find((view) => isIncidentId(view, id));
  if (found !== undefined) return { workflowId: found.workflowId, incidentId: found.id };
  return isReference ? null : findInPostIncident(gateway, id);
}

/** `INC-007` means the newest open incident with that number, so the whole list is needed. */
function byReference(incidents: readonly IncidentView[], id: string, isComplete: boolean): IncidentView | undefined {
  const [, year, n] = REFERENCE.exec(id) ?? [];
  const found = incidents.filter((view) => {
    const [, itsYear, itsN] = REFERENCE.exec(view.reference ?? '') ?? [];
    return itsN !== undefined && Number(itsN) === Number(n) && (year === undefined || itsYear === year);
  });
  if (year !== undefined) return found[0];
  return isComplete ? found.filter(({ phase }) => isOpen(phase)).sort(newestFirst)[0] : undefined;
}

const isIncidentId = ({ id: incidentId, aliases = [] }: IncidentView, id: string): boolean =>
  incidentId === id || aliases.includes(id);

async function findInPostIncident(gateway: Gateway, incidentId: string): Promise<IncidentRef | null> {
  try {
    const { workflowId } = await gateway.show(postIncidentWorkflowId(incidentId));
    return { workflowId, incidentId };
  } catch (error) {
    if (error instanceof UnknownIncident) return null;
    throw error;
  }
}
