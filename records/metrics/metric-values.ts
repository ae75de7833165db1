/** From a row of counts, as the database gives it, to what is answered. Pure. */
import type { MetricGroup, MetricValues, Spread } from './metrics.ts';

/** How many, mean, median and p90, seconds. The last two are nothing at all when there is none. */
type SpreadColumn = readonly (number | null)[];

export interface Counted {
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
  readonly postmortemsDue: number;
  readonly done: number;
  readonly late: number;
}

export function valuesOf(row: Counted, revenueLost: MetricValues['revenueLost']): MetricValues {
  return {
    incidents: row.incidents,
    outcomes: {
      ...{ open: row.open, resolved: row.resolved, autoRecovered: row.recovered, falseAlarm: row.false_alarms },
    },
    ...{ mttd: spreadOf(row.mttd), mtta: spreadOf(row.mtta), mttm: spreadOf(row.mttm), mttr: spreadOf(row.mttr) },
    acknowledgedInTime: { count: row.in_time, of: row.due },
    usersAffected: { incidents: row.users_known, sum: row.users },
    revenueLost,
    people: { incidents: row.people_known, mean: inTenths(row.people_mean), most: row.people_most },
    postmortems: { pending: row.postmortemsDue, done: row.done, late: row.late },
  };
}

function spreadOf([count = 0, mean = null, median = null, p90 = null]: SpreadColumn): Spread {
  return { count: count ?? 0, mean: inTenths(mean), median: inTenths(median), p90: inTenths(p90) };
}

const inTenths = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10);

const NEVER: Spread = { count: 0, mean: null, median: null, p90: null };

/** No incident at all. */
export const NOTHING: MetricValues = {
  incidents: 0,
  outcomes: { open: 0, resolved: 0, autoRecovered: 0, falseAlarm: 0 },
  ...{ mttd: NEVER, mtta: NEVER, mttm: NEVER, mttr: NEVER },
  acknowledgedInTime: { count: 0, of: 0 },
  usersAffected: { incidents: 0, sum: 0 },
  revenueLost: { incidents: 0, sums: [], unread: 0 },
  people: { incidents: 0, mean: null, most: 0 },
  postmortems: { pending: 0, done: 0, late: 0 },
};
