/** The route table: every address the server answers, and who may use it. */
import type { AppDeps } from '../deps.ts';
import type { Route } from '../http/route.ts';
import type { Metrics } from '../metrics.ts';
import { createReader } from '../reading/reader.ts';
import { ackRoutes } from './ack.ts';
import { auditRoute } from './audit.ts';
import { declareRoute } from './declare.ts';
import { explainRoutes } from './explain.ts';
import { exportRoute } from './export.ts';
import { healthRoutes } from './health.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { incidentRoutes } from './incidents.ts';
import { listRoute } from './list.ts';
import { metricsRoute } from './metrics.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { onCallRoute } from './oncall.ts';
import { openApiRoute } from './openapi.ts';
import { postmortemRoutes } from './postmortem.ts';
import { publicRoutes } from './public.ts';
import { reloadRoute } from './reload.ts';
import { selfCheckRoutes } from './self-check.ts';
import { webhookRoutes } from './webhooks.ts';

export function routeTable(deps: AppDeps, metrics: Metrics): readonly Route[] {
  const reader = createReader(deps);
  const table: readonly Route[] = [
    ...webhookRoutes(deps, metrics),
    ...heartbeatRoutes(deps),
    ...selfCheckRoutes(deps),
    listRoute(deps, reader),
    declareRoute(deps, reader),
    ...incidentRoutes(deps, reader),
    exportRoute(deps, reader),
    ...postmortemRoutes(deps, reader),
    metricsRoute(deps),
    ...explainRoutes(deps, reader),
    onCallRoute(deps),
    ...maintenanceRoutes(deps),
    auditRoute(deps),
    reloadRoute(deps),
    ...ackRoutes(deps, reader),
    ...publicRoutes(deps),
    openApiRoute(() => table),
    ...healthRoutes(deps, metrics),
  ];
  return table;
}
