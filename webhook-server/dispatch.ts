/**
 * What happens to a request once its path is known: method, credential, body, handler, answer, in this order, so that
 * nobody without a credential reaches a parser.
 */
import type { Request, Response } from 'express';
import { send, sendProblem, toProblem } from './answer.ts';
import { beginAttempt, type Attempt } from './audit/attempt.ts';
import type { AppDeps } from './deps.ts';
import { answerSender, wrongSender } from './from-sender.ts';
import { BODY_LIMIT, decodeText, insistOnJson, insistOnMarkdown, parseJson, readBytes } from './http/body.ts';
import type { Load } from './http/load.ts';
import { HttpProblem } from './http/problem.ts';
import type { Answer, Route } from './http/route.ts';
import type { Metrics } from './metrics.ts';
import type { Refusals } from './quarantine/refusals.ts';
import { noTrail, type Trail } from './quarantine/trail.ts';
import { refuseEncoding } from './security/gate.ts';
import type { PeopleGuard } from './security/people-auth.ts';
import type { Bearer } from './security/roles.ts';
import type { Throttle } from './security/throttle.ts';

export interface Dispatch {
  readonly deps: AppDeps;
  readonly metrics: Metrics;
  readonly people: PeopleGuard;
  readonly throttle: Throttle;
  /** Room for senders' messages. */
  readonly load: Load;
  readonly refusals: Refusals;
}

/** Serves the routes of one path. */
export function serve(routes: readonly Route[], dispatch: Dispatch): (req: Request, res: Response) => Promise<void> {
  const byMethod = new Map<string, Route>(routes.map((route) => [route.method, route]));
  const get = byMethod.get('GET');
  // Express leaves the body of an answer to HEAD away.
  if (get) byMethod.set('HEAD', get);
  const allow = [...byMethod.keys()].join(', ');
  return async (req, res) => {
    const route = byMethod.get(req.method);
    const trail = noTrail();
    const params = req.params as Record<string, string>;
    const attempt = beginAttempt(route ?? {}, { req, params, audit: dispatch.deps.audit });
    try {
      if (!route) throw new HttpProblem(405, `use ${allow}`, { headers: { Allow: allow }, reason: 'method' });
      const said = await answer(route, { req, trail, attempt }, dispatch);
      attempt.ended(said.status);
      send(res, said);
    } catch (error) {
      const problem = toProblem(error, dispatch.deps.log);
      attempt.ended(problem.status);
      const source = routes.find((each) => each.source !== undefined)?.source;
      if (source !== undefined) await dispatch.refusals.note({ req, source, trail, problem });
      sendProblem(res, problem);
    } finally {
      trail.body = null; // a connection that rests keeps its last request, and must not keep 16 MiB with it
    }
  };
}

interface Asked {
  readonly req: Request;
  readonly trail: Trail;
  readonly attempt: Attempt;
}

async function answer(route: Route, { req, trail, attempt }: Asked, dispatch: Dispatch): Promise<Answer> {
  refuseEncoding(req);
  const receivedAt = (dispatch.deps.now ?? Date.now)();
  if (route.access === 'source') return answerSender({ route, req, receivedAt, dispatch, trail });
  const params = req.params as Record<string, string>;
  const bearer = await bearerOf(route, { req, params, known: attempt.known }, dispatch);
  const body = route.body === 'none' ? undefined : await readBody(req, route.body);
  return route.handle({ req, params, body, bearer, receivedAt, noted: attempt.noted });
}

/** Null where no person is asked for. Throws 401 or 403. */
async function bearerOf(
  route: Exclude<Route, { access: 'source' }>,
  { req, params, known }: { readonly req: Request; readonly params: Record<string, string>; known: Attempt['known'] },
  dispatch: Dispatch,
): Promise<Bearer | null> {
  if (route.access === 'public') return null;
  if (route.access !== 'own') return dispatch.people.admit(req, route.access, known);
  if (!route.admits(req, params)) throw wrongSender(req, dispatch);
  return null;
}

async function readBody(req: Request, kind: 'json' | 'optional' | 'bytes' | 'markdown'): Promise<unknown> {
  if (kind === 'markdown') {
    insistOnMarkdown(req);
    return decodeText(await readBytes(req, BODY_LIMIT));
  }
  if (kind === 'optional' && !hasBody(req)) return {};
  insistOnJson(req);
  return parseJson(await readBytes(req, BODY_LIMIT));
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
