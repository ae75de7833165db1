/**
 * Looks at the storms of all teams every ten seconds, and at the runs that have begun since, so that a server knows
 * what others did, and what was before its start. Nothing waits for it; what it cannot find out stays as it was.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { stormWorkflowIdFor } from '../../../config/correlation-key.ts';
import { INCIDENT_WORKFLOW, STORM_MEMBERS_QUERY } from '../../../workflows/contract.ts';
import type { CircuitBreaker } from '../../delivery/circuit-breaker.ts';
import { MAX_KNOWN_RUNS, type KnownRuns } from './known-runs.ts';
import type { StormMembership } from './storm-membership.ts';

export interface StormPollerParts {
  readonly client: Client;
  readonly circuitBreaker: CircuitBreaker;
  readonly membership: StormMembership;
  readonly knownRuns: KnownRuns;
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
export function startStormPoller({
  client,
  circuitBreaker,
  membership,
  knownRuns,
  teams,
  now,
}: StormPollerParts): () => void {
  /** Where the history of a storm was when its members were last read. */
  const lastRead = new Map<string, string>();
  let listedAt = -Infinity;
  let fullListAt = -Infinity;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;

  async function pollStorm(team: string): Promise<void> {
    const handle = client.workflow.getHandle(stormWorkflowIdFor(team));
    const polledAt = now();
    try {
      const { status, runId, historyLength } = await circuitBreaker.callWithin(CALL_MS, () => handle.describe());
      if (status.name !== 'RUNNING') return membership.setMembers(team, null, polledAt);
      const historyPosition = `${runId}/${historyLength}`;
      if (membership.isOpen(team) && lastRead.get(team) === historyPosition) return;
      const members = circuitBreaker.callWithin(CALL_MS, () => handle.query<readonly string[]>(STORM_MEMBERS_QUERY));
      members.catch(() => membership.stormRuns(team));
      membership.setMembers(team, await members, polledAt);
      lastRead.set(team, historyPosition);
    } catch (err) {
      if (!(err instanceof WorkflowNotFoundError)) throw err;
      membership.setMembers(team, null, polledAt);
    }
  }

  async function listRuns(): Promise<void> {
    const startedAt = now();
    const isFullList = startedAt - fullListAt >= WHOLE_EVERY_MS;
    const since = new Date(Date.now() - (startedAt - listedAt) - OVERLAP_MS);
    const runs = await allRuns(isFullList ? '' : ` AND StartTime >= '${since.toISOString()}'`);
    if (isFullList) knownRuns.replaceAll(runs, startedAt);
    else knownRuns.addListed(runs);
    listedAt = startedAt;
    if (isFullList) fullListAt = startedAt;
  }

  /** More than can be known are listed, so that it is noticed. */
  function allRuns(condition: string): Promise<readonly string[]> {
    const query = `WorkflowType = '${INCIDENT_WORKFLOW}' AND ExecutionStatus = 'Running'${condition}`;
    return circuitBreaker.callWithin(LIST_MS, async () => {
      const found: string[] = [];
      for await (const { workflowId } of client.workflow.list({ query, pageSize: PAGE_SIZE })) {
        found.push(workflowId);
        if (ended || found.length > MAX_KNOWN_RUNS) break;
      }
      return found;
    });
  }

  async function pollOnce(): Promise<void> {
    const all = [...teams()];
    if (all.length === 0 || !circuitBreaker.allowsCalls()) return;
    const results = await Promise.allSettled([listRuns(), pollEach(all)]);
    if (results.some(({ status }) => status === 'rejected')) throw new Error('not everything was found out');
  }

  /** One after another: a look is never urgent. */
  async function pollEach(all: readonly string[]): Promise<void> {
    let failure: unknown = null;
    for (const team of all) {
      if (ended) return;
      await pollStorm(team).catch((err: unknown) => (failure = err));
    }
    if (failure !== null) throw new Error('a storm did not answer', { cause: failure });
  }

  async function pollForever(): Promise<void> {
    await circuitBreaker.firstProbe;
    const found = await pollOnce().then(
      () => true,
      () => false,
    );
    if (ended) return;
    timer = setTimeout(() => void pollForever(), found ? EVERY_MS : AGAIN_MS);
    timer.unref();
  }

  void pollForever();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
