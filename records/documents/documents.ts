/** Every document of a record, made by the same words wherever it is made. Pure. */
import { checklistOf } from '../../domain/engine/checklist.ts';
import type { WholeRecord } from '../records.ts';
import { toJson } from './json.ts';
import { toMarkdown } from './markdown.ts';
import { draftOf } from './postmortem-template.ts';
import type { DocumentFormat } from './document-format.ts';
import { toYaml } from './yaml.ts';

const WRITERS = { json: toJson, yaml: toYaml, markdown: toMarkdown, draft: draftOf } as const;

/** `draft`: of the post-mortem, as Markdown. */
export type Documents = Readonly<Record<keyof typeof WRITERS, string>>;

export function documentOf(format: keyof Documents, record: WholeRecord, telling: DocumentFormat): string {
  return WRITERS[format](shown(record, telling), telling);
}

export function documentsOf(record: WholeRecord, telling: DocumentFormat): Documents {
  const made = (format: keyof Documents): string => documentOf(format, record, telling);
  return { json: made('json'), yaml: made('yaml'), markdown: made('markdown'), draft: made('draft') };
}

/** As the API shows an incident: with its address and its checklist. */
function shown(record: WholeRecord, { urlOf }: DocumentFormat): WholeRecord {
  const { incident } = record;
  const more = { checklist: checklistOf(incident), url: urlOf(incident.workflowId) };
  return { ...record, incident: { ...incident, ...more } };
}
