/**
 * What the records are told of an incident: the part of its state that changes, and everything that has come to be
 * since the last time. Plain JSON; a batch written twice changes nothing. Pure.
 */
import type { TimelineEntry } from '../kernel/incident.ts';
import type { TemplatedText } from '../kernel/outbox.ts';
import type { Text } from '../kernel/text.ts';
import type { IncidentView } from './view.ts';

/** An alert whose labels the incident keeps, as the view shows it. */
export type RecordedAlert = IncidentView['alerts'][number];
/** One try to reach one person, as the view shows it. */
export type RecordedDelivery = IncidentView['deliveries'][number];

/**
 * The incident without its long lists and without its number: the records keep the lists in tables of their own, and
 * give the number themselves.
 */
export type IncidentProjection = Omit<IncidentView, 'reference' | 'alerts' | 'deliveries'>;

/** One line of the timeline. `at` in epoch ms. */
export type RecordedTimelineEntry = TimelineEntry;

/** Who a message was for: the team's chat, the public page, people, or stakeholders. */
export const MESSAGE_KINDS = ['chat', 'public', 'notice', 'stakeholder-update'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** Something that was said. `n` is its number among the incident's orders, `at` epoch ms. */
export interface OutboundMessage extends TemplatedText {
  readonly n: number;
  readonly at: number;
  readonly kind: MessageKind;
  /** The event it tells of, or the public word. */
  readonly about: string;
  /** Names it was for; empty for the chat and the public. */
  readonly to: readonly string[];
  readonly text: Text;
}

/** A message in words. */
export type RecordedOutboundMessage = Omit<OutboundMessage, 'text' | keyof TemplatedText> & { readonly text: string };

export interface ProjectionBatch<M = RecordedOutboundMessage> {
  readonly workflowId: string;
  readonly incidentId: string;
  /** Counts every change of the state; everything up to here is in this batch or in one before. */
  readonly stateVersion: number;
  /** Null when only lists have changed, and the rest is no longer this run's to say. */
  readonly projection: IncidentProjection | null;
  readonly entries: readonly RecordedTimelineEntry[];
  readonly deliveries: readonly RecordedDelivery[];
  readonly messages: readonly M[];
  /** Those that have changed, whole. */
  readonly alerts: readonly RecordedAlert[];
  /** Fingerprints of those that another incident has now. */
  readonly removedAlerts?: readonly string[];
}

/** What the records answer: the incident's number, and the number of the incident it follows. */
export interface AssignedReference {
  /** `INC-YYYY-NNN`; null for tests, which have none. */
  readonly reference: string | null;
  /** Reference of the incident before, when this incident is a recurrence of it. */
  readonly recurrenceOf: string | null;
}
