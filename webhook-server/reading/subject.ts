/**
 * From an id in an address to the incident that is meant. A workflow id needs nobody's help; numbers and incidents are
 * looked up in the records, and among the incidents that run in Temporal while the records cannot say.
 */
import { RecordsDown } from '../../records/index.ts';
import { Unavailable } from '../gateway.ts';
import { HttpProblem } from '../http/problem.ts';
import type { TimeLimit } from './time-limit.ts';

export interface Subject {
  readonly workflowId: string;
  /** Null: the newest, whichever that is. */
  readonly incidentId: string | null;
}

/** Where to look for a number or an incident. */
export interface Sources {
  readonly timeLimit: TimeLimit;
  /** Null: not found there. Throws `Unavailable`. */
  readonly inTemporal: (id: string) => Promise<Subject | null>;
  /** False: the records may not have the newest incidents yet. */
  readonly isCaughtUp: () => boolean;
}

const NUMBER = /^inc-(\d{4}-)?\d{1,9}$/i;
const WORKFLOW_ID = /^(?:inc|storm)-[a-z0-9-]{1,60}$/;
const INCIDENT_ID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i;

/** Numbers are given when the records take an incident in. */
const UNNUMBERED = 'no such incident; the newest may have no number yet, their workflowId works';

/** Throws `HttpProblem`: 404 for what nobody knows, 503 when it cannot be looked up. */
export async function subjectOf(id: string, sources: Sources): Promise<Subject> {
  // First, since in lower case a number is also shaped like a workflow id (those end in a hash of twenty digits).
  const isLookedUp = NUMBER.test(id) || INCIDENT_ID.test(id);
  if (!isLookedUp && WORKFLOW_ID.test(id)) return { workflowId: id, incidentId: null };
  const found = isLookedUp ? await lookedUp(id.toUpperCase(), sources) : null;
  if (found === null) throw new HttpProblem(404, isLookedUp && !sources.isCaughtUp() ? UNNUMBERED : 'no such incident');
  return { workflowId: found.workflowId, incidentId: found.incidentId };
}

async function lookedUp(id: string, sources: Sources): Promise<Subject | null> {
  const { timeLimit, inTemporal, isCaughtUp } = sources;
  try {
    const found = await timeLimit.ask((records) => records.find(id));
    if (found !== null || isCaughtUp()) return found;
  } catch (error) {
    if (!(error instanceof RecordsDown)) throw error;
    return lookedUpInTemporal(id, sources);
  }
  // The records gave every number there is, so what Temporal does not know either does not exist.
  return inTemporal(id).catch(nullWhenUnavailable);
}

/** The records are away, so what Temporal does not know may exist all the same. */
async function lookedUpInTemporal(id: string, { inTemporal }: Sources): Promise<Subject> {
  let why = 'among those that run in Temporal it is not';
  try {
    const found = await inTemporal(id);
    if (found !== null) return found;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
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
  if (error instanceof Unavailable) return null;
  throw error;
}
