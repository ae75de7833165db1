/** Many incidents, a page at a time. */
import { BadCursor, type ListQuery } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { invalid } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import type { ListPage } from '../reading/list.ts';
import type { Reader } from '../reading/reader.ts';
import { unknownTeam } from './known.ts';
import { present } from './present.ts';
import { listQuerySchema } from './queries.ts';

export function listRoute(deps: AppDeps, reader: Reader): Route {
  return {
    method: 'GET',
    path: '/api/v1/incidents',
    access: 'viewer',
    body: 'none',
    handle: (incoming) => list(deps, reader, incoming),
  };
}

async function list({ config: configNow }: AppDeps, reader: Reader, { req }: Incoming): Promise<Answer> {
  const config = configNow();
  const said = readQuery(req, listQuerySchema, { blanks: 'absent' });
  const problem = said.team === undefined ? null : unknownTeam(config, 'team', said.team);
  if (problem) throw invalid([problem], 'the query cannot be read');
  const query = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as ListQuery;
  const { incidents, ...page } = await pageOf(reader, query);
  return { status: 200, json: { incidents: incidents.map((incident) => present(config, incident)), ...page } };
}

async function pageOf(reader: Reader, query: ListQuery): Promise<ListPage> {
  try {
    return await reader.list(query);
  } catch (error) {
    if (error instanceof BadCursor) throw invalid([{ at: 'cursor', message: 'not a cursor that this list gave' }]);
    throw error;
  }
}
