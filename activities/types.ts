/**
 * What crosses between workflows and activities: plain JSON both ways. Workflows import this as types only.
 */
import type { PageDelivery } from '../domain/kernel/events.ts';
import type { Delivery } from '../domain/kernel/incident.ts';
import type {
  AlarmEntry,
  Notification,
  PublicPageEntry,
  StakeholderUpdateEntry,
  NoticeEntry,
  PageRequest,
  PostEntry,
  TicketOutboxEntry,
  UnsettledPage,
} from '../domain/kernel/outbox.ts';
import type { PagedIncident } from '../domain/escalation/page-requests.ts';
import type { Policy } from '../domain/kernel/policy.ts';
import type { IncidentProjection, ProjectionBatch } from '../domain/engine/projection.ts';
import type { OutboundMessage, ProjectionAnswer } from '../domain/kernel/projection.ts';
import type { Review } from '../domain/kernel/post-incident.ts';
import type { SourceAnswer } from '../domain/alerts/stale.ts';
import type { Refs } from './ports.ts';

export interface PageActivityInput {
  readonly incident: PagedIncident;
  readonly pageRequest: PageRequest;
  /** Test incidents page nobody in their quiet hours. */
  readonly test: boolean;
  /** What people have waited for since then, epoch ms: the alert's receipt, the declaration, or when the page was due. */
  readonly waitingSince?: number;
}

export interface PageActivityResult {
  /** What has changed since the request was made: methods accepted, given up, failed for the first time. */
  readonly deliveries: readonly PageDelivery[];
  /** Methods that are still being tried: worth a call again. Absent from calls of 0.2.0. */
  readonly unsettled?: readonly UnsettledPage[];
  /** When this call was made, epoch ms. Absent as above. */
  readonly calledAt?: number;
  /** The page has been tried for as long as its level waits. Absent as above. */
  readonly timeUp?: boolean;
  /** The most methods any of these people has: how many steps the notification rules take. */
  readonly methods: number;
  /** Names of the policy that the configuration no longer knows. */
  readonly unknownNames: readonly string[];
  /** Something is unsettled. */
  readonly mustRetry: boolean;
  /** Nobody of these people may be disturbed before this, epoch ms: quiet methods only were used. Null: they may. */
  readonly audibleAt: number | null;
}

export interface DeliverNotificationsInput {
  readonly incident: PagedIncident;
  readonly projection: IncidentProjection;
  /** What vendors call what they have made for this incident. */
  readonly refs: Refs;
  readonly wantsChannel: boolean;
  readonly responders: readonly string[];
  readonly cycle: number;
  readonly posts: readonly PostEntry[];
  readonly publicEntries: readonly PublicPageEntry[];
  readonly notices: readonly NoticeEntry[];
  readonly tickets: readonly TicketOutboxEntry[];
  readonly alarms: readonly AlarmEntry[];
  readonly stakeholderUpdates?: readonly StakeholderUpdateEntry[];
  /** Keys of these stakeholder updates that are out or given up: only where there are `stakeholderUpdates`. */
  readonly stakeholderUpdatesSettled?: readonly string[];
  /** Pages that were accepted and may have raised alarms: only where there are `alarms`. */
  readonly paged: readonly Pick<Delivery, 'to' | 'method' | 'key'>[];
  /** What the records do not have yet; null when they have everything, or their queue has a call of its own. */
  readonly record: PendingRecordBatch | null;
  /**
   * For one failing queue: the call fails, so that Temporal retries, instead of returning what is left; its entries may
   * have been delivered by an earlier call.
   */
  readonly failOnError: boolean;
}

/**
 * A batch for the records without the projection, which the request has already: `recordBatchOf` puts them together.
 */
export type PendingRecordBatch = Omit<ProjectionBatch<OutboundMessage>, 'projection'> & {
  /** Another workflow reports the projection now. */
  readonly withoutProjection?: true;
};

/** An outbox queue of notifications, or the records, which are written in the same call. */
export type OutboxQueueName = Notification | 'records';

export interface DeliverNotificationsResult extends SearchAttributesAnswer {
  /** Numbers of the entries that are delivered. */
  readonly deliveredEntries: readonly number[];
  /** Queues with entries left because a vendor did not accept one. */
  readonly failedQueues: readonly OutboxQueueName[];
  /** Why entries among `deliveredEntries` were given up: a vendor will never accept them. */
  readonly rejected: readonly { readonly queue: OutboxQueueName; readonly reason: string }[];
  /** Of notices and stakeholder updates. */
  readonly deliveries: readonly Delivery[];
  /** The texts of the stakeholder updates among `deliveredEntries`, as sent. */
  readonly stakeholderUpdates?: readonly { readonly n: number; readonly text: string }[];
  /** What vendors have made meanwhile. */
  readonly refs: Refs;
  /** Up to which state version the records have it; null when they were not asked or did not accept it. */
  readonly recordedVersion: number | null;
  readonly numbered: ProjectionAnswer | null;
}

export interface SearchAttributesAnswer {
  /** Whether the server has the search attributes of 0.2.0, for runs on a worker of that version. */
  readonly searchable: boolean;
  /** The search attributes that the server has: the workflow cannot look. Absent from answers of 0.2.0. */
  readonly searchAttributes?: readonly string[];
}

export interface BusinessTimeRequest {
  readonly team: string;
  /** Epoch ms. */
  readonly at: number;
  /**
   * `at` itself while the team works, else when it opens next; or the opening on its first business day after that of
   * `at`.
   */
  readonly want: 'now-or-next-opening' | 'next-business-day';
}

export interface BusinessTime {
  /** Epoch ms. */
  readonly at: number;
  /** The team's, or the organization's when the team is gone. */
  readonly timeZone: string;
  /** Version of the zone data by which it was computed. */
  readonly tzdata: string;
}

export interface BusinessDays {
  /** The first in answer to the request, and the two business days after it. */
  readonly days: Review['days'];
  readonly timeZone: string;
  readonly tzdata: string;
}

export interface EvidenceRequest {
  /** Name of the hook. */
  readonly hook: string;
  /** Same key, same evidence. */
  readonly key: string;
  readonly incident: Pick<PagedIncident, 'id' | 'reference' | 'workflowId' | 'severity' | 'title' | 'team' | 'service'>;
  /** Epoch ms: when it began, as far as is known, and when it was resolved. */
  readonly from: number;
  readonly to: number;
}

/** The activities by name. Pages run on their own task queue. */
export interface PageActivities {
  page(request: PageActivityInput): Promise<PageActivityResult>;
  /** Sends a page to a contact that reaches nobody: fails when a real page could not have been sent. */
  pageNullContact(request: PageActivityInput): Promise<void>;
}

export interface NotificationActivities {
  deliverNotifications(request: DeliverNotificationsInput): Promise<DeliverNotificationsResult>;
  /** Whether a source still has alerts that have not been reported for too long. */
  queryAlertSource(request: {
    readonly source: string;
    readonly fingerprints: readonly string[];
  }): Promise<SourceAnswer>;
  /** When the team works, by its calendar. */
  businessTime(request: BusinessTimeRequest): Promise<BusinessTime>;
  /** The team's business days, the same way: of `at` itself or from the day after it on. */
  businessDays(request: BusinessTimeRequest): Promise<BusinessDays>;
  /** Writes the export of a resolved incident and the draft of its post-mortem. */
  preparePostIncident(request: { readonly incidentId: string }): Promise<void>;
  /** Tells one hook to gather its evidence; answers what stands in its way for good, or null when it has it. */
  gatherEvidence(request: EvidenceRequest): Promise<{ readonly problem: string | null }>;
  /** Keeps the whole record of a closed incident in a file of its own. */
  archive(request: { readonly incidentId: string }): Promise<void>;
  /** Today's policy of a team; null when the team is gone. */
  currentPolicy(request: {
    readonly team: string;
    readonly service: string | null;
  }): Promise<{ readonly policy: Policy | null }>;
}
