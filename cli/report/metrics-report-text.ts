/** A report over many incidents as text: a table, and what does not fit into one. */
import type { MetricGroup, MetricRow, MetricValues } from '../../webhook-server/api/incident-metrics.ts';
import { table } from '../text/table.ts';
import { durationText, safe } from '../text/terminal-text.ts';
import { metricRowsOf, type MetricsReport } from './metrics-report.ts';

export function metricsReportText(report: MetricsReport, group: MetricGroup): string {
  const { totals } = report;
  const heading = `incidents declared ${rangeOf(report)}, by ${group}`;
  if (totals.incidents + totals.outcomes.falseAlarm === 0) return `${safe(heading)}: none`;
  const rows = [...metricRowsOf(report, group), { key: 'all', ...totals }];
  return [
    safe(heading),
    table([group, 'incidents', 'mttd', 'mtta', 'mttm', 'mttr', 'in time', 'users', 'revenue'], rows.map(cellsOf)),
    'times: the mean, and within how long nine of ten were (detect, acknowledge, mitigate, resolve)',
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

function lengthCell({ mean, p90 }: MetricValues['mttr']): string {
  return mean === null || p90 === null ? '–' : `${durationText(mean * 1000)} (${durationText(p90 * 1000)})`;
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
