/**
 * What many incidents come to: how long things took, how they ended, whom and what they cost. Times are epoch ms in
 * what is asked, and seconds in what is answered. Tests and merged incidents do not count; a false alarm counts as one
 * and as nothing else.
 */
import type { Severity } from '../../domain/kernel/severity.ts';
import type { Money } from './money.ts';

export const METRIC_GROUPS = ['severity', 'team', 'month'] as const;
export type MetricGroup = (typeof METRIC_GROUPS)[number];

export interface MetricsQuery {
  /** Declared at or after. */
  readonly from?: number;
  /** Declared before. */
  readonly to?: number;
  readonly team?: string;
  /** The worst it reached. */
  readonly severity?: Severity;
  /** Only these groups; all three unless said. */
  readonly groupBy?: MetricGroup;
}

/** A length of time over the incidents that have it. All but `count` in seconds, null when none has. */
export interface Spread {
  readonly count: number;
  readonly mean: number | null;
  readonly median: number | null;
  /** Nine of ten took no longer. */
  readonly p90: number | null;
}

export interface MetricValues {
  /** All but false alarms. */
  readonly incidents: number;
  readonly outcomes: {
    /** Not over yet. */
    readonly open: number;
    readonly resolved: number;
    readonly autoRecovered: number;
    readonly falseAlarm: number;
  };
  /** Start of the first alert → declared. */
  readonly mttd: Spread;
  /** Declared → acknowledged; without those that recovered before anybody answered. */
  readonly mtta: Spread;
  /** Declared → mitigated. */
  readonly mttm: Spread;
  /** Declared → resolved. */
  readonly mttr: Spread;
  /** Of those whose acknowledgement was promised and is given or overdue, how many had it in time. */
  readonly acknowledgedInTime: { readonly count: number; readonly of: number };
  /** `incidents`: those of which it is known. */
  readonly usersAffected: { readonly incidents: number; readonly sum: number };
  readonly revenueLost: {
    readonly incidents: number;
    /** One for each currency. */
    readonly sums: readonly Money[];
    /** Given, but not as an amount that can be read. */
    readonly unread: number;
  };
  /** People to an incident, over those of which it is known. */
  readonly people: { readonly incidents: number; readonly mean: number | null; readonly most: number };
  /** `late`: done after its time, or past it and not done. */
  readonly postmortems: { readonly pending: number; readonly done: number; readonly late: number };
}

export type MetricRow = MetricValues & { readonly key: string };

export interface Metrics {
  readonly totals: MetricValues;
  /** SEV1 first. Each list only when it was asked for. */
  readonly bySeverity?: readonly MetricRow[];
  /** By name. */
  readonly byTeam?: readonly MetricRow[];
  /** Of the organization's zone, oldest first, `2026-11`; months without any incident are left out. */
  readonly byMonth?: readonly MetricRow[];
}
