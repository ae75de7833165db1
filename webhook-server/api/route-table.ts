/** The route table: every address the server answers, and who may use it. */
import type { AppDeps } from '../dependencies.ts';
import type { Route } from '../http/route.ts';
import type { ServerMetrics } from '../health/metrics.ts';
import { createIncidentReader } from '../incidents/incident-reader.ts';
import { acknowledgeLinkRoutes } from './acknowledge-link.ts';
import { auditRoute } from './audit.ts';
import { declareRoute } from './declare-incident.ts';
import { explainRoutes } from './explain.ts';
import { exportRoute } from './export.ts';
import { healthRoutes } from './health.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { incidentRoutes } from './incidents.ts';
import { listRoute } from './list-incidents.ts';
import { incidentMetricsRoute } from './incident-metrics.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { onCallRoute } from './on-call.ts';
import { openApiRoute } from './openapi-route.ts';
import { postmortemRoutes } from './postmortem.ts';
import { publicStatusPageRoutes } from './public-status-page.ts';
import { configReloadRoute } from './config-reload.ts';
import { selfCheckRoutes } from './self-check.ts';
import { webhookRoutes } from './webhooks.ts';

export function routeTable(deps: AppDeps, metrics: ServerMetrics): readonly Route[] {
  const reader = createIncidentReader(deps);
  const table: readonly Route[] = [
    ...webhookRoutes(deps, metrics),
    ...heartbeatRoutes(deps),
    ...selfCheckRoutes(deps),
    listRoute(deps, reader),
    declareRoute(deps, reader),
    ...incidentRoutes(deps, reader),
    exportRoute(deps, reader),
    ...postmortemRoutes(deps, reader),
    incidentMetricsRoute(deps),
    ...explainRoutes(deps, reader),
    onCallRoute(deps),
    ...maintenanceRoutes(deps),
    auditRoute(deps),
    configReloadRoute(deps),
    ...acknowledgeLinkRoutes(deps, reader),
    ...publicStatusPageRoutes(deps),
    openApiRoute(() => table),
    ...healthRoutes(deps, metrics),
  ];
  return table;
}
