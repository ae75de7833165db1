/**
 * The HTTP server, built from one table of routes with default deny: a path that is not in the table is a 404, and
 * every route in it declares who may use it.
 */
import express, { type Application, type NextFunction, type Request, type Response } from 'express';
import { sendProblem, sendProblemPage, toProblem, wantsHtml } from './http/respond.ts';
import type { AppDeps } from './dependencies.ts';
import { dispatchRoutes } from './http/dispatch.ts';
import { drainAfterResponse } from './http/body.ts';
import { createLoadLimiter } from './http/load-limiter.ts';
import { HttpProblem } from './http/problem.ts';
import type { Route } from './http/route.ts';
import { createServerMetrics, type ServerMetrics } from './health/metrics.ts';
import { Rejections } from './ingest/dead-letters/rejections.ts';
import { STYLE } from './console/style.ts';
import { routeTable } from './api/route-table.ts';
import { checkRequestLimits, securityHeaders } from './security/request-limits.ts';
import { PeopleAuthorizer } from './security/people-auth.ts';
import { WrongTokenThrottle } from './security/wrong-token-throttle.ts';

export type { AppDeps } from './dependencies.ts';

export function createApp(deps: AppDeps): Application {
  const metrics = createServerMetrics(deps.registry);
  const throttle = new WrongTokenThrottle(deps.now);
  const dispatch = {
    deps,
    metrics,
    throttle,
    people: new PeopleAuthorizer(deps.tokens, throttle),
    load: createLoadLimiter(deps.limits),
    rejections: new Rejections(deps, metrics),
  };

  const app = express();
  app.disable('x-powered-by').disable('etag').disable('trust proxy');
  // `/API/…` is not `/api/…`; a slash at the end is forgiven, since each path has its own check anyway.
  app.enable('case sensitive routing').set('query parser', false);

  app.use(securityHeaders([STYLE]));
  app.use((req, res, next) => {
    drainAfterResponse(req, res);
    checkRequestLimits(req);
    next();
  });
  for (const [path, routes] of byPath(routeTable(deps, metrics))) {
    const handle = dispatchRoutes(routes, dispatch);
    app.all(path, (req, res) => {
      measure(path, { req, res, metrics });
      return handle(req, res);
    });
  }
  app.use(() => {
    throw new HttpProblem(404, 'there is nothing at this address');
  });
  // Express recognizes an error handler by its four parameters.
  app.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
    measure('none', { req, res, metrics });
    const problem = toProblem(error, deps.log);
    if (wantsHtml(req)) sendProblemPage(res, problem);
    else sendProblem(res, problem);
  });
  return app;
}

function byPath(routes: readonly Route[]): Map<string, Route[]> {
  const paths = new Map<string, Route[]>();
  for (const route of routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  return paths;
}

interface Measured {
  readonly req: Request;
  readonly res: Response;
  readonly metrics: ServerMetrics;
}

function measure(route: string, { req, res, metrics }: Measured): void {
  const startedAt = performance.now();
  // Made-up methods must not create labels.
  const method = METHODS.has(req.method) ? req.method : 'other';
  res.once('finish', () => {
    metrics.requests.inc({ route, method, code: res.statusCode });
    metrics.seconds.observe({ route }, (performance.now() - startedAt) / 1000);
  });
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
