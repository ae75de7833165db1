/** Many incidents, a page at a time. */
import { BadCursor, type ListQuery } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { invalidRequest } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import type { ListPage } from '../incidents/list-incidents.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import { unknownTeam } from './configured-names.ts';
import { incidentJson } from './incident-json.ts';
import { listQuerySchema } from './query-schemas.ts';

export function listRoute(deps: AppDeps, reader: IncidentReader): Route {
  return {
    method: 'GET',
    path: '/api/v1/incidents',
    access: 'viewer',
    body: 'none',
    handle: (incoming) => listIncidentsPage(deps, reader, incoming),
  };
}

async function listIncidentsPage(
  { config: configNow }: AppDeps,
  reader: IncidentReader,
  { req }: RouteRequest,
): Promise<RouteResponse> {
  const config = configNow();
  const filters = readQuery(req, listQuerySchema, { blanks: 'absent' });
  const problem = filters.team === undefined ? null : unknownTeam(config, 'team', filters.team);
  if (problem) throw invalidRequest([problem], 'the query cannot be read');
  const query = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as ListQuery;
  const { incidents, ...page } = await listPageOf(reader, query);
  return { status: 200, json: { incidents: incidents.map((incident) => incidentJson(config, incident)), ...page } };
}

async function listPageOf(reader: IncidentReader, query: ListQuery): Promise<ListPage> {
  try {
    return await reader.list(query);
  } catch (error) {
    if (error instanceof BadCursor)
      throw invalidRequest([{ at: 'cursor', message: 'not a cursor that this list gave' }]);
    throw error;
  }
}
