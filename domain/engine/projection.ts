/**
 * What the records are told of an incident: the part of its state that changes, and everything that has come to be
 * since the last time. Plain JSON; a batch written twice changes nothing. Pure.
 */
import type { TimelineEntry } from '../kernel/incident.ts';
import type { TemplatedText } from '../kernel/outbox.ts';
import type { OutboundMessage } from '../kernel/projection.ts';
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
