/**
 * Looks at the storms of all teams every ten seconds, and at the runs that have begun since, so that a server knows
 * what others did, and what was before its start. Nothing waits for it; what it cannot find out stays as it was.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { stormWorkflowIdFor } from '../../config/identity.ts';
import { INCIDENT_WORKFLOW, STORM_MEMBERS_QUERY } from '../../workflows/contract.ts';
import type { Gate } from '../incidents/gate.ts';
import { KNOWN_AT_MOST, type Known } from './known.ts';
import type { Picture } from './picture.ts';

export interface LookoutParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly picture: Picture;
  readonly known: Known;
  /** Teams whose storms are folded; none: nothing is looked at. */
  readonly teams: () => Iterable<string>;
  /** The picture's clock. */
  readonly now: () => number;
}

const EVERY_MS = 10_000;
/** After a look that failed: no worker answers yet. */
const AGAIN_MS = 2000;
const CALL_MS = 2500;
const LIST_MS = 10_000;
const PAGE_SIZE = 1000;
/** All runs are listed anew, so that those that have ended are forgotten; in between only what has begun. */
const WHOLE_EVERY_MS = 600_000;
/** Runs are listed a little after they began, by another clock than ours. */
const OVERLAP_MS = 60_000;

/** Begins at once. The answer ends it. */
export function keepLookout({ client, gate, picture, known, teams, now }: LookoutParts): () => void {
  /** Where the history of a storm was when its members were last read. */
  const read = new Map<string, string>();
  let listedAt = -Infinity;
  let wholeAt = -Infinity;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(team: string): Promise<void> {
    const handle = client.workflow.getHandle(stormWorkflowIdFor(team));
    const lookedAt = now();
    try {
      const { status, runId, historyLength } = await gate.ask(CALL_MS, () => handle.describe());
      if (status.name !== 'RUNNING') return picture.seen(team, null, lookedAt);
      const place = `${runId}/${historyLength}`;
      if (picture.isOpen(team) && read.get(team) === place) return;
      const members = gate.ask(CALL_MS, () => handle.query<readonly string[]>(STORM_MEMBERS_QUERY));
      members.catch(() => picture.runs(team));
      picture.seen(team, await members, lookedAt);
      read.set(team, place);
    } catch (err) {
      if (!(err instanceof WorkflowNotFoundError)) throw err;
      picture.seen(team, null, lookedAt);
    }
  }

  async function listRuns(): Promise<void> {
    const begunAt = now();
    const whole = begunAt - wholeAt >= WHOLE_EVERY_MS;
    const since = new Date(Date.now() - (begunAt - listedAt) - OVERLAP_MS);
    const runs = await allRuns(whole ? '' : ` AND StartTime >= '${since.toISOString()}'`);
    if (whole) known.listed(runs, begunAt);
    else known.listedNew(runs);
    listedAt = begunAt;
    if (whole) wholeAt = begunAt;
  }

  /** More than can be known are listed, so that it is noticed. */
  function allRuns(condition: string): Promise<readonly string[]> {
    const query = `WorkflowType = '${INCIDENT_WORKFLOW}' AND ExecutionStatus = 'Running'${condition}`;
    return gate.ask(LIST_MS, async () => {
      const found: string[] = [];
      for await (const { workflowId } of client.workflow.list({ query, pageSize: PAGE_SIZE })) {
        found.push(workflowId);
        if (ended || found.length > KNOWN_AT_MOST) break;
      }
      return found;
    });
  }

  async function round(): Promise<void> {
    const all = [...teams()];
    if (all.length === 0 || !gate.isOpen()) return;
    const results = await Promise.allSettled([listRuns(), lookAtEach(all)]);
    if (results.some(({ status }) => status === 'rejected')) throw new Error('not everything was found out');
  }

  /** One after another: a look is never urgent. */
  async function lookAtEach(all: readonly string[]): Promise<void> {
    let failure: unknown = null;
    for (const team of all) {
      if (ended) return;
      await look(team).catch((err: unknown) => (failure = err));
    }
    if (failure !== null) throw new Error('a storm did not answer', { cause: failure });
  }

  async function watch(): Promise<void> {
    await gate.known;
    const found = await round().then(
      () => true,
      () => false,
    );
    if (ended) return;
    timer = setTimeout(() => void watch(), found ? EVERY_MS : AGAIN_MS);
    timer.unref();
  }

  void watch();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
