/** What probes and Prometheus ask. Nothing here names a person, a team or an incident. */
import type { AppDeps } from '../dependencies.ts';
import type { RouteResponse, Route } from '../http/route.ts';
import type { ServerMetrics } from '../health/metrics.ts';

export function healthRoutes(deps: AppDeps, metrics: ServerMetrics): readonly Route[] {
  const probe = { method: 'GET', access: 'public', body: 'none' } as const;
  return [
    { ...probe, path: '/healthz', handle: () => ({ status: 200, json: { status: 'ok' } }) },
    { ...probe, path: '/readyz', handle: () => readiness(deps) },
    { ...probe, path: '/metrics', handle: () => metricsText(deps, metrics) },
  ];
}

/** Ready while alerts can be made durable: an outage of Temporal alone must not take us out of a balancer. */
async function readiness({ gateway, records, searchableInfo, draining, selfCheck }: AppDeps): Promise<RouteResponse> {
  const { temporal, spool, spooled } = await gateway.state();
  const leaving = draining?.() ?? false;
  const ready = !leaving && (temporal === 'up' || spool === 'writable');
  const searchAttributes = searchableInfo?.();
  return {
    status: ready ? 200 : 503,
    json: {
      ready,
      temporal,
      // Nobody is kept from being paged without them.
      records: records.state(),
      spool,
      spooled,
      draining: leaving,
      // That alerts become pages, as last seen; a balancer must not take us out for it, since the spool still works.
      ...(selfCheck === undefined ? {} : { selfCheck: selfCheck.state() }),
      ...(searchAttributes === undefined ? {} : { searchAttributes }),
    },
  };
}

async function metricsText({ gateway, records }: AppDeps, metrics: ServerMetrics): Promise<RouteResponse> {
  const state = await gateway.state();
  const counts = gateway.counts();
  metrics.spooled.set(state.spooled);
  metrics.spoolWritable.set(state.spool === 'writable' ? 1 : 0);
  metrics.temporalUp.set(state.temporal === 'up' ? 1 : 0);
  metrics.recordsUp.set(records.state() === 'up' ? 1 : 0);
  metrics.stormsOpen.set(state.storms);
  for (const [name, counter] of Object.entries(metrics.gatewayCounters)) {
    counter.reset(); // told whole each time, since it is counted elsewhere
    counter.inc(counts[name as keyof typeof counts]);
  }
  const { registry } = metrics;
  return { status: 200, text: { type: registry.contentType, body: await registry.metrics() } };
}
