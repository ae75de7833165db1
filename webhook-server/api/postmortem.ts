/** An incident's post-mortem: what people have written, and until then the draft that the record makes. */
import { documentOf } from '../../records/documents/documents.ts';
import { documentFormatOf } from '../../records/documents/document-format.ts';
import { RecordsDown, type Postmortem } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { invalidRequest } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import { recordsTimeLimit, type RecordsTimeLimit } from '../incidents/records-time-limit.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import { documentAnswer, wholeRecordOf, recordsUnavailable } from './export.ts';
import { postmortemQuerySchema } from './query-schemas.ts';
import { bearerOf, actorFor } from './request-actor.ts';

const path = '/api/v1/incidents/:id/postmortem';
const TYPE = { extension: 'postmortem.md', type: 'text/markdown' };

export function postmortemRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return [
    {
      method: 'GET',
      path,
      access: 'viewer',
      body: 'none',
      handle: (incoming) => readPostmortem(deps, reader, incoming),
    },
    {
      ...{ method: 'PUT', path, access: 'responder', body: 'markdown' },
      audited: { command: 'writePostmortem' },
      handle: (incoming) => writePostmortem(deps, reader, incoming),
    },
  ];
}

async function readPostmortem(
  deps: AppDeps,
  reader: IncidentReader,
  { req, params }: RouteRequest,
): Promise<RouteResponse> {
  const { minSeq, draft } = readQuery(req, postmortemQuerySchema);
  const wanted = { id: params['id'] ?? '', minSeq };
  const timeLimit = recordsTimeLimit(deps);
  if (!draft) {
    const incident = await reader.incident(wanted);
    const stored = await fromRecords(timeLimit, 'the post-mortem cannot be read now', (records) =>
      records.postmortem(incident.id),
    );
    if (stored !== null) return storedAnswer(incident, stored);
  }
  const record = await wholeRecordOf(reader, wanted);
  const body = documentOf('draft', record, documentFormatOf(deps.config()));
  return documentAnswer(record.incident, { ...TYPE, body });
}

function storedAnswer(
  incident: { readonly reference: string | null; readonly id: string },
  stored: Postmortem,
): RouteResponse {
  const { headers, ...answer } = documentAnswer(incident, { ...TYPE, body: stored.text });
  const versionHeaders = {
    'Tocsin-Version': String(stored.version),
    // Names may hold letters that no header does.
    'Tocsin-Edited-By': encodeURIComponent(stored.by),
    'Tocsin-Edited-At': new Date(stored.at).toISOString(),
  };
  return { ...answer, headers: { ...headers, ...versionHeaders } };
}

async function writePostmortem(deps: AppDeps, reader: IncidentReader, incoming: RouteRequest): Promise<RouteResponse> {
  const { params, body, receivedAt, addAuditContext } = incoming;
  const text = String(body);
  if (text.trim() === '') throw invalidRequest([{ at: '', message: 'the document is empty' }]);
  const by = actorFor({ bearer: bearerOf(incoming), by: undefined, config: deps.config(), log: deps.log });
  addAuditContext?.({ by });
  const timeLimit = recordsTimeLimit(deps);
  const { reference, workflowId, id: incidentId } = await reader.incident({ id: params['id'] ?? '', minSeq: 0 });
  addAuditContext?.({ workflowId, incidentId });
  const written = await fromRecords(timeLimit, 'the post-mortem was not kept', (records) =>
    records.writePostmortem({ incidentId, by, at: receivedAt, text }),
  );
  addAuditContext?.({ changed: written.changed });
  deps.log.info({ workflowId, by, version: written.version, changed: written.changed }, 'post-mortem written');
  const json = { id: incidentId, reference, workflowId, ...written, at: new Date(written.at).toISOString() };
  return { status: 200, json };
}

async function fromRecords<T>(
  timeLimit: RecordsTimeLimit,
  failure: string,
  ask: (records: AppDeps['records']) => Promise<T>,
): Promise<T> {
  try {
    return await timeLimit.ask(ask);
  } catch (error) {
    if (error instanceof RecordsDown) throw recordsUnavailable(failure);
    throw error;
  }
}
