/**
 * The audit, the newest first: all of it, or what was tried about one incident. While the records are away it is the
 * newest lines of this server alone, and says so.
 */
import { BadCursor, RecordsDown, type AuditQuery } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { invalidRequest } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import { auditQuerySchema } from './query-schemas.ts';

export function auditRoute(deps: AppDeps): Route {
  return {
    method: 'GET',
    path: '/api/v1/audit',
    access: 'admin',
    body: 'none',
    handle: (incoming) => readAudit(deps, incoming),
  };
}

async function readAudit(deps: AppDeps, { req }: RouteRequest): Promise<RouteResponse> {
  const { incident, limit, cursor } = readQuery(req, auditQuerySchema);
  const query: AuditQuery = {
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(incident === undefined ? {} : await auditFilterFor(deps, incident)),
  };
  try {
    const { entries, next, complete } = await deps.audit.read(query);
    return { status: 200, json: { audit: entries, next, complete } };
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error;
    throw invalidRequest([{ at: 'cursor', message: 'not a cursor that this list gave' }]);
  }
}

/** Every name an incident may have gone by. A workflow id means all its incidents, everything else one of them. */
async function auditFilterFor({ records }: AppDeps, id: string): Promise<Pick<AuditQuery, 'names' | 'incidentId'>> {
  try {
    const found = await records.findIncident(id);
    if (found === null) return { names: [id] };
    const { workflowId, incidentId, reference } = found;
    if (id === workflowId) return { names: [workflowId] };
    return { names: [id, workflowId, incidentId, ...(reference === null ? [] : [reference])], incidentId };
  } catch (error) {
    if (error instanceof RecordsDown) return { names: [id] };
    throw error;
  }
}
