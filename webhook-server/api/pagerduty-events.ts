/**
 * PagerDuty's Events API v2, at its own address and in its own words. Triggers and resolves are alerts like any other; an
 * acknowledgement by a machine does not stop the escalation and is only noted.
 */
import { z } from 'zod';
import type { SourceSetting } from '../../config/sections/sources.ts';
import type { AppDeps } from '../dependencies.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { withTimeout } from '../delivery/circuit-breaker.ts';
import { toRoutedAlerts } from '../ingest/route-and-group.ts';
import type { ServerMetrics } from '../health/metrics.ts';
import { routingKeyOf } from '../security/source-auth.ts';
import { feedByAlerts } from '../ingest/heartbeats/heartbeats.ts';
import { cleanLine } from '../ingest/sources/sanitize.ts';
import { shortHash } from '../ingest/sources/fingerprint.ts';
import { watchdogBeats } from '../ingest/sources/watchdog.ts';
import { parsePagerdutyEvent, type PagerdutyEvent } from '../ingest/sources/pagerduty-events.ts';
import { text, time } from './common-schemas.ts';
import { reportedIncidents } from './incident-json.ts';
import { incidentUrl } from '../../config/routing.ts';

const SOURCE = 'pagerdutyEvents';

const pagerdutyEvent = z.looseObject({
  routing_key: text,
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: text.optional().describe('which alert; for a trigger without one, the answer has a new one'),
  payload: z
    .looseObject({
      summary: text,
      source: text,
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: time.optional(),
      component: text.optional(),
      group: text.optional(),
      class: text.optional(),
      custom_details: z.unknown().optional(),
    })
    .optional(),
  client: text.optional(),
  client_url: text.optional(),
  links: z.array(z.looseObject({ href: text, text: text.optional() })).optional(),
  images: z.array(z.looseObject({ src: text })).optional(),
});

const pagerdutyAnswer = z.looseObject({
  status: z.literal('success'),
  message: text,
  dedup_key: text,
  ...reportedIncidents.shape,
});

export function pagerdutyEventsRoute(deps: AppDeps, metrics: ServerMetrics): Route {
  return defineRoute({
    method: 'POST',
    path: '/v2/enqueue',
    summary: "PagerDuty's Events API v2; the credential is routing_key in the body",
    access: 'source',
    source: SOURCE,
    body: 'json',
    inputShape: pagerdutyEvent,
    output: { 202: pagerdutyAnswer },
    handle: (incoming) => receivePagerdutyEvent(incoming, deps, metrics),
  });
}

async function receivePagerdutyEvent(
  incoming: RouteRequest,
  deps: AppDeps,
  metrics: ServerMetrics,
): Promise<RouteResponse> {
  const config = deps.config();
  const setting = config.sources.get(SOURCE);
  if (!setting) throw new HttpProblem(404, `the source ${SOURCE} is not configured`);
  const event = eventOf(incoming, setting);
  const { message, action, dedupKey } = event;
  const context = { config, source: SOURCE, receivedAt: incoming.receivedAt } as const;
  const routedAlerts = toRoutedAlerts([message], context);
  const workflowIds =
    action === 'acknowledge'
      ? await addMachineNote(event, routedAlerts, deps)
      : await deps.gateway.report(routedAlerts);
  await feedByAlerts(watchdogBeats([message], context), deps.heartbeats);
  const status = action === 'trigger' ? 'firing' : action === 'resolve' ? 'resolved' : 'ignored';
  const isGuessed = action === 'trigger' && routedAlerts.some(({ declaration }) => declaration.severityGuessed);
  if (isGuessed) metrics.severityGuessed.inc({ source: SOURCE });
  metrics.alerts.inc({ source: SOURCE, status: routedAlerts.length > 0 ? status : 'ignored' });
  return {
    status: 202,
    json: {
      status: 'success',
      message: 'Event processed',
      dedup_key: dedupKey,
      incidents: workflowIds.map((workflowId) => ({ workflowId, url: incidentUrl(config, workflowId) })),
    },
  };
}

function eventOf({ req, body, receivedAt }: RouteRequest, setting: SourceSetting): PagerdutyEvent {
  const event = parsePagerdutyEvent(body, { receivedAt, key: routingKeyOf(req, body, setting) });
  if (!('problems' in event)) return event;
  const { extras, message } = invalidRequest(event.problems, 'this is not a valid Events API v2 event');
  // What PagerDuty's clients look for, beside our own members.
  const errors = event.problems.map((problem) => `${problem.at}: ${problem.message}`);
  throw new HttpProblem(400, message, { ...extras, members: { message: 'Event object is invalid', errors } });
}

/** The answer waits no longer for the note. */
const NOTE_TIMEOUT_MS = 1500;
const ACTOR_LIMIT = 100;

/** Notes the acknowledgement on the timeline of every incident that has the alert; resolves with those that took it. */
async function addMachineNote(
  { dedupKey, message }: PagerdutyEvent,
  routedAlerts: readonly RoutedAlerts[],
  { gateway, log }: AppDeps,
): Promise<readonly string[]> {
  const client = message.alerts[0]?.annotations['client'];
  const by = cleanLine(client ? `${SOURCE} (${client})` : SOURCE, ACTOR_LIMIT);
  const text = 'Acknowledged by a machine, not by a person: the escalation continues.';
  const requestId = `pagerduty-ack-${shortHash(dedupKey)}`;
  const notes = routedAlerts.map(async ({ declaration: { workflowId } }): Promise<string[]> => {
    try {
      await withTimeout(NOTE_TIMEOUT_MS, gateway.command(workflowId, { type: 'addNote', by, text, requestId }));
      return [workflowId];
    } catch (error) {
      log.info(
        { workflowId, why: error instanceof Error ? error.message : String(error) },
        'an acknowledgement by a machine was not noted',
      );
      return [];
    }
  });
  return (await Promise.all(notes)).flat();
}
