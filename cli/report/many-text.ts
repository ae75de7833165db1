/** A report over many incidents as text: a table, and what does not fit into one. */
import type { MetricGroup, MetricRow, MetricValues } from '../../webhook-server/answers.ts';
import { table } from '../table.ts';
import { lengthOf, safe } from '../text.ts';
import { rowsOf, type ManyReport } from './many.ts';

export function manyText(report: ManyReport, group: MetricGroup): string {
  const { totals } = report;
  const heading = `incidents declared ${rangeOf(report)}, by ${group}`;
  if (totals.incidents + totals.outcomes.falseAlarm === 0) return `${safe(heading)}: none`;
  const rows = [...rowsOf(report, group), { key: 'all', ...totals }];
  return [
    safe(heading),
    table([group, 'incidents', 'mttd', 'mtta', 'mttm', 'mttr', 'in time', 'users', 'revenue'], rows.map(cellsOf)),
    'times: the mean, and within how long nine of ten were (detect, acknowledge, mitigate, resolve)',
    ...countsOf(totals),
  ].join('\n');
}

function rangeOf({ from, to, timeZone }: ManyReport): string {
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
  return mean === null || p90 === null ? '–' : `${lengthOf(mean * 1000)} (${lengthOf(p90 * 1000)})`;
}

function countsOf({ outcomes, people, postmortems, revenueLost }: MetricValues): readonly string[] {
  const { open, resolved, autoRecovered, falseAlarm } = outcomes;
  return [
    `${open} open, ${resolved} resolved, ${autoRecovered} recovered by themselves; false alarms, not counted: ${falseAlarm}`,
    ...(people.mean === null ? [] : [`people: ${people.mean} to an incident, ${people.most} at the most`]),
    ...(postmortems.owed === 0
      ? []
      : [`post-mortems: ${postmortems.done} of ${postmortems.owed} done, ${postmortems.late} late`]),
    ...(revenueLost.unread === 0 ? [] : [`amounts of revenue that could not be read: ${revenueLost.unread}`]),
  ];
}
