/**
 * What the HTTP routes need from the incidents: implemented over Temporal and the spool in `incidents.ts`, and the
 * only way from a request to a workflow. Every call is bounded in time.
 */
import type { AlertReport, FallbackPage, StormGroup } from '../../domain/kernel/alert.ts';
import type { Command } from '../../domain/kernel/commands.ts';
import type { PagingAccount } from '../../domain/engine/explain.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { Severity } from '../../domain/kernel/severity.ts';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import type { CommandAnswer, Refusal } from '../../workflows/contract.ts';
import type { IngestCounts } from '../delivery/durable-delivery.ts';
import type { PipelinePreview } from '../ingest/pipeline.ts';

/** Alerts of one message that belong to one incident, and what the incident begins with if they open it. */
export interface RoutedAlerts {
  readonly declaration: Declaration;
  readonly alerts: readonly AlertReport[];
  readonly source: string;
  readonly receivedAt: number;
  readonly staleAfterMs: number;
  readonly truncated: number;
  /** In a storm: the groups that its alerts belong to. */
  readonly groups?: readonly StormGroup[];
  /** Fallback pages that went out about these alerts while Temporal was away. */
  readonly alreadyPaged?: readonly FallbackPage[];
}

export interface IncidentsGateway {
  /**
   * Makes routed alerts durable: Temporal has them, or the spool does. Resolves with the workflow ids of incidents that
   * were opened or told (none for a resolved alert nobody knows). Throws `NotDurable` within 5 s.
   */
  report(routedAlerts: readonly RoutedAlerts[]): Promise<readonly string[]>;
  /** Starts an incident at a person's word. Same workflow id: the incident that already exists. Throws `Unavailable`. */
  declare(opening: Declaration): Promise<IncidentView>;
  /** Throws `Refused`, `UnknownIncident` or `Unavailable`. `pending`: durable, but no worker has taken it yet. */
  command(workflowId: string, command: Command): Promise<CommandAnswer | 'pending'>;
  /** The newest incident unless another is named. Throws `UnknownIncident` or `Unavailable`. */
  show(workflowId: string, incidentId?: string): Promise<IncidentView>;
  timeline(workflowId: string, incidentId?: string): Promise<TimelineView>;
  /** Why somebody is paged next, or nobody is. Throws as `show` does. */
  explain(workflowId: string, incidentId?: string): Promise<PagingAccount>;
  /** Every incident that has a run in Temporal, as far as 2 s allow; some may be over. Throws `Unavailable`. */
  running(): Promise<RunningIncidents>;
  /** What `report` would do with routed alerts now. */
  preview(routed: RoutedAlerts): PipelinePreview;
  /** What is known of a group whose alerts wait in the spool; null: none do. */
  pendingGroup(workflowId: string): { readonly title: string; readonly severity: Severity } | null;
  /** For `/readyz` and `/metrics`. */
  state(): Promise<GatewayState>;
  /** For `/metrics`: what happened since the start. */
  counts(): GatewayCounts;
}

export interface RunningIncidents {
  /** In no order. */
  readonly incidents: readonly IncidentView[];
  /** False: some that may be open were not read in time, or there are more than are read. */
  readonly isComplete: boolean;
}

export interface GatewayCounts extends Readonly<IngestCounts> {
  /** Lines of the spool that could not be read. */
  readonly corruptSpoolLines: number;
}

export interface GatewayState {
  readonly temporal: 'up' | 'down';
  readonly spool: 'writable' | 'unwritable';
  /** Routed alerts that wait in the spool. */
  readonly spooled: number;
  /** Teams that have a storm. */
  readonly storms: number;
}

/** Neither Temporal nor the spool took it: the sender must try again. */
export class NotDurable extends Error {
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds = 5) {
    super(message);
    this.name = 'NotDurable';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class UnknownIncident extends Error {
  constructor(id: string) {
    super(`no incident ${id}`);
    this.name = 'UnknownIncident';
  }
}

/** Temporal or its workers did not answer in time; nothing was done unless the message says so. */
export class IncidentsUnavailable extends Error {
  /** It was sent, and no answer came in time: it may have been done. */
  readonly isUncertain: boolean;
  constructor(message: string, { isUncertain = false }: { readonly isUncertain?: boolean } = {}) {
    super(message);
    this.name = 'IncidentsUnavailable';
    this.isUncertain = isUncertain;
  }
}

export class CommandRefused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.reason);
    this.name = 'CommandRefused';
    this.refusal = refusal;
  }
}
