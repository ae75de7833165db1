/**
 * The messages between two incidents when one (`from`, the source) is merged into the other (the target). Each message
 * may arrive twice or late, so the receiver checks it against its own state. Times are
 * epoch ms. Pure types.
 */
import type { AlertReport } from './alert.ts';
import type { Incident } from './incident.ts';
import type { DuplicateIncident } from './projection.ts';
import type { Severity } from './severity.ts';
import { truncate } from './text.ts';

/** An incident as others name it. */
export interface MergePeer {
  readonly workflowId: string;
  readonly incidentId: string;
  /** `INC-YYYY-NNN`, once it has one. */
  readonly reference: string | null;
  /** For people: its number, or its title in quotes. Never the title of a restricted one. */
  readonly name: string;
  /** What the public calls its service. */
  readonly component: string | null;
}

/** The state of the source that matters to the target. */
export interface MergeStanding {
  readonly severity: Severity;
  readonly highestSeverity: Severity;
  /** Its escalation is open: somebody still has to answer. */
  readonly mustAnswer: boolean;
  /** When its escalation would have started; null: it has started. */
  readonly answerFrom: number | null;
  /** The public has been told. */
  readonly isPublic: boolean;
  /** People whom its pages reached. */
  readonly paged: readonly string[];
  /** The team whose leadership was called for it; null: none was. */
  readonly leadershipOf: string | null;
  /** Alerts that its senders said they left out. */
  readonly truncated: number;
}

/** Incidents that acknowledge links of the source name. */
interface MergeOffer {
  readonly from: MergePeer;
  readonly incidentIds: readonly string[];
  readonly standing: MergeStanding;
}

export interface MergeRequest extends MergeOffer {
  /** Counts the source's merge requests. */
  readonly requestNumber: number;
  readonly by: string;
  readonly restricted: boolean;
  readonly test: boolean;
  /** Those that fire, as many as fit: the others follow once the target has accepted. */
  readonly alerts: readonly AlertReport[];
  readonly source: string;
  readonly staleAfterMs: number;
}

export type MergeMessage =
  /** Source → target. */
  | ({ readonly kind: 'merge-request' } & MergeRequest)
  /** Source → target: already merged through another incident, or the source has changed since its request. */
  | ({ readonly kind: 'follow' } & MergeOffer)
  /** Source → target: the source was reopened and takes its alerts back. */
  | { readonly kind: 'release'; readonly from: MergePeer }
  /** Target → source (whose `incidentId` is meant), from here on. */
  | { readonly kind: 'taken'; readonly incidentId: string; readonly requestNumber: number; readonly by: MergePeer }
  | { readonly kind: 'refused'; readonly incidentId: string; readonly requestNumber: number; readonly reason: string }
  /** The target is itself merged: ask its target. */
  | {
      readonly kind: 'redirected';
      readonly incidentId: string;
      readonly requestNumber: number;
      readonly workflowId: string;
    }
  /** The target was merged into `to`. */
  | { readonly kind: 'moved'; readonly incidentId: string; readonly by: MergePeer; readonly to: MergePeer }
  /** The target is over: what fires from now on is the source's own again. */
  | { readonly kind: 'over'; readonly incidentId: string; readonly by: MergePeer }
  /** The target was over when these alerts were forwarded. */
  | {
      readonly kind: 'returned';
      readonly incidentId: string;
      readonly by: MergePeer;
      readonly alerts: readonly AlertReport[];
    }
  /** Older → younger: the same alert fires here. */
  | { readonly kind: 'duplicate'; readonly incidentId: string; readonly of: DuplicateIncident };

/** A message that waits to be sent. `id` is unique in a run, whatever its incident. */
export interface MergeMessageEntry {
  readonly id: string;
  /** Workflow id. */
  readonly to: string;
  readonly message: MergeMessage;
}

/** The source waits for an answer. */
export interface PendingMerge {
  /** Workflow id. */
  readonly into: string;
  readonly requestNumber: number;
  /** How many targets it has been redirected to. */
  readonly hops: number;
  readonly by: string;
  readonly requestedAt: number;
  /** The state that was sent, which may change before the answer. */
  readonly sentStanding: MergeStanding;
  readonly requestId?: string;
  /** Tocsin asked, because the same alert fires there. */
  readonly duplicate?: DuplicateIncident;
}

/** The incident that the source was merged into. Alerts are forwarded there until it is over. */
export interface MergedTo extends MergePeer {
  readonly isOver: boolean;
}

/** An incident merged into the target. */
export interface MergedIncident extends MergePeer {
  readonly incidentIds: readonly string[];
  readonly truncated: number;
}

/** What the target does not know yet: one entry for each fingerprint. */
export interface UndeliveredAlerts {
  readonly alerts: readonly UndeliveredAlert[];
  /** Fallback pages that it must not send again. */
  readonly pages: readonly {
    readonly to: string;
    readonly method: string;
    readonly key: string;
    readonly at: number;
    readonly incidentId: string;
  }[];
}

export interface UndeliveredAlert {
  readonly fingerprint: string;
  /** Of the change. */
  readonly stateVersion: number;
  /** It was there before the merge, so it is no news. */
  readonly predatesMerge: boolean;
  /** As reported when it fired. */
  readonly severity?: Severity;
  readonly title?: string;
}
const TITLE_LENGTH = 100;

export function mergePeerOf({ workflowId, incidentId, reference, title, restricted, component }: Incident): MergePeer {
  const name = reference ?? (restricted ? 'a restricted incident' : `"${truncate(title, TITLE_LENGTH)}"`);
  return { workflowId, incidentId, reference, name, component: restricted ? null : component };
}

export function standingOf(incident: Incident): MergeStanding {
  const { severity, highestSeverity, escalation, communications, team, alerts } = incident;
  const isLeadershipCalled = escalation.calls?.some(({ reason }) => reason === 'leadership') ?? false;
  return {
    severity,
    highestSeverity,
    mustAnswer: escalation.open,
    answerFrom: escalation.level === 0 ? escalation.nextLevelAt : null,
    isPublic: communications.publicSchedule !== null,
    paged: escalation.paged,
    // While none of them has answered, the incident that takes this one in calls them itself.
    leadershipOf: escalation.leadershipPageRequested && !isLeadershipCalled ? team : null,
    truncated: alerts.truncated,
  };
}

/** Every incident id in an acknowledge link that means this incident. */
export function incidentIdsOf({ incidentId, escalation: { aliases = [] }, merge }: Incident): readonly string[] {
  return [...new Set([incidentId, ...aliases, ...(merge.mergedFrom ?? []).flatMap(({ incidentIds }) => incidentIds)])];
}

/** The open incident that this one was merged into, and that its alerts are forwarded to. Null: none. */
export function mergeTarget({ merge }: Pick<Incident, 'merge'>): MergedTo | null {
  return merge.mergedTo !== undefined && merge.mergedTo !== null && !merge.mergedTo.isOver ? merge.mergedTo : null;
}
