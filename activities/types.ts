/**
 * What crosses between workflows and activities: plain JSON both ways. Workflows import this as types only.
 */
import type { PageDelivery } from '../domain/events.ts';
import type { Delivery } from '../domain/incident.ts';
import type { EntryOrder, NoticeOrder, PageOrder, PostOrder } from '../domain/orders.ts';
import type { PagedIncident } from '../domain/paged-incident.ts';
import type { Policy } from '../domain/policy.ts';

/** Every courtesy's answer tells whether the search attributes may be upserted: the workflow cannot look. */
export interface Answer {
  readonly searchable: boolean;
}

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

export interface PostRequest {
  readonly incident: PagedIncident;
  readonly posts: readonly PostOrder[];
}

export interface PublishRequest {
  readonly episode: string;
  readonly component: string | null;
  readonly entries: readonly EntryOrder[];
}

export interface NotifyRequest {
  readonly incident: PagedIncident;
  readonly round: number;
  readonly notices: readonly NoticeOrder[];
}

export interface NotifyAnswer extends Answer {
  readonly deliveries: readonly Delivery[];
}

/** The activities by name. Pages run on their own task queue. */
export interface PageActivities {
  page(request: PageRequest): Promise<PageAnswer>;
}

export interface CourtesyActivities {
  postToChat(request: PostRequest): Promise<Answer>;
  publishEntries(request: PublishRequest): Promise<Answer>;
  notify(request: NotifyRequest): Promise<NotifyAnswer>;
  /** Today's policy of a team; null when the team is gone. */
  currentPolicy(request: { readonly team: string }): Promise<Answer & { readonly policy: Policy | null }>;
}
