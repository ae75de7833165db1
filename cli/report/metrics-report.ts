/** A report over many incidents: what is asked of the server, and what it answers. */
import { roughDuration } from '../../domain/kernel/duration.ts';
import type { MetricGroup, MetricRow, Metrics, MetricValues } from '../../webhook-server/api/incident-metrics.ts';
import { pathWith, type ApiResponse } from '../api/api-client.ts';
import type { CommandOptions } from '../command.ts';
import { durationOf } from '../input/times.ts';
import { CliError, EXIT, noAnswer, OR_OLDER } from '../cli-error.ts';
import { safe, table } from '../text/terminal-text.ts';

export const METRICS_GROUP_BY = ['severity', 'team', 'month'] as const satisfies readonly MetricGroup[];

/** The answer of `GET /api/v1/metrics/incidents`. Times in RFC 3339; null: without an end. */
export type MetricsReport = Metrics & {
  readonly from: string | null;
  readonly to: string | null;
  readonly timeZone: string;
};

/** What narrows it down; each of them speaks of many incidents, and of none by its id. */
export const METRICS_OPTIONS = ['by', 'since', 'from', 'to', 'team', 'severity'] as const;

/** The path with its query; `now` is this machine's clock. Throws `CliError` (64). */
export function metricsPath(options: CommandOptions, group: MetricGroup, now: number): string {
  const since = options.text('since');
  if (since !== undefined && options.text('from') !== undefined) {
    throw new CliError(EXIT.usage, '--since and --from both say where it begins: give one');
  }
  const from = since === undefined ? options.text('from') : new Date(now - durationOf(since, '--since')).toISOString();
  const [to, team, severity] = ['to', 'team', 'severity'].map((name) => options.text(name));
  return pathWith('/api/v1/metrics/incidents', { groupBy: group, from, to, team, severity });
}

/** Throws `CliError` (69) for what is no such report. */
export function metricsReportIn({ body, status }: ApiResponse): MetricsReport {
  const { totals } = body;
  if (typeof totals === 'object' && totals !== null && 'mttr' in totals) return body as unknown as MetricsReport;
  throw noAnswer(`no answer: status ${status} without numbers of incidents`, OR_OLDER);
}

function metricRowsOf(report: MetricsReport, group: MetricGroup): readonly MetricRow[] {
  const lists = { severity: report.bySeverity, team: report.byTeam, month: report.byMonth };
  return lists[group] ?? [];
}

export function metricsReportText(report: MetricsReport, group: MetricGroup): string {
  const { totals } = report;
  const heading = `incidents declared ${rangeOf(report)}, by ${group}`;
  if (totals.incidents + totals.outcomes.falseAlarm === 0) return `${safe(heading)}: none`;
  const rows = [...metricRowsOf(report, group), { key: 'all', ...totals }];
  return [
    safe(heading),
    table([group, 'incidents', 'mttd', 'mtta', 'mttm', 'mttr', 'in time', 'users', 'revenue'], rows.map(cellsOf)),
    'times to detect, acknowledge, mitigate and resolve: median · mean · nine of ten took no longer',
    ...countsOf(totals),
  ].join('\n');
}

function rangeOf({ from, to, timeZone }: MetricsReport): string {
  const range = from === null ? (to === null ? 'ever' : '') : `from ${from}`;
  return `${[range, to === null ? '' : `before ${to}`].filter(Boolean).join(' ')} (${timeZone})`;
}

function cellsOf(row: MetricRow): readonly string[] {
  const { key, incidents, acknowledgedInTime: kept, usersAffected, revenueLost } = row;
  const sums = revenueLost.sums.map(({ currency, amount }) => `${amount.toLocaleString('en-US')} ${currency}`.trim());
  return [
    key,
    String(incidents),
    ...[row.mttd, row.mtta, row.mttm, row.mttr].map(lengthCell),
    kept.of === 0 ? '–' : `${kept.count} of ${kept.of}`,
    usersAffected.incidents === 0 ? '–' : usersAffected.sum.toLocaleString('en-US'),
    sums.length === 0 ? '–' : sums.join(', '),
  ];
}

function lengthCell({ mean, median, p90 }: MetricValues['mttr']): string {
  if (mean === null || median === null || p90 === null) return '–';
  return [median, mean, p90].map((seconds) => roughDuration(seconds * 1000)).join(' · ');
}

function countsOf({ outcomes, people, postmortems, revenueLost }: MetricValues): readonly string[] {
  const { open, resolved, autoRecovered, falseAlarm } = outcomes;
  return [
    `${open} open, ${resolved} resolved, ${autoRecovered} recovered by themselves; false alarms, not counted: ${falseAlarm}`,
    ...(people.mean === null ? [] : [`people: ${people.mean} to an incident, ${people.most} at the most`]),
    ...(postmortems.pending === 0
      ? []
      : [`post-mortems: ${postmortems.done} of ${postmortems.pending} done, ${postmortems.late} late`]),
    ...(revenueLost.unread === 0 ? [] : [`amounts of revenue that could not be read: ${revenueLost.unread}`]),
  ];
}
