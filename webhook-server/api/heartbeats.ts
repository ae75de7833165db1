/** Where whatever must not fall silent says that it is alive. GET too, since cron jobs use curl. */
import type { AppDeps } from '../dependencies.ts';
import { maySendHeartbeat } from '../ingest/heartbeats/heartbeat-auth.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';

export function heartbeatRoutes(deps: AppDeps): readonly Route[] {
  return (['POST', 'GET'] as const).map((method): Route => ({
    method,
    path: '/webhooks/heartbeat/:name',
    access: 'own',
    admits: (req, { name = '' }) => maySendHeartbeat(req, name, deps.config()),
    body: 'none',
    handle: (incoming) => receiveBeat(deps, incoming),
  }));
}

/** 202: it is durable. Within 3 s a 503 otherwise. */
async function receiveBeat(
  { heartbeats }: AppDeps,
  { params: { name = '' }, receivedAt }: RouteRequest,
): Promise<RouteResponse> {
  const known = (await heartbeats?.beat(name, receivedAt)) === 'beaten';
  if (!known) throw new HttpProblem(404, 'no heartbeat of this name is configured');
  return { status: 202, json: { heartbeat: name }, headers: { 'Cache-Control': 'no-store' } };
}
