/**
 * What happens to a request once its path is known: method, credential, body, handler, answer, in this order, so that
 * nobody without a credential reaches a parser.
 */
import type { Request, Response } from 'express';
import type { SourceSetting } from '../config/config.ts';
import { send, sendProblem, toProblem } from './answer.ts';
import type { AppDeps } from './deps.ts';
import { BODY_LIMIT, insistOnJson, parseJson, readBytes, WEBHOOK_BODY_LIMIT } from './http/body.ts';
import { HttpProblem } from './http/problem.ts';
import type { Answer, Route } from './http/route.ts';
import type { Metrics } from './metrics.ts';
import type { PeopleGuard } from './security/people-auth.ts';
import { isSignedRight, judgeSender } from './security/source-auth.ts';
import type { Throttle } from './security/throttle.ts';

export interface Dispatch {
  readonly deps: AppDeps;
  readonly metrics: Metrics;
  readonly people: PeopleGuard;
  readonly throttle: Throttle;
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
    try {
      if (!route) throw new HttpProblem(405, `use ${allow}`, { headers: { Allow: allow }, reason: 'method' });
      send(res, await answer(route, req, dispatch));
    } catch (error) {
      refuse(routes, { error, req, res }, dispatch);
    }
  };
}

async function answer(route: Route, req: Request, dispatch: Dispatch): Promise<Answer> {
  const { deps } = dispatch;
  const receivedAt = (deps.now ?? Date.now)();
  const params = req.params as Record<string, string>;
  if (route.access === 'source') {
    const setting = deps.config().sources.get(route.source);
    if (!setting)
      throw new HttpProblem(404, `the source ${route.source} is not configured`, { reason: 'unconfigured' });
    const body = await bodyOfSender(req, { setting, receivedAt, dispatch });
    return route.handle({ req, params, body, bearer: null, receivedAt });
  }
  const bearer = route.access === 'public' ? null : await dispatch.people.admit(req, route.access);
  const body = route.body === 'none' ? undefined : await readBody(req, route.body);
  return route.handle({ req, params, body, bearer, receivedAt });
}

async function bodyOfSender(
  req: Request,
  { setting, receivedAt, dispatch }: { setting: SourceSetting; receivedAt: number; dispatch: Dispatch },
): Promise<unknown> {
  const verdict = judgeSender(req, setting);
  if (verdict === 'out') throw wrongSender(req, dispatch);
  insistOnJson(req);
  const body = await readBytes(req, WEBHOOK_BODY_LIMIT);
  if (verdict === 'signed' && !isSignedRight({ req, body, setting, now: receivedAt })) throw wrongSender(req, dispatch);
  return parseJson(body);
}

/** Always 401, with or without a credential: senders would not retry a 429 either, and it says less. */
function wrongSender(req: Request, { throttle, deps }: Dispatch): HttpProblem {
  const quiet = throttle.wrong(req.socket.remoteAddress) > 0;
  if (!quiet)
    deps.log.warn({ from: req.socket.remoteAddress, path: req.path }, 'a sender without the right credential');
  const headers = { 'WWW-Authenticate': 'Bearer', ...(quiet ? { Connection: 'close' } : {}) };
  return new HttpProblem(401, 'the credential of a configured source is needed', { headers, reason: 'credential' });
}

async function readBody(req: Request, kind: 'json' | 'optional'): Promise<unknown> {
  if (kind === 'optional' && !hasBody(req)) return {};
  insistOnJson(req);
  return parseJson(await readBytes(req, BODY_LIMIT));
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refuse(
  routes: readonly Route[],
  { error, req, res }: { readonly error: unknown; readonly req: Request; readonly res: Response },
  { deps: { log }, metrics }: Dispatch,
): void {
  const problem = toProblem(error, log);
  const source = routes.find((route) => route.source !== undefined)?.source;
  if (source !== undefined) {
    const reason = problem.extras.reason ?? String(problem.status);
    metrics.rejected.inc({ source, reason });
    // A sender that is refused may not come back for minutes: somebody should look.
    if (problem.status !== 401) {
      const { problems } = problem.extras;
      log.error(
        { source, status: problem.status, reason, problems, from: req.socket.remoteAddress },
        'a message was refused',
      );
    }
  }
  sendProblem(res, problem);
}
