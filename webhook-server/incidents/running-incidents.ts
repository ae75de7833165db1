/**
 * The incidents that have a run in Temporal, read from Temporal alone: visibility lists the runs, and each run is
 * queried. Used while the records are down. Bounded in number, time and load, so that paging is unaffected: one reading
 * at a time, and requests that arrive meanwhile share the next.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import { INCIDENT_QUERY, INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import { IncidentsUnavailable, type RunningIncidents } from './gateway.ts';
import { ConcurrencyLimit } from '../delivery/durable-delivery.ts';
import { grpcStatus, type Circuit } from '../delivery/circuit-breaker.ts';
import type { IncidentQueries } from './incident-queries.ts';

export interface RunningIncidentsReader {
  /** Throws `Unavailable`. */
  readonly readRunning: () => Promise<RunningIncidents>;
  /** This server has just started or signalled that run, which visibility may list only a moment later. */
  readonly noteStarted: (workflowId: string) => void;
}

export interface RunningIncidentsParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly queries: IncidentQueries;
  readonly now: () => number;
}

const MAX_RUNS_QUERIED = 200;
const MAX_CONCURRENT_QUERIES = 8;
const LIST_MS = 1000;
/** For a whole reading. */
const READ_MS = 2000;
/** How many runs a list examines; some of them are over and only await late alerts. */
const RUNS_LISTED = 2000;
const PAGE_SIZE = 1000;
/** Visibility has caught up by then. */
const RECENTLY_STARTED_MS = 30_000;
const MAX_RECENTLY_STARTED = 500;

export function createRunningIncidents({
  client,
  circuitBreaker,
  queries,
  now,
}: RunningIncidentsParts): RunningIncidentsReader {
  /** Workflow id → when it was noted, oldest first. */
  const recentlyStarted = new Map<string, number>();

  async function listRuns(): Promise<{ readonly runs: readonly Run[]; readonly isWhole: boolean }> {
    const query = `WorkflowType = '${INCIDENT_WORKFLOW}' AND ExecutionStatus = 'Running'`;
    return circuitBreaker.callWithin(LIST_MS, async () => {
      const runs: Run[] = [];
      for await (const info of client.workflow.list({ query, pageSize: PAGE_SIZE })) {
        if (runs.length === RUNS_LISTED) return { runs, isWhole: false };
        runs.push(runOf(info));
      }
      return { runs, isWhole: true };
    });
  }

  async function read(): Promise<RunningIncidents> {
    const endsAt = performance.now() + READ_MS;
    if (!circuitBreaker.allowsCalls()) throw new IncidentsUnavailable('Temporal does not answer');
    const { runs, isWhole } = await listRuns().catch((err: unknown) => {
      throw new IncidentsUnavailable(`Temporal did not list the incidents: ${grpcStatus(err).text}`);
    });
    const listedIds = new Set(runs.map(({ workflowId }) => workflowId));
    const extra = [...recentlyStarted].flatMap(([workflowId, at]) =>
      at > now() - RECENTLY_STARTED_MS && !listedIds.has(workflowId) ? [{ workflowId, rank: 0 }] : [],
    );
    const inOrder = [...extra, ...runs].sort((a, b) => a.rank - b.rank);
    const queried = inOrder.slice(0, MAX_RUNS_QUERIED);
    const views = await queryEach(queried, endsAt);
    const incidents = views.filter((view) => view !== null && view !== 'unread');
    const unread = queried.filter((run, i) => views[i] === 'unread' && run.rank !== OVER);
    if (incidents.length === 0 && unread.length > 0) {
      throw new IncidentsUnavailable(`Temporal lists ${unread.length} incidents, and no worker answers for them`);
    }
    const isMore = inOrder.slice(MAX_RUNS_QUERIED).some(({ rank }) => rank !== OVER);
    return { incidents, isComplete: isWhole && !isMore && unread.length === 0 };
  }

  /** Null: there is no incident. */
  function queryEach(runs: readonly Run[], endsAt: number): Promise<readonly (IncidentView | 'unread' | null)[]> {
    const slots = new ConcurrencyLimit(MAX_CONCURRENT_QUERIES);
    const ask = async ({ workflowId }: Run): Promise<IncidentView | 'unread' | null> => {
      const left = endsAt - performance.now();
      if (left <= 0) return 'unread';
      return queries.queryRun<IncidentView>(workflowId, INCIDENT_QUERY, left).catch(() => 'unread' as const);
    };
    return Promise.all(runs.map((run) => slots.run(() => ask(run))));
  }

  return {
    readRunning: shareCalls(read),
    noteStarted(workflowId) {
      recentlyStarted.delete(workflowId);
      recentlyStarted.set(workflowId, now());
      for (const [oldest, at] of recentlyStarted) {
        if (recentlyStarted.size <= MAX_RECENTLY_STARTED && at > now() - RECENTLY_STARTED_MS) break;
        recentlyStarted.delete(oldest);
      }
    },
  };
}

interface Run {
  readonly workflowId: string;
  /** Lower is queried first. */
  readonly rank: number;
}

/** According to visibility the incident is over: queried last, and its absence does not matter. */
const OVER = SEVERITIES.length;

const PHASE = defineSearchAttributeKey('TocsinPhase', 'KEYWORD');
const SEVERITY = defineSearchAttributeKey('TocsinSeverity', 'KEYWORD');

/** Search attributes are missing until a worker has set them, or where the server lacks them. */
function runOf({ workflowId, typedSearchAttributes, memo }: WorkflowExecutionInfo): Run {
  const phase = typedSearchAttributes.get(PHASE);
  if (phase === 'resolved' || phase === 'closed') return { workflowId, rank: OVER };
  const severity = typedSearchAttributes.get(SEVERITY) ?? memo?.['severity'];
  const rank = SEVERITIES.findIndex((known) => known === severity);
  return { workflowId, rank: Math.max(rank, 0) };
}

/** One call at a time. A caller that arrives during one waits for the next, so that no answer predates its question. */
function shareCalls<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | null = null;
  let next: Promise<T> | null = null;
  const begin = (): Promise<T> => {
    next = null;
    const mine = work().finally(() => {
      if (current === mine) current = null;
    });
    current = mine;
    return mine;
  };
  return () => {
    if (next !== null) return next;
    if (current === null) return begin();
    next = current.then(begin, begin);
    return next;
  };
}
