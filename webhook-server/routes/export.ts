/** An incident's record to take away, and the draft of its post-mortem. */
import { RecordsDown, type WholeRecord } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { toJson } from '../export/json.ts';
import { toMarkdown } from '../export/markdown.ts';
import { postmortemDraft } from '../export/postmortem.ts';
import type { Telling } from '../export/telling.ts';
import { toYaml } from '../export/yaml.ts';
import { HttpProblem } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import type { Reader, Wanted } from '../reading/reader.ts';
import { present } from './present.ts';
import { exportQuerySchema, readQuerySchema } from './queries.ts';

const reading = { method: 'GET', access: 'viewer', body: 'none' } as const;

export function exportRoutes(deps: AppDeps, reader: Reader): readonly Route[] {
  const record = '/api/v1/incidents/:id/export';
  const draft = '/api/v1/incidents/:id/postmortem';
  return [
    { ...reading, path: record, handle: (incoming) => exported(deps, reader, incoming) },
    { ...reading, path: draft, handle: (incoming) => drafted(deps, reader, incoming) },
  ];
}

async function exported(deps: AppDeps, reader: Reader, { req, params }: Incoming): Promise<Answer> {
  const { format, minSeq } = readQuery(req, exportQuerySchema);
  const whole = await recordOf(reader, { id: params['id'] ?? '', minSeq });
  const record = { ...whole, incident: present(deps.config(), whole.incident) };
  if (format === 'yaml') return file(record, { ending: 'yaml', type: 'application/yaml', body: toYaml(record) });
  if (format === 'json') return file(record, { ending: 'json', type: 'application/json', body: toJson(record) });
  return file(record, { ending: 'md', type: 'text/markdown', body: toMarkdown(record, tellingOf(deps)) });
}

async function drafted(deps: AppDeps, reader: Reader, { req, params }: Incoming): Promise<Answer> {
  const { minSeq } = readQuery(req, readQuerySchema);
  const whole = await recordOf(reader, { id: params['id'] ?? '', minSeq });
  const record = { ...whole, incident: present(deps.config(), whole.incident) };
  const body = postmortemDraft(record, tellingOf(deps));
  return file(record, { ending: 'postmortem.md', type: 'text/markdown', body });
}

async function recordOf(reader: Reader, wanted: Wanted): Promise<WholeRecord> {
  try {
    return await reader.whole(wanted);
  } catch (error) {
    if (!(error instanceof RecordsDown)) throw error;
    throw new HttpProblem(503, 'the whole record cannot be read now: the records cannot be reached', {
      headers: { 'Retry-After': '5' },
      reason: 'records',
    });
  }
}

function tellingOf({ config }: AppDeps): Telling {
  const { people, timeZone } = config();
  return { timeZone, nameOf: (person) => people.get(person)?.name ?? person };
}

function file(
  { incident }: WholeRecord,
  { ending, type, body }: { readonly ending: string; readonly type: string; readonly body: string },
): Answer {
  const name = (incident.id ?? incident.episode).replace(/[^\w-]/g, '_');
  const headers = { 'Content-Disposition': `attachment; filename="${name}.${ending}"` };
  return { status: 200, text: { type: `${type}; charset=utf-8`, body }, headers };
}
