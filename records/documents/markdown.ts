/** The whole record to be read by people. Pure. */
import { isPage } from '../../domain/kernel/delivery-kind.ts';
import type { WholeRecord } from '../records.ts';
import { actionItemsOf } from './action-items-section.ts';
import { responseTimesOf } from './response-times.ts';
import { impactSection } from './impact-section.ts';
import { alertsOf, factsOf, messagesOf, timelineOf, titleOf } from './document-sections.ts';
import { escapeMarkdown, quoted, row, table } from './escape-markdown.ts';
import { timeIn, type DocumentFormat } from './document-format.ts';

export function toMarkdown(record: WholeRecord, telling: DocumentFormat): string {
  const { summary, resolution } = record.incident;
  const text = (name: string, said: string | null): readonly string[] => (said ? [`## ${name}`, quoted(said)] : []);
  return [
    `# ${titleOf(record)}`,
    factsOf(record, telling),
    ...text('Summary', summary),
    '## Impact',
    impactSection(record, telling, { asked: false }),
    ...text('Resolution', resolution),
    '## Times',
    responseTimesOf(record, telling),
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
  { timeZone, nameOf }: DocumentFormat,
  none: string,
): string {
  const rows = deliveries.map(({ at, to, method, state, reason }) =>
    row(
      timeIn(timeZone, at),
      escapeMarkdown(nameOf(to)),
      escapeMarkdown(method),
      state,
      reason === null ? '' : escapeMarkdown(reason),
    ),
  );
  return table(['When', 'To', 'By', 'State', 'Reason'], rows, none);
}
