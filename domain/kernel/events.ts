/**
 * What can happen to an incident. Events are facts, in the past tense; the timeline is made of them. Bookkeeping
 * moves the state without an entry of its own. Pure.
 */
import type { AlertReport, StormGroup } from './alert.ts';
import type { ActionItem, PostmortemStage, Review } from './post-incident.ts';
import type { PublicState, Role, UpdateDetails } from './commands.ts';
import type { Impact } from './impact.ts';
import type { MergeMessage, MergePeer, MergeStanding } from './merge-messages.ts';
import type { Declaration } from './declaration.ts';
import type { PageReason, UnsettledPage } from './outbox.ts';
import type { AnsweredRequest, Call, Delivery } from './incident.ts';
import type { AssignedReference, DuplicateIncident } from './projection.ts';
import type { Severity } from './severity.ts';

export type Audience = 'internal' | 'public';

/** A delivery of a page; `level` is the target's it came from. */
export type PageDelivery = Delivery & { readonly level: number };

interface EventBase {
  readonly at: number;
  /** `by` is the name of a token bound to nobody, so no person did this. */
  readonly byToken?: true;
}

export type IncidentEvent = EventBase &
  (
    | { readonly type: 'declared'; readonly declaration: Declaration }
    | {
        readonly type: 'alerts-fired';
        readonly alerts: readonly AlertReport[];
        readonly staleAfterMs: number;
        /** Which source said so; absent: the incident's own. */
        readonly source?: string;
        readonly messageGroup?: string;
      }
    | {
        readonly type: 'alerts-cleared';
        readonly alerts: readonly Pick<AlertReport, 'fingerprint' | 'startsAt' | 'endsAt' | 'receivedAt'>[];
      }
    /** Firing alerts whose severity or words are others now; `title`: the incident's, if one of them had named it. */
    | {
        readonly type: 'alert-changed';
        readonly changes: readonly { readonly alert: AlertReport; readonly severityBefore: Severity }[];
        readonly title?: string;
      }
    /** Repeats in which only digits are others. */
    | { readonly type: 'alerts-restated'; readonly alerts: readonly AlertReport[] }
    /** Reported firing so soon after their end that they may be late copies; `newlyNoted`: those not noted before. */
    | {
        readonly type: 'late-copies-noted';
        readonly source: string;
        readonly alerts: readonly {
          readonly fingerprint: string;
          readonly receivedAt: number;
          readonly until: number;
        }[];
        readonly newlyNoted: readonly string[];
      }
    /** They ended again, or their source no longer has them: they were late copies. */
    | { readonly type: 'late-copies-settled'; readonly fingerprints: readonly string[] }
    /** Nobody could be asked what they were. */
    | { readonly type: 'late-copies-unverified'; readonly source: string; readonly fingerprints: readonly string[] }
    /** Not reported for too long, and their source (`answer`) does not have them or did not say. */
    | {
        readonly type: 'alerts-stale';
        readonly source: string;
        readonly fingerprints: readonly string[];
        readonly answer: 'gone' | 'unknown' | 'vanished';
        /** Those that were not stale before: each firing of an alert is said to be stale once. */
        readonly newlyStale: readonly string[];
        /** How long the first of them has not been heard of, ms. */
        readonly unreportedMs: number;
        /** Whole messages of their groups no longer list them. */
        readonly absent?: true;
      }
    /** A whole message of their group does not list them; `isLast`: the group is empty now. */
    | {
        readonly type: 'alerts-absent';
        readonly messageGroup: string;
        readonly receivedAt: number;
        readonly fingerprints: readonly string[];
        readonly isLast: boolean;
      }
    /** Their source could not be asked, and one message alone is not enough. */
    | { readonly type: 'absence-unverified'; readonly fingerprints: readonly string[] }
    /** The sender has begun to leave alerts out of its messages. */
    | { readonly type: 'alerts-left-out'; readonly source: string; readonly count: number }
    /** All known alerts have cleared: are those that were never sent over, too? */
    | { readonly type: 'left-out-questioned'; readonly source: string; readonly count: number }
    /** Suppressed by maintenance; `windows` describes which windows, and until when. */
    | { readonly type: 'alerts-suppressed'; readonly titles: readonly string[]; readonly windows: string }
    | {
        readonly type: 'alerts-seen';
        readonly fingerprints: readonly string[];
        readonly truncated: number;
        readonly receivedAt?: number;
        readonly messageGroup?: string;
        /** Those that were said to have started earlier than was known. */
        readonly earlierStarts?: readonly Pick<AlertReport, 'fingerprint' | 'startsAt'>[];
      }
    /** Alerts about another service or team joined; `notifies`: no page says so to the person who has the incident. */
    | {
        readonly type: 'service-joined';
        readonly titles: readonly string[];
        readonly count: number;
        readonly services: readonly string[];
        readonly notifies: boolean;
        /** Other teams whose on-call is paged. */
        readonly teams: readonly string[];
      }
    | { readonly type: 'groups-joined'; readonly groups: readonly StormGroup[] }
    /** A page names the groups that joined since the last one. */
    | { readonly type: 'storm-groups-named'; readonly dueAt: number }
    | {
        readonly type: 'split-off';
        readonly by: string;
        readonly group: StormGroup;
        readonly fingerprints: readonly string[];
      }
    | { readonly type: 'split-done'; readonly splitNumber: number }
    /** The server paged by itself while Temporal was away. */
    | {
        readonly type: 'fallback-paged';
        readonly deliveries: readonly Delivery[];
        readonly incidentIds: readonly string[];
      }
    | {
        readonly type: 'level-started';
        readonly cycleInRun: number;
        readonly cycle: number;
        readonly level: number;
        readonly together: boolean;
        readonly reason: PageReason;
        readonly dueAt: number;
        readonly nextLevelAt: number;
      }
    | { readonly type: 'level-extended'; readonly nextLevelAt: number }
    | { readonly type: 'notification-rule-due'; readonly dueAt: number }
    | {
        readonly type: 'paged';
        readonly requestNumber: number;
        readonly deliveries: readonly PageDelivery[];
        readonly methods: number;
        readonly unknown: readonly string[];
        readonly again: boolean;
        /** Methods that are still being tried. Absent from calls of 0.2.0. */
        readonly unsettled?: readonly UnsettledPage[];
        /** When the call was made, epoch ms. Absent as above. */
        readonly calledAt?: number;
        /** Nobody may be disturbed before this: only quiet methods were used, and the level waits for it. */
        readonly audibleFrom?: number;
      }
    | { readonly type: 'page-failed'; readonly requestNumber: number; readonly reason: string; readonly again: boolean }
    | { readonly type: 'level-unreachable'; readonly level: number; readonly reason: string }
    | { readonly type: 'escalation-exhausted'; readonly cycle: number; readonly last: boolean }
    | { readonly type: 'acknowledged'; readonly by: string }
    /** The answer to "still on it?". */
    | { readonly type: 'still-on-it'; readonly by: string }
    /** The next business day of the team, by a calendar: a SEV4 is to be acknowledged when it opens. */
    | {
        readonly type: 'business-day-set';
        readonly dueAt: number;
        readonly timeZone: string;
        /** Version of the zone data by which it was computed. */
        readonly tzdata: string;
      }
    | { readonly type: 'ticket-reminded'; readonly dueAt: number }
    | { readonly type: 'inactivity-nudged' }
    | { readonly type: 'inactivity-paged' }
    | { readonly type: 'inactivity-escalated' }
    /** People who were called are called again. */
    | { readonly type: 'call-repeated'; readonly call: Call; readonly dueAt: number }
    /** Nobody of them has answered in time. */
    | { readonly type: 'call-unanswered'; readonly call: Call }
    | { readonly type: 'seen'; readonly by: string }
    | { readonly type: 'declined'; readonly by: string }
    | { readonly type: 'escalated'; readonly by: string; readonly to: string | null; readonly reason: string }
    | { readonly type: 'role-assigned'; readonly by: string; readonly role: Role; readonly person: string }
    | {
        readonly type: 'severity-changed';
        readonly by: string | null;
        readonly from: Severity;
        readonly to: Severity;
        readonly reason: string;
        /** An alert that fired already has got worse, so nothing else says so in the monitoring window. */
        readonly alertWorsened?: true;
      }
    | {
        readonly type: 'update-posted';
        readonly by: string;
        readonly text: string;
        readonly audience: Audience;
        readonly status: PublicState | null;
        /** Only what was said. */
        readonly details?: UpdateDetails;
      }
    | { readonly type: 'impact-assessed'; readonly by: string; readonly impact: Impact }
    | { readonly type: 'cause-identified'; readonly by: string; readonly text: string }
    | { readonly type: 'update-reminded'; readonly audiences: readonly Audience[]; readonly dueAt: number }
    | { readonly type: 'update-missed'; readonly audiences: readonly Audience[]; readonly dueAt: number }
    | { readonly type: 'public-communication-started'; readonly reason: string }
    /** Nobody had acknowledged when the first public entry was due. */
    | { readonly type: 'public-deadline-missed'; readonly dueAt: number }
    | { readonly type: 'note-added'; readonly by: string; readonly text: string }
    | {
        readonly type: 'mitigation-decided';
        readonly by: string;
        readonly decision: 'rollback' | 'fix-forward';
        readonly action: string | null;
        readonly reason: string | null;
      }
    | {
        readonly type: 'mitigation-reported';
        readonly by: string;
        readonly outcome: 'worked' | 'failed';
        readonly text: string | null;
      }
    | { readonly type: 'alerts-ignored'; readonly by: string; readonly fingerprints: readonly string[] }
    | { readonly type: 'monitoring-started'; readonly by: string | null; readonly resolution: string | null }
    | { readonly type: 'resolve-confirmed'; readonly by: string; readonly resolution: string }
    | { readonly type: 'confirmation-requested' }
    | { readonly type: 'recurred'; readonly titles: readonly string[] }
    | { readonly type: 'reopened'; readonly by: string; readonly reason: string }
    | { readonly type: 'resolved' }
    | { readonly type: 'false-alarm-declared'; readonly by: string; readonly reason: string }
    | { readonly type: 'closed'; readonly by: string | null; readonly reason: string | null }
    | { readonly type: 'test-ended' }
    | {
        readonly type: 'notification-accepted';
        readonly acceptedEntries: readonly number[];
        readonly deliveries: readonly Delivery[];
        /** What vendors have made meanwhile. */
        readonly refs: Readonly<Record<string, string>>;
        /** The records have everything up to this state version; null: they were not asked, or did not take it. */
        readonly projectedVersion: number | null;
        readonly assignedReference: AssignedReference | null;
        /** The texts of the stakeholder updates among them, as sent. */
        readonly stakeholderUpdates?: readonly { readonly n: number; readonly text: string }[];
      }
    | {
        readonly type: 'notification-failed';
        readonly what: string;
        readonly reason: string;
        /** It will not be tried again. */
        readonly givenUp: boolean;
      }
    | ({ readonly type: 'answered' } & AnsweredRequest)
    | { readonly type: 'command-refused'; readonly by: string; readonly command: string; readonly reason: string }
    | { readonly type: 'action-item-added'; readonly by: string; readonly item: ActionItem }
    | { readonly type: 'action-item-completed'; readonly by: string; readonly id: string }
    | { readonly type: 'postmortem-completed'; readonly by: string; readonly url: string | null }
    /** The post-incident flow: the export and the draft of the post-mortem are there, or not there in time. */
    | { readonly type: 'draft-ready' }
    | { readonly type: 'draft-late' }
    /** A hook has gathered its evidence, or (`problem`) never will. */
    | { readonly type: 'evidence-settled'; readonly hook: string; readonly problem: string | null }
    /** The calendar's answer: when people are reminded next of what is left to do. */
    | ({ readonly type: 'review-planned'; readonly timeZone: string; readonly tzdata: string } & Review)
    | {
        readonly type: 'follow-ups-reviewed';
        readonly postmortem: PostmortemStage | null;
        readonly items: readonly string[];
      }
    /** Asks another incident to merge this one in. `requestNumber` counts the requests. */
    | {
        readonly type: 'merge-requested';
        readonly by: string;
        readonly into: string;
        readonly requestNumber: number;
        readonly requestId?: string;
        /** Tocsin asks, because the same alert fires there. */
        readonly duplicate?: DuplicateIncident;
      }
    | {
        readonly type: 'merge-redirected';
        readonly into: string;
        readonly requestNumber: number;
        readonly hops: number;
      }
    | {
        readonly type: 'merge-refused';
        readonly by: string;
        readonly into: string;
        readonly requestNumber: number;
        readonly reason: string;
      }
    | { readonly type: 'merged'; readonly by: string; readonly into: MergePeer }
    /** The merge target was itself merged into another incident. */
    | { readonly type: 'merge-target-changed'; readonly into: MergePeer }
    /** The merge target is over. */
    | { readonly type: 'merge-target-closed' }
    /** Another incident was merged into this one; `by` null: it came along with its own target. */
    | {
        readonly type: 'incident-merged-in';
        readonly by: string | null;
        readonly from: MergePeer;
        readonly incidentIds: readonly string[];
        readonly standing: MergeStanding;
      }
    | { readonly type: 'merged-incident-released'; readonly from: MergePeer }
    /** An unacknowledged incident was merged into this one. */
    | { readonly type: 'acknowledgement-required'; readonly from: MergePeer; readonly escalateFrom: number }
    /** Alerts that `from`, a workflow id, had before it was merged into this one. */
    | {
        readonly type: 'alerts-joined';
        readonly from: string;
        readonly alerts: readonly AlertReport[];
        readonly source: string;
        readonly staleAfterMs: number;
        readonly truncated: number;
      }
    | {
        readonly type: 'alerts-forwarded';
        readonly fingerprints: readonly string[];
        readonly stateVersion: number;
        readonly pages: number;
      }
    | { readonly type: 'alerts-returned'; readonly alerts: readonly AlertReport[] }
    | { readonly type: 'merge-message-queued'; readonly to: string; readonly message: MergeMessage }
    /** It was delivered, or there is no run to deliver it to. */
    | { readonly type: 'merge-message-sent'; readonly id: string }
    | { readonly type: 'policy-move-requested'; readonly by: string }
    | { readonly type: 'policy-kept'; readonly reason: string }
    | { readonly type: 'policy-moved'; readonly policy: Declaration['policy']; readonly by: string | null }
  );

export type EventType = IncidentEvent['type'];
export type EventOf<T extends EventType> = Extract<IncidentEvent, { type: T }>;

/** The name in which Tocsin itself does what people may do too. */
export const TOCSIN = 'Tocsin';

/** A deadline: `events` returns what happens when it is handled at `now`. */
export interface Due {
  readonly at: number;
  /** What the Temporal UI says beside the timer. */
  readonly summary: string;
  readonly events: (now: number) => readonly IncidentEvent[];
}
