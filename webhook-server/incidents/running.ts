/**
 * The incidents that have a run in Temporal, read from Temporal alone: visibility lists the runs, and each run is asked
 * what it is. For answers while the records are away. Bounded in number, time and load, so that paging never notices:
 * one reading at a time, and requests that come meanwhile share the next.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { SEVERITIES } from '../../domain/severity.ts';
import type { IncidentView } from '../../domain/view.ts';
import { INCIDENT_QUERY, INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import { Unavailable, type RunningIncidents } from '../gateway.ts';
import { createSlots } from './deadline.ts';
import { grpcStatus } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Reads } from './reads.ts';

export interface Running {
  /** Throws `Unavailable`. */
  readonly read: () => Promise<RunningIncidents>;
  /** This server has just started or signalled that run: visibility may list it a moment later. */
  readonly note: (workflowId: string) => void;
}

export interface RunningParts {
  readonly client: Client;
  readonly gate: Gate;
  readonly reads: Reads;
  readonly now: () => number;
}

const RUNS_ASKED = 200;
const ASKED_AT_ONCE = 8;
const LIST_MS = 1000;
/** Of a whole reading. */
const READ_MS = 2000;
/** Runs that a list looks through: those that are over linger among them. */
const RUNS_LISTED = 2000;
const PAGE_SIZE = 1000;
/** Visibility has caught up by then. */
const NOTED_MS = 30_000;
const NOTED = 500;

export function createRunning({ client, gate, reads, now }: RunningParts): Running {
  /** Workflow id → when it was noted, oldest first. */
  const noted = new Map<string, number>();

  async function listed(): Promise<{ readonly runs: readonly Run[]; readonly isWhole: boolean }> {
    const query = `WorkflowType = '${INCIDENT_WORKFLOW}' AND ExecutionStatus = 'Running'`;
    return gate.ask(LIST_MS, async () => {
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
    if (!gate.isOpen()) throw new Unavailable('Temporal does not answer');
    const { runs, isWhole } = await listed().catch((err: unknown) => {
      throw new Unavailable(`Temporal did not list the incidents: ${grpcStatus(err).text}`);
    });
    const known = new Set(runs.map(({ workflowId }) => workflowId));
    const extra = [...noted].flatMap(([workflowId, at]) =>
      at > now() - NOTED_MS && !known.has(workflowId) ? [{ workflowId, rank: 0 }] : [],
    );
    const inOrder = [...extra, ...runs].sort((a, b) => a.rank - b.rank);
    const asked = inOrder.slice(0, RUNS_ASKED);
    const views = await askEach(asked, endsAt);
    const incidents = views.filter((view) => view !== null && view !== 'unread');
    const unread = asked.filter((run, i) => views[i] === 'unread' && run.rank !== OVER);
    if (incidents.length === 0 && unread.length > 0) {
      throw new Unavailable(`Temporal lists ${unread.length} incidents, and no worker answers for them`);
    }
    const isMore = inOrder.slice(RUNS_ASKED).some(({ rank }) => rank !== OVER);
    return { incidents, isComplete: isWhole && !isMore && unread.length === 0 };
  }

  /** Null: no incident is there. */
  function askEach(runs: readonly Run[], endsAt: number): Promise<readonly (IncidentView | 'unread' | null)[]> {
    const slots = createSlots(ASKED_AT_ONCE);
    const ask = async ({ workflowId }: Run): Promise<IncidentView | 'unread' | null> => {
      const left = endsAt - performance.now();
      if (left <= 0) return 'unread';
      return reads.ask<IncidentView>(workflowId, INCIDENT_QUERY, left).catch(() => 'unread' as const);
    };
    return Promise.all(runs.map((run) => slots(() => ask(run))));
  }

  return {
    read: sharing(read),
    note(workflowId) {
      noted.delete(workflowId);
      noted.set(workflowId, now());
      for (const [oldest, at] of noted) {
        if (noted.size <= NOTED && at > now() - NOTED_MS) break;
        noted.delete(oldest);
      }
    },
  };
}

interface Run {
  readonly workflowId: string;
  /** Lower is asked first. */
  readonly rank: number;
}

/** By visibility the incident is over: asked last, and not missed. */
const OVER = SEVERITIES.length;

const PHASE = defineSearchAttributeKey('TocsinPhase', 'KEYWORD');
const SEVERITY = defineSearchAttributeKey('TocsinSeverity', 'KEYWORD');

/** Search attributes are missing until a worker has set them, or where the server has none. */
function runOf({ workflowId, typedSearchAttributes, memo }: WorkflowExecutionInfo): Run {
  const phase = typedSearchAttributes.get(PHASE);
  if (phase === 'resolved' || phase === 'closed') return { workflowId, rank: OVER };
  const severity = typedSearchAttributes.get(SEVERITY) ?? memo?.['severity'];
  const rank = SEVERITIES.findIndex((known) => known === severity);
  return { workflowId, rank: Math.max(rank, 0) };
}

/** One call at a time. Who comes during one waits for the next, so that nobody hears what was so before they asked. */
function sharing<T>(work: () => Promise<T>): () => Promise<T> {
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
