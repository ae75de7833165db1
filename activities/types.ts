/**
 * What crosses between workflows and activities: plain JSON both ways. Workflows import this as types only.
 */
import type { PageDelivery } from '../domain/events.ts';
import type { Delivery } from '../domain/incident.ts';
import type { Courtesy, EntryOrder, NoticeOrder, PageOrder, PostOrder } from '../domain/orders.ts';
import type { PagedIncident } from '../domain/paged-incident.ts';
import type { Policy } from '../domain/policy.ts';

export interface PageRequest {
  readonly incident: PagedIncident;
  readonly order: PageOrder;
  /** Test incidents page nobody in their quiet hours. */
  readonly test: boolean;
}

export interface PageAnswer {
  readonly deliveries: readonly PageDelivery[];
  /** The most methods any of these people has: how many steps the ladder takes. */
  readonly methods: number;
  /** Names of the policy that the configuration no longer knows. */
  readonly unknown: readonly string[];
  /** Some vendor did not answer in the time there was: worth issuing again. */
  readonly unreached: boolean;
}

export interface TellRequest {
  readonly incident: PagedIncident;
  /** What the public calls the service. */
  readonly component: string | null;
  readonly round: number;
  readonly posts: readonly PostOrder[];
  readonly entries: readonly EntryOrder[];
  readonly notices: readonly NoticeOrder[];
  /** Fails, so that Temporal tries again, instead of answering what is left. For one line only. */
  readonly insists: boolean;
}

export interface TellAnswer {
  /** Numbers of the orders that are delivered. */
  readonly done: readonly number[];
  /** Lines that have orders left because a vendor did not take one. */
  readonly troubled: readonly Courtesy[];
  /** Of notices. */
  readonly deliveries: readonly Delivery[];
  /** Whether the search attributes may be upserted: the workflow cannot look. */
  readonly searchable: boolean;
}

/** The activities by name. Pages run on their own task queue. */
export interface PageActivities {
  page(request: PageRequest): Promise<PageAnswer>;
}

export interface CourtesyActivities {
  tell(request: TellRequest): Promise<TellAnswer>;
  /** Today's policy of a team; null when the team is gone. */
  currentPolicy(request: { readonly team: string }): Promise<{ readonly policy: Policy | null }>;
}
