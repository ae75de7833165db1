/**
 * Handles a request once its path is known: method, credential, body, handler, response, in this order, so that nobody
 * without a credential reaches a parser.
 */
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { sendAnswer, sendProblem, sendProblemPage, toProblem, wantsJson } from './respond.ts';
import { beginAuditAttempt, type AuditAttempt } from '../audit/audit-attempt.ts';
import type { AppDeps } from '../dependencies.ts';
import { receiveMessage, wrongCredential } from '../ingest/receive-message.ts';
import { BODY_LIMIT, decodeText, requireJson, requireMarkdown, parseJson, readBytes } from './body.ts';
import type { LoadLimiter } from './load-limiter.ts';
import { HttpProblem, invalidRequest } from './problem.ts';
import { readQuery } from './query.ts';
import type { RouteResponse, Route } from './route.ts';
import type { ServerMetrics } from '../health/metrics.ts';
import type { ReceivedMessage, Rejections } from '../ingest/dead-letters/rejections.ts';
import { problemsOfZodError } from '../ingest/sources/message.ts';
import { refuseEncoding } from '../security/request-limits.ts';
import type { PeopleAuthorizer, Bearer } from '../security/people-auth.ts';
import type { WrongTokenThrottle } from '../security/wrong-token-throttle.ts';

export interface DispatchContext {
  readonly deps: AppDeps;
  readonly metrics: ServerMetrics;
  readonly people: PeopleAuthorizer;
  readonly throttle: WrongTokenThrottle;
  /** The load limit for senders' messages. */
  readonly load: LoadLimiter;
  readonly rejections: Pick<Rejections, 'handleRejection'>;
}

/** Serves the routes of one path. */
export function dispatchRoutes(
  routes: readonly Route[],
  dispatch: DispatchContext,
): (req: Request, res: Response) => Promise<void> {
  const byMethod = new Map<string, Route>(routes.map((route) => [route.method, route]));
  const get = byMethod.get('GET');
  // Express omits the body of a response to HEAD.
  if (get) byMethod.set('HEAD', get);
  const allow = [...byMethod.keys()].join(', ');
  return async (req, res) => {
    const route = byMethod.get(req.method);
    const received: ReceivedMessage = { isAuthenticated: false, body: null };
    const params = req.params as Record<string, string>;
    const attempt = beginAuditAttempt(route ?? {}, { req, params, audit: dispatch.deps.audit });
    try {
      if (!route) throw new HttpProblem(405, `use ${allow}`, { headers: { Allow: allow }, reason: 'method' });
      const result = await handleRequest(route, { req, received, attempt }, dispatch);
      attempt.ended(result.status);
      sendAnswer(res, result);
    } catch (error) {
      const problem = toProblem(error, dispatch.deps.log);
      attempt.ended(problem.status);
      const source = routes.find((each) => each.source !== undefined)?.source;
      if (source !== undefined) await dispatch.rejections.handleRejection({ req, source, received, problem });
      if (route?.page && !wantsJson(req)) sendProblemPage(res, problem);
      else sendProblem(res, problem);
    } finally {
      received.body = null; // an idle connection keeps its last request, which must not keep 16 MiB
    }
  };
}

interface RequestContext {
  readonly req: Request;
  readonly received: ReceivedMessage;
  readonly attempt: AuditAttempt;
}

async function handleRequest(
  route: Route,
  { req, received, attempt }: RequestContext,
  dispatch: DispatchContext,
): Promise<RouteResponse> {
  refuseEncoding(req);
  const receivedAt = (dispatch.deps.now ?? Date.now)();
  if (route.access === 'source') return receiveMessage({ route, req, receivedAt, dispatch, received });
  const params = req.params as Record<string, string>;
  const bearer = await bearerOf(route, { req, params, known: attempt.authenticatedAs }, dispatch);
  const sent = route.body === 'none' ? undefined : await readBody(req, route.body);
  const query = route.query ? readQuery(req, route.query, { blanks: route.blankParameters }) : {};
  const body = route.input ? checkedInput(route.input, sent) : sent;
  return route.handle({ req, params, query, body, bearer, receivedAt, addAuditContext: attempt.addContext });
}

/** Throws a 400 that names every problem. */
function checkedInput(schema: z.ZodType, body: unknown): unknown {
  const input = schema.safeParse(body);
  if (!input.success) throw invalidRequest(problemsOfZodError(input.error));
  return input.data;
}

/** Null where the route needs no person. Throws 401 or 403. */
async function bearerOf(
  route: Exclude<Route, { access: 'source' }>,
  {
    req,
    params,
    known,
  }: { readonly req: Request; readonly params: Record<string, string>; known: AuditAttempt['authenticatedAs'] },
  dispatch: DispatchContext,
): Promise<Bearer | null> {
  if (route.access === 'public' || route.admitsLink?.(req)) return null;
  if (route.access !== 'own') return dispatch.people.authorize(req, route.access, known);
  if (!route.admits(req, params)) throw wrongCredential(req, dispatch);
  return null;
}

async function readBody(req: Request, kind: 'json' | 'optional' | 'bytes' | 'markdown'): Promise<unknown> {
  if (kind === 'markdown') {
    requireMarkdown(req);
    return decodeText(await readBytes(req, BODY_LIMIT));
  }
  if (kind === 'optional' && !hasBody(req)) return {};
  requireJson(req);
  return parseJson(await readBytes(req, BODY_LIMIT));
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
