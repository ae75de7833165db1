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
import { IncidentsUnavailable, type IncidentQueries } from './incident-queries.ts';
import { ConcurrencyLimit } from '../delivery/durable-delivery.ts';
import { grpcStatus, type Circuit } from '../delivery/circuit-breaker.ts';

export interface RunningIncidents {
  /** Unordered. */
  readonly incidents: readonly IncidentView[];
  /** False: some that may be open were not read in time, or there are too many to read. */
  readonly isComplete: boolean;
}

export interface RunningIncidentsParts {
  readonly client: Client;
  readonly circuitBreaker: Circuit;
  readonly queries: Pick<IncidentQueries, 'queryRun'>;
  /** Visibility may not list them yet. */
  readonly recentRuns: { readonly all: () => readonly string[] };
}

const MAX_RUNS_QUERIED = 200;
const MAX_CONCURRENT_QUERIES = 8;
const LIST_MS = 1000;
/** For a whole reading. */
const READ_MS = 2000;
/** How many runs a list examines; some of them are over and only await late alerts. */
const RUNS_LISTED = 2000;
const PAGE_SIZE = 1000;

export class RunningIncidentsReader {
  private readonly parts: RunningIncidentsParts;
  private current: Promise<RunningIncidents> | null = null;
  private next: Promise<RunningIncidents> | null = null;

  constructor(parts: RunningIncidentsParts) {
    this.parts = parts;
  }

  /**
   * One reading at a time. A caller that arrives during one waits for the next, so that no answer predates its
   * question. Throws `IncidentsUnavailable`.
   */
  read(): Promise<RunningIncidents> {
    if (this.next !== null) return this.next;
    const begin = (): Promise<RunningIncidents> => {
      this.next = null;
      const mine = this.readOnce().finally(() => {
        if (this.current === mine) this.current = null;
      });
      return (this.current = mine);
    };
    if (this.current === null) return begin();
    return (this.next = this.current.then(begin, begin));
  }

  private async listRuns(): Promise<{ readonly runs: readonly Run[]; readonly isWhole: boolean }> {
    const query = `WorkflowType = '${INCIDENT_WORKFLOW}' AND ExecutionStatus = 'Running'`;
    return this.parts.circuitBreaker.callWithin(LIST_MS, async () => {
      const runs: Run[] = [];
      for await (const info of this.parts.client.workflow.list({ query, pageSize: PAGE_SIZE })) {
        if (runs.length === RUNS_LISTED) return { runs, isWhole: false };
        runs.push(runOf(info));
      }
      return { runs, isWhole: true };
    });
  }

  private async readOnce(): Promise<RunningIncidents> {
    const endsAt = performance.now() + READ_MS;
    if (!this.parts.circuitBreaker.allowsCalls()) throw new IncidentsUnavailable('Temporal does not answer');
    const { runs, isWhole } = await this.listRuns().catch((err: unknown) => {
      throw new IncidentsUnavailable(`Temporal did not list the incidents: ${grpcStatus(err).text}`);
    });
    const listedIds = new Set(runs.map(({ workflowId }) => workflowId));
    const unlisted = this.parts.recentRuns.all().filter((workflowId) => !listedIds.has(workflowId));
    const inOrder = [...unlisted.map((workflowId): Run => ({ workflowId, rank: 0 })), ...runs].sort(
      (a, b) => a.rank - b.rank,
    );
    const queried = inOrder.slice(0, MAX_RUNS_QUERIED);
    const views = await this.queryEach(queried, endsAt);
    const incidents = views.filter((view) => view !== null && view !== 'unread');
    const unread = queried.filter((run, i) => views[i] === 'unread' && run.rank !== OVER);
    if (incidents.length === 0 && unread.length > 0) {
      throw new IncidentsUnavailable(`Temporal lists ${unread.length} incidents, and no worker answers for them`);
    }
    const isMore = inOrder.slice(MAX_RUNS_QUERIED).some(({ rank }) => rank !== OVER);
    return { incidents, isComplete: isWhole && !isMore && unread.length === 0 };
  }

  /** Null: there is no incident. */
  private queryEach(runs: readonly Run[], endsAt: number): Promise<readonly (IncidentView | 'unread' | null)[]> {
    const slots = new ConcurrencyLimit(MAX_CONCURRENT_QUERIES);
    const ask = async ({ workflowId }: Run): Promise<IncidentView | 'unread' | null> => {
      const left = endsAt - performance.now();
      if (left <= 0) return 'unread';
      return this.parts.queries.queryRun<IncidentView>(workflowId, INCIDENT_QUERY, left).catch(() => 'unread' as const);
    };
    return Promise.all(runs.map((run) => slots.run(() => ask(run))));
  }
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
