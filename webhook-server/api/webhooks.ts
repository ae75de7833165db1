/**
 * Where senders deliver. 202 means durable: Temporal has the alerts, or the spool does. Anything less is a 503, which
 * senders retry; never a 429, and never part of a message.
 */
import { z } from 'zod';
import type { SourceName } from '../../config/sections/sources.ts';
import type { AppDeps } from '../dependencies.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import type { ServerMetrics } from '../health/metrics.ts';
import { feedByAlerts } from '../ingest/heartbeats/heartbeats.ts';
import { Parsing } from '../ingest/parsing/parsing.ts';
import { SOURCES } from '../ingest/sources/index.ts';
import { dropText } from '../ingest/sources/message.ts';
import { pagerdutyEventsRoute } from './pagerduty-events.ts';
import { reportedIncidents } from './incident-json.ts';
import { incidentUrl } from '../../config/routing.ts';

/** Every sender's own format; what is not read is ignored. */
const payload = z.looseObject({}).describe("the sender's own format");

export function webhookRoutes(deps: AppDeps, metrics: ServerMetrics): readonly Route[] {
  const parsing = deps.parsing ?? new Parsing({ log: deps.log, threadFile: null });
  const hooks = (Object.keys(SOURCES) as SourceName[]).flatMap((source) => {
    const { webhook, put = false, lists = false } = SOURCES[source];
    if (webhook === null) return [];
    const route = (method: 'POST' | 'PUT', summary: string): Route =>
      defineRoute({
        method,
        summary,
        path: `/webhooks/${source}`,
        access: 'source',
        source,
        inputShape: lists ? z.union([payload, z.array(payload)]) : payload,
        body: 'bytes',
        output: { 202: reportedIncidents },
        handle: (incoming) => receiveWebhook(source, incoming, { deps, metrics, parsing }),
      });
    return [route('POST', webhook), ...(put ? [route('PUT', `${webhook}, set to PUT`)] : [])];
  });
  return [...hooks, pagerdutyEventsRoute(deps, metrics)];
}

interface ReceiveContext {
  readonly deps: AppDeps;
  readonly metrics: ServerMetrics;
  readonly parsing: Pick<Parsing, 'parse'>;
}

async function receiveWebhook(
  source: SourceName,
  incoming: RouteRequest,
  { deps, metrics, parsing }: ReceiveContext,
): Promise<RouteResponse> {
  const config = deps.config();
  const received = { bytes: incoming.body as Buffer, source, receivedAt: incoming.receivedAt };
  const deliveries: Promise<readonly string[]>[] = [];
  const counts = { firing: 0, resolved: 0, ignored: 0 };
  let isListTold = true;
  const pieces = parsing.parse(received, config);
  let piece = await pieces.next();
  for (; piece.done !== true; piece = await pieces.next()) {
    const delivery = deps.gateway.report(piece.value);
    delivery.catch(() => undefined); // awaited below, when all of them are on their way
    deliveries.push(delivery);
    isListTold &&= piece.value.every(({ listed }) => listed !== undefined);
    for (const { status } of piece.value.flatMap((routed) => routed.alerts)) counts[status] += 1;
  }
  const incidents = new Set((await Promise.all(deliveries)).flat());
  const told = isListTold ? incidents : new Set<string>();
  for (const workflowId of await deps.gateway.reportAbsences(piece.value.wholeMessages, told))
    incidents.add(workflowId);
  metrics.severityGuessed.inc({ source }, piece.value.severityGuessed);
  for (const drop of piece.value.dropped) {
    if (drop.how === 'malformed') deps.log.error({ source, malformed: drop.count }, dropText(drop));
    else counts.ignored += drop.count;
  }
  // The alerts first: they are durable by now, whatever becomes of a heartbeat.
  await feedByAlerts(piece.value.beats, deps.heartbeats).catch((err: unknown) => {
    // The server delivers the beat when Temporal is back; alerts that are durable must not be sent again for it.
    if (incidents.size === 0) throw err;
  });
  for (const status of ['firing', 'resolved', 'ignored'] as const) {
    if (counts[status] > 0) metrics.alerts.inc({ source, status }, counts[status]);
  }
  return {
    status: 202,
    json: { incidents: [...incidents].map((workflowId) => ({ workflowId, url: incidentUrl(config, workflowId) })) },
  };
}
