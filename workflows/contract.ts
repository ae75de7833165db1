/**
 * What a client of the workflows must know: names, inputs, answers. Pure, so that the server can import it without the
 * workflow runtime. Wire names are what the Temporal UI shows; changing one breaks running
 * incidents.
 */
import type { OutboxQueueName } from '../activities/types.ts';
import type { CommandType } from '../domain/kernel/commands.ts';
import type { HeartbeatSetting, HeartbeatState } from '../domain/heartbeat/heartbeat.ts';
import type { Incident } from '../domain/kernel/incident.ts';
import type { MaintenanceWindow } from '../domain/kernel/maintenance.ts';
import type { Declaration } from '../domain/kernel/declaration.ts';
import type { Phase } from '../domain/kernel/phase.ts';
import { truncate, type Text } from '../domain/kernel/text.ts';
import type { SuppressedAlerts } from '../domain/alerts/suppressed-alerts.ts';

/** Workflows on one queue; pages on their own, so that nothing else takes their slots. */
export const TASK_QUEUES = {
  incidents: 'tocsin-incidents',
  pages: 'tocsin-pages',
  notifications: 'tocsin-notifications',
} as const;

export const INCIDENT_WORKFLOW = 'incidentWorkflow';
export const POST_INCIDENT_WORKFLOW = 'postIncidentWorkflow';

export const HEARTBEAT_WORKFLOW = 'heartbeatWorkflow';
export const SELF_CHECK_WORKFLOW = 'selfCheckWorkflow';

export const MAINTENANCE_WORKFLOW = 'maintenanceWorkflow';

/** The post-incident flow of one incident: everything goes there once the incident is over. */
export const postIncidentWorkflowId = (incidentId: string): string => `post-incident-${incidentId}`;

/** Signal `(batch: AlertBatch)`: alerts that belong to this incident. */
export const ALERTS_SIGNAL = 'alerts';
/** Signal `(updateId: string)`: do not carry out the command of that update, because no worker took it in time. */
export const WITHDRAW_SIGNAL = 'withdraw';
/**
 * Type of the failure of an update that was withdrawn: the command was not carried out and may be sent again under
 * another id.
 */
export const COMMAND_WITHDRAWN = 'CommandWithdrawn';
/** Signal `(message: MergeMessage)`: from another incident, when one is merged into the other. */
export const MERGE_SIGNAL = 'mergeMessage';
/**
 * Signal `(handover: Handover)`: from the post-incident flow to a run that still waits for late alerts: take this
 * incident back.
 */
export const REOPEN_HANDOVER_SIGNAL = 'reopenHandover';
/** Signal `(taken: boolean)`: the run's answer to its post-incident flow. False: it already runs a newer incident. */
export const REOPEN_HANDOVER_TAKEN_SIGNAL = 'reopenHandoverTaken';
/** Query `(part?: 'standing')` → `IncidentView`; with `standing` an `IncidentStanding` (a worker of 0.2.0: all of it). */
export const INCIDENT_QUERY = 'incident';
/** Query → `string[]`: the workflow ids of the groups that joined a storm; empty for any other incident. */
export const STORM_MEMBERS_QUERY = 'stormMembers';
/** Query → `PagingAccount`: who is paged next and why, or why nobody is. */
export const EXPLAIN_QUERY = 'explain';
/** Query → `TimelineView`. */
export const TIMELINE_QUERY = 'timeline';

/** Signal `(beat: Beat)`: the monitored job checked in. */
export const BEAT_SIGNAL = 'beat';
/** Signal `(listening: Listening)`: a server was able to receive beats until now. */
export const LISTENING_SIGNAL = 'listening';
/** Query → `HeartbeatState`. */
export const HEARTBEAT_QUERY = 'heartbeat';

/** Starts a heartbeat, or continues it from its state. */
export type HeartbeatInput = { readonly setting: HeartbeatSetting } | { readonly state: HeartbeatState };

/** Signal `(alert: SyntheticAlert)`: begins a self-check. */
export const SYNTHETIC_ALERT_SIGNAL = 'syntheticAlert';
/** Update `(check: string)` → null once the null page has been sent and the check is acknowledged. */
export const ACKNOWLEDGE_CHECK_UPDATE = 'acknowledgeCheck';

/** A server sends this to itself to check that alerts become pages. */
export interface SyntheticAlert {
  /** A ULID. */
  readonly check: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Continues an incident: after continue-as-new, in its post-incident flow, or in a run after reopening. */
export interface Handover {
  readonly incident: Incident;
  /** Outbox queues whose last entries may have been delivered already. */
  readonly maybeDelivered: readonly OutboxQueueName[];
  /** Those of them whose outage is already on the timeline, which gets one entry per outage. */
  readonly outages: readonly OutboxQueueName[];
  /** The policy was frozen for an earlier incident, and today's policy has not been adopted yet. */
  readonly policyIsOld?: true;
}

/** Starts a new incident or continues one. `suppressedAlerts`: alerts that maintenance suppresses beside it. */
export type IncidentInput = (
  | {
      readonly declaration: Declaration;
      /** When maintenance released it, epoch ms. */
      readonly declaredAt?: number;
    }
  | Handover
) & { readonly suppressedAlerts?: SuppressedAlerts };

/** The answer to every query while maintenance suppresses all alerts and there is no incident yet. */
export interface SuppressedAnswer {
  readonly suppressedBy: string;
}

/** Signal `(ended: WindowEnded)` to a maintenance window: it ends now. */
export const END_WINDOW_SIGNAL = 'end';
/** Signal `(moved: WindowMoved)` to a maintenance window: it ends then. */
export const MOVE_WINDOW_SIGNAL = 'move';
/**
 * Signal `(notice: SuppressionNotice)` to a maintenance window: that run has suppressed alerts. It answers with its
 * end.
 */
export const SUPPRESSION_SIGNAL = 'suppress';
/** Signal `(end: WindowEnd)` to a run with suppressed alerts: when the window really ends, or has ended. */
export const WINDOW_END_SIGNAL = 'windowEnd';
/** Query → `MaintenanceWindow`. */
export const MAINTENANCE_QUERY = 'maintenance';

/** Starts a window or continues it. `holding`: workflow ids of the runs whose alerts it suppresses. */
export interface MaintenanceInput {
  readonly window: MaintenanceWindow;
  readonly holding?: readonly string[];
}

/** Where servers read a window. */
export interface MaintenanceMemo {
  readonly window: MaintenanceWindow;
}

export interface WindowEnded {
  readonly by: string;
}

export interface WindowMoved {
  readonly by: string;
  readonly until: number;
}

export interface SuppressionNotice {
  readonly workflowId: string;
}

export interface WindowEnd {
  readonly window: string;
  readonly until: number;
}

/**
 * Every command is a signal and an update of its own name (`acknowledge`, `postUpdate` …) with one argument, the
 * command's fields and `by`. The update answers this; refusals fail it with type `COMMAND_REFUSED`.
 */
export interface CommandAnswer {
  /** False: the effect already held, or the same request came before. */
  readonly changed: boolean;
  /** What happened, in a sentence for the person who asked: "Ana has it". */
  readonly text: string;
  readonly phase: Phase;
  readonly seq: number;
}

export const COMMAND_REFUSED = 'CommandRefused';

/** What an update answers. */
export interface UpdateAnswer extends CommandAnswer {
  /**
   * The command it answers. Temporal answers a second update with the same id as it did the first, whatever its
   * arguments.
   */
  readonly command: CommandType;
  /** The text with people as values, where it names any: the server knows what they are called. */
  readonly parts?: Text;
}

/** Refuses a command whose request id was already used by another. */
export const requestIdUsed = (requestId: string, command: string): string =>
  `the request id ${requestId} was used for ${command}: each command needs one of its own`;

/** Details of a `COMMAND_REFUSED` failure. */
export interface Refusal {
  readonly reason: string;
  readonly phase: Phase;
  /** Commands allowed now. */
  readonly allowed: readonly CommandType[];
}

/** For lists and `describe` in Temporal: set at start, and kept up to date where the search attributes are. */
export interface IncidentMemo {
  readonly incidentId: string;
  /** Absent until it is numbered. */
  readonly reference?: string;
  readonly title: string;
  readonly severity: string;
  readonly team: string;
}

type Named = Pick<Declaration, 'incidentId' | 'title' | 'severity' | 'team'> & { readonly reference?: string | null };

export function memoOf({ incidentId, reference, title, severity, team }: Named): IncidentMemo {
  const numbered = reference == null ? {} : { reference };
  return { incidentId, ...numbered, title: truncate(title, 250), severity, team };
}

/** What Temporal's lists show of a run: "SEV1 Checkout is down". Temporal refuses more than 400 bytes. */
export const startSummary = ({ severity, title }: Pick<Declaration, 'severity' | 'title'>): string =>
  `${severity} ${truncate(title, 100)}`.toWellFormed();

/** The worker looks which of them the server has; the others are never upserted. */
export const SEARCH_ATTRIBUTES = {
  TocsinIncident: 'KEYWORD',
  TocsinReference: 'KEYWORD',
  TocsinSeverity: 'KEYWORD',
  TocsinPhase: 'KEYWORD',
  TocsinTeam: 'KEYWORD',
  TocsinService: 'KEYWORD',
  TocsinNextDeadline: 'DATETIME',
} as const;
export type SearchAttribute = keyof typeof SEARCH_ATTRIBUTES;
export const ALL_SEARCH_ATTRIBUTES = Object.keys(SEARCH_ATTRIBUTES) as readonly SearchAttribute[];

/** Those of 0.2.0, whose workers say only whether the server has all of them. */
export const SEARCH_ATTRIBUTES_OF_0_2 = ALL_SEARCH_ATTRIBUTES.filter((name) => name !== 'TocsinReference');
