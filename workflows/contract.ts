/**
 * What a client of the workflows must know: names, inputs, answers. Plain constants and types, so that the edge can
 * import it without the workflow runtime. Wire names are what the Temporal UI shows; changing one breaks running
 * incidents.
 */
import type { OutboxQueueName } from '../activities/types.ts';
import type { CommandType } from '../domain/kernel/commands.ts';
import type { HeartbeatSetting, HeartbeatState } from '../domain/heartbeat/heartbeat.ts';
import type { Incident } from '../domain/kernel/incident.ts';
import type { MaintenanceWindow } from '../domain/kernel/maintenance.ts';
import type { Declaration } from '../domain/kernel/declaration.ts';
import type { Phase } from '../domain/kernel/phase.ts';
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
/** Signal `(updateId: string)`: a command given as that update, which no worker has taken in time, is not to be done. */
export const WITHDRAW_SIGNAL = 'withdraw';
/** Type of the failure of an update that was withdrawn: it was not done, and may be given again under another id. */
export const COMMAND_WITHDRAWN = 'CommandWithdrawn';
/** Signal `(word: MergeWord)`: from another incident, when one is merged into the other. */
export const MERGE_SIGNAL = 'mergeMessage';
/** Signal `(handover: Handover)`: from the post-incident flow to a lingering run: take this incident back. */
export const REOPEN_HANDOVER_SIGNAL = 'reopenHandover';
/** Signal `(taken: boolean)`: the run's answer to its post-incident flow. False: a newer incident has its place. */
export const REOPEN_HANDOVER_TAKEN_SIGNAL = 'reopenHandoverTaken';
/** Query → `IncidentView`. */
export const INCIDENT_QUERY = 'incident';
/** Query → `string[]`: the workflow ids of the groups that joined a storm; empty for any other incident. */
export const STORM_MEMBERS_QUERY = 'stormMembers';
/** Query → `PagingAccount`: why somebody is paged next, or nobody is. */
export const EXPLAIN_QUERY = 'explain';
/** Query → `TimelineView`. */
export const TIMELINE_QUERY = 'timeline';

/** Signal `(beat: Beat)`: something was heard of what a heartbeat is for. */
export const BEAT_SIGNAL = 'beat';
/** Signal `(listening: Listening)`: a server could hear beats until now. */
export const LISTENING_SIGNAL = 'listening';
/** Query → `HeartbeatState`. */
export const HEARTBEAT_QUERY = 'heartbeat';

/** Begins to wait for beats, or goes on. */
export type HeartbeatInput = { readonly setting: HeartbeatSetting } | { readonly state: HeartbeatState };

/** Signal `(alert: SyntheticAlert)`: begins a self-check. */
export const SYNTHETIC_ALERT_SIGNAL = 'syntheticAlert';
/** Update `(check: string)` → null once the page to nobody has left and the check is acknowledged. */
export const ACKNOWLEDGE_CHECK_UPDATE = 'acknowledgeCheck';

/** What a server sends itself to see that alerts become pages. */
export interface SyntheticAlert {
  /** A ULID: this one check. */
  readonly check: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Goes on with an incident: after continue-as-new, in its post-incident flow, or given back by it. */
export interface Handover {
  readonly incident: Incident;
  /** Lines of notifications whose last orders may have been told already. */
  readonly maybeDelivered: readonly OutboxQueueName[];
  /** Those of them that the timeline already says could not be delivered: one line an outage. */
  readonly outages: readonly OutboxQueueName[];
  /** The policy was frozen for an earlier incident, and today's has not been taken yet. */
  readonly policyIsOld?: true;
}

/** Begins a new incident, or goes on with one; `waiting`: what maintenance holds back beside it. */
export type IncidentInput = (
  | {
      readonly declaration: Declaration;
      /** When it was held back until now, epoch ms. */
      readonly declaredAt?: number;
    }
  | Handover
) & { readonly suppressedAlerts?: SuppressedAlerts };

/** What all queries answer while there is no incident: maintenance holds its alerts back, in words. */
export interface SuppressedAnswer {
  readonly suppressedBy: string;
}

/** Signal `(ended: WindowEnded)` to a maintenance window: it ends now. */
export const END_WINDOW_SIGNAL = 'end';
/** Signal `(moved: WindowMoved)` to a maintenance window: it ends then. */
export const MOVE_WINDOW_SIGNAL = 'move';
/** Signal `(word: HoldWord)` to a maintenance window: it holds alerts of that run back. It answers with its end. */
export const SUPPRESSION_SIGNAL = 'suppress';
/** Signal `(end: WindowEnd)` to a run whose alerts are held back: when the window really ends, or has ended. */
export const WINDOW_END_SIGNAL = 'windowEnd';
/** Query → `MaintenanceWindow`. */
export const MAINTENANCE_QUERY = 'maintenance';

/** Begins a window, or goes on with it; `holding`: workflow ids of the runs that it holds alerts back of. */
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
  /** The command it answers: Temporal answers a second update of one id as it did the first, whatever it asks for. */
  readonly command: CommandType;
}

/** Why a command is refused whose request id another one had. */
export const requestIdUsed = (requestId: string, command: string): string =>
  `the request id ${requestId} was used for ${command}: each command needs one of its own`;

/** Details of a `COMMAND_REFUSED` failure. */
export interface Refusal {
  readonly reason: string;
  readonly phase: Phase;
  /** Commands that are possible now. */
  readonly allowed: readonly CommandType[];
}

/** Kept for lists and `describe`: plain memo fields set at start. */
export interface IncidentMemo {
  readonly incidentId: string;
  readonly title: string;
  readonly severity: string;
  readonly team: string;
}

/** Search attributes (all Keyword but the last, Datetime). Verified by the worker; never upserted when missing. */
export const SEARCH_ATTRIBUTES = {
  TocsinIncident: 'KEYWORD',
  TocsinSeverity: 'KEYWORD',
  TocsinPhase: 'KEYWORD',
  TocsinTeam: 'KEYWORD',
  TocsinService: 'KEYWORD',
  TocsinNextDeadline: 'DATETIME',
} as const;
