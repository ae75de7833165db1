/** An incident's whole record to take away. */
import { documentOf } from '../../records/documents/documents.ts';
import { tellingOf } from '../../records/documents/telling.ts';
import { RecordsDown, type WholeRecord } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { HttpProblem } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import type { Reader, Wanted } from '../reading/reader.ts';
import { exportQuerySchema } from './queries.ts';

export function exportRoute(deps: AppDeps, reader: Reader): Route {
  return {
    method: 'GET',
    path: '/api/v1/incidents/:id/export',
    access: 'viewer',
    body: 'none',
    handle: (incoming) => exported(deps, reader, incoming),
  };
}

async function exported({ config }: AppDeps, reader: Reader, { req, params }: Incoming): Promise<Answer> {
  const { format, minSeq } = readQuery(req, exportQuerySchema);
  const record = await recordOf(reader, { id: params['id'] ?? '', minSeq });
  const body = documentOf(format, record, tellingOf(config()));
  return documentAnswer(record.incident, { ...FORMATS[format], body });
}

const FORMATS = {
  json: { ending: 'json', type: 'application/json' },
  yaml: { ending: 'yaml', type: 'application/yaml' },
  markdown: { ending: 'md', type: 'text/markdown' },
} as const;

/** Throws `HttpProblem` (503) when the records are away: nobody else knows the whole of it. */
export async function recordOf(reader: Reader, wanted: Wanted): Promise<WholeRecord> {
  try {
    return await reader.whole(wanted);
  } catch (error) {
    if (!(error instanceof RecordsDown)) throw error;
    throw recordsAway('the whole record cannot be read now');
  }
}

export const recordsAway = (what: string): HttpProblem =>
  new HttpProblem(503, `${what}: the records cannot be reached`, {
    headers: { 'Retry-After': '5' },
    reason: 'records',
  });

interface File {
  readonly ending: string;
  readonly type: string;
  readonly body: string;
}

/** As a file named after its incident. */
export function documentAnswer(
  { reference, id }: { readonly reference: string | null; readonly id: string },
  { ending, type, body }: File,
): Answer {
  const name = (reference ?? id).replace(/[^\w-]/g, '_');
  const headers = { 'Content-Disposition': `attachment; filename="${name}.${ending}"` };
  return { status: 200, text: { type: `${type}; charset=utf-8`, body }, headers };
}
