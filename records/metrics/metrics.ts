/**
 * Figures over many incidents: how long things took, how they ended, what they cost. Times are epoch ms in a query and
 * seconds in an answer. Tests and merged incidents do not count; a false alarm counts as a false alarm and nothing else.
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
  /** The highest that an incident reached. */
  readonly severity?: Severity;
  /** Only this group; all three by default. */
  readonly groupBy?: MetricGroup;
}

/** A duration over the incidents that have it. All but `count` in seconds; null when no incident has it. */
export interface Spread {
  readonly count: number;
  readonly mean: number | null;
  readonly median: number | null;
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
  /** Start of the first alert → declared; without alerts that had fired for more than a week by then. */
  readonly mttd: Spread;
  /** Declared → acknowledged; without incidents that recovered before anybody answered. */
  readonly mtta: Spread;
  /** Declared → mitigated. */
  readonly mttm: Spread;
  /** Declared → resolved. */
  readonly mttr: Spread;
  /** Of the incidents with a target for the acknowledgement that was met or is over, how many were in time. */
  readonly acknowledgedInTime: { readonly count: number; readonly of: number };
  /** `incidents`: of how many it is known. */
  readonly usersAffected: { readonly incidents: number; readonly sum: number };
  readonly revenueLost: {
    readonly incidents: number;
    /** One sum for each currency. */
    readonly sums: readonly Money[];
    /** Of how many incidents the amount is given but cannot be read. */
    readonly unread: number;
  };
  /** People involved in an incident, over the incidents of which it is known. */
  readonly people: { readonly incidents: number; readonly mean: number | null; readonly most: number };
  /** `late`: done late, or overdue. */
  readonly postmortems: { readonly pending: number; readonly done: number; readonly late: number };
}

export type MetricRow = MetricValues & { readonly key: string };

export interface Metrics {
  readonly totals: MetricValues;
  /** SEV1 first. Each list is there only when it was asked for. */
  readonly bySeverity?: readonly MetricRow[];
  /** By name. */
  readonly byTeam?: readonly MetricRow[];
  /** Months in the organization's zone, oldest first, such as `2026-11`; without months that had no incident. */
  readonly byMonth?: readonly MetricRow[];
}

/** Count, mean, median and p90, seconds. The last two are missing when the count is 0. */
type SpreadColumn = readonly (number | null)[];

/** A row of counts as the database returns it. */
export interface CountRow {
  readonly group: MetricGroup | 'totals';
  readonly severity: string | null;
  readonly team: string | null;
  readonly month: number | null;
  readonly incidents: number;
  readonly open: number;
  readonly resolved: number;
  readonly recovered: number;
  readonly false_alarms: number;
  readonly mttd: SpreadColumn;
  readonly mtta: SpreadColumn;
  readonly mttm: SpreadColumn;
  readonly mttr: SpreadColumn;
  readonly due: number;
  readonly in_time: number;
  readonly users_known: number;
  readonly users: number;
  readonly people_known: number;
  readonly people_mean: number | null;
  readonly people_most: number;
  readonly postmortems_due: number;
  readonly done: number;
  readonly late: number;
}

export function valuesOf(row: CountRow, revenueLost: MetricValues['revenueLost']): MetricValues {
  return {
    incidents: row.incidents,
    outcomes: {
      open: row.open,
      resolved: row.resolved,
      autoRecovered: row.recovered,
      falseAlarm: row.false_alarms,
    },
    mttd: spreadOf(row.mttd),
    mtta: spreadOf(row.mtta),
    mttm: spreadOf(row.mttm),
    mttr: spreadOf(row.mttr),
    acknowledgedInTime: { count: row.in_time, of: row.due },
    usersAffected: { incidents: row.users_known, sum: row.users },
    revenueLost,
    people: { incidents: row.people_known, mean: inTenths(row.people_mean), most: row.people_most },
    postmortems: { pending: row.postmortems_due, done: row.done, late: row.late },
  };
}

function spreadOf([count = 0, mean = null, median = null, p90 = null]: SpreadColumn): Spread {
  return { count: count ?? 0, mean: inTenths(mean), median: inTenths(median), p90: inTenths(p90) };
}

const inTenths = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10);
