/** What many incidents come to. Numbers only: no titles, and nobody by name. */
import { z } from 'zod';
import { METRIC_GROUPS } from '../../records/metrics/metrics.ts';
import { type Metrics, type MetricsQuery, type MetricValues } from '../../records/open-records.ts';
import { endOfDay, startOfDay } from '../../schedules/local-clock.ts';
import type { AppDeps } from '../dependencies.ts';
import { invalidRequest } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type Route } from '../http/route.ts';
import { recordsTimeLimit } from '../incidents/records-copy.ts';
import { count, nullable, severity, text, time } from './common-schemas.ts';
import { orRecordsUnavailable } from './documents.ts';

/** For clients that read the answer. */
export type { MetricGroup, MetricRow, Metrics, MetricValues } from '../../records/open-records.ts';

const metricsQuery = z.strictObject({
  from: z.string().max(40).optional().describe('declared from this moment on, or from the beginning of this day'),
  to: z.string().max(40).optional().describe('declared before this moment, or until the end of this day'),
  team: z.string().min(1).max(100).optional(),
  severity: severity.optional().describe('the worst they reached'),
  groupBy: z.enum(METRIC_GROUPS).optional().describe('only these groups; all three by default'),
});

const seconds = z.number().min(0).nullable();

const durations = z
  .looseObject({ count, mean: seconds, median: seconds, p90: seconds.describe('nine in ten took no longer') })
  .describe('seconds; null when no incident has it');

const metricValues = z.looseObject({
  incidents: count.describe('all but false alarms; tests and merged incidents are not counted'),
  outcomes: z.looseObject({ open: count, resolved: count, autoRecovered: count, falseAlarm: count }),
  mttd: durations.describe(
    'start of the first alert to declaration; alerts that had fired for more than a week are not counted',
  ),
  mtta: durations.describe('declaration to acknowledgement; auto-recovered incidents are not counted'),
  mttm: durations.describe('declaration to mitigation'),
  mttr: durations.describe('declaration to resolution'),
  acknowledgedInTime: z.looseObject({
    count,
    of: count.describe('with a response target, and acknowledged or overdue'),
  }),
  usersAffected: z.looseObject({ incidents: count.describe('with a known number'), sum: z.number() }),
  revenueLost: z.looseObject({
    incidents: count,
    sums: z.array(z.looseObject({ currency: text, amount: z.number() })),
    unread: count.describe('given, but not readable as an amount'),
  }),
  people: z.looseObject({ incidents: count, mean: z.number().nullable(), most: count }),
  postmortems: z.looseObject({ pending: count, done: count, late: count }),
}) satisfies z.ZodType<MetricValues>;

const rows = z.array(metricValues.extend({ key: text }));

export const metricsSchema = z.looseObject({
  from: nullable(time),
  to: nullable(time),
  timeZone: text.describe('of the organization: its days and months'),
  team: nullable(text),
  severity: nullable(severity),
  totals: metricValues,
  bySeverity: z.exactOptional(rows),
  byTeam: z.exactOptional(rows),
  byMonth: z.exactOptional(rows).describe('2026-11 …; months without any are left out'),
}) satisfies z.ZodType<Metrics>;

export function incidentMetricsRoute(deps: AppDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/metrics/incidents',
    summary: 'Times, outcomes, response targets and costs of many incidents; by severity, team and month',
    access: 'viewer',
    query: metricsQuery,
    body: 'none',
    output: { 200: metricsSchema },
    handle: ({ query }) => readIncidentMetrics(deps, query),
  });
}

async function readIncidentMetrics(
  deps: AppDeps,
  { from, to, ...filter }: z.output<typeof metricsQuery>,
): Promise<RouteResponse> {
  const { timeZone } = deps.config();
  const range = { from: timeOrDayOf('from', from, timeZone), to: timeOrDayOf('to', to, timeZone) };
  if ((range.from ?? 0) >= (range.to ?? Infinity)) throw invalidRequest([{ at: 'from', message: 'must be before to' }]);
  const filters = { ...filter, ...range };
  const query = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as MetricsQuery;
  const metrics = await orRecordsUnavailable(
    'incidents cannot be counted now',
    recordsTimeLimit(deps).ask((records) => records.metrics(query)),
  );
  const json = {
    from: rfc3339(range.from),
    to: rfc3339(range.to),
    timeZone,
    team: filter.team ?? null,
    severity: filter.severity ?? null,
    ...metrics,
  };
  return { status: 200, json };
}

/** A whole day of the organization's calendar, or a moment. Throws 400 for anything else. */
function timeOrDayOf(at: 'from' | 'to', text: string | undefined, timeZone: string): number | undefined {
  if (text === undefined) return undefined;
  const day = at === 'from' ? startOfDay(text, timeZone) : endOfDay(text, timeZone);
  const epochMs = day ?? (RFC3339_TIME.test(text) ? Date.parse(text) : NaN);
  if (!Number.isNaN(epochMs)) return epochMs;
  throw invalidRequest([{ at, message: 'expected a day (2026-11-21) or a moment (2026-11-21T09:00:00Z)' }]);
}

const RFC3339_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

const rfc3339 = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
