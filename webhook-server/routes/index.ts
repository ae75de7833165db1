/** The route table: every address the server answers, and who may use it. */
import type { AppDeps } from '../deps.ts';
import type { Route } from '../http/route.ts';
import type { Metrics } from '../metrics.ts';
import { ackRoutes } from './ack.ts';
import { declareRoute } from './declare.ts';
import { healthRoutes } from './health.ts';
import { incidentRoutes } from './incidents.ts';
import { onCallRoute } from './oncall.ts';
import { webhookRoutes } from './webhooks.ts';

export function routeTable(deps: AppDeps, metrics: Metrics): readonly Route[] {
  return [
    ...webhookRoutes(deps, metrics),
    declareRoute(deps),
    ...incidentRoutes(deps),
    onCallRoute(deps),
    ...ackRoutes(deps),
    ...healthRoutes(deps, metrics),
  ];
}
