/** Counts incidents in SQL, in one pass over the measured columns for all groups together. */
import { sql, type RawBuilder } from 'kysely';
import { LONGEST_DETECTION_MS } from '../../domain/kernel/queries.ts';
import { monthsOf, type Month } from '../../schedules/local-clock.ts';
import type { Db } from '../connection.ts';
import {
  METRIC_GROUPS,
  valuesOf,
  type CountRow,
  type MetricGroup,
  type MetricRow,
  type Metrics,
  type MetricsQuery,
} from './metrics.ts';
import { revenueOf, type RevenueRow, type Revenues } from './money.ts';

export interface Calendar {
  /** IANA zone of the months. */
  readonly timeZone: string;
  /** Epoch ms; decides what is overdue. */
  readonly now: number;
}

/** `query` is clean already. All figures are of one moment. */
export async function readMetrics(db: Db, query: MetricsQuery, { timeZone, now }: Calendar): Promise<Metrics> {
  const read = db.transaction().setIsolationLevel('repeatable read');
  return read.execute(async (trx) => {
    const months = await monthsIn(trx, query, timeZone);
    const groups = query.groupBy === undefined ? METRIC_GROUPS : [query.groupBy];
    const { rows } = await statement(chosenRows(query, months), groups, now).execute(trx);
    const revenues = revenueOf(await revenueRows(trx, query, months), groups);
    return metricsOf(rows, { groups, months, revenues });
  });
}

/** Which incidents count. */
function whereOf({ from, to, team, severity }: MetricsQuery): RawBuilder<unknown> {
  const parts = [sql`not test`, sql`outcome is distinct from 'merged'`];
  if (from !== undefined) parts.push(sql`declared_at >= ${from}`);
  if (to !== undefined) parts.push(sql`declared_at < ${to}`);
  if (team !== undefined) parts.push(sql`team = ${team}`);
  if (severity !== undefined) parts.push(sql`highest_severity = ${severity}`);
  return sql.join(parts, sql` and `);
}

/** The months of the incidents that count. Their beginnings are computed here, not by the database's time zones. */
async function monthsIn(db: Db, query: MetricsQuery, timeZone: string): Promise<readonly Month[]> {
  if (query.groupBy !== undefined && query.groupBy !== 'month') return [];
  const range = sql<{ readonly first: number | null; readonly last: number | null }>`
    select min(declared_at) as first, max(declared_at) as last from incidents where ${whereOf(query)}`;
  const { first = null, last = null } = (await range.execute(db)).rows[0] ?? {};
  return first === null || last === null ? [] : monthsOf(first, last, timeZone);
}

/** The index of the incident's month in `months`, from 1; 0 when months are not asked for. */
function monthOf(months: readonly Month[]): RawBuilder<unknown> {
  const starts = `{${months.map(({ startsAt }) => startsAt).join(',')}}`;
  return months.length === 0 ? sql`0` : sql`width_bucket(declared_at, ${starts}::bigint[])`;
}

function chosenRows(query: MetricsQuery, months: readonly Month[]): RawBuilder<unknown> {
  return sql`select highest_severity collate "C" as severity_group, team collate "C" as team_group,
    ${monthOf(months)} as month_group, ${MEASURED}
    from incidents where ${whereOf(query)}`;
}

/** No more columns than are counted: the rows are sorted once for each group. */
const MEASURED = sql.join(
  ['declared_at', 'resolved_at', 'outcome', 'detected_at', 'acknowledged_at', 'mitigated_at', 'acknowledge_due_at']
    .concat('users_affected', 'people', 'postmortem_due_at', 'postmortem_done_at')
    .map((name) => sql.ref(name)),
);

const COLUMNS: Readonly<Record<MetricGroup, RawBuilder<unknown>>> = {
  severity: sql`severity_group`,
  team: sql`team_group`,
  month: sql`month_group`,
};

/** Seconds between two columns; null when either is. Clocks differ: never below 0. */
function seconds(from: string, to: string): RawBuilder<unknown> {
  const length = sql`${sql.ref(to)} - ${sql.ref(from)}`;
  return sql`case when ${length} < 0 then 0 else (${length}) / 1000.0::float8 end`;
}

/** The spread of a column of durations as one array: count, mean, median, p90. */
function spread(length: string): RawBuilder<unknown> {
  const column = sql.ref(length);
  return sql`array[count(${column})::float8, avg(${column})] || percentile_cont(array[0.5, 0.9])
    within group (order by ${column}) as ${sql.ref(length)}`;
}

function statement(chosen: RawBuilder<unknown>, groups: readonly MetricGroup[], now: number): RawBuilder<CountRow> {
  const sets = sql.join([sql`()`, ...groups.map((group) => sql`(${COLUMNS[group]})`)]);
  const group = (name: MetricGroup): RawBuilder<unknown> => (groups.includes(name) ? sql`${COLUMNS[name]}` : sql`null`);
  // The row that is grouped by nothing holds the totals.
  const which = sql.join(
    groups.map((name) => sql`when grouping(${COLUMNS[name]}) = 0 then ${name}`),
    sql` `,
  );
  return sql<CountRow>`
    with chosen as (${chosen}),
    real as (select *, outcome is not distinct from 'false-alarm' as is_false from chosen),
    timed as (select severity_group, team_group, month_group, outcome, is_false, users_affected, people,
      acknowledged_at, acknowledge_due_at, postmortem_due_at, postmortem_done_at,
      case when not is_false and declared_at - detected_at <= ${LONGEST_DETECTION_MS}
        then ${seconds('detected_at', 'declared_at')} end as mttd,
      case when not is_false and outcome is distinct from 'auto-recovered'
        then ${seconds('declared_at', 'acknowledged_at')} end as mtta,
      case when not is_false then ${seconds('declared_at', 'mitigated_at')} end as mttm,
      case when not is_false then ${seconds('declared_at', 'resolved_at')} end as mttr,
      not is_false and outcome is distinct from 'auto-recovered' and acknowledge_due_at is not null
        and (acknowledged_at is not null or acknowledge_due_at < ${now}) as was_due,
      not is_false and postmortem_due_at is not null as has_postmortem from real)
    select case ${which} else 'totals' end as "group",
      ${group('severity')} as severity, ${group('team')} as team, ${group('month')} as month,
      count(*) filter (where not is_false) as incidents,
      count(*) filter (where outcome is null) as open,
      count(*) filter (where outcome = 'resolved') as resolved,
      count(*) filter (where outcome = 'auto-recovered') as recovered,
      count(*) filter (where is_false) as false_alarms,
      ${sql.join([spread('mttd'), spread('mtta'), spread('mttm'), spread('mttr')])},
      count(*) filter (where was_due) as due,
      count(*) filter (where was_due and acknowledged_at <= acknowledge_due_at) as in_time,
      count(users_affected) filter (where not is_false) as users_known,
      coalesce(sum(users_affected) filter (where not is_false), 0)::float8 as users,
      count(people) filter (where not is_false) as people_known,
      (avg(people) filter (where not is_false))::float8 as people_mean,
      coalesce(max(people) filter (where not is_false), 0) as people_most,
      count(*) filter (where has_postmortem) as postmortems_due,
      count(*) filter (where has_postmortem and postmortem_done_at is not null) as done,
      count(*) filter (where has_postmortem and coalesce(postmortem_done_at, ${now}) > postmortem_due_at) as late
    from timed group by grouping sets (${sets})`;
}

async function revenueRows(db: Db, query: MetricsQuery, months: readonly Month[]): Promise<readonly RevenueRow[]> {
  const rows = sql<RevenueRow>`
    select highest_severity as severity, team, ${monthOf(months)} as month, revenue_lost as text
    from incidents where ${whereOf(query)} and revenue_lost is not null and outcome is distinct from 'false-alarm'
    order by declared_at, incident_id`;
  return (await rows.execute(db)).rows;
}

interface Known {
  readonly groups: readonly MetricGroup[];
  readonly months: readonly Month[];
  readonly revenues: Revenues;
}

const LISTS = { severity: 'bySeverity', team: 'byTeam', month: 'byMonth' } as const;

function metricsOf(rows: readonly CountRow[], { groups, months, revenues }: Known): Metrics {
  const totals = rows.find(({ group }) => group === 'totals');
  // Grouping by nothing gives one row, even of no incidents.
  if (totals === undefined) throw new Error('the database returned no totals');
  const lists = groups.map((group) => {
    const own = rows.filter((row) => row.group === group).map((row) => ({ row, order: row[group] ?? '' }));
    // Severities and teams by name, months by index.
    own.sort((a, b) => (a.order < b.order ? -1 : 1));
    const list = own.map(({ row, order }): MetricRow => {
      const key = group === 'month' ? (months[Number(order) - 1]?.name ?? '') : String(order);
      return { key, ...valuesOf(row, revenues.of(group, order)) };
    });
    return [LISTS[group], list] as const;
  });
  return { totals: valuesOf(totals, revenues.of('totals', '')), ...Object.fromEntries(lists) };
}
