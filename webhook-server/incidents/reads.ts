/** Asking incidents what they are. Queries work on ended runs too, and hang without a worker: all are bounded. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { IncidentView, TimelineView } from '../../domain/view.ts';
import { aftercareWorkflowId, INCIDENT_QUERY, TIMELINE_QUERY } from '../../workflows/contract.ts';
import { Unavailable, UnknownIncident } from '../gateway.ts';
import { grpcStatus } from './errors.ts';
import type { Gate } from './gate.ts';

export interface Reads {
  readonly show: (workflowId: string, withinMs?: number) => Promise<IncidentView>;
  readonly timeline: (workflowId: string) => Promise<TimelineView>;
  /** What the run of that id says of itself, aftercare not asked; null when there is no such run. */
  readonly ask: <T>(workflowId: string, query: string, withinMs?: number) => Promise<T | null>;
}

const QUERY_MS = 2500;

export function createReads({ client, gate }: { client: Client; gate: Gate }): Reads {
  async function ask<T>(workflowId: string, query: string, withinMs = QUERY_MS): Promise<T | null> {
    try {
      return await gate.ask(withinMs, () => client.workflow.getHandle(workflowId).query<T>(query));
    } catch (err) {
      if (err instanceof WorkflowNotFoundError) return null;
      throw new Unavailable(`${workflowId} did not answer: ${grpcStatus(err).text}`);
    }
  }

  async function incident(workflowId: string, withinMs?: number): Promise<IncidentView> {
    const view = await ask<IncidentView>(workflowId, INCIDENT_QUERY, withinMs);
    if (view === null) throw new UnknownIncident(workflowId);
    return view;
  }

  /** Once resolved, an incident's story goes on in its aftercare; a lingering run only remembers its part. */
  async function aftercareOf({ phase, episode, seq }: IncidentView, withinMs?: number): Promise<IncidentView | null> {
    if (phase !== 'resolved') return null;
    const view = await ask<IncidentView>(aftercareWorkflowId(episode), INCIDENT_QUERY, withinMs);
    return view !== null && view.seq > seq ? view : null;
  }

  return {
    ask,
    async show(workflowId, withinMs) {
      const view = await incident(workflowId, withinMs);
      return (await aftercareOf(view, withinMs)) ?? view;
    },
    async timeline(workflowId) {
      const view = await incident(workflowId);
      const timeline = await ask<TimelineView>(workflowId, TIMELINE_QUERY);
      if (timeline === null) throw new UnknownIncident(workflowId);
      if ((await aftercareOf(view)) === null) return timeline;
      const later = await ask<TimelineView>(aftercareWorkflowId(view.episode), TIMELINE_QUERY);
      return later === null ? timeline : joined(timeline, later);
    },
  };
}

/** Aftercare may know all that the incident knew or only what came after: each line once, in order. */
function joined(earlier: TimelineView, later: TimelineView): TimelineView {
  const lines = new Map([...earlier.timeline, ...later.timeline].map((line) => [line.seq, line]));
  return {
    timeline: [...lines.values()].sort((a, b) => a.seq - b.seq),
    cut: Math.min(earlier.cut, later.cut),
  };
}
