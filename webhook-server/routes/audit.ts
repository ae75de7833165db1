/**
 * The audit, the newest first: all of it, or what was tried about one incident. While the records are away it is the
 * newest lines of this server alone, and says so.
 */
import { BadCursor, RecordsDown, type AuditQuery } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { invalid } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import { auditQuerySchema } from './queries.ts';

export function auditRoute(deps: AppDeps): Route {
  return {
    method: 'GET',
    path: '/api/v1/audit',
    access: 'admin',
    body: 'none',
    handle: (incoming) => read(deps, incoming),
  };
}

async function read(deps: AppDeps, { req }: Incoming): Promise<Answer> {
  const { incident, limit, cursor } = readQuery(req, auditQuerySchema);
  const query: AuditQuery = {
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(incident === undefined ? {} : await about(deps, incident)),
  };
  try {
    const { entries, next, complete } = await deps.audit.read(query);
    return { status: 200, json: { audit: entries, next, complete } };
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error;
    throw invalid([{ at: 'cursor', message: 'not a cursor that this list gave' }]);
  }
}

/** Every name an incident may have gone by. A workflow id means all its incidents, everything else one of them. */
async function about({ records }: AppDeps, id: string): Promise<Pick<AuditQuery, 'names' | 'incidentId'>> {
  try {
    const found = await records.find(id);
    if (found === null) return { names: [id] };
    const { workflowId, incidentId, reference } = found;
    if (id === workflowId) return { names: [workflowId] };
    return { names: [id, workflowId, incidentId, ...(reference === null ? [] : [reference])], incidentId };
  } catch (error) {
    if (error instanceof RecordsDown) return { names: [id] };
    throw error;
  }
}
