/**
 * From an id in an address to the incident that is meant. A workflow id needs nobody's help; numbers and incidents are
 * looked up in the records, and among the incidents that run in Temporal while the records cannot say.
 */
import { RecordsDown } from '../../records/open-records.ts';
import { IncidentsUnavailable } from './gateway.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RecordsTimeLimit } from './records-copy.ts';

export interface IncidentRef {
  readonly workflowId: string;
  /** Null: the newest, whichever that is. */
  readonly incidentId: string | null;
}

/** Where to look for a number or an incident. */
export interface IncidentRefSources {
  readonly timeLimit: RecordsTimeLimit;
  /** Null: not found there. Throws `Unavailable`. */
  readonly findInTemporal: (id: string) => Promise<IncidentRef | null>;
  /** False: the records may not have the newest incidents yet. */
  readonly recordsAreCurrent: () => boolean;
}

const REFERENCE = /^inc-(\d{4}-)?\d{1,9}$/i;
const WORKFLOW_ID = /^(?:inc|storm)-[a-z0-9-]{1,60}$/;
const INCIDENT_ID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i;

/** Numbers are given when the records take an incident in. */
const NOT_FOUND_YET = 'no such incident; the newest may have no number yet, their workflowId works';

/** Throws `HttpProblem`: 404 for what nobody knows, 503 when it cannot be looked up. */
export async function resolveIncidentRef(id: string, sources: IncidentRefSources): Promise<IncidentRef> {
  // First, since in lower case a number is also shaped like a workflow id (those end in a hash of twenty digits).
  const isLookedUp = REFERENCE.test(id) || INCIDENT_ID.test(id);
  if (!isLookedUp && WORKFLOW_ID.test(id)) return { workflowId: id, incidentId: null };
  const found = isLookedUp ? await lookUp(id.toUpperCase(), sources) : null;
  if (found === null)
    throw new HttpProblem(404, isLookedUp && !sources.recordsAreCurrent() ? NOT_FOUND_YET : 'no such incident');
  return { workflowId: found.workflowId, incidentId: found.incidentId };
}

async function lookUp(id: string, sources: IncidentRefSources): Promise<IncidentRef | null> {
  const { timeLimit, findInTemporal, recordsAreCurrent } = sources;
  try {
    const found = await timeLimit.ask((records) => records.findIncident(id));
    if (found !== null || recordsAreCurrent()) return found;
  } catch (error) {
    if (!(error instanceof RecordsDown)) throw error;
    return lookUpInTemporal(id, sources);
  }
  // The records gave every number there is, so what Temporal does not know either does not exist.
  return findInTemporal(id).catch(nullWhenUnavailable);
}

/** The records are away, so what Temporal does not know may exist all the same. */
async function lookUpInTemporal(id: string, { findInTemporal }: IncidentRefSources): Promise<IncidentRef> {
  let why = 'among those that run in Temporal it is not';
  try {
    const found = await findInTemporal(id);
    if (found !== null) return found;
  } catch (error) {
    if (!(error instanceof IncidentsUnavailable)) throw error;
    why = error.message;
  }
  throw new HttpProblem(
    503,
    `${id} cannot be looked up now: the records cannot be reached; ${why}. The workflowId works`,
    {
      headers: { 'Retry-After': '5' },
      reason: 'records',
    },
  );
}

function nullWhenUnavailable(error: unknown): null {
  if (error instanceof IncidentsUnavailable) return null;
  throw error;
}
