/** Queries incidents for their state. Queries work on ended runs too, and hang without a worker, so all are bounded. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { PagingAccount } from '../../domain/engine/explain.ts';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import {
  postIncidentWorkflowId,
  EXPLAIN_QUERY,
  INCIDENT_QUERY,
  TIMELINE_QUERY,
  type SuppressedAnswer,
} from '../../workflows/contract.ts';
import { type Circuit, grpcStatus } from '../delivery/circuit-breaker.ts';
import { IncidentsUnavailable, UnknownIncident } from './gateway.ts';

export interface IncidentQueries {
  readonly show: (workflowId: string, asked?: IncidentQueryOptions) => Promise<IncidentView>;
  readonly timeline: (workflowId: string, incidentId?: string) => Promise<TimelineView>;
  readonly explain: (workflowId: string, incidentId?: string) => Promise<PagingAccount>;
  /**
   * The state of the run with that id, without its post-incident flow; null when there is no such run or no incident
   * yet.
   */
  readonly queryRun: <T>(workflowId: string, query: string, withinMs?: number) => Promise<T | null>;
}

interface IncidentQueryOptions {
  /** The newest unless given. */
  readonly incidentId?: string;
  readonly withinMs?: number;
}

const QUERY_MS = 2500;

export function createIncidentQueries({
  client,
  circuitBreaker,
}: {
  client: Client;
  circuitBreaker: Circuit;
}): IncidentQueries {
  async function queryRun<T>(workflowId: string, query: string, withinMs = QUERY_MS): Promise<T | null> {
    if (!circuitBreaker.allowsCalls()) throw new IncidentsUnavailable('Temporal does not answer');
    try {
      const answer = await circuitBreaker.callWithin(withinMs, () =>
        client.workflow.getHandle(workflowId).query<T | SuppressedAnswer>(query),
      );
      return isSuppressedRun(answer) ? null : answer;
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw new IncidentsUnavailable(`${workflowId} did not answer: ${grpcStatus(err).text}`);
    }
  }

  /**
   * The state of the incident's own run and of its post-incident flow; the run is null once it has a newer incident.
   */
  async function viewsOf(workflowId: string, { incidentId, withinMs }: IncidentQueryOptions) {
    const asked = await queryRun<IncidentView>(workflowId, INCIDENT_QUERY, withinMs);
    const run = incidentId === undefined || asked?.id === incidentId ? asked : null;
    const wantedIncidentId = incidentId ?? asked?.id;
    if (wantedIncidentId === undefined || (run !== null && isOpen(run.phase)))
      return { run, postIncident: null, meant: wantedIncidentId };
    const postIncident = await queryRun<IncidentView>(
      postIncidentWorkflowId(wantedIncidentId),
      INCIDENT_QUERY,
      withinMs,
    );
    // A run that reopened elsewhere and has no later incident has nothing to add.
    return {
      run,
      postIncident: postIncident !== null && postIncident.seq >= (run?.seq ?? 0) ? postIncident : null,
      meant: wantedIncidentId,
    };
  }

  return {
    queryRun,
    async show(workflowId, options = {}) {
      const { run, postIncident } = await viewsOf(workflowId, options);
      const view = postIncident === null || run === null ? (postIncident ?? run) : mergeViews(run, postIncident);
      if (view === null) throw new UnknownIncident(workflowId);
      return view;
    },
    async explain(workflowId, incidentId) {
      const run = await queryRun<PagingAccount>(workflowId, EXPLAIN_QUERY);
      if (run !== null && (incidentId === undefined || run.incidentId === incidentId)) return run;
      const later =
        incidentId === undefined
          ? null
          : await queryRun<PagingAccount>(postIncidentWorkflowId(incidentId), EXPLAIN_QUERY);
      if (later === null) throw new UnknownIncident(workflowId);
      return later;
    },
    async timeline(workflowId, incidentId) {
      const {
        run,
        postIncident,
        meant: wantedIncidentId,
      } = await viewsOf(workflowId, incidentId === undefined ? {} : { incidentId });
      const [earlier, later] = await Promise.all([
        run === null ? null : queryRun<TimelineView>(workflowId, TIMELINE_QUERY),
        postIncident === null
          ? null
          : queryRun<TimelineView>(postIncidentWorkflowId(wantedIncidentId ?? ''), TIMELINE_QUERY),
      ]);
      const timeline = earlier !== null && later !== null ? mergeTimelines(earlier, later) : (later ?? earlier);
      if (timeline === null) throw new UnknownIncident(workflowId);
      return timeline;
    },
  };
}

/** Maintenance suppresses its alerts: there is a run but no incident. */
function isSuppressedRun(answer: unknown): answer is SuppressedAnswer {
  return typeof answer === 'object' && answer !== null && ('suppressedBy' satisfies keyof SuppressedAnswer) in answer;
}

/**
 * Once resolved, the post-incident flow has the newer state; the run that awaits late alerts knows more about alerts
 * and pages.
 */
function mergeViews(run: IncidentView, postIncident: IncidentView): IncidentView {
  const { alerts, alertCount, firingCount, truncatedAlerts } = run;
  const deliveriesByContent = new Map(
    [...run.deliveries, ...postIncident.deliveries].map((one) => [JSON.stringify(one), one]),
  );
  const deliveries = [...deliveriesByContent.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return { ...postIncident, alerts, alertCount, firingCount, truncatedAlerts, deliveries };
}

/** For an entry in both, takes `later`'s. `cut`: entries that neither has. */
export function mergeTimelines(earlier: TimelineView, later: TimelineView): TimelineView {
  const lines = new Map([...earlier.timeline, ...later.timeline].map((line) => [line.seq, line]));
  const timeline = [...lines.values()].sort((a, b) => a.seq - b.seq);
  // Entries are numbered from 1 without gaps, so the difference is what is missing.
  return { timeline, cut: Math.max(0, (timeline.at(-1)?.seq ?? 0) - timeline.length) };
}
