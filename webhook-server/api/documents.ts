/** An incident's whole record to take away, and its post-mortem: as people wrote it, until then a draft of the record. */
import { z } from 'zod';
import { MESSAGE_KINDS } from '../../domain/kernel/projection.ts';
import { documentOf } from '../../records/documents/documents.ts';
import { documentFormatOf } from '../../records/documents/document-format.ts';
import { RecordsDown, type Postmortem, type WholeRecord } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { recordsTimeLimit } from '../incidents/records-copy.ts';
import type { IncidentReader, IncidentReadRequest } from '../incidents/incident-reader.ts';
import { booleanParameter, count, minSeq, NAMED_SCHEMAS, nullable, severity, text, time } from './common-schemas.ts';
import { incidentSchema, timelineSchema } from './incident-json.ts';
import { actorFor } from './request-actor.ts';

export function documentRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/incidents/:id/export',
      summary: 'The whole record',
      access: 'viewer',
      query: exportQuery,
      body: 'none',
      output: { 200: { 'application/json': recordSchema, 'application/yaml': text, 'text/markdown': text } },
      handle: (incoming) => exportRecord(deps, reader, incoming),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/incidents/:id/postmortem',
      summary:
        'Its post-mortem: the last version that people wrote (Tocsin-Version, -Edited-By, -Edited-At), else a draft',
      access: 'viewer',
      query: postmortemQuery,
      body: 'none',
      output: { 200: { 'text/markdown': text } },
      handle: (incoming) => readPostmortem(deps, reader, incoming),
    }),
    defineRoute({
      method: 'PUT',
      path: '/api/v1/incidents/:id/postmortem',
      summary: 'Keep a new version of its post-mortem; earlier versions stay',
      access: 'responder',
      body: 'markdown',
      input: postmortemText,
      output: { 200: postmortemWritten },
      audited: { command: 'writePostmortem' },
      handle: (incoming) => writePostmortem(deps, reader, incoming),
    }),
  ];
}

const exportQuery = z.strictObject({ minSeq, format: z.enum(['json', 'yaml', 'markdown']).default('json') });

const FORMATS = {
  json: { extension: 'json', type: 'application/json' },
  yaml: { extension: 'yaml', type: 'application/yaml' },
  markdown: { extension: 'md', type: 'text/markdown' },
} as const;

const recordSchema = z
  .looseObject({
    incident: incidentSchema,
    ...timelineSchema.shape,
    messages: z.array(
      z.looseObject({ n: count, at: time, kind: z.enum(MESSAGE_KINDS), about: text, to: z.array(text), text }),
    ),
    earlier: z
      .array(
        z.looseObject({
          reference: nullable(text),
          title: text,
          severity,
          declaredAt: time,
          resolvedAt: nullable(time),
          resolution: nullable(text),
        }),
      )
      .describe('the last incidents of the same kind that were resolved before, newest first'),
  })
  .register(NAMED_SCHEMAS, { name: 'Record' });

async function exportRecord(
  { config }: AppDeps,
  reader: IncidentReader,
  { query, params }: RouteRequest<z.output<typeof exportQuery>>,
): Promise<RouteResponse> {
  const { format, minSeq } = query;
  const record = await wholeRecordOf(reader, { id: params['id'] ?? '', minSeq });
  const body = documentOf(format, record, documentFormatOf(config()));
  return documentAnswer(record.incident, { ...FORMATS[format], body });
}

/** Throws `HttpProblem` (503) when the records are down: only they have the whole incident. */
async function wholeRecordOf(reader: IncidentReader, wanted: IncidentReadRequest): Promise<WholeRecord> {
  return orRecordsUnavailable('the whole record cannot be read now', reader.wholeRecord(wanted));
}

interface DocumentFile {
  readonly extension: string;
  readonly type: string;
  readonly body: string;
}

/** As a file named after its incident. */
function documentAnswer(
  { reference, id }: { readonly reference: string | null; readonly id: string },
  { extension, type, body }: DocumentFile,
): RouteResponse {
  const name = (reference ?? id).replace(/[^\w-]/g, '_');
  const headers = { 'Content-Disposition': `attachment; filename="${name}.${extension}"` };
  return { status: 200, text: { type: `${type}; charset=utf-8`, body }, headers };
}

const postmortemQuery = z.strictObject({
  minSeq,
  draft: booleanParameter.default(false).describe('true: a draft of the record, whatever people have written'),
});

const postmortemText = z
  .string()
  .refine((document) => document.trim() !== '', 'the document is empty')
  .describe('Markdown, 256 KiB at most');

const postmortemWritten = z.looseObject({
  id: text,
  reference: nullable(text),
  workflowId: text,
  version: count,
  by: text,
  at: time,
  changed: z.boolean().describe('false: the last version has the same text'),
});

const POSTMORTEM_FILE = { extension: 'postmortem.md', type: 'text/markdown' };

async function readPostmortem(
  deps: AppDeps,
  reader: IncidentReader,
  { query, params }: RouteRequest<z.output<typeof postmortemQuery>>,
): Promise<RouteResponse> {
  const wanted = { id: params['id'] ?? '', minSeq: query.minSeq };
  const timeLimit = recordsTimeLimit(deps);
  if (!query.draft) {
    const incident = await reader.incident(wanted);
    const stored = await orRecordsUnavailable(
      'the post-mortem cannot be read now',
      timeLimit.ask((records) => records.postmortem(incident.id)),
    );
    if (stored !== null) return storedAnswer(incident, stored);
  }
  const record = await wholeRecordOf(reader, wanted);
  const body = documentOf('draft', record, documentFormatOf(deps.config()));
  return documentAnswer(record.incident, { ...POSTMORTEM_FILE, body });
}

function storedAnswer(
  incident: { readonly reference: string | null; readonly id: string },
  stored: Postmortem,
): RouteResponse {
  const { headers, ...answer } = documentAnswer(incident, { ...POSTMORTEM_FILE, body: stored.text });
  const versionHeaders = {
    'Tocsin-Version': String(stored.version),
    // Names may hold letters that no header may.
    'Tocsin-Edited-By': encodeURIComponent(stored.by),
    'Tocsin-Edited-At': new Date(stored.at).toISOString(),
  };
  return { ...answer, headers: { ...headers, ...versionHeaders } };
}

async function writePostmortem(
  deps: AppDeps,
  reader: IncidentReader,
  incoming: RouteRequest<unknown, string>,
): Promise<RouteResponse> {
  const { params, body, receivedAt, addAuditContext } = incoming;
  const { by } = actorFor(incoming, undefined, deps);
  addAuditContext?.({ by });
  const timeLimit = recordsTimeLimit(deps);
  const { reference, workflowId, id: incidentId } = await reader.incident({ id: params['id'] ?? '', minSeq: 0 });
  addAuditContext?.({ workflowId, incidentId });
  const written = await orRecordsUnavailable(
    'the post-mortem was not kept',
    timeLimit.ask((records) => records.writePostmortem({ incidentId, by, at: receivedAt, text: body })),
  );
  addAuditContext?.({ changed: written.changed });
  deps.log.info({ workflowId, by, version: written.version, changed: written.changed }, 'post-mortem written');
  const json = { id: incidentId, reference, workflowId, ...written, at: new Date(written.at).toISOString() };
  return { status: 200, json };
}

/** Throws `HttpProblem` (503) that names what failed when the records are down. */
export async function orRecordsUnavailable<T>(failure: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof RecordsDown)) throw error;
    throw new HttpProblem(503, `${failure}: the records cannot be reached`, {
      headers: { 'Retry-After': '5' },
      reason: 'records',
    });
  }
}
