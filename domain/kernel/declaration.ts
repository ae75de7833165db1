/**
 * What an incident starts with: made by the server, or by an old run for a recurrence, and carried in the workflow's
 * start arguments. Never holds secrets: Temporal keeps it for the retention time.
 */
import type { Policy } from './policy.ts';
import type { Severity } from './severity.ts';

export interface Declaration {
  readonly workflowId: string;
  /** A ULID: this one incident, where `workflowId` is the place in which alerts of one group meet. */
  readonly incidentId: string;
  readonly title: string;
  readonly summary: string;
  readonly severity: Severity;
  /** The severity was absent or unknown, so it was taken for SEV3. */
  readonly severityGuessed: boolean;
  readonly team: string;
  readonly service: string | null;
  /** What the public calls the service; `null`: "our services". */
  readonly component: string | null;
  readonly source: string;
  /** `null` when monitoring declared it. */
  readonly declaredBy: string | null;
  /** `declaredBy` is the name of a token bound to nobody. */
  readonly declaredByToken?: true;
  /** The declarer is on call for the team, so declaring acknowledges. */
  readonly declarerIsOnCall: boolean;
  readonly test: boolean;
  readonly restricted: boolean;
  /** Maintenance suppresses every firing alert: the incident starts when a window ends or another alert fires. */
  readonly suppressed?: true;
  /** It gathers the groups of a team that come faster than anyone could answer them one by one. */
  readonly storm?: true;
  readonly policy: Policy;
  /** Set when the alert waited in the spool: the incident counts from when it was received, epoch ms. */
  readonly spooledAt: number | null;
  /** The incident (or number) this one follows. */
  readonly recurrenceOf: string | null;
}

/** The word of the incident's template for who detected it, the same in every document: a person, or monitoring. */
export function detectedBy(declaredBy: string | null, nameOf: (person: string) => string): string {
  return declaredBy === null ? 'monitoring_alert' : nameOf(declaredBy);
}
