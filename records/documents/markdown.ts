/** The whole record to be read by people. Pure. */
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
    pagesOf(record, telling),
    '## Action items',
    actionItemsOf(record, telling),
  ]
    .join('\n\n')
    .concat('\n');
}

function pagesOf({ incident }: WholeRecord, { timeZone, nameOf }: Telling): string {
  const rows = incident.deliveries.map(({ at, to, method, state, reason }) =>
    row(timeIn(timeZone, at), plain(nameOf(to)), plain(method), state, reason === null ? '' : plain(reason)),
  );
  return table(['When', 'To', 'By', 'State', 'Reason'], rows, 'nobody was paged');
}
