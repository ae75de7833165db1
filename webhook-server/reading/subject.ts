/**
 * From an id in an address to the incident that is meant. A workflow id needs nobody's help; numbers and episodes are
 * looked up in the records.
 */
import { RecordsDown } from '../../records/index.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Patience } from './patience.ts';

export interface Subject {
  readonly workflowId: string;
  /** Null: the newest, whichever that is. */
  readonly episode: string | null;
}

const NUMBER = /^inc-(\d{4}-)?\d{1,9}$/i;
const WORKFLOW_ID = /^(?:inc|storm)-[a-z0-9-]{1,60}$/;
const EPISODE = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i;

/** Throws `HttpProblem`: 404 for what nobody knows, 503 when it cannot be looked up. */
export async function subjectOf(id: string, patience: Patience): Promise<Subject> {
  // First, since in lower case a number is also shaped like a workflow id (those end in a hash of twenty digits).
  const isLookedUp = NUMBER.test(id) || EPISODE.test(id);
  if (!isLookedUp && WORKFLOW_ID.test(id)) return { workflowId: id, episode: null };
  const found = isLookedUp ? await lookedUp(id.toUpperCase(), patience) : null;
  if (found === null) throw new HttpProblem(404, 'no such incident');
  return { workflowId: found.workflowId, episode: found.episode };
}

async function lookedUp(id: string, patience: Patience): Promise<{ workflowId: string; episode: string } | null> {
  try {
    return await patience.ask((records) => records.find(id));
  } catch (error) {
    if (!(error instanceof RecordsDown)) throw error;
    throw new HttpProblem(
      503,
      'numbers and episodes cannot be looked up now: the records cannot be reached. The workflowId works',
      { headers: { 'Retry-After': '5' }, reason: 'records' },
    );
  }
}
