/**
 * What the HTTP routes need from the incidents. `temporal-gateway.ts` implements it over Temporal and the spool; it is
 * the only way from a request to a workflow. Every call is bounded in time.
 */
import type { AlertBatch, AlertReport, FallbackPage, StormGroup } from '../../domain/kernel/alert.ts';
import type { Command } from '../../domain/kernel/commands.ts';
import type { PagingAccount } from '../../domain/engine/explain.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { Severity } from '../../domain/kernel/severity.ts';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import type { CommandAnswer, Refusal } from '../../workflows/contract.ts';
import type { IngestCounts } from '../delivery/durable-delivery.ts';
import type { PipelinePreview } from '../ingest/pipeline.ts';

/** Alerts of one message that belong to one incident, and the declaration to use if they open it. */
export interface RoutedAlerts extends Pick<AlertBatch, 'lateCopyMs' | 'messageGroup' | 'listed'> {
  readonly declaration: Declaration;
  readonly alerts: readonly AlertReport[];
  readonly source: string;
  readonly receivedAt: number;
  readonly staleAfterMs: number;
  readonly truncated: number;
  /** In a storm: the groups to which its alerts belong. */
  readonly groups?: readonly StormGroup[];
  /** Fallback pages sent about these alerts while Temporal was down. */
  readonly alreadyPaged?: readonly FallbackPage[];
}

export interface IncidentsGateway {
  /**
   * Makes routed alerts durable, in Temporal or in the spool. Resolves with the ids of the workflows that were started
   * or signalled (none for a resolved alert without an incident). Throws `NotDurable` within 5 s.
   */
  report(routedAlerts: readonly RoutedAlerts[]): Promise<readonly string[]>;
  /** Declares an incident for a person. The same workflow id returns the existing incident. Throws `Unavailable`. */
  declare(opening: Declaration): Promise<IncidentView>;
  /** Throws `Refused`, `UnknownIncident` or `Unavailable`. `pending`: durable, but no worker has processed it yet. */
  command(workflowId: string, command: Command): Promise<CommandAnswer | 'pending'>;
  /** The newest incident unless another is named. Throws `UnknownIncident` or `Unavailable`. */
  show(workflowId: string, incidentId?: string): Promise<IncidentView>;
  timeline(workflowId: string, incidentId?: string): Promise<TimelineView>;
  /** Who is paged next and why, or why nobody is. Throws as `show` does. */
  explain(workflowId: string, incidentId?: string): Promise<PagingAccount>;
  /**
   * The incidents that have a run in Temporal, as many as can be read in 2 s; some may be over. Throws `Unavailable`.
   */
  running(): Promise<RunningIncidents>;
  /** What `report` would do with routed alerts now. */
  preview(routed: RoutedAlerts): PipelinePreview;
  /** What is known about a group whose alerts wait in the spool; null: none wait. */
  pendingGroup(workflowId: string): { readonly title: string; readonly severity: Severity } | null;
  /** For `/readyz` and `/metrics`. */
  state(): Promise<GatewayState>;
  /** For `/metrics`: counters since the start. */
  counts(): GatewayCounts;
}

export interface RunningIncidents {
  /** Unordered. */
  readonly incidents: readonly IncidentView[];
  /** False: some that may be open were not read in time, or there are too many to read. */
  readonly isComplete: boolean;
}

export interface GatewayCounts extends Readonly<IngestCounts> {
  /** Lines of the spool that could not be read. */
  readonly corruptSpoolLines: number;
}

export interface GatewayState {
  readonly temporal: 'up' | 'down';
  readonly spool: 'writable' | 'unwritable';
  /** Routed alerts waiting in the spool. */
  readonly spooled: number;
  /** Teams with an open storm. */
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
  /** It was sent but not answered in time: it may have been done. */
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
