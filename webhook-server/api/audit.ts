/**
 * The audit, newest first: all of it, or the attempts concerning one incident. While the records are down the answer
 * holds only this server's newest entries, and is marked so.
 */
import { z } from 'zod';
import { BadCursor, RecordsDown, type AuditEntry, type AuditQuery } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { invalidRequest } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type Route } from '../http/route.ts';
import { count, nullable, pageQuery, text, time } from './common-schemas.ts';

const auditQuery = z.strictObject({
  incident: z
    .string()
    .regex(/^[\w.:-]{1,200}$/, 'expected the id of an incident')
    .optional()
    .describe('only what was tried about this incident'),
  ...pageQuery,
});

const auditEntry = z.looseObject({
  id: text,
  at: time,
  via: z.enum(['http', 'cli', 'link', 'local']).describe('`cli`: by what the client says of itself'),
  from: nullable(text).describe('the address at the other end of the connection'),
  agent: nullable(text),
  token: nullable(text).describe('its name'),
  keyId: nullable(text).describe('tells the secrets of one name apart'),
  person: nullable(text),
  role: nullable(text),
  by: nullable(text).describe('in whose name it was said'),
  onBehalf: z.boolean().describe('`by` is somebody else than the token speaks for'),
  command: text,
  subject: nullable(text).describe('what it was about, in the words that were used'),
  workflowId: nullable(text),
  incidentId: nullable(text),
  requestId: nullable(text),
  outcome: z.enum(['done', 'unchanged', 'pending', 'refused', 'failed']),
  status: nullable(z.int()),
  omitted: count.describe('attempts without a valid credential before this one that have no entry of their own'),
}) satisfies z.ZodType<AuditEntry>;

const auditPage = z.looseObject({
  audit: z.array(auditEntry),
  next: nullable(text),
  complete: z.boolean().describe('false: the records are away, and these are the newest entries of this server alone'),
});

export function auditRoute(deps: AppDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/audit',
    summary: 'Who tried to change what, when and from where; the newest first',
    access: 'admin',
    query: auditQuery,
    body: 'none',
    output: { 200: auditPage },
    handle: ({ query }) => readAudit(deps, query),
  });
}

async function readAudit(
  deps: AppDeps,
  { incident, limit, cursor }: z.output<typeof auditQuery>,
): Promise<RouteResponse> {
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
