/**
 * Resolves an id in an address to an incident. A workflow id needs no lookup; references and incident ids are looked up
 * in the records, or among the incidents running in Temporal while the records are down.
 */
import { RecordsDown } from '../../records/open-records.ts';
import { IncidentsUnavailable } from './incident-queries.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RecordsTimeLimit } from './records-copy.ts';

export interface IncidentRef {
  readonly workflowId: string;
  /** Null: the newest. */
  readonly incidentId: string | null;
}

/** Where to look up a reference or an incident id. */
export interface IncidentRefSources {
  readonly timeLimit: RecordsTimeLimit;
  /** Null: not found here. Throws `Unavailable`. */
  readonly findInTemporal: (id: string) => Promise<IncidentRef | null>;
  /** False: the records may lack the newest incidents. */
  readonly recordsAreCurrent: () => boolean;
}

const REFERENCE = /^inc-(\d{4}-)?\d{1,9}$/i;
const WORKFLOW_ID = /^(?:inc|storm)-[a-z0-9-]{1,60}$/;
const INCIDENT_ID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i;

/** The records assign references when they first store an incident. */
const NOT_FOUND_YET = 'no such incident; the newest may have no number yet, their workflowId works';

/** Throws `HttpProblem`: 404 if it does not exist, 503 if it cannot be looked up. */
export async function resolveIncidentRef(id: string, sources: IncidentRefSources): Promise<IncidentRef> {
  // First, since a reference in lower case also looks like a workflow id (which ends in a hash of twenty digits).
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
  // The records assigned every reference, so one that Temporal does not know does not exist either.
  return findInTemporal(id).catch(nullWhenUnavailable);
}

/** The records are down, so an incident that Temporal does not know may still exist. */
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
