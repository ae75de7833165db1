/** An incident's whole record as documents: JSON, YAML, Markdown and the draft of a post-mortem; and as files of them. */
import { stringify } from 'yaml';
import { checklistOf } from '../../domain/engine/checklist.ts';
import { isPage } from '../../domain/kernel/outbox.ts';
import { writeFileAtomically } from '../../runtime/files.ts';
import type { WholeRecord } from '../records.ts';
import { cell, msBetween, quoted, row, table, timeIn, type DocumentFormat } from './document-format.ts';
import {
  actionItemsOf,
  alertsOf,
  factsOf,
  impactSection,
  messagesOf,
  timelineOf,
  titleOf,
} from './document-sections.ts';
import { postmortemDraft } from './postmortem.ts';
import { responseTimesTable } from './response-times.ts';

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

const MINUTE_MS = 60_000;

/**
 * By the organization's YAML template of an incident; what the template has no place for is under `record`. What nobody
 * has said is null, for people to fill in.
 */
export function toYaml(whole: WholeRecord): string {
  const { incident: view, timeline } = whole;
  const startedAt = view.detectedAt ?? view.declaredAt;
  const lastedMs = msBetween(startedAt, view.resolvedAt);
  const incident = {
    id: view.reference,
    severity: view.highestSeverity,
    title: view.title,
    started_at: startedAt,
    detected_by: view.declaredBy ?? 'monitoring_alert',
    resolved_at: view.resolvedAt,
    impact: {
      users_affected: view.impact?.usersAffected ?? null,
      revenue_lost: view.impact?.revenueLost ?? null,
      duration_minutes: lastedMs === null ? null : Math.round(lastedMs / MINUTE_MS),
      data_loss: view.impact?.dataLoss ?? null,
      description: view.impact?.summary ?? null,
    },
    timeline: timeline.map(({ at, by, text }) => ({ time: at, event: text, ...(by === null ? {} : { by }) })),
    action_items: (view.actionItems ?? []).map(({ text }) => text),
    ...(view.recurrenceOf === null ? {} : { recurrence_of: view.recurrenceOf }),
  };
  // By the rules of YAML 1.1, so that readers of either version see a text where there is one: "no", "12:30", a date.
  return stringify(
    { incident, record: withTimes(whole) },
    { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 },
  );
}

export function toMarkdown(record: WholeRecord, format: DocumentFormat): string {
  const { summary, resolution, deliveries } = record.incident;
  const section = (name: string, text: string | null): readonly string[] => (text ? [`## ${name}`, quoted(text)] : []);
  return [
    `# ${titleOf(record)}`,
    factsOf(record, format),
    ...section('Summary', summary),
    '## Impact',
    impactSection(record, format, 'no-gaps'),
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
