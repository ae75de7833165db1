/** An incident's post-mortem: what people have written, and until then the draft that the record makes. */
import { documentOf } from '../../records/documents/documents.ts';
import { tellingOf } from '../../records/documents/telling.ts';
import { RecordsDown, type Postmortem } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { invalid } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import { timeLimitOf, type TimeLimit } from '../reading/time-limit.ts';
import type { Reader } from '../reading/reader.ts';
import { documentAnswer, recordOf, recordsAway } from './export.ts';
import { postmortemQuerySchema } from './queries.ts';
import { bearerOf, actorFor } from './actor.ts';

const path = '/api/v1/incidents/:id/postmortem';
const TYPE = { ending: 'postmortem.md', type: 'text/markdown' };

export function postmortemRoutes(deps: AppDeps, reader: Reader): readonly Route[] {
  return [
    { method: 'GET', path, access: 'viewer', body: 'none', handle: (incoming) => read(deps, reader, incoming) },
    {
      ...{ method: 'PUT', path, access: 'responder', body: 'markdown' },
      audited: { command: 'writePostmortem' },
      handle: (incoming) => write(deps, reader, incoming),
    },
  ];
}

async function read(deps: AppDeps, reader: Reader, { req, params }: Incoming): Promise<Answer> {
  const { minSeq, draft } = readQuery(req, postmortemQuerySchema);
  const wanted = { id: params['id'] ?? '', minSeq };
  const timeLimit = timeLimitOf(deps);
  if (!draft) {
    const incident = await reader.incident(wanted);
    const kept = await fromRecords(timeLimit, 'the post-mortem cannot be read now', (records) =>
      records.postmortem(incident.id),
    );
    if (kept !== null) return keptAnswer(incident, kept);
  }
  const record = await recordOf(reader, wanted);
  const body = documentOf('draft', record, tellingOf(deps.config()));
  return documentAnswer(record.incident, { ...TYPE, body });
}

function keptAnswer(incident: { readonly reference: string | null; readonly id: string }, kept: Postmortem): Answer {
  const { headers, ...answer } = documentAnswer(incident, { ...TYPE, body: kept.text });
  const said = {
    'Tocsin-Version': String(kept.version),
    // Names may hold letters that no header does.
    'Tocsin-Edited-By': encodeURIComponent(kept.by),
    'Tocsin-Edited-At': new Date(kept.at).toISOString(),
  };
  return { ...answer, headers: { ...headers, ...said } };
}

async function write(deps: AppDeps, reader: Reader, incoming: Incoming): Promise<Answer> {
  const { params, body, receivedAt, noted } = incoming;
  const text = String(body);
  if (text.trim() === '') throw invalid([{ at: '', message: 'the document is empty' }]);
  const by = actorFor({ bearer: bearerOf(incoming), by: undefined, config: deps.config(), log: deps.log });
  noted?.({ by });
  const timeLimit = timeLimitOf(deps);
  const { reference, workflowId, id: incidentId } = await reader.incident({ id: params['id'] ?? '', minSeq: 0 });
  noted?.({ workflowId, incidentId });
  const written = await fromRecords(timeLimit, 'the post-mortem was not kept', (records) =>
    records.writePostmortem({ incidentId, by, at: receivedAt, text }),
  );
  noted?.({ changed: written.changed });
  deps.log.info({ workflowId, by, version: written.version, changed: written.changed }, 'post-mortem written');
  const json = { id: incidentId, reference, workflowId, ...written, at: new Date(written.at).toISOString() };
  return { status: 200, json };
}

async function fromRecords<T>(
  timeLimit: TimeLimit,
  failure: string,
  ask: (records: AppDeps['records']) => Promise<T>,
): Promise<T> {
  try {
    return await timeLimit.ask(ask);
  } catch (error) {
    if (error instanceof RecordsDown) throw recordsAway(failure);
    throw error;
  }
}
