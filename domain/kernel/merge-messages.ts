/**
 * What two incidents say to each other when one becomes a part of the other. `from` is the one that is merged (the
 * source), the target takes it in. Each word may come twice and late: who hears it looks at its own state. Times are
 * epoch ms. Pure types.
 */
import type { AlertReport } from './alert.ts';
import type { Incident } from './incident.ts';
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

/** What the source brings with it. */
export interface MergeStanding {
  readonly severity: Severity;
  readonly highestSeverity: Severity;
  /** Its chain is open: somebody still has to answer. */
  readonly mustAnswer: boolean;
  /** When its chain would have begun; null: it has begun. */
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
  /** The number of this asking in the source's incident. */
  readonly requestNumber: number;
  readonly by: string;
  readonly restricted: boolean;
  readonly test: boolean;
  /** Those that fire, as many as fit: the others follow once it is taken. */
  readonly alerts: readonly AlertReport[];
  readonly source: string;
  readonly staleAfterMs: number;
}

export type MergeMessage =
  /** Source → target. */
  | ({ readonly kind: 'merge-request' } & MergeRequest)
  /** Source → target: part of it already, by way of another; or what has changed since it asked. */
  | ({ readonly kind: 'follow' } & MergeOffer)
  /** Source → target: reopened, its alerts come home. */
  | { readonly kind: 'release'; readonly from: MergePeer }
  /** Target → source (whose `incidentId` is meant), from here on. */
  | { readonly kind: 'taken'; readonly incidentId: string; readonly requestNumber: number; readonly by: MergePeer }
  | { readonly kind: 'refused'; readonly incidentId: string; readonly requestNumber: number; readonly reason: string }
  /** The target is merged itself: ask that one. */
  | {
      readonly kind: 'redirected';
      readonly incidentId: string;
      readonly requestNumber: number;
      readonly workflowId: string;
    }
  /** The target has become a part of `to`. */
  | { readonly kind: 'moved'; readonly incidentId: string; readonly by: MergePeer; readonly to: MergePeer }
  /** The target is over: what fires from now on is the source's own again. */
  | { readonly kind: 'over'; readonly incidentId: string; readonly by: MergePeer }
  /** The target was over when it heard that these fire. */
  | {
      readonly kind: 'returned';
      readonly incidentId: string;
      readonly by: MergePeer;
      readonly alerts: readonly AlertReport[];
    };

/** A word that waits to be sent. `id` is unique in a run, whatever its incident. */
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
  /** How often it was sent on. */
  readonly hops: number;
  readonly by: string;
  readonly requestedAt: number;
  /** What was said of it, which may change before the answer. */
  readonly sentStanding: MergeStanding;
  readonly requestId?: string;
}

/** What the source is a part of. While it is not over, alerts are forwarded there. */
export interface MergedTo extends MergePeer {
  readonly isOver: boolean;
}

/** One that the target has taken in. */
export interface MergedIncident extends MergePeer {
  readonly incidentIds: readonly string[];
  readonly truncated: number;
}

/** What the target does not know yet: one entry a fingerprint. */
export interface UndeliveredAlerts {
  readonly alerts: readonly UndeliveredAlert[];
  /** Pages of the edge that it must not send again. */
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
  return {
    severity,
    highestSeverity,
    mustAnswer: escalation.open,
    answerFrom: escalation.level === 0 ? escalation.nextLevelAt : null,
    isPublic: communications.publicSchedule !== null,
    paged: escalation.paged,
    leadershipOf: escalation.leadershipPageRequested ? team : null,
    truncated: alerts.truncated,
  };
}

/** Every incident id in an acknowledge link that means this incident. */
export function incidentIdsOf({ incidentId, escalation: { aliases = [] }, merge }: Incident): readonly string[] {
  return [...new Set([incidentId, ...aliases, ...(merge.mergedFrom ?? []).flatMap(({ incidentIds }) => incidentIds)])];
}

/** The incident that this one is a part of and that goes on: alerts are forwarded there. Null: none. */
export function mergeTarget({ merge }: Pick<Incident, 'merge'>): MergedTo | null {
  return merge.mergedTo !== undefined && merge.mergedTo !== null && !merge.mergedTo.isOver ? merge.mergedTo : null;
}
