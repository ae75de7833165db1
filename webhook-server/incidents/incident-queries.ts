/** Queries incidents for their state. Queries work on ended runs too, and hang without a worker, so all are bounded. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { PagingAccount } from '../../domain/engine/explain.ts';
import type { IncidentStanding, IncidentView, TimelineView } from '../../domain/engine/view.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import {
  postIncidentWorkflowId,
  EXPLAIN_QUERY,
  INCIDENT_QUERY,
  TIMELINE_QUERY,
  type SuppressedAnswer,
} from '../../workflows/contract.ts';
import { type Circuit, grpcStatus } from '../delivery/circuit-breaker.ts';

export class UnknownIncident extends Error {
  override name = 'UnknownIncident';
  constructor(id: string) {
    super(`no incident ${id}`);
  }
}

/** Temporal or its workers did not answer in time; nothing was done unless the message says so. */
export class IncidentsUnavailable extends Error {
  override name = 'IncidentsUnavailable';
  /** It was sent but not answered in time: it may have been done. */
  readonly isUncertain: boolean;
  constructor(message: string, { isUncertain = false }: { readonly isUncertain?: boolean } = {}) {
    super(message);
    this.isUncertain = isUncertain;
  }
}

interface IncidentQueryOptions {
  /** The newest unless given. */
  readonly incidentId?: string | undefined;
  readonly withinMs?: number;
}

const QUERY_MS = 2500;

export class IncidentQueries {
  private readonly client: Client;
  private readonly circuitBreaker: Circuit;

  constructor(client: Client, circuitBreaker: Circuit) {
    this.client = client;
    this.circuitBreaker = circuitBreaker;
  }

  /**
   * The state of the run with that id, without its post-incident flow; null when there is no such run or no incident
   * yet.
   */
  async queryRun<T>(
    workflowId: string,
    query: string,
    withinMs = QUERY_MS,
    ...args: readonly string[]
  ): Promise<T | null> {
    if (!this.circuitBreaker.allowsCalls()) throw new IncidentsUnavailable('Temporal does not answer');
    try {
      const answer = await this.circuitBreaker.callWithin(withinMs, () =>
        this.client.workflow.getHandle(workflowId).query<T | SuppressedAnswer, string[]>(query, ...args),
      );
      return isSuppressedRun(answer) ? null : answer;
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw new IncidentsUnavailable(`${workflowId} did not answer: ${grpcStatus(err).text}`);
    }
  }

  /** As much of it as decides who handles a command. */
  standing(workflowId: string): Promise<IncidentStanding | null> {
    return this.queryRun<IncidentStanding>(workflowId, INCIDENT_QUERY, QUERY_MS, 'standing');
  }

  async show(workflowId: string, options: IncidentQueryOptions = {}): Promise<IncidentView> {
    const { run, postIncident } = await this.viewsOf(workflowId, options);
    const view = postIncident === null || run === null ? (postIncident ?? run) : mergeViews(run, postIncident);
    if (view === null) throw new UnknownIncident(workflowId);
    return view;
  }

  async explain(workflowId: string, incidentId?: string): Promise<PagingAccount> {
    const run = await this.queryRun<PagingAccount>(workflowId, EXPLAIN_QUERY);
    if (run !== null && (incidentId === undefined || run.incidentId === incidentId)) return run;
    const later =
      incidentId === undefined
        ? null
        : await this.queryRun<PagingAccount>(postIncidentWorkflowId(incidentId), EXPLAIN_QUERY);
    if (later === null) throw new UnknownIncident(workflowId);
    return later;
  }

  async timeline(workflowId: string, incidentId?: string): Promise<TimelineView> {
    const { run, postIncident, meant = '' } = await this.viewsOf(workflowId, { incidentId });
    const [earlier, later] = await Promise.all([
      run && this.queryRun<TimelineView>(workflowId, TIMELINE_QUERY),
      postIncident && this.queryRun<TimelineView>(postIncidentWorkflowId(meant), TIMELINE_QUERY),
    ]);
    const timeline = earlier !== null && later !== null ? mergeTimelines(earlier, later) : (later ?? earlier);
    if (timeline === null) throw new UnknownIncident(workflowId);
    return timeline;
  }

  /**
   * The state of the incident's own run and of its post-incident flow; the run is null once it has a newer incident.
   */
  private async viewsOf(workflowId: string, { incidentId, withinMs }: IncidentQueryOptions) {
    const asked = await this.queryRun<IncidentView>(workflowId, INCIDENT_QUERY, withinMs);
    const run = incidentId === undefined || asked?.id === incidentId ? asked : null;
    const meant = incidentId ?? asked?.id;
    if (meant === undefined || (run !== null && isOpen(run.phase))) return { run, postIncident: null, meant };
    const later = await this.queryRun<IncidentView>(postIncidentWorkflowId(meant), INCIDENT_QUERY, withinMs);
    // A run that reopened elsewhere and has no later incident has nothing to add.
    return { run, postIncident: later !== null && later.seq >= (run?.seq ?? 0) ? later : null, meant };
  }
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
  type Delivery = IncidentView['deliveries'][number];
  const byTime = (a: Delivery, b: Delivery): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
  const inOrder = [...postIncident.deliveries, ...run.deliveries].sort(byTime);
  const deliveriesByMessage = new Map(inOrder.map((one) => [JSON.stringify([one.to, one.method, one.key]), one]));
  const deliveries = [...deliveriesByMessage.values()].sort(byTime);
  return { ...postIncident, alerts, alertCount, firingCount, truncatedAlerts, deliveries };
}

/** For an entry in both, takes `later`'s. `cut`: entries that neither has. */
export function mergeTimelines(earlier: TimelineView, later: TimelineView): TimelineView {
  const lines = new Map([...earlier.timeline, ...later.timeline].map((line) => [line.seq, line]));
  const timeline = [...lines.values()].sort((a, b) => a.seq - b.seq);
  // Entries are numbered from 1 without gaps, so the difference is what is missing.
  return { timeline, cut: Math.max(0, (timeline.at(-1)?.seq ?? 0) - timeline.length) };
}
