/**
 * What the records do not have of an incident yet: kept in its state until they confirm it. Every item carries the
 * state version that made it, so that one number says how far the records are.
 */
import type { AlertState } from './alert.ts';
import type { TimelineEntry, Delivery } from './incident.ts';
import type { TemplatedText } from './outbox.ts';
import type { Text } from './text.ts';

/** Who a message was for: the team's chat, the public page, people, or stakeholders. */
export const MESSAGE_KINDS = ['chat', 'public', 'notice', 'stakeholder-update'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];
/** A message that was sent. `n` is the number of its outbox entry, `at` epoch ms. */
export interface OutboundMessage extends TemplatedText {
  readonly n: number;
  readonly at: number;
  readonly kind: MessageKind;
  /** The event that caused it, or the public state. */
  readonly about: string;
  /** Names it was for; empty for the chat and the public. */
  readonly to: readonly string[];
  readonly text: Text;
}

/** An alert that changed, with the state version of the change. */
export interface ChangedAlert {
  readonly fingerprint: string;
  readonly stateVersion: number;
  /** Its last state, when the incident does not remember it any longer. Absent also for one that another incident has. */
  readonly forgotten?: AlertState;
}

/** What the records keep of an alert, labels or not, so that its incident is found by it. Times in epoch ms. */
export interface OwnedAlert {
  readonly fingerprint: string;
  /** Its alertname, where that is kept: a fingerprint under another name is another alert. */
  readonly name?: string;
  readonly source: string;
  readonly firing: boolean;
  readonly startsAt: number;
  readonly endsAt: number | null;
  /** At least until then the run remembers it, also when its incident is over. */
  readonly lingersUntil: number;
  /** Of its last change. */
  readonly stateVersion: number;
  /** A person decided that it need not clear. */
  readonly ignored?: true;
  /** The sender's groups whose messages list it. */
  readonly messageGroups?: readonly string[];
}

/** What the records answer: the incident's number, and the number of the incident it follows. */
export interface AssignedReference {
  /** `INC-YYYY-NNN`; null for tests, which have none. */
  readonly reference: string | null;
  /** Reference of the incident before, when this incident is a recurrence of it. */
  readonly recurrenceOf: string | null;
}

/** Another open incident of the team, in which an alert of this one fires too. */
export interface DuplicateIncident {
  readonly workflowId: string;
  readonly incidentId: string;
  readonly reference: string | null;
  /** The alert. */
  readonly fingerprint: string;
}

/** What the records answer to a batch. They see incidents that do not know of each other. */
export interface ProjectionAnswer extends AssignedReference {
  /** Incidents with an alert of this one, the oldest first; absent: none. */
  readonly duplicates?: readonly (DuplicateIncident & { readonly isOlder: boolean })[];
}

/** Something the records must have, and the state version it came with. */
export type PendingProjectionItem = { readonly stateVersion: number } & (
  { readonly entry: TimelineEntry } | { readonly delivery: Delivery } | { readonly message: OutboundMessage }
);
