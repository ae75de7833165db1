/** The route table: every address that the server answers. */
import type { AppDeps } from '../dependencies.ts';
import type { Route } from '../http/route.ts';
import type { ServerMetrics } from '../health/metrics.ts';
import { IncidentReader } from '../incidents/incident-reader.ts';
import { acknowledgeLinkRoutes } from './acknowledge-link.ts';
import { auditRoute } from './audit.ts';
import { explainRoutes } from './explain.ts';
import { documentRoutes } from './documents.ts';
import { healthRoutes, selfCheckRoutes } from './health.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { incidentRoutes } from './incidents.ts';
import { pageRoutes } from './pages.ts';
import { incidentMetricsRoute } from './incident-metrics.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { onCallRoute } from './on-call.ts';
import { openApiRoute } from './openapi.ts';
import { statusPageRoutes } from './status-page.ts';
import { commandRoutes } from './commands.ts';
import { configReloadRoute } from './config-reload.ts';
import { webhookRoutes } from './webhooks.ts';

export function routeTable(deps: AppDeps, metrics: ServerMetrics): readonly Route[] {
  const reader = new IncidentReader(deps);
  const table: readonly Route[] = [
    ...webhookRoutes(deps, metrics),
    ...heartbeatRoutes(deps),
    ...selfCheckRoutes(deps),
    ...incidentRoutes(deps, reader),
    ...commandRoutes(deps, reader),
    ...documentRoutes(deps, reader),
    incidentMetricsRoute(deps),
    ...explainRoutes(deps, reader),
    onCallRoute(deps),
    ...maintenanceRoutes(deps),
    auditRoute(deps),
    configReloadRoute(deps),
    ...acknowledgeLinkRoutes(deps, reader),
    ...pageRoutes(deps, reader),
    ...statusPageRoutes(deps),
    openApiRoute(() => table),
    ...healthRoutes(deps, metrics),
  ];
  return table;
}
