/**
 * An alert as monitoring reported it, and as an incident remembers it. Times are epoch milliseconds.
 * One firing of one alert is `(fingerprint, startsAt)`: the same fingerprint with a later start is a new firing.
 */
import type { SuppressedBy } from './maintenance.ts';
import type { Severity } from './severity.ts';

export interface AlertLinks {
  readonly source?: string;
  readonly dashboard?: string;
  readonly runbook?: string;
  readonly silence?: string;
}

/** One alert of one webhook message, cleaned and routed by the server. */
export interface AlertReport {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: number;
  /** The sender gave no (readable) start, or one ahead of our clock, so `startsAt` is when the message arrived. */
  readonly startGuessed: boolean;
  /** The start that the sender gave, where that was ahead of our clock: its repeats will have it, too. */
  readonly sentStartsAt?: number;
  readonly endsAt: number | null;
  readonly severity: Severity;
  /** Neither the alert nor its route said how bad it is. */
  readonly severityGuessed?: true;
  /** What to call the incident if this alert opens one. */
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly links: AlertLinks;
  /** Resolved without proof: its series, rule or data are gone. It still counts as firing. */
  readonly vanished?: true;
  /** In a storm: the workflow id of the group it would have opened an incident for. */
  readonly group?: string;
  /** These maintenance windows suppress it until the last of them has ended. */
  readonly suppressedBy?: readonly SuppressedBy[];
  /** When the server received it, where that is not its batch's `receivedAt`. */
  readonly receivedAt?: number;
  /** The team of the alert's own route: an alert may join an incident of another team. */
  readonly team?: string;
  /** The service of the alert's own route, where its labels do not name it. */
  readonly service?: string;
}

/** A group of alerts that joined a storm instead of opening an incident of its own. */
export interface StormGroup {
  /** Where its own incident would be. */
  readonly workflowId: string;
  readonly title: string;
  readonly severity: Severity;
  readonly service: string | null;
  /** It has an incident of its own, from just before the storm: it is named in the storm but not part of it. */
  readonly hasOwnIncident?: true;
}

/** A fallback page that the server sent while Temporal was away. */
export interface FallbackPage {
  readonly to: string;
  readonly method: string;
  /** `bg/<hash>`: the same on every server. */
  readonly key: string;
  readonly at: number;
  /** The incident id in its acknowledge link: an alias of the incident that these alerts join. */
  readonly incidentId: string;
}

/** What one signal carries: the alerts of one or more messages that belong to one incident. */
export interface AlertBatch {
  readonly source: string;
  /** When the server received the message. */
  readonly receivedAt: number;
  /** An alert not heard of for this long is stale: three times the source's repeat interval. */
  readonly staleAfterMs: number;
  readonly alerts: readonly AlertReport[];
  /** Alerts the sender says it left out. */
  readonly truncated: number;
  /**
   * Reports are compared by when they were received. Absent in the signals of 0.2, whose histories must replay: those
   * are compared by their starts alone.
   */
  readonly byReceipt?: true;
  /**
   * For this long after an end, a firing with the same start may be a late copy by a cluster peer of the sender;
   * afterwards it is a recurrence. Absent: 0, the sender sends no late copies.
   */
  readonly lateCopyMs?: number;
  /** The sender's group, as a short hash. Absent: the sender does not group. */
  readonly messageGroup?: string;
  /**
   * Fingerprints of all alerts that the sender's message lists, also those of other incidents: an alert of
   * `messageGroup` that is not among them is in doubt. Absent: the message is not whole, or lists very many.
   */
  readonly listed?: readonly string[];
  /** In a signal to a storm: the groups that its alerts belong to. */
  readonly groups?: readonly StormGroup[];
  /** Pages about these alerts that need not be sent again. */
  readonly alreadyPaged?: readonly FallbackPage[];
  /**
   * Forwarded by an incident that is merged into this one. `predatesMerge`: it had them before the merge, so they are
   * no news.
   */
  readonly from?: { readonly workflowId: string; readonly incidentId: string; readonly predatesMerge: boolean };
}

/** What an incident remembers of every alert, however many there are. */
export interface AlertState {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: number;
  /** As in its report. */
  readonly sentStartsAt?: number;
  readonly endsAt: number | null;
  /** When it was last reported, by our clock. */
  readonly lastReportedAt: number;
  /** When a server received the report that counts: the newest one that said firing, or the end. Absent before 0.3. */
  readonly receivedAt?: number;
  /** What the alert itself last said, whatever became of the incident's severity. Absent before 0.3. */
  readonly severity?: Severity;
  /** What it said when a person last set the incident's severity: only what is worse than that raises it. */
  readonly severityThen?: Severity;
  /** Reported firing again so soon after its end that it may be a late copy: what it is turns out at `until`. */
  readonly lateCopy?: { readonly receivedAt: number; readonly until: number };
  readonly staleAfterMs: number;
  /** A person decided that this alert need not clear before the monitoring window ends. */
  readonly ignored: boolean;
  /** Where it came from, when that is not where the incident came from. */
  readonly source?: string;
  /** Not reported for `staleAfterMs`: when its source was asked, and what it answered. */
  readonly stale?: {
    readonly askedAt: number;
    readonly answer: 'gone' | 'unknown' | 'vanished';
    /** Whole messages of its group no longer list it. */
    readonly absent?: true;
  };
  /** Whole messages of these of its groups no longer list it: since when, how many, and the receipt of the last. */
  readonly absent?: {
    readonly groups: readonly string[];
    readonly since: number;
    readonly receivedAt: number;
    readonly times: number;
    /** After how many of them its source was asked without an answer. */
    readonly askedTimes?: number;
  };
  /** In a storm, the workflow id of its group; of one that is merged into this, the workflow id of that incident. */
  readonly group?: string;
  /** The sender's groups whose messages list it, the last four. */
  readonly messageGroups?: readonly string[];
}

/** What an incident remembers of its first `DETAILED_ALERTS` alerts only. */
export interface AlertDetails {
  /** As last reported. Absent before 0.3. */
  readonly title?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly links: AlertLinks;
}

/** An incident keeps the labels of this many alerts; of the rest it keeps the state. */
export const DETAILED_ALERTS = 50;
export interface Storm {
  /** In the order in which they joined; the first `named` of them have been in a page. */
  readonly groups: readonly StormGroup[];
  readonly groupsNamed: number;
  readonly namedAt: number | null;
  /** Workflow ids of groups that were split off: their alerts are forwarded to their own incidents. */
  readonly splitOffGroups?: readonly string[];
}

export const NO_STORM: Storm = { groups: [], groupsNamed: 0, namedAt: null };
