/** The whole record to be read by people. Pure. */
import { isPage } from '../../domain/delivery-kind.ts';
import type { WholeRecord } from '../records.ts';
import { actionItemsOf } from './action-items.ts';
import { durationsOf } from './durations.ts';
import { impactOf } from './impact.ts';
import { alertsOf, factsOf, messagesOf, timelineOf, titleOf } from './parts.ts';
import { plain, quoted, row, table } from './plain.ts';
import { timeIn, type Telling } from './telling.ts';

export function toMarkdown(record: WholeRecord, telling: Telling): string {
  const { summary, resolution } = record.incident;
  const text = (name: string, said: string | null): readonly string[] => (said ? [`## ${name}`, quoted(said)] : []);
  return [
    `# ${titleOf(record)}`,
    factsOf(record, telling),
    ...text('Summary', summary),
    '## Impact',
    impactOf(record, telling, { asked: false }),
    ...text('Resolution', resolution),
    '## Times',
    durationsOf(record, telling),
    '## Timeline',
    timelineOf(record, telling),
    '## Messages',
    messagesOf(record, telling),
    '## Alerts',
    alertsOf(record, telling),
    '## Pages',
    deliveriesOf(record.incident.deliveries.filter(isPage), telling, 'nobody was paged'),
    '## Notices and stakeholder updates',
    deliveriesOf(
      record.incident.deliveries.filter((delivery) => !isPage(delivery)),
      telling,
      'none were sent',
    ),
    '## Action items',
    actionItemsOf(record, telling),
  ]
    .join('\n\n')
    .concat('\n');
}

function deliveriesOf(
  deliveries: WholeRecord['incident']['deliveries'],
  { timeZone, nameOf }: Telling,
  none: string,
): string {
  const rows = deliveries.map(({ at, to, method, state, reason }) =>
    row(timeIn(timeZone, at), plain(nameOf(to)), plain(method), state, reason === null ? '' : plain(reason)),
  );
  return table(['When', 'To', 'By', 'State', 'Reason'], rows, none);
}
