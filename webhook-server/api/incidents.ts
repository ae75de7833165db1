/** Many incidents, a page at a time; one of them; its timeline; declaring one. */
import { z } from 'zod';
import { canonicalJson } from '../../runtime/digests.ts';
import type { Config } from '../../config/config.ts';
import { workflowIdFor, routeAlert } from '../../config/routing.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { BadCursor, type ListQuery } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { IncidentsUnavailable } from '../incidents/incident-queries.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import type { ListPage } from '../incidents/list-incidents.ts';
import { newUlid, cachedPolicy } from '../ingest/declaration.ts';
import { SUMMARY_LIMIT, TITLE_LIMIT } from '../ingest/sources/message.ts';
import { cleanLine, sanitizeText } from '../ingest/sources/sanitize.ts';
import {
  booleanParameter,
  NAMED_SCHEMAS,
  nullable,
  onBehalf,
  pageQuery,
  readQuery,
  severity,
  text,
} from './common-schemas.ts';
import { incidentJson, incidentSchema, timelineSchema } from './incident-json.ts';
import { actorFor, type Actor, requestIdOf, unknownTeam } from './request-actor.ts';

export function incidentRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/incidents',
      summary: 'Incidents, the newest first',
      access: 'viewer',
      query: listQuery,
      blankParameters: 'absent',
      body: 'none',
      output: { 200: incidentList },
      handle: ({ query }) => listIncidentsPage(deps, reader, query),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/incidents',
      summary: 'Declare an incident; waits up to 1 s for its number',
      access: 'responder',
      body: 'json',
      input: declareInput,
      output: { 201: incidentSchema },
      audited: { command: 'declare' },
      handle: (incoming) => declareIncident(deps, reader, incoming),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/incidents/:id',
      summary: 'One incident',
      access: 'viewer',
      query: readQuery,
      body: 'none',
      output: { 200: incidentSchema },
      handle: async ({ params, query }) => {
        const view = await reader.incident({ ...query, id: params['id'] ?? '' });
        return { status: 200, json: incidentJson(deps.config(), view) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/incidents/:id/timeline',
      summary: 'What happened, entry by entry',
      access: 'viewer',
      query: readQuery,
      body: 'none',
      output: { 200: timelineSchema },
      handle: async ({ params, query }) => ({
        status: 200,
        json: await reader.timeline({ ...query, id: params['id'] ?? '' }),
      }),
    }),
  ];
}

const listQuery = z.strictObject({
  open: booleanParameter.optional().describe('true: incidents that people still work on; false: those that are over'),
  severity: severity.optional(),
  team: z.string().min(1).max(100).optional(),
  q: z.string().min(1).max(200).optional().describe('part of title, number or service'),
  ...pageQuery,
});

const incidentList = z
  .looseObject({
    incidents: z.array(incidentSchema),
    next: nullable(text),
    source: z
      .enum(['records', 'temporal'])
      .describe('temporal: the records are starting, down or behind, so open incidents were read from Temporal'),
    records: z.enum(['starting', 'up', 'down']),
    complete: z.boolean().describe('false: there may be more incidents than these and the next pages hold'),
  })
  .register(NAMED_SCHEMAS, { name: 'IncidentList' });

async function listIncidentsPage(
  { config: configNow }: AppDeps,
  reader: IncidentReader,
  filters: z.output<typeof listQuery>,
): Promise<RouteResponse> {
  const config = configNow();
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

const requiredText = (limit: number): z.ZodString => z.string().trim().min(1, 'must not be empty').max(limit);
const flag = z.boolean().nullish();

const declareInput = z.strictObject({
  title: requiredText(TITLE_LIMIT),
  severity,
  team: requiredText(100).nullish(),
  service: requiredText(256).nullish(),
  summary: z.string().max(SUMMARY_LIMIT).nullish(),
  test: flag,
  restricted: flag,
  by: onBehalf,
});

type DeclareInput = z.output<typeof declareInput>;

/** Never spooled: a person whose declaration failed must learn that nobody was paged. */
async function declareIncident(
  deps: AppDeps,
  reader: IncidentReader,
  incoming: RouteRequest<unknown, DeclareInput>,
): Promise<RouteResponse> {
  const { config: configNow, gateway, log } = deps;
  const config = configNow();
  const requestId = requestIdOf(incoming);
  const actor = actorFor(incoming, incoming.body.by, deps);
  const { by } = actor;
  incoming.addAuditContext?.({ by, requestId });
  const declaration = declarationOf(incoming.body, { config, requestId, actor, at: incoming.receivedAt });
  incoming.addAuditContext?.({ workflowId: declaration.workflowId });
  try {
    const view = await gateway.declare(declaration);
    incoming.addAuditContext?.({ incidentId: view.id });
    reader.noteReported({ workflowId: view.workflowId, incidentId: view.id, seq: view.seq });
    const incident = incidentJson(config, await reader.withReference(view));
    log.info({ workflowId: declaration.workflowId, by, severity: declaration.severity }, 'declared');
    return { status: 201, json: incident, headers: { Location: `/api/v1/incidents/${declaration.workflowId}` } };
  } catch (error) {
    if (!(error instanceof IncidentsUnavailable)) throw error;
    log.error({ workflowId: declaration.workflowId, by, why: error.message }, 'a declaration did not get through');
    const detail = error.isUncertain
      ? 'it is not known whether the incident was declared and anybody was paged: Temporal did not answer in time'
      : 'the incident was not declared: nobody was paged';
    throw new HttpProblem(503, detail, {
      headers: { 'Retry-After': '5' },
      problems: [{ at: '', message: `${error.message} (the same Idempotency-Key is safe to send again)` }],
    });
  }
}

interface DeclareContext {
  readonly config: Config;
  readonly requestId: string;
  readonly actor: Actor;
  readonly at: number;
}

/** The request's id is the incident's correlation key, so a retry meets the incident that it began. */
function declarationOf(input: DeclareInput, { config, requestId, actor, at }: DeclareContext): Declaration {
  const service = input.service ?? null;
  const unknown = input.team ? unknownTeam(config, 'team', input.team) : null;
  if (unknown) throw invalidRequest([unknown]);
  // Routing only finds the team: the person has chosen the severity.
  const routing = routeAlert(config, service === null ? {} : { service });
  if (routing === 'no-incident') throw new Error('an alert without severity must open an incident');
  const owner = service === null ? null : config.services.get(service)?.team;
  const team = input.team ?? owner ?? routing.team;
  return {
    workflowId: workflowIdFor(team, canonicalJson(['request', requestId])),
    incidentId: newUlid(at),
    title: cleanLine(input.title, TITLE_LIMIT),
    summary: sanitizeText(input.summary?.trim() ?? '', SUMMARY_LIMIT),
    severity: input.severity,
    severityGuessed: false,
    team,
    service: service === null ? null : sanitizeText(service, 256),
    component: routing.component,
    source: 'api',
    declaredBy: actor.by,
    ...(actor.byToken ? { declaredByToken: true } : {}),
    declarerIsOnCall: !input.test && !actor.byToken && (config.teams.get(team)?.onCall.includes(actor.by) ?? false),
    test: input.test ?? false,
    restricted: (input.restricted ?? false) || routing.restricted,
    policy: cachedPolicy(config, team, service),
    spooledAt: null,
    recurrenceOf: null,
  };
}
