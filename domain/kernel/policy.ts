/**
 * The policy of one incident: every length of time and every name the runbook needs, frozen when the incident is
 * declared. Lengths are milliseconds; people and schedules stay names and are looked up when they are used.
 */
import type { Role } from './commands.ts';
import type { Severity } from './severity.ts';

/** How one person is tried, inside a level, until someone acknowledges. */
export interface NotificationRules {
  /** All of a person's methods at once, instead of one after the other. */
  readonly allAtOnce: boolean;
  /** Between one method and the next. */
  readonly stepEveryMs: number;
  /** After this the notification rules begin again; `null`: it does not. */
  readonly repeatEveryMs: number | null;
}

/** What the runbook promises for one severity. `null` switches a rule off. */
export interface SeverityPolicy {
  /** When the escalation starts, counted from the declaration. 0 for SEV1/2; `null`: nobody is paged. */
  readonly pageAfterMs: number | null;
  /** The acknowledgement deadline, and the length of the first level. */
  readonly acknowledgeWithinMs: number | null;
  /** The length of each later level. */
  readonly escalateEveryMs: number | null;
  /** Leadership is paged beside level 1. */
  readonly leadershipAtOnce: boolean;
  /** How many cycles there are. `null`: no limit. */
  readonly passes: number | null;
  readonly updateEveryMs: number | null;
  /** The reminder comes this long before an update is due. */
  readonly remindBeforeMs: number;
  /** First public entry; `null`: internal only. */
  readonly statusPageWithinMs: number | null;
  /** How long without activity after the acknowledgement until the IC is nudged. */
  readonly inactiveAfterMs: number | null;
  /** From the nudge to the page. */
  readonly inactivePageAfterMs: number;
  readonly postmortemWithinMs: number | null;
  /** Asked for while nobody has them. */
  readonly roles: readonly Role[];
  /** When it gets a chat channel of its own. */
  readonly channel: 'at-once' | 'on-acknowledgement' | 'on-request';
  readonly notificationRules: NotificationRules;
}

/** Who a stakeholder update goes to. `external` hears only what a person said to the public. */
export type StakeholderUpdateAudience = 'internal' | 'external';

/** Somebody who is told of incidents without being paged. */
export interface PolicyStakeholder {
  readonly name: string;
  readonly audience: StakeholderUpdateAudience;
  /** Written to when the incident has, or gets, one of these. */
  readonly severities: readonly Severity[];
  /** Also of restricted incidents. */
  readonly restricted: boolean;
}

export interface Policy {
  /** SHA-256 (hex, first 16) of the rest: tells at a glance whether two incidents run by the same rules. */
  readonly digest: string;
  /** Level 1, 2, 3 …: names of people or schedules, or `onCall`, which is whatever the team says it is. */
  readonly levels: readonly (readonly string[])[];
  /**
   * Name of the outside service that owns the escalation, or null. Level 1 is then that service, and the escalation
   * continues to the team's own levels only when it could not be reached.
   */
  readonly owner: string | null;
  /** Paged once when the incident is, or becomes, SEV1. */
  readonly leadership: readonly string[];
  /** Paged at once when a rollback fails: people with the role `head-of-engineering`, else leadership. */
  readonly rollbackFailed: readonly string[];
  /** For how long people called by name, and leadership, are called again; absent: they are called once. */
  readonly pursueForMs?: number;
  readonly severities: Readonly<Record<Severity, SeverityPolicy>>;
  readonly monitoring: {
    readonly defaultMs: number;
    readonly afterRollbackMs: number;
    readonly afterFixForwardMs: number;
    readonly updateEveryMs: number;
  };
  /** `auto`: the first public entry does not wait for an acknowledgement. */
  readonly firstPublicEntry: 'confirmed' | 'auto';
  /**
   * The public page keeps its promises: holding updates are renewed for as long as nobody writes, a failed fix is
   * corrected, and a missed first entry is reported inside. Absent: declared by 0.2.
   */
  readonly publicPromises?: true;
  /** Those of this team and service; absent: nobody. */
  readonly stakeholders?: readonly PolicyStakeholder[];
  /** Hooks that gather evidence when an incident of one of these severities is resolved; absent: none. */
  readonly evidence?: readonly { readonly name: string; readonly severities: readonly Severity[] }[];
  /** Names of the texts that the configuration replaces; absent: none. */
  readonly templates?: readonly string[];
}
