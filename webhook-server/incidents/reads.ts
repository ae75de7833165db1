/** Asking incidents what they are. Queries work on ended runs too, and hang without a worker: all are bounded. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { PagingAccount } from '../../domain/explain.ts';
import { isOpen } from '../../domain/phase.ts';
import type { IncidentView, TimelineView } from '../../domain/view.ts';
import {
  postIncidentWorkflowId,
  EXPLAIN_QUERY,
  INCIDENT_QUERY,
  TIMELINE_QUERY,
  type HeldBack,
} from '../../workflows/contract.ts';
import { Unavailable, UnknownIncident } from '../gateway.ts';
import { joined } from '../timelines.ts';
import { grpcStatus } from './errors.ts';
import type { Gate } from './gate.ts';

export interface Reads {
  readonly show: (workflowId: string, asked?: Asked) => Promise<IncidentView>;
  readonly timeline: (workflowId: string, incidentId?: string) => Promise<TimelineView>;
  readonly explain: (workflowId: string, incidentId?: string) => Promise<PagingAccount>;
  /** What the run of that id says of itself, the post-incident flow not asked; null when there is no such run, or no incident yet. */
  readonly ask: <T>(workflowId: string, query: string, withinMs?: number) => Promise<T | null>;
}

interface Asked {
  /** The newest unless said. */
  readonly incidentId?: string;
  readonly withinMs?: number;
}

const QUERY_MS = 2500;

export function createReads({ client, gate }: { client: Client; gate: Gate }): Reads {
  async function ask<T>(workflowId: string, query: string, withinMs = QUERY_MS): Promise<T | null> {
    if (!gate.isOpen()) throw new Unavailable('Temporal does not answer');
    try {
      const said = await gate.ask(withinMs, () => client.workflow.getHandle(workflowId).query<T | HeldBack>(query));
      return isHeldBack(said) ? null : said;
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw new Unavailable(`${workflowId} did not answer: ${grpcStatus(err).text}`);
    }
  }

  /** What the incident's own run and its post-incident flow say; the run is null once it has a newer incident. */
  async function tellers(workflowId: string, { incidentId, withinMs }: Asked) {
    const asked = await ask<IncidentView>(workflowId, INCIDENT_QUERY, withinMs);
    const run = incidentId === undefined || asked?.id === incidentId ? asked : null;
    const meant = incidentId ?? asked?.id;
    if (meant === undefined || (run !== null && isOpen(run.phase))) return { run, postIncident: null, meant };
    const postIncident = await ask<IncidentView>(postIncidentWorkflowId(meant), INCIDENT_QUERY, withinMs);
    // One that gave the incident back, and was not followed by another yet, has no more to say.
    return {
      run,
      postIncident: postIncident !== null && postIncident.seq >= (run?.seq ?? 0) ? postIncident : null,
      meant,
    };
  }

  return {
    ask,
    async show(workflowId, asked = {}) {
      const { run, postIncident } = await tellers(workflowId, asked);
      const view = postIncident === null || run === null ? (postIncident ?? run) : together(run, postIncident);
      if (view === null) throw new UnknownIncident(workflowId);
      return view;
    },
    async explain(workflowId, incidentId) {
      const run = await ask<PagingAccount>(workflowId, EXPLAIN_QUERY);
      if (run !== null && (incidentId === undefined || run.incidentId === incidentId)) return run;
      const later =
        incidentId === undefined ? null : await ask<PagingAccount>(postIncidentWorkflowId(incidentId), EXPLAIN_QUERY);
      if (later === null) throw new UnknownIncident(workflowId);
      return later;
    },
    async timeline(workflowId, incidentId) {
      const { run, postIncident, meant } = await tellers(workflowId, incidentId === undefined ? {} : { incidentId });
      const [earlier, later] = await Promise.all([
        run === null ? null : ask<TimelineView>(workflowId, TIMELINE_QUERY),
        postIncident === null ? null : ask<TimelineView>(postIncidentWorkflowId(meant ?? ''), TIMELINE_QUERY),
      ]);
      const timeline = earlier !== null && later !== null ? joined(earlier, later) : (later ?? earlier);
      if (timeline === null) throw new UnknownIncident(workflowId);
      return timeline;
    },
  };
}

/** Maintenance holds its alerts back: there is a run, and no incident. */
function isHeldBack(said: unknown): said is HeldBack {
  return typeof said === 'object' && said !== null && 'heldBack' in said;
}

/** Once over, the story goes on in the post-incident flow; of alerts and pages the run that lingers knows more. */
function together(run: IncidentView, postIncident: IncidentView): IncidentView {
  const { alerts, alertCount, firingCount, truncatedAlerts } = run;
  const told = new Map([...run.deliveries, ...postIncident.deliveries].map((one) => [JSON.stringify(one), one]));
  const deliveries = [...told.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return { ...postIncident, alerts, alertCount, firingCount, truncatedAlerts, deliveries };
}
