/** Where heartbeats come in. GET too, since cron jobs use curl. */
import { z } from 'zod';
import type { AppDeps } from '../dependencies.ts';
import { maySendHeartbeat } from '../ingest/heartbeats/heartbeat-auth.ts';
import { HttpProblem } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { text } from './common-schemas.ts';

export function heartbeatRoutes(deps: AppDeps): readonly Route[] {
  const common = {
    path: '/webhooks/heartbeat/:name',
    access: 'own',
    admits: (req: RouteRequest['req'], { name = '' }: RouteRequest['params']) =>
      maySendHeartbeat(req, name, deps.config()),
    body: 'none',
    output: { 202: z.looseObject({ heartbeat: text }) },
    handle: (incoming: RouteRequest) => receiveBeat(deps, incoming),
  } as const;
  return [
    defineRoute({ ...common, method: 'POST', summary: 'A heartbeat: the sender is alive' }),
    defineRoute({ ...common, method: 'GET', summary: 'The same, for senders that can only GET' }),
  ];
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
