/** An incident's whole record as documents: JSON, YAML, Markdown and the draft of a post-mortem; and as files of them. */
import { checklistOf } from '../../domain/engine/checklist.ts';
import { isPage } from '../../domain/kernel/outbox.ts';
import { writeFileAtomically } from '../../runtime/files.ts';
import type { WholeRecord } from '../records.ts';
import { cell, quoted, row, table, timeIn, type DocumentFormat } from './document-format.ts';
import {
  actionItemsOf,
  alertsOf,
  causeSection,
  factsOf,
  impactSection,
  messagesOf,
  timelineOf,
  titleOf,
} from './document-sections.ts';
import { postmortemDraft } from './postmortem.ts';
import { responseTimesTable } from './response-times.ts';
import { toYaml } from './yaml-export.ts';

const WRITERS = { json: toJson, yaml: toYaml, markdown: toMarkdown, draft: postmortemDraft } as const;

/** `draft`: of the post-mortem, as Markdown. */
export type Documents = Readonly<Record<keyof typeof WRITERS, string>>;

export function documentOf(kind: keyof Documents, record: WholeRecord, format: DocumentFormat): string {
  // As the API shows an incident: with its address and its checklist.
  const { incident } = record;
  const shown = { ...incident, checklist: checklistOf(incident), url: format.urlOf(incident.workflowId) };
  return WRITERS[kind]({ ...record, incident: shown }, format);
}

export function documentsOf(record: WholeRecord, format: DocumentFormat): Documents {
  const make = (kind: keyof Documents): string => documentOf(kind, record, format);
  return { json: make('json'), yaml: make('yaml'), markdown: make('markdown'), draft: make('draft') };
}

/** Writes `<directory>/<reference or id>.json` durably. Writing it again makes the same file. */
export async function writeArchive(directory: string, record: WholeRecord): Promise<void> {
  await writeFileAtomically(directory, `${fileName(record)}.json`, `${JSON.stringify(record, null, 2)}\n`);
}

/** Writes `<directory>/<reference or id>.{json,yaml,md}` durably: each file as a whole, but not all of them together. */
export async function writeExports(directory: string, record: WholeRecord, documents: Documents): Promise<void> {
  const name = fileName(record);
  await writeFileAtomically(directory, `${name}.json`, documents.json);
  await writeFileAtomically(directory, `${name}.yaml`, documents.yaml);
  await writeFileAtomically(directory, `${name}.md`, documents.markdown);
}

const fileName = ({ incident }: WholeRecord): string => incident.reference ?? incident.id.replace(/[^\w-]/g, '_');

/** With the times of messages in RFC 3339, as all others are. */
function withTimes({ messages, ...record }: WholeRecord) {
  return { ...record, messages: messages.map((message) => ({ ...message, at: new Date(message.at).toISOString() })) };
}

export function toJson(record: WholeRecord): string {
  return `${JSON.stringify(withTimes(record), null, 2)}\n`;
}

export function toMarkdown(record: WholeRecord, format: DocumentFormat): string {
  const { summary, resolution, deliveries } = record.incident;
  const cause = causeSection(record, format);
  const section = (name: string, text: string | null): readonly string[] => (text ? [`## ${name}`, quoted(text)] : []);
  return [
    `# ${titleOf(record)}`,
    factsOf(record, format),
    ...section('Summary', summary),
    '## Impact',
    impactSection(record, format, 'no-gaps'),
    ...(cause === '' ? [] : ['## Root cause', cause]),
    ...section('Resolution', resolution),
    '## Times',
    responseTimesTable(record, format),
    '## Timeline',
    timelineOf(record, format),
    '## Messages',
    messagesOf(record, format),
    '## Alerts',
    alertsOf(record, format),
    '## Pages',
    deliveriesTable(deliveries.filter(isPage), format, 'nobody was paged'),
    '## Notifications and stakeholder updates',
    deliveriesTable(
      deliveries.filter((delivery) => !isPage(delivery)),
      format,
      'none were sent',
    ),
    '## Action items',
    actionItemsOf(record, format),
  ]
    .join('\n\n')
    .concat('\n');
}

function deliveriesTable(
  deliveries: WholeRecord['incident']['deliveries'],
  { timeZone, nameOf }: DocumentFormat,
  none: string,
): string {
  const rows = deliveries.map(({ at, to, method, state, reason }) =>
    row(timeIn(timeZone, at), cell(nameOf(to)), cell(method), state, cell(reason)),
  );
  return table(['When', 'To', 'By', 'State', 'Reason'], rows, none);
}
