/**
 * Everything that is known of one incident, as plain JSON. It changes only by `evolve(incident, event)`.
 * Times are epoch milliseconds.
 */
import type { ActionItem, Postmortem, FollowUps } from './post-incident.ts';
import type { AlertDetails, AlertState, Storm } from './alert.ts';
import type { PublicState, Role } from './commands.ts';
import type { Impact } from './impact.ts';
import type { MergedIncident, MergedTo, PendingMerge, UndeliveredAlerts } from './merge-messages.ts';
import type { Answer } from './decision.ts';
import type { Declaration } from './declaration.ts';
import type { Outbox, PageCause, PageReason, PersonalCall } from './outbox.ts';
import type { Outcome, Phase } from './phase.ts';
import type { Severity } from './severity.ts';
import type { Text } from './text.ts';
import type { ChangedAlert, PendingProjectionItem } from './projection.ts';

/** Where the escalation stands. */
export interface EscalationState {
  /** Somebody still has to answer. */
  readonly open: boolean;
  /** No cycle is left: nobody is left to page. */
  readonly exhausted: boolean;
  /** The cycle, from 1, counted over the whole incident and never repeated. 0 before the first. */
  readonly cycle: number;
  /** The cycle since the escalation last (re)started, from 1; 0 before its first page. */
  readonly cycleInRun: number;
  /** The level reached in this cycle, from 1. */
  readonly level: number;
  /** When the next level or the end of the cycle is due; before the first page, when the escalation starts. */
  readonly nextLevelAt: number | null;
  readonly cycleStartedAt: number;
  /** When the notification rules of this level began, and how many attempts have been made. */
  readonly rulesStartedAt: number;
  readonly attemptsMade: number;
  /** Methods of the people at this level; null until the first page came back. */
  readonly methods: number | null;
  /** People paged in this cycle: a later level leaves them out. */
  readonly pagedInCycle: readonly string[];
  /** Those of them that this level leaves out. */
  readonly excludedAtLevel: readonly string[];
}

/** One of the two update schedules. */
export interface UpdateSchedule {
  readonly restartedAt: number;
  /** No update is due before this: a raised severity grants its acknowledgement time. */
  readonly notBefore: number;
  readonly reminded: boolean;
  /** Holding updates since a person last spoke. */
  readonly holdingUpdates: number;
}

/** The monitoring window after the fix. */
export interface MonitoringWindow {
  readonly startedAt: number;
  readonly endsAt: number;
  /** A person has confirmed with `resolve`: for an acknowledged SEV1/2, cleared alerts alone are no proof. */
  readonly confirmed: boolean;
  /** The IC was asked to confirm. */
  readonly confirmationRequested: boolean;
}

/**
 * `sending`: no answer yet; `retrying`: it failed and is being tried again; `accepted` by the provider; `failed`: given
 * up. Only pages are ever `sending` or `retrying`.
 */
export const DELIVERY_STATES = ['sending', 'retrying', 'accepted', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** What has become of one message to one person by one method, since `at`. */
export interface Delivery {
  readonly at: number;
  readonly to: string;
  readonly method: string;
  readonly key: string;
  readonly state: DeliveryState;
  readonly reason: string | null;
}

export interface TimelineEntry {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly by: string | null;
  /** With people by their keys and times in UTC. */
  readonly text: string;
  /** Its text with people and times still in it as values, where it has any. The records keep it as it reads. */
  readonly parts?: Text;
  /** Of pages: whom each went to, `name` as the records keep it, and what became of it. */
  readonly pages?: readonly { readonly to: string; readonly name?: string; readonly state: DeliveryState }[];
  /** Of alerts that fired, changed or cleared: this firing of each. Not of all when there are very many. */
  readonly alerts?: readonly EntryAlert[];
}

/** One firing of an alert, in epoch ms; `endsAt` null: it fires. */
export interface EntryAlert {
  readonly fingerprint: string;
  readonly name: string;
  readonly startsAt: number;
  readonly endsAt: number | null;
}

/** The last requests and their answers, so that a repeat gets the first answer. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly command: string;
  readonly changed: boolean;
  readonly text: Answer;
}

/** Why it happened, as far as people know: the latest that was said. */
export interface Cause {
  readonly text: string;
  readonly at: number;
  readonly by: string;
}

/** What an incident knows of its alerts. */
export interface Alerts {
  /** By fingerprint. */
  readonly states: Readonly<Record<string, AlertState>>;
  readonly details: Readonly<Record<string, AlertDetails>>;
  /** How many the sender of the latest message says it left out. */
  readonly truncated: number;
  /** While the sender leaves alerts out: who said so, and when somebody was asked whether those are over. */
  readonly leftOut?: { readonly source: string; readonly askedAt: number | null };
  /** How many resolved ones are no longer in `states`. */
  readonly forgotten?: number;
  /** Services, names of alerts without one, and other teams that it has heard of: see `joining.ts`. */
  readonly subjects?: readonly string[];
  readonly detectedAt: number | null;
  /** The groups that gather here, when this is a storm. */
  readonly storm?: Storm;
  /** When they fired again during the monitoring window, for the flapping rule. */
  readonly recurredAt: readonly number[];
  readonly flapping: boolean;
}

/** People called beside the escalation (by name, or leadership), until one of them has answered. */
export interface Call {
  /** Number of its first page request. */
  readonly n: number;
  readonly reason: PageReason;
  readonly cause: PageCause;
  readonly names: readonly string[];
  readonly except: readonly string[];
  readonly since: number;
  /** When they were last paged, and how often so far. */
  readonly calledAt: number;
  readonly times: number;
  /** Whom its pages have reached. */
  readonly people: readonly string[];
}

/** Who is paged, who was, and by when somebody must answer. */
export interface Escalation extends EscalationState {
  /** Pages requested for each `cycle.level`. */
  readonly attempts: Readonly<Record<string, number>>;
  /** Everyone whom a page of the escalation reached. */
  readonly paged: readonly string[];
  /** Leadership that was paged as such. */
  readonly leadershipPaged: readonly string[];
  readonly leadershipPageRequested: boolean;
  /** Since when people have been paged without an answer. Absent before, and in incidents of 0.2.0. */
  readonly askedSince?: number;
  /** Why its next level is paged, when it is not only that nobody has answered. */
  readonly nextCause?: PageCause;
  /** Whom a page beside the escalation was for, and why. Absent before, and in incidents of 0.2.0. */
  readonly calledFor?: Readonly<Record<string, PersonalCall>>;
  /** Calls that nobody has answered. Absent: none, or the policy has none. */
  readonly calls?: readonly Call[];
  /** Absent before anything happened. */
  readonly responseTargets?: ResponseTargets;
  /** When a SEV4 is to be acknowledged; null until a calendar was asked. */
  readonly businessDay: AcknowledgementDay | null;
  /** When a person last did something about it. */
  readonly lastActivityAt: number;
  readonly inactivity: Inactivity | null;
  /** The IC was paged and has not answered: the next person to answer takes command. */
  readonly commanderPaged: boolean;
  /** Incidents named by the acknowledge links of pages that the server sent while Temporal was away. */
  readonly aliases?: readonly string[];
}

/** What people inside and outside are told, and when next. */
export interface Communications {
  readonly internalSchedule: UpdateSchedule;
  /** Null until something is public. */
  readonly publicSchedule: UpdateSchedule | null;
  /** The public state that a person chose in this phase; null: the phase's own. */
  readonly publicState: PublicState | null;
  /** Number of the last holding update that is an entry of its own on the public page. */
  readonly holdingEntry?: number;
  /** Nobody had acknowledged when the first public entry was due: said once. */
  readonly publicDeadlineMissed?: true;
  /** Stakeholders who have been sent an update. */
  readonly updatedStakeholders?: readonly string[];
  /** What vendors call the things they made for it; `channel` and `ticket` are ours, other names theirs. */
  readonly refs: Readonly<Record<string, string>>;
}

/** How it is being fixed. */
export interface Mitigation {
  readonly decision: 'rollback' | 'fix-forward' | null;
  /** It was reported to have failed, or the problem came back. */
  readonly disproved?: boolean;
  readonly startedAt: number | null;
  readonly mitigatedAt: number | null;
  readonly resolution: string | null;
  readonly monitoringWindow: MonitoringWindow | null;
}

/** Which incident it was merged into, and which were merged into it. */
export interface Merge {
  /** Reference, or else id, of the incident it was merged into. */
  readonly mergedInto: string | null;
  readonly mergedTo?: MergedTo | null;
  /** The merge request that has not been answered yet. */
  readonly pendingMerge?: PendingMerge | null;
  /** Ids of incidents with an alert of this one: whether to merge the two is decided, or left to people. */
  readonly duplicatesSettled?: readonly string[];
  /** Why the last request came to nothing. */
  readonly mergeRefused?: { readonly requestNumber: number; readonly reason: string };
  /** Incidents merged into this one. */
  readonly mergedFrom?: readonly MergedIncident[];
  /** Alerts that have not been forwarded to the merge target yet. */
  readonly undeliveredAlerts?: UndeliveredAlerts | null;
}

/** What is left to do once it is resolved. */
export interface PostIncident {
  /** The post-incident workflow has it now. */
  readonly handedOver: boolean;
  readonly actionItems: readonly ActionItem[];
  readonly postmortem: Postmortem | null;
  /** What is left to do since it was last resolved; absent: nothing yet. */
  readonly followUps?: FollowUps;
}

/** The timeline, and what the records do not have yet. */
export interface Projection {
  /** Entries written so far. */
  readonly seq: number;
  /** The last of them. */
  readonly timeline: readonly TimelineEntry[];
  /** The last of what people decided and said, however many entries came after it. Absent before 0.3. */
  readonly byPeople?: readonly TimelineEntry[];
  /** Oldest first. */
  readonly pending: readonly PendingProjectionItem[];
  /** Alerts that the records do not have as they are now. */
  readonly changedAlerts: readonly ChangedAlert[];
}

export interface Incident extends Omit<Declaration, 'spooledAt' | 'declarerIsOnCall' | 'storm' | 'suppressed'> {
  /** `INC-YYYY-NNN`: given by the records, after the first page; tests have none. */
  readonly reference: string | null;
  readonly highestSeverity: Severity;
  readonly phase: Phase;
  readonly outcome: Outcome | null;
  readonly roles: Readonly<Record<Role, string | null>>;
  readonly impact: Impact | null;
  /** Absent until somebody has said it. */
  readonly cause?: Cause;
  /** Everyone who has done something about it. */
  readonly involved: readonly string[];
  /** Who asked for today's policy, until it is taken. */
  readonly policyMoveRequestedBy: string | null;

  readonly declaredAt: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: number | null;
  readonly closedAt: number | null;
  readonly severityChangedAt: number | null;

  /** Changes of this state so far. */
  readonly stateVersion: number;
  readonly outbox: Outbox;
  readonly deliveries: readonly Delivery[];
  readonly answeredRequests: readonly AnsweredRequest[];

  readonly alerts: Alerts;
  readonly escalation: Escalation;
  readonly communications: Communications;
  readonly mitigation: Mitigation;
  readonly merge: Merge;
  readonly postIncident: PostIncident;
  readonly projection: Projection;
}

/** The opening of business by which it is to be acknowledged. */
export interface AcknowledgementDay {
  /** Epoch ms. */
  readonly dueAt: number;
  /** It has come, and nobody had acknowledged. */
  readonly remindedAt: number | null;
}

/** Epoch ms; null: no target. */
export interface ResponseTargets {
  readonly acknowledgeDueAt: number | null;
  readonly publicDueAt: number | null;
}

/** How far the inactivity has been followed up, and since when. */
export interface Inactivity {
  readonly stage: 'asked' | 'paged' | 'escalated';
  readonly at: number;
}
