/** Where heartbeats check in. GET too, since cron jobs use curl. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { authorizationOf, sameSecret } from '../security/people-auth.ts';
import { isLoopback, authenticateSender } from '../security/source-auth.ts';
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

/**
 * Who may check in: whoever has the heartbeat's own token, or, where it has none, whoever may send alerts. Decided by the
 * head of the request alone: a signature covers a body, and a heartbeat has none.
 */
function maySendHeartbeat(req: IncomingMessage, name: string, { heartbeats, sources }: Config): boolean {
  // An unauthenticated client does not learn which names there are.
  const credential = heartbeats.get(name)?.credential ?? 'any-source';
  if (credential === 'none') return isLoopback(req.socket.remoteAddress);
  if (credential === 'any-source')
    return [...sources.values()].some((source) => authenticateSender(req, source) === 'accepted');
  const given = authorizationOf(req);
  return given !== null && sameSecret(given.secret, credential.token);
}

/** 202 when it is durable, else 503 within 3 s. */
async function receiveBeat(
  { heartbeats }: AppDeps,
  { params: { name = '' }, receivedAt }: RouteRequest,
): Promise<RouteResponse> {
  const known = (await heartbeats?.beat(name, receivedAt)) === 'beaten';
  if (!known) throw new HttpProblem(404, 'no heartbeat of that name is configured');
  return { status: 202, json: { heartbeat: name }, headers: { 'Cache-Control': 'no-store' } };
}
