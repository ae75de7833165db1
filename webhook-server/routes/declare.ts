/**
 * Declaring an incident at a person's word. Never spooled: when it did not happen the person is told that nobody was
 * paged. The request's id is the incident's correlation key, so a retry meets the incident it began.
 */
import { z } from 'zod';
import { canonicalJson } from '../../config/canonical-json.ts';
import type { Config } from '../../config/config.ts';
import { workflowIdFor } from '../../config/identity.ts';
import { routeAlert } from '../../config/routing.ts';
import type { Opening } from '../../domain/opening.ts';
import { SEVERITIES } from '../../domain/severity.ts';
import type { AppDeps } from '../deps.ts';
import { Unavailable } from '../gateway.ts';
import { HttpProblem, invalid } from '../http/problem.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import { newUlid } from '../new-ulid.ts';
import { policyOf } from '../policy-cache.ts';
import type { Reader } from '../reading/reader.ts';
import { cleanLine, clean } from '../sources/clean.ts';
import { SUMMARY_LIMIT, TITLE_LIMIT } from '../sources/message.ts';
import { problemsOf } from '../sources/problems.ts';
import { unknownTeam } from './known.ts';
import { present } from './present.ts';
import { bearerOf, requestIdOf, actorFor } from './actor.ts';

const words = (limit: number): z.ZodString => z.string().trim().min(1, 'must not be empty').max(limit);
const flag = z.boolean().nullish();

export const declaration = z.strictObject({
  title: words(TITLE_LIMIT),
  severity: z.enum(SEVERITIES),
  team: words(100).nullish(),
  service: words(256).nullish(),
  summary: z.string().max(SUMMARY_LIMIT).nullish(),
  test: flag,
  restricted: flag,
  by: z.unknown().optional(),
});

type Declaration = z.output<typeof declaration>;

export function declareRoute(deps: AppDeps, reader: Reader): Route {
  return {
    method: 'POST',
    path: '/api/v1/incidents',
    access: 'responder',
    body: 'json',
    audited: { command: 'declare' },
    handle: (incoming) => declare(deps, reader, incoming),
  };
}

async function declare(deps: AppDeps, reader: Reader, incoming: Incoming): Promise<Answer> {
  const { config: configNow, gateway, log } = deps;
  const config = configNow();
  const said = declaration.safeParse(incoming.body);
  if (!said.success) throw invalid(problemsOf(said.error));
  const requestId = requestIdOf(incoming);
  const by = actorFor({ bearer: bearerOf(incoming), by: said.data.by, config, log });
  incoming.noted?.({ by, requestId });
  const opening = openingOf(said.data, { config, requestId, by, at: incoming.receivedAt });
  incoming.noted?.({ workflowId: opening.workflowId });
  try {
    const view = await gateway.declare(opening);
    incoming.noted?.({ incidentId: view.id });
    reader.note({ workflowId: view.workflowId, incidentId: view.id, seq: view.seq });
    const incident = present(config, await reader.numbered(view));
    log.info({ workflowId: opening.workflowId, by, severity: opening.severity }, 'declared');
    return { status: 201, json: incident, headers: { Location: `/api/v1/incidents/${opening.workflowId}` } };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    log.error({ workflowId: opening.workflowId, by, why: error.message }, 'a declaration did not get through');
    const detail = error.isUncertain
      ? 'it is not known whether the incident was declared and anybody was paged: Temporal did not answer in time'
      : 'the incident was not declared: nobody was paged';
    throw new HttpProblem(503, detail, {
      headers: { 'Retry-After': '5' },
      problems: [{ at: '', message: `${error.message} (the same Idempotency-Key is safe to send again)` }],
    });
  }
}

interface Context {
  readonly config: Config;
  readonly requestId: string;
  readonly by: string;
  readonly at: number;
}

function openingOf(said: Declaration, { config, requestId, by, at }: Context): Opening {
  const service = said.service ?? null;
  const unknown = said.team ? unknownTeam(config, 'team', said.team) : null;
  if (unknown) throw invalid([unknown]);
  // Only who gets it is asked: how bad it is the person has said.
  const routing = routeAlert(config, service === null ? {} : { service });
  if (routing === 'no-incident') throw new Error('an alert without severity must open an incident');
  const owner = service === null ? null : config.services.get(service)?.team;
  const team = said.team ?? owner ?? routing.team;
  return {
    workflowId: workflowIdFor(team, canonicalJson(['request', requestId])),
    incidentId: newUlid(at),
    title: cleanLine(said.title, TITLE_LIMIT),
    summary: clean(said.summary?.trim() ?? '', SUMMARY_LIMIT),
    severity: said.severity,
    severityGuessed: false,
    team,
    service: service === null ? null : clean(service, 256),
    component: routing.component,
    source: 'api',
    declaredBy: by,
    declarerIsOnCall: !said.test && (config.teams.get(team)?.onCall.includes(by) ?? false),
    test: said.test ?? false,
    restricted: (said.restricted ?? false) || routing.restricted,
    policy: policyOf(config, team, service),
    spooledAt: null,
    recurrenceOf: null,
  };
}
