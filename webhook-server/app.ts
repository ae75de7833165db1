/**
 * The HTTP edge, built from one table of routes with default deny: what is not in the table is a 404, and every route
 * in it says who may use it.
 */
import express, { type Application, type NextFunction, type Request, type Response } from 'express';
import { sendProblem, toProblem } from './answer.ts';
import type { AppDeps } from './deps.ts';
import { serve } from './dispatch.ts';
import { lingerAfter } from './http/linger.ts';
import { createLoad } from './http/load.ts';
import { HttpProblem } from './http/problem.ts';
import type { Route } from './http/route.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createRefusals } from './quarantine/refusals.ts';
import { ACK_STYLE } from './routes/ack-page.ts';
import { routeTable } from './routes/index.ts';
import { passGate } from './security/gate.ts';
import { securityHeaders } from './security/headers.ts';
import { createPeopleGuard } from './security/people-auth.ts';
import { createThrottle } from './security/throttle.ts';
import { STATUS_STYLE } from './status-page/index.ts';

export type { AppDeps } from './deps.ts';

export function createApp(deps: AppDeps): Application {
  const metrics = createMetrics(deps.registry);
  const throttle = createThrottle(deps.now);
  const dispatch = {
    ...{ deps, metrics, throttle, people: createPeopleGuard(deps.tokens, throttle) },
    ...{ load: createLoad(deps.limits), refusals: createRefusals(deps, metrics) },
  };

  const app = express();
  app.disable('x-powered-by').disable('etag').disable('trust proxy');
  // `/API/…` is not `/api/…`; a slash at the end is forgiven, since each path has its own check anyway.
  app.enable('case sensitive routing').set('query parser', false);

  app.use(securityHeaders([ACK_STYLE, STATUS_STYLE]));
  app.use((req, res, next) => {
    lingerAfter(req, res);
    passGate(req);
    next();
  });
  for (const [path, routes] of byPath(routeTable(deps, metrics))) {
    const handle = serve(routes, dispatch);
    app.all(path, (req, res) => {
      measure(path, { req, res, metrics });
      return handle(req, res);
    });
  }
  app.use(() => {
    throw new HttpProblem(404, 'there is nothing at this address');
  });
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
    measure('none', { req, res, metrics });
    sendProblem(res, toProblem(error, deps.log));
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
  readonly metrics: Metrics;
}

function measure(route: string, { req, res, metrics }: Measured): void {
  const startedAt = performance.now();
  // Made-up methods must not make up labels.
  const method = METHODS.has(req.method) ? req.method : 'other';
  res.once('finish', () => {
    metrics.requests.inc({ route, method, code: res.statusCode });
    metrics.seconds.observe({ route }, (performance.now() - startedAt) / 1000);
  });
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
