/**
 * Where senders deliver. 202 means durable: Temporal has the alerts, or the spool does. Anything less is a 503, which
 * senders retry; never a 429, and never part of a message.
 */
import type { SourceName } from '../../config/config.ts';
import type { AppDeps } from '../deps.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import type { Metrics } from '../metrics.ts';
import { createParsing, type Parsing } from '../parsing/parsing.ts';
import type { Aside } from '../parsing/read-message.ts';
import { enqueueRoute } from './enqueue.ts';
import { incidentUrl } from './present.ts';

/** PagerDuty's senders have an address of their own. */
type HookName = Exclude<SourceName, 'pagerdutyEvents'>;

/** Grafana can be told to PUT. */
const METHODS: Readonly<Record<HookName, readonly ('POST' | 'PUT')[]>> = {
  alertmanager: ['POST'],
  grafana: ['POST', 'PUT'],
  generic: ['POST'],
};

export function webhookRoutes(deps: AppDeps, metrics: Metrics): readonly Route[] {
  const parsing = deps.parsing ?? createParsing({ log: deps.log, threadFile: null });
  const hooks = (Object.keys(METHODS) as HookName[]).flatMap((source) =>
    METHODS[source].map((method): Route => ({
      method,
      path: `/webhooks/${source}`,
      access: 'source',
      source,
      body: 'bytes',
      handle: (incoming) => receive(source, incoming, { deps, metrics, parsing }),
    })),
  );
  return [...hooks, enqueueRoute(deps, metrics)];
}

interface Reception {
  readonly deps: AppDeps;
  readonly metrics: Metrics;
  readonly parsing: Parsing;
}

async function receive(source: HookName, incoming: Incoming, reception: Reception): Promise<Answer> {
  const { deps, metrics, parsing } = reception;
  const config = deps.config();
  const sent = { bytes: incoming.body as Buffer, source, receivedAt: incoming.receivedAt };
  const told: Promise<readonly string[]>[] = [];
  const counts = { firing: 0, resolved: 0, ignored: 0 };
  const pieces = parsing.read(sent, config);
  let piece = await pieces.next();
  for (; piece.done !== true; piece = await pieces.next()) {
    const held = deps.gateway.report(piece.value);
    held.catch(() => undefined); // heard below, when all of them are on their way
    told.push(held);
    for (const { status } of piece.value.flatMap((routed) => routed.alerts)) counts[status] += 1;
  }
  const incidents = new Set((await Promise.all(told)).flat());
  // The alerts first: they are durable by now, whatever becomes of a beat.
  await feedHeartbeats(source, piece.value, deps).catch((err: unknown) => {
    // The server brings the beat along when Temporal is back; alerts that are safe must not be sent again for it.
    if (incidents.size === 0) throw err;
  });
  counts.ignored = piece.value.ignored;
  for (const status of ['firing', 'resolved', 'ignored'] as const) {
    if (counts[status] > 0) metrics.alerts.inc({ source, status }, counts[status]);
  }
  return {
    status: 202,
    json: { incidents: [...incidents].map((workflowId) => ({ workflowId, url: incidentUrl(config, workflowId) })) },
  };
}

/** Feeds the watchdogs' heartbeats (throws what they throw), and says aloud what could not be read. */
async function feedHeartbeats(
  source: HookName,
  { beats, unreadable }: Aside,
  { heartbeats, log }: AppDeps,
): Promise<void> {
  if (unreadable > 0)
    log.error({ source, unreadable }, 'entries among the alerts are no alerts; the others were taken');
  const alive = beats.filter(({ status }) => status === 'firing');
  await Promise.all(alive.map(async ({ name, at }) => heartbeats?.beat(name, at)));
}
