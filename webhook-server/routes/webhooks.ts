/**
 * Where senders deliver. 202 means durable: Temporal has the alerts, or the spool does. Anything less is a 503, which
 * senders retry; never a 429, and never part of a message.
 */
import type { SourceName } from '../../config/config.ts';
import type { AppDeps } from '../deps.ts';
import { HttpProblem, invalid } from '../http/problem.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import { toSightings } from '../intake.ts';
import type { Metrics } from '../metrics.ts';
import { parserFor } from '../sources/index.ts';
import { incidentUrl } from './present.ts';

/** Grafana can be told to PUT. */
const METHODS: Readonly<Record<SourceName, readonly ('POST' | 'PUT')[]>> = {
  alertmanager: ['POST'],
  grafana: ['POST', 'PUT'],
  generic: ['POST'],
};

export function webhookRoutes(deps: AppDeps, metrics: Metrics): readonly Route[] {
  return (Object.keys(METHODS) as SourceName[]).flatMap((source) =>
    METHODS[source].map((method): Route => ({
      method,
      path: `/webhooks/${source}`,
      access: 'source',
      source,
      body: 'json',
      handle: (incoming) => receive(source, incoming, { deps, metrics }),
    })),
  );
}

async function receive(
  source: SourceName,
  { body, receivedAt }: Incoming,
  { deps: { config: configNow, gateway }, metrics }: { readonly deps: AppDeps; readonly metrics: Metrics },
): Promise<Answer> {
  const config = configNow();
  const setting = config.sources.get(source);
  if (!setting) throw new HttpProblem(404, `the source ${source} is not configured`);
  const parsed = parserFor(source, setting)(body, receivedAt);
  if ('problems' in parsed) throw invalid(parsed.problems, `this is no message of ${source} that can be read`);
  const sightings = toSightings(parsed.messages, { config, source, receivedAt });
  const told = sightings.length === 0 ? [] : await gateway.report(sightings);
  for (const { alerts } of sightings) {
    const firing = alerts.filter(({ status }) => status === 'firing').length;
    if (firing > 0) metrics.alerts.inc({ source, status: 'firing' }, firing);
    if (firing < alerts.length) metrics.alerts.inc({ source, status: 'resolved' }, alerts.length - firing);
  }
  return {
    status: 202,
    json: { incidents: told.map((workflowId) => ({ workflowId, url: incidentUrl(config, workflowId) })) },
  };
}
