/**
 * What probes and Prometheus ask, and the two addresses of the server's own self-check. Nothing here names a person, a
 * team or an incident.
 */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { AppDeps } from '../dependencies.ts';
import type { SelfCheckEndpoint } from '../health/synthetic-check.ts';
import { HttpProblem } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type Route } from '../http/route.ts';
import type { ServerMetrics } from '../health/metrics.ts';
import { count, text } from './common-schemas.ts';

export function healthRoutes(deps: AppDeps, metrics: ServerMetrics): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/healthz',
      summary: 'The process is alive',
      access: 'public',
      body: 'none',
      output: { 200: z.looseObject({ status: z.literal('ok') }) },
      handle: () => ({ status: 200, json: { status: 'ok' } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/readyz',
      summary: 'Alerts can be made durable',
      access: 'public',
      body: 'none',
      output: { 200: readySchema, 503: readySchema },
      handle: () => readiness(deps),
    }),
    defineRoute({
      method: 'GET',
      path: '/metrics',
      summary: 'For Prometheus',
      access: 'public',
      body: 'none',
      output: { 200: { 'text/plain': text } },
      handle: () => metricsText(deps, metrics),
    }),
  ];
}

const readySchema = z.looseObject({
  ready: z.boolean(),
  temporal: z.enum(['up', 'down']),
  records: z.enum(['starting', 'up', 'down']),
  spool: z.enum(['writable', 'unwritable']),
  spooled: count,
  draining: z.boolean(),
  selfCheck: z.enum(['ok', 'failing', 'unknown', 'off']).optional(),
});

/** Ready while alerts can be made durable: an outage of Temporal alone must not take us out of a balancer. */
async function readiness({ gateway, records, draining, selfCheck }: AppDeps): Promise<RouteResponse> {
  const { temporal, spool, spooled } = await gateway.state();
  const leaving = draining?.() ?? false;
  const ready = !leaving && (temporal === 'up' || spool === 'writable');
  return {
    status: ready ? 200 : 503,
    json: {
      ready,
      temporal,
      // Not part of `ready`: paging works without them.
      records: records.state(),
      spool,
      spooled,
      draining: leaving,
      // Whether alerts became pages when last checked. Not part of `ready`: the spool still works.
      ...(selfCheck === undefined ? {} : { selfCheck: selfCheck.state() }),
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
    counter.reset(); // set to the whole count each time, since it is counted elsewhere
    counter.inc(counts[name as keyof typeof counts]);
  }
  const { registry } = metrics;
  return { status: 200, text: { type: registry.contentType, body: await registry.metrics() } };
}

const selfCheckInput = z.looseObject({ check: z.string().regex(/^[0-9A-Z]{26}$/, 'expected a ULID') });

/** Only this server's own self-check (health/self-check.ts) is admitted. */
export function selfCheckRoutes({ selfCheck }: AppDeps): readonly Route[] {
  const common = {
    method: 'POST',
    access: 'own',
    admits: (req: IncomingMessage) => selfCheck?.admits(req) ?? false,
    body: 'json',
    input: selfCheckInput,
  } as const;
  return [
    defineRoute({
      ...common,
      path: '/webhooks/self-check',
      summary: 'For the server itself: starts a check of the whole way from alert to page',
      output: { 202: z.looseObject({}) },
      handle: async ({ body: { check }, receivedAt }) => {
        await orRetryLater(endpointOf(selfCheck).begin(check, receivedAt));
        return { status: 202, json: { check } };
      },
    }),
    defineRoute({
      ...common,
      path: '/webhooks/self-check/acknowledge',
      summary: 'For the server itself: acknowledges the page of that check',
      output: { 200: z.looseObject({}) },
      handle: async ({ body: { check } }) => {
        await orRetryLater(endpointOf(selfCheck).acknowledge(check));
        return { status: 200, json: { check } };
      },
    }),
  ];
}

function endpointOf(endpoint: SelfCheckEndpoint | undefined): SelfCheckEndpoint {
  if (endpoint) return endpoint;
  throw new HttpProblem(404, 'there is no self-check here');
}

/** The check tries again until its time is up. */
async function orRetryLater(work: Promise<void>): Promise<void> {
  await work.catch(() => {
    throw new HttpProblem(503, 'not yet: ask again', { headers: { 'Retry-After': '1' }, reason: 'unavailable' });
  });
}
