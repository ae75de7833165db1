/**
 * An incident as the outside sees it: the JSON of `GET /api/v1/incidents/:id`. Times are RFC 3339 in UTC.
 * Names are relied on by other programs: add freely, change nothing.
 */
import type { AlertLinks } from '../kernel/alert.ts';
import type { ActionItem } from '../kernel/post-incident.ts';
import type { Role } from '../kernel/commands.ts';
import type { Impact } from '../kernel/impact.ts';
import type { DeliveryState } from '../kernel/incident.ts';
import type { PersonalCall } from '../kernel/outbox.ts';
import type { Phase, Outcome } from '../kernel/phase.ts';
import type { Severity } from '../kernel/severity.ts';

export interface IncidentView {
  /** `INC-YYYY-NNN`, or null until numbered. */
  readonly reference: string | null;
  readonly workflowId: string;
  readonly id: string;
  /** Incidents that acknowledge links name which were sent while Temporal was away: the same incident. */
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly summary: string;
  readonly severity: Severity;
  readonly highestSeverity: Severity;
  readonly severityGuessed: boolean;
  readonly phase: Phase;
  readonly outcome: Outcome | null;
  readonly test: boolean;
  readonly restricted: boolean;
  readonly team: string;
  readonly service: string | null;
  /** What the public calls the service. */
  readonly component: string | null;
  /** The monitoring source that declared it, or `api`. */
  readonly source: string;
  /** Null when monitoring declared it. */
  readonly declaredBy: string | null;
  readonly roles: Readonly<Record<Role, string | null>>;
  /** Those of them that its severity asks for and nobody has. Absent from records made before this was told. */
  readonly rolesWanted?: readonly Role[];
  /** Something about it is, or was, on the public page. Absent as above. */
  readonly wentPublic?: boolean;
  /** How often people inside are due an update; null: never. Absent as above. */
  readonly updateEveryMs?: number | null;
  /** The time without alerts after the fix; null before it. Absent as above. */
  readonly monitoring?: {
    readonly since: string;
    /** A person has said, by `resolve`, that customers are well again. */
    readonly confirmed: boolean;
  } | null;
  /** Null until somebody has assessed it. */
  readonly impact: Impact | null;
  /** Why it happened, as far as people know; null until somebody has said it. Absent as above. */
  readonly cause?: { readonly text: string; readonly at: string; readonly by: string } | null;
  readonly decision: 'rollback' | 'fix-forward' | null;
  readonly actionItems: readonly ActionItemView[];
  /** Null while none is owed and none was written. */
  readonly postmortem: {
    readonly dueAt: string | null;
    readonly doneAt: string | null;
    readonly doneBy: string | null;
    readonly url: string | null;
  } | null;
  /** Everyone who has done something about it. */
  readonly peopleInvolved: readonly string[];
  readonly alerts: readonly {
    readonly fingerprint: string;
    readonly status: 'firing' | 'resolved';
    readonly startsAt: string;
    /** The sender's clock was ahead: the start as sent. */
    readonly sentStartsAt?: string;
    readonly endsAt: string | null;
    /** Set when it has not been reported for too long: what its source answered. */
    readonly stale?: 'gone' | 'unknown' | 'vanished';
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly links: AlertLinks;
  }[];
  /** All alerts, of which `alerts` shows those whose labels were kept. */
  readonly alertCount: number;
  readonly firingCount: number;
  /** Alerts that senders said they left out of their messages. */
  readonly truncatedAlerts: number;
  readonly deadlines: readonly { readonly kind: string; readonly at: string; readonly text: string }[];
  readonly deliveries: readonly {
    readonly at: string;
    readonly to: string;
    readonly method: string;
    readonly key: string;
    readonly state: DeliveryState;
    readonly reason: string | null;
  }[];
  /** Why each person was paged beside the escalation: the last of those pages. Only for our own pages, not in the API. */
  readonly calledFor?: Readonly<Record<string, Omit<PersonalCall, 'at'> & { readonly at: string }>>;
  readonly detectedAt: string | null;
  readonly declaredAt: string;
  /** The response target for the acknowledgement; null: none. */
  readonly acknowledgeDueAt: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  /** The response target for the first public entry; null: none. */
  readonly publicDueAt: string | null;
  readonly mitigationStartedAt: string | null;
  readonly mitigatedAt: string | null;
  readonly resolvedAt: string | null;
  readonly closedAt: string | null;
  readonly resolution: string | null;
  /** Reference (or, before it has one, id) of the incident it follows. */
  readonly recurrenceOf: string | null;
  /** Reference of the incident that it is a part of, or that one's id. */
  readonly mergedInto: string | null;
  /** Where that incident is, and whether it is over. Absent when it is not merged. */
  readonly mergedTo?: { readonly workflowId: string; readonly isOver: boolean };
  /** What people call its channel: `#incident-2026-11-21-payments`. */
  readonly channel: string | null;
  /** Where its ticket is: an address or a path. */
  readonly ticket: string | null;
  readonly flapping: boolean;
  /** The last event's number. */
  readonly seq: number;
}

/** The part of a view that says who handles a command. */
export type IncidentStanding = Pick<IncidentView, 'id' | 'reference' | 'phase' | 'seq' | 'aliases' | 'mergedTo'>;

/** An action item with its times in RFC 3339. */
export type ActionItemView = Omit<ActionItem, 'addedAt' | 'doneAt'> & {
  readonly addedAt: string;
  readonly doneAt: string | null;
};

/** One entry of `GET /api/v1/incidents/:id/timeline`. */
export interface TimelineEntryView {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly by: string | null;
  readonly text: string;
  /** Of pages: whom each went to, and what became of it. Absent, like `alerts`, from other entries and old ones. */
  readonly pages?: readonly { readonly to: string; readonly name?: string; readonly state: DeliveryState }[];
  /** Of alerts: which firing of each fired, changed or cleared. */
  readonly alerts?: readonly {
    readonly fingerprint: string;
    readonly name: string;
    readonly startsAt: string;
    readonly endsAt: string | null;
  }[];
}

export interface TimelineView {
  readonly timeline: readonly TimelineEntryView[];
  /** Entries dropped because the record outgrew its limit; 0 when it is complete. */
  readonly cut: number;
}
