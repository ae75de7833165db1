/** An incident's whole record to take away. */
import { documentOf } from '../../records/documents/documents.ts';
import { documentFormatOf } from '../../records/documents/document-format.ts';
import { RecordsDown, type WholeRecord } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import type { IncidentReader, IncidentReadRequest } from '../incidents/incident-reader.ts';
import { exportQuerySchema } from './query-schemas.ts';

export function exportRoute(deps: AppDeps, reader: IncidentReader): Route {
  return {
    method: 'GET',
    path: '/api/v1/incidents/:id/export',
    access: 'viewer',
    body: 'none',
    handle: (incoming) => exportRecord(deps, reader, incoming),
  };
}

async function exportRecord(
  { config }: AppDeps,
  reader: IncidentReader,
  { req, params }: RouteRequest,
): Promise<RouteResponse> {
  const { format, minSeq } = readQuery(req, exportQuerySchema);
  const record = await wholeRecordOf(reader, { id: params['id'] ?? '', minSeq });
  const body = documentOf(format, record, documentFormatOf(config()));
  return documentAnswer(record.incident, { ...FORMATS[format], body });
}

const FORMATS = {
  json: { extension: 'json', type: 'application/json' },
  yaml: { extension: 'yaml', type: 'application/yaml' },
  markdown: { extension: 'md', type: 'text/markdown' },
} as const;

/** Throws `HttpProblem` (503) when the records are away: nobody else knows the whole of it. */
export async function wholeRecordOf(reader: IncidentReader, wanted: IncidentReadRequest): Promise<WholeRecord> {
  try {
    return await reader.wholeRecord(wanted);
  } catch (error) {
    if (!(error instanceof RecordsDown)) throw error;
    throw recordsUnavailable('the whole record cannot be read now');
  }
}

export const recordsUnavailable = (what: string): HttpProblem =>
  new HttpProblem(503, `${what}: the records cannot be reached`, {
    headers: { 'Retry-After': '5' },
    reason: 'records',
  });

interface DocumentFile {
  readonly extension: string;
  readonly type: string;
  readonly body: string;
}

/** As a file named after its incident. */
export function documentAnswer(
  { reference, id }: { readonly reference: string | null; readonly id: string },
  { extension, type, body }: DocumentFile,
): RouteResponse {
  const name = (reference ?? id).replace(/[^\w-]/g, '_');
  const headers = { 'Content-Disposition': `attachment; filename="${name}.${extension}"` };
  return { status: 200, text: { type: `${type}; charset=utf-8`, body }, headers };
}
