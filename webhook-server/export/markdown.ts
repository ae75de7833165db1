/** The whole record to be read by people. Pure. */
import type { WholeRecord } from '../../records/index.ts';
import { durationsOf, factsOf, messagesOf, timelineOf, titleOf } from './parts.ts';
import { plain, quoted, row, table } from './plain.ts';
import { timeIn, type Telling } from './telling.ts';

export function toMarkdown(record: WholeRecord, telling: Telling): string {
  const { incident } = record;
  const texts = [
    ['Summary', incident.summary],
    ['Impact', incident.impact],
    ['Resolution', incident.resolution],
  ].flatMap(([name, text]) => (text ? [`## ${name}`, quoted(text)] : []));
  return [
    `# ${titleOf(record)}`,
    factsOf(record, telling),
    ...texts,
    '## Times',
    durationsOf(record, telling),
    '## Timeline',
    timelineOf(record, telling),
    '## Messages',
    messagesOf(record, telling),
    '## Alerts',
    alertsOf(record, telling),
    '## Pages',
    pagesOf(record, telling),
  ]
    .join('\n\n')
    .concat('\n');
}

function alertsOf({ incident }: WholeRecord, { timeZone }: Telling): string {
  const rows = incident.alerts.map(({ labels, fingerprint, status, startsAt, endsAt }) =>
    row(
      plain(labels['alertname'] ?? fingerprint),
      status,
      timeIn(timeZone, startsAt),
      endsAt === null ? '' : timeIn(timeZone, endsAt),
    ),
  );
  return table(['Alert', 'State', 'From', 'To'], rows, 'none');
}

function pagesOf({ incident }: WholeRecord, { timeZone, nameOf }: Telling): string {
  const rows = incident.deliveries.map(({ at, to, method, state, reason }) =>
    row(timeIn(timeZone, at), plain(nameOf(to)), plain(method), state, reason === null ? '' : plain(reason)),
  );
  return table(['When', 'To', 'By', 'State', 'Reason'], rows, 'nobody was paged');
}
