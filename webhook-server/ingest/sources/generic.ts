/**
 * The generic source: `{ key, status, title, severity?, labels?, annotations?, startsAt?, links? }` or a list of them;
 * `fields` of the configuration maps our names to dotted paths in the sender's body, `values` its words to ours. One key
 * is one alert and one incident. A resolved message needs the key alone: without labels it goes to every team that may have the alert.
 */
import { z } from 'zod';
import type { SourceSetting } from '../../../config/sections/sources.ts';
import { cleanSet, scalarText } from './sanitize.ts';
import { shortHash } from './fingerprint.ts';
import {
  NO_TITLE,
  problemsOfZodError,
  type Dropped,
  type ParseBody,
  type RawAlert,
  type SourceMessage,
} from './message.ts';
import { alertLinks, alertSpan, descriptionOf, titleLine, webLink } from './alert-fields.ts';
import { readStatus, STATUS_NOTE } from './status-words.ts';

const FIELDS = ['key', 'status', 'title', 'severity', 'labels', 'annotations', 'startsAt', 'endsAt', 'links'] as const;

/** Text or a number: senders use both for ids. */
const text = z
  .union([z.string(), z.number(), z.boolean()], 'expected a text')
  .transform((value) => String(value).trim());

/** Checked by the functions that repair what can be repaired. */
const repaired = z.unknown().optional();

const item = z.object({
  key: text.refine((key) => key !== '', 'required: what tells this alert from others'),
  status: repaired,
  title: text.optional(),
  severity: repaired,
  labels: repaired,
  annotations: repaired,
  startsAt: repaired,
  endsAt: repaired,
  links: z.record(z.string(), z.unknown()).catch({}).default({}),
});

type Item = z.output<typeof item>;

/** A parser for one configuration's `fields` and `values`. */
export function genericParser({ fields, statusValues }: Pick<SourceSetting, 'fields' | 'statusValues'>): ParseBody {
  return (raw, receivedAt) => {
    const withStatus = item
      .transform((sent) => ({ sent, read: readStatus(sent, { statusValues, receivedAt }) }))
      .refine(({ sent, read }) => read.status !== 'firing' || sent.title, {
        path: ['title'],
        message: 'required while firing',
      });
    const mapped = Array.isArray(raw) ? raw.map((one) => mapFields(one, fields)) : mapFields(raw, fields);
    // Not the union: its error would be "invalid input" where "key: required" is wanted.
    const parsed = Array.isArray(mapped) ? z.array(withStatus).safeParse(mapped) : withStatus.safeParse(mapped);
    if (!parsed.success) return { problems: problemsOfZodError(parsed.error) };
    const items = Array.isArray(parsed.data) ? parsed.data : [parsed.data];
    const messages = items.flatMap(({ sent, read: { status, note } }) =>
      status === 'ignored' ? [] : [toMessage(sent, { status, note, receivedAt })],
    );
    const ignored = items.length - messages.length;
    const dropped: Dropped[] = [{ count: ignored, reason: 'values.status of the source says "ignored"' }];
    return { messages, ...(ignored > 0 ? { dropped } : {}) };
  };
}

interface ItemStatus {
  readonly status: RawAlert['status'];
  readonly note: string | null;
  readonly receivedAt: number;
}

function toMessage(sent: Item, { status, note, receivedAt }: ItemStatus): SourceMessage {
  const severity = scalarText(sent.severity);
  const labels = cleanSet(severity === null ? sent.labels : withOurs(sent.labels, { severity }));
  const annotations = cleanSet(note === null ? sent.annotations : withOurs(sent.annotations, { [STATUS_NOTE]: note }));
  const title = titleLine(sent.title) ?? titleLine(labels['alertname']);
  return {
    groupKey: sent.key,
    groupLabels: {},
    summary: [descriptionOf(annotations), note].filter(Boolean).join('\n') || null,
    alerts: [
      {
        fingerprint: shortHash(sent.key),
        status,
        ...alertSpan({ status, receivedAt }, sent),
        labels,
        annotations,
        links: alertLinks({
          source: webLink(sent.links['source']),
          dashboard: webLink(sent.links['dashboard']),
          runbook: webLink(sent.links['runbook'], annotations['runbook_url']),
          silence: webLink(sent.links['silence']),
        }),
        title: title ?? NO_TITLE,
      },
    ],
    truncated: 0,
    test: false,
    ...(status === 'resolved' && Object.keys(labels).length === 0 ? { resolvesWithoutLabels: true } : {}),
  };
}

/** Our fields win over those of the same name, and come first so that no limit cuts them. */
function withOurs(sent: unknown, ours: Readonly<Record<string, string>>): object {
  return Object.assign({ ...ours }, asObject(sent), ours);
}

/** Our fields, each from its mapped path or under its own name. */
function mapFields(raw: unknown, fields: ReadonlyMap<string, string>): unknown {
  if (fields.size === 0 || typeof raw !== 'object' || raw === null) return raw;
  const mapped: Record<string, unknown> = {};
  for (const name of FIELDS) mapped[name] = at(raw, fields.get(name) ?? name);
  return mapped;
}

/** The value at a dotted path of own properties and list indexes. */
function at(raw: unknown, path: string): unknown {
  let value = raw;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

const asObject = (raw: unknown): object => (typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? raw : {});
