/**
 * Declaring an incident at a person's word. Never spooled: when it did not happen the person is told that nobody was
 * paged. The request's id is the incident's correlation key, so a retry meets the incident it began.
 */
import { z } from 'zod';
import { canonicalJson } from '../../runtime/canonical-json.ts';
import type { Config } from '../../config/config.ts';
import { workflowIdFor } from '../../config/correlation-key.ts';
import { routeAlert } from '../../config/routing.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import type { AppDeps } from '../dependencies.ts';
import { IncidentsUnavailable } from '../incidents/gateway.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import { newUlid } from '../ingest/new-ulid.ts';
import { cachedPolicy } from '../ingest/policy-cache.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import { cleanLine, sanitizeText } from '../ingest/sources/sanitize.ts';
import { SUMMARY_LIMIT, TITLE_LIMIT } from '../ingest/sources/message.ts';
import { problemsOfZodError } from '../ingest/sources/zod-problems.ts';
import { unknownTeam } from './configured-names.ts';
import { incidentJson } from './incident-json.ts';
import { bearerOf, requestIdOf, actorFor } from './request-actor.ts';

const requiredText = (limit: number): z.ZodString => z.string().trim().min(1, 'must not be empty').max(limit);
const flag = z.boolean().nullish();

export const declareRequestSchema = z.strictObject({
  title: requiredText(TITLE_LIMIT),
  severity: z.enum(SEVERITIES),
  team: requiredText(100).nullish(),
  service: requiredText(256).nullish(),
  summary: z.string().max(SUMMARY_LIMIT).nullish(),
  test: flag,
  restricted: flag,
  by: z.unknown().optional(),
});

type DeclareRequest = z.output<typeof declareRequestSchema>;

export function declareRoute(deps: AppDeps, reader: IncidentReader): Route {
  return {
    method: 'POST',
    path: '/api/v1/incidents',
    access: 'responder',
    body: 'json',
    audited: { command: 'declare' },
    handle: (incoming) => declareIncident(deps, reader, incoming),
  };
}

async function declareIncident(deps: AppDeps, reader: IncidentReader, incoming: RouteRequest): Promise<RouteResponse> {
  const { config: configNow, gateway, log } = deps;
  const config = configNow();
  const input = declareRequestSchema.safeParse(incoming.body);
  if (!input.success) throw invalidRequest(problemsOfZodError(input.error));
  const requestId = requestIdOf(incoming);
  const by = actorFor({ bearer: bearerOf(incoming), by: input.data.by, config, log });
  incoming.addAuditContext?.({ by, requestId });
  const declaration = declarationOf(input.data, { config, requestId, by, at: incoming.receivedAt });
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
  readonly by: string;
  readonly at: number;
}

function declarationOf(input: DeclareRequest, { config, requestId, by, at }: DeclareContext): Declaration {
  const service = input.service ?? null;
  const unknown = input.team ? unknownTeam(config, 'team', input.team) : null;
  if (unknown) throw invalidRequest([unknown]);
  // Only who gets it is asked: how bad it is the person has said.
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
    declaredBy: by,
    declarerIsOnCall: !input.test && (config.teams.get(team)?.onCall.includes(by) ?? false),
    test: input.test ?? false,
    restricted: (input.restricted ?? false) || routing.restricted,
    policy: cachedPolicy(config, team, service),
    spooledAt: null,
    recurrenceOf: null,
  };
}
