/**
 * The generic source: `{ key, status, title, severity?, labels?, annotations?, startsAt?, links? }` or a list of them;
 * `fields` of the configuration maps our names to dotted paths in the sender's body. One key is one alert and one
 * incident. A resolved message needs the key alone: without labels it goes to every team that may have the alert.
 */
import { z } from 'zod';
import { cleanSet, scalarText } from './sanitize.ts';
import { shortHash } from './fingerprint.ts';
import { NO_TITLE, problemsOfZodError, type SourceMessage, type ParseBody } from './message.ts';
import { alertLinks, alertSpan, descriptionOf, titleLine, webLink } from './alert-fields.ts';

const FIELDS = ['key', 'status', 'title', 'severity', 'labels', 'annotations', 'startsAt', 'endsAt', 'links'] as const;

const FIRING = ['firing', 'alerting', 'open', 'triggered', 'trigger', 'problem', 'down', 'critical', 'error'] as const;
const RESOLVED = ['resolved', 'ok', 'closed', 'recovered', 'recovery', 'up', 'normal'] as const;

/** Text or a number: senders use both for ids. */
const text = z
  .union([z.string(), z.number(), z.boolean()], 'expected a text')
  .transform((value) => String(value).trim());

/** Checked by the functions that repair what can be repaired. */
const repaired = z.unknown().optional();

const item = z
  .object({
    key: text.refine((key) => key !== '', 'required: what tells this alert from others'),
    status: text
      .transform((word) => word.toLowerCase())
      .pipe(
        z.enum(
          [...FIRING, ...RESOLVED],
          `expected firing or resolved (or one of ${[...FIRING, ...RESOLVED].join(', ')})`,
        ),
      ),
    title: text.optional(),
    severity: repaired,
    labels: repaired,
    annotations: repaired,
    startsAt: repaired,
    endsAt: repaired,
    links: z.record(z.string(), z.unknown()).catch({}).default({}),
  })
  .refine(({ status, title }) => isResolved(status) || title, { path: ['title'], message: 'required while firing' });

/** A parser for one configuration's `fields`. */
export function genericParser(fields: ReadonlyMap<string, string>): ParseBody {
  return (raw, receivedAt) => {
    const mapped = Array.isArray(raw) ? raw.map((one) => mapFields(one, fields)) : mapFields(raw, fields);
    // Not the union: its error would be "invalid input" where "key: required" is wanted.
    const sent = Array.isArray(mapped) ? z.array(item).safeParse(mapped) : item.safeParse(mapped);
    if (!sent.success) return { problems: problemsOfZodError(sent.error) };
    const items = Array.isArray(sent.data) ? sent.data : [sent.data];
    return { messages: items.map((one) => toMessage(one, receivedAt)) };
  };
}

function toMessage(sent: z.output<typeof item>, receivedAt: number): SourceMessage {
  const status = isResolved(sent.status) ? 'resolved' : 'firing';
  const severity = scalarText(sent.severity);
  const labels = cleanSet(severity === null ? sent.labels : withSeverity(sent.labels, severity));
  const annotations = cleanSet(sent.annotations);
  const title = titleLine(sent.title) ?? titleLine(labels['alertname']);
  return {
    groupKey: sent.key,
    groupLabels: {},
    title,
    summary: descriptionOf(annotations),
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

const isResolved = (status: string): boolean => (RESOLVED as readonly string[]).includes(status);

/** The field wins over a label of the same name, and comes first so that no limit cuts it. */
function withSeverity(labels: unknown, severity: string): object {
  return Object.assign({ severity }, asObject(labels), { severity });
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
