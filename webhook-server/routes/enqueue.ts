/**
 * PagerDuty's Events API v2, at its own address and in its own words. A trigger and a resolution are alerts like any
 * other; a machine's acknowledgement stops no chain, and is only noted.
 */
import type { SourceSetting } from '../../config/config.ts';
import type { AppDeps } from '../deps.ts';
import type { RoutedAlerts } from '../gateway.ts';
import { HttpProblem, invalid } from '../http/problem.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import { within } from '../incidents/deadline.ts';
import { toRoutedAlerts } from '../intake.ts';
import type { Metrics } from '../metrics.ts';
import { routingKeyOf } from '../security/source-auth.ts';
import { cleanLine } from '../sources/clean.ts';
import { shortHash } from '../sources/fingerprint.ts';
import { readEvent, type PagerdutyEvent } from '../sources/pagerduty-events.ts';
import { incidentUrl } from './present.ts';

const SOURCE = 'pagerdutyEvents';

export function enqueueRoute(deps: AppDeps, metrics: Metrics): Route {
  return {
    method: 'POST',
    path: '/v2/enqueue',
    access: 'source',
    source: SOURCE,
    body: 'json',
    handle: (incoming) => enqueue(incoming, deps, metrics),
  };
}

async function enqueue(incoming: Incoming, deps: AppDeps, metrics: Metrics): Promise<Answer> {
  const config = deps.config();
  const setting = config.sources.get(SOURCE);
  if (!setting) throw new HttpProblem(404, `the source ${SOURCE} is not configured`);
  const event = eventOf(incoming, setting);
  const { message, action, dedupKey } = event;
  const routedAlerts = toRoutedAlerts([message], { config, source: SOURCE, receivedAt: incoming.receivedAt });
  const told =
    action === 'acknowledge' ? await note(event, routedAlerts, deps) : await deps.gateway.report(routedAlerts);
  const status = action === 'trigger' ? 'firing' : action === 'resolve' ? 'resolved' : 'ignored';
  metrics.alerts.inc({ source: SOURCE, status: routedAlerts.length > 0 ? status : 'ignored' });
  return {
    status: 202,
    json: {
      status: 'success',
      message: 'Event processed',
      dedup_key: dedupKey,
      incidents: told.map((workflowId) => ({ workflowId, url: incidentUrl(config, workflowId) })),
    },
  };
}

function eventOf({ req, body, receivedAt }: Incoming, setting: SourceSetting): PagerdutyEvent {
  const event = readEvent(body, { receivedAt, key: routingKeyOf(req, body, setting) });
  if (!('problems' in event)) return event;
  const { extras, message } = invalid(event.problems, 'this is no event of the Events API v2');
  // The words that PagerDuty's clients look for, beside ours.
  const errors = event.problems.map((problem) => `${problem.at}: ${problem.message}`);
  throw new HttpProblem(400, message, { ...extras, members: { message: 'Event object is invalid', errors } });
}

/** The answer to a machine waits no longer for a note. */
const NOTED_WITHIN_MS = 1500;
const WHO_LIMIT = 100;

/**
 * Writes the acknowledgement on the timeline of whatever incident has the alert; resolves with those that took it.
 * Never fails: nothing hangs on a note.
 */
async function note(
  { dedupKey, message }: PagerdutyEvent,
  routedAlerts: readonly RoutedAlerts[],
  { gateway, log }: AppDeps,
): Promise<readonly string[]> {
  const client = message.alerts[0]?.annotations['client'];
  const by = cleanLine(client ? `${SOURCE} (${client})` : SOURCE, WHO_LIMIT);
  const text = 'Acknowledged by a machine. Nobody has taken it by that: the chain goes on.';
  const requestId = `pagerduty-ack-${shortHash(dedupKey)}`;
  const noted = routedAlerts.map(async ({ opening: { workflowId } }): Promise<string[]> => {
    try {
      await within(NOTED_WITHIN_MS, gateway.command(workflowId, { type: 'addNote', by, text, requestId }));
      return [workflowId];
    } catch (error) {
      log.info({ workflowId, why: error instanceof Error ? error.message : String(error) }, 'no note of a machine');
      return [];
    }
  });
  return (await Promise.all(noted)).flat();
}
