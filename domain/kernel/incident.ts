/**
 * Everything that is known of one incident, as plain JSON. It changes only by `evolve(incident, event)`.
 * Times are epoch milliseconds.
 */
import type { ActionItem, Postmortem } from '../post-incident/action-items.ts';
import type { AlertDetails, AlertState } from './alert.ts';
import type { PublicState, Role } from './commands.ts';
import type { BusinessDay } from '../escalation/business-day.ts';
import type { FollowUps } from '../post-incident/follow-ups.ts';
import type { Impact } from './impact.ts';
import type { MergedIncident, MergedTo, PendingMerge, UndeliveredAlerts } from './merge-messages.ts';
import type { Declaration } from './declaration.ts';
import type { Outbox } from './outbox.ts';
import type { Outcome, Phase } from './phase.ts';
import type { ResponseTargets } from '../escalation/response-targets.ts';
import type { Severity } from './severity.ts';
import type { Inactivity } from '../escalation/inactivity.ts';
import type { Storm } from '../alerts/storm.ts';
import type { PendingProjectionItem } from '../engine/pending-projection.ts';

/** Where the chain of levels stands. */
export interface EscalationState {
  /** Somebody still has to answer. */
  readonly open: boolean;
  /** Ran out of passes: nobody is left to page. */
  readonly exhausted: boolean;
  /** The pass, from 1, counted over the whole incident: no two passes share a number. 0 before the first. */
  readonly cycle: number;
  /** The pass since the chain was last opened, from 1; 0 before its first page. */
  readonly cycleInRun: number;
  /** The level reached in this pass, from 1. */
  readonly level: number;
  /** When the next level (or the end of the pass) is due; before the first page, when the chain begins. */
  readonly nextLevelAt: number | null;
  readonly cycleStartedAt: number;
  /** When the notification rules of this level began, and how many of their steps have been taken. */
  readonly rulesStartedAt: number;
  readonly attemptsMade: number;
  /** Methods of the people at this level; null until the first page came back. */
  readonly methods: number | null;
  /** People paged in this pass: a later level leaves them out. */
  readonly pagedInCycle: readonly string[];
  /** Those of them that this level leaves out. */
  readonly excludedAtLevel: readonly string[];
}

/** One of the two communication clocks. */
export interface UpdateSchedule {
  readonly restartedAt: number;
  /** No update is due before this: a raised severity grants its acknowledgement time. */
  readonly notBefore: number;
  readonly reminded: boolean;
  /** Holding updates since a person last spoke. */
  readonly holdingUpdates: number;
}

/** The watch after the fix. */
export interface MonitoringWindow {
  readonly startedAt: number;
  readonly endsAt: number;
  /** A person said `resolve`: for an acknowledged SEV1/2 silence alone is no proof. */
  readonly confirmed: boolean;
  /** The IC was asked to confirm. */
  readonly confirmationRequested: boolean;
}

export interface Delivery {
  readonly at: number;
  readonly to: string;
  readonly method: string;
  readonly key: string;
  readonly state: 'accepted' | 'failed';
  readonly reason: string | null;
}

export interface TimelineEntry {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly by: string | null;
  readonly text: string;
}

/** The last requests and their answers, so that a repeat gets the first answer. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly command: string;
  readonly changed: boolean;
  readonly text: string;
}

export interface Incident extends Omit<Declaration, 'spooledAt' | 'declarerIsOnCall' | 'storm' | 'held'> {
  /** `INC-YYYY-NNN`: given by the records, after the first page; tests have none. */
  readonly reference: string | null;
  readonly highestSeverity: Severity;
  readonly phase: Phase;
  readonly outcome: Outcome | null;
  readonly roles: Readonly<Record<Role, string | null>>;
  readonly decision: 'rollback' | 'fix-forward' | null;
  readonly resolution: string | null;

  readonly impact: Impact | null;
  readonly actionItems: readonly ActionItem[];
  readonly postmortem: Postmortem | null;
  /** What its post-incident flow owes since it was resolved last; absent: nothing yet. */
  readonly followUps?: FollowUps;
  /** Everyone who has done something about it. */
  readonly involved: readonly string[];
  /** When a person last did. */
  readonly lastActivityAt: number;
  readonly inactivity: Inactivity | null;
  /** When a SEV4 is to be acknowledged; null until a calendar was asked. */
  readonly businessDay: BusinessDay | null;
  /** The IC was paged and has not answered: whoever does takes command. */
  readonly commanderPaged: boolean;
  /** Who asked for today's policy, until it is taken. */
  readonly policyMoveRequestedBy: string | null;

  readonly alerts: Readonly<Record<string, AlertState>>;
  readonly details: Readonly<Record<string, AlertDetails>>;
  /** What the sender of the latest message says it left out. */
  readonly truncated: number;

  /** What gathers here, when this is a storm. */
  readonly storm?: Storm;
  /** Incidents that acknowledge links of pages name which the edge sent before this incident could begin. */
  readonly aliases?: readonly string[];

  readonly detectedAt: number | null;
  readonly declaredAt: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly mitigationStartedAt: number | null;
  readonly mitigatedAt: number | null;
  readonly resolvedAt: number | null;
  readonly closedAt: number | null;
  readonly severityChangedAt: number | null;
  /** Absent before anything happened. */
  readonly responseTargets?: ResponseTargets;

  readonly escalation: EscalationState;
  /** Pages given for each `cycle.level`. */
  readonly attempts: Readonly<Record<string, number>>;
  /** Everyone a page of the chain reached. */
  readonly paged: readonly string[];
  /** Leadership that was paged as such. */
  readonly leadershipPaged: readonly string[];
  readonly leadershipPageRequested: boolean;

  readonly internalSchedule: UpdateSchedule;
  /** Null until something is public. */
  readonly publicSchedule: UpdateSchedule | null;
  /** The public word a person chose in this phase; null: the phase's own. */
  readonly publicState: PublicState | null;
  readonly monitoringWindow: MonitoringWindow | null;
  /** When it came back, for the flapping rule. */
  readonly recurredAt: readonly number[];
  readonly flapping: boolean;

  /** Stakeholders who have been sent a stakeholder update. */
  readonly updatedStakeholders?: readonly string[];

  readonly outbox: Outbox;
  readonly deliveries: readonly Delivery[];
  readonly answeredRequests: readonly AnsweredRequest[];

  /** What vendors call what they have made for it; names are theirs, but for `channel` and `ticket`. */
  readonly refs: Readonly<Record<string, string>>;

  /** Changes of this state so far. */
  readonly stateVersion: number;
  /** Lines written so far, and the last of them. */
  readonly seq: number;
  readonly timeline: readonly TimelineEntry[];
  /** What the records do not have yet, oldest first. */
  readonly pendingProjection: readonly PendingProjectionItem[];
  /** Alerts that the records do not have as they are now, with the revision of the change. */
  readonly changedAlerts: readonly { readonly fingerprint: string; readonly stateVersion: number }[];

  /** Reference of the incident that it is a part of, or that one's id. */
  readonly mergedInto: string | null;
  readonly mergedTo?: MergedTo | null;
  /** It asks to become a part of another. */
  readonly pendingMerge?: PendingMerge | null;
  /** Why the last asking came to nothing. */
  readonly mergeRefused?: { readonly requestNumber: number; readonly reason: string };
  /** Incidents that are a part of this one. */
  readonly mergedFrom?: readonly MergedIncident[];
  /** What the incident it is a part of does not know yet. */
  readonly undeliveredAlerts?: UndeliveredAlerts | null;
  /** Its post-incident flow has it now. */
  readonly postIncident: boolean;
}
