/**
 * Tells people that a sender's messages are refused: senders do not send again what was answered with a 4xx, so a
 * refusal that nobody hears of is a page that never comes. One incident for each source and reason; a person closes it.
 */
import type { Logger } from 'pino';
import type { Config } from '../../../config/config.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import { canonicalJson, digestOf } from '../../../runtime/canonical-json.ts';
import { workflowIdFor } from '../../../config/correlation-key.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { IncidentsGateway, RoutedAlerts } from '../../incidents/gateway.ts';
import { newUlid } from '../declaration.ts';
import { cachedPolicy } from '../declaration.ts';

/** Who speaks when Tocsin itself has something to say. */
const SELF_SOURCE = 'tocsin';
const EVERY_MS = 10 * 60_000;
const AGAIN_AFTER_FAILURE_MS = 60_000;

export interface RejectionReport {
  readonly source: SourceName;
  /** A short word of ours, never from the message. */
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface RejectionAlert {
  /** Returns at once and never throws; at most one report in ten minutes for each source and reason. */
  raise(refusal: RejectionReport): void;
}

export function createRejectionAlert({
  config,
  gateway,
  log,
}: {
  readonly config: () => Config;
  readonly gateway: Pick<IncidentsGateway, 'report'>;
  readonly log: Pick<Logger, 'error'>;
}): RejectionAlert {
  // As many as there are sources and reasons: neither comes from outside.
  const quietUntil = new Map<string, number>();

  async function report(refusal: RejectionReport, key: string): Promise<void> {
    try {
      await gateway.report([routedAlertsOf(config(), refusal)]);
    } catch (err) {
      quietUntil.set(key, refusal.at + AGAIN_AFTER_FAILURE_MS);
      log.error({ err, source: refusal.source, reason: refusal.reason }, 'nobody could be told of refused messages');
    }
  }

  return {
    raise(refusal) {
      const key = canonicalJson([refusal.source, refusal.reason]);
      if (refusal.at < (quietUntil.get(key) ?? -Infinity)) return;
      quietUntil.set(key, refusal.at + EVERY_MS);
      void report(refusal, key);
    },
  };
}

function routedAlertsOf(config: Config, { source, reason, at }: RejectionReport): RoutedAlerts {
  const team = defaultTeam(config);
  const identity = [SELF_SOURCE, 'refused', source, reason];
  const title = `Messages of ${source} are refused (${reason})`;
  const summary =
    `A sender with a right credential sends what cannot be taken (${reason}) and may not send it again: the alerts in ` +
    'it reached nobody. The latest of these messages are kept in the folder "rejected" of the state directory.';
  const alert: AlertReport = {
    fingerprint: digestOf(identity, 16),
    status: 'firing',
    // Each report is news: after somebody has closed the incident, the next one is a recurrence.
    startsAt: at,
    startGuessed: false,
    endsAt: null,
    severity: 'SEV3',
    title,
    labels: { alertname: 'TocsinRefusesMessages', source, reason },
    annotations: { summary },
    links: {},
  };
  return {
    declaration: {
      workflowId: workflowIdFor(team, canonicalJson(identity)),
      incidentId: newUlid(at),
      title,
      summary,
      severity: 'SEV3',
      severityGuessed: false,
      team,
      service: null,
      component: null,
      source: SELF_SOURCE,
      declaredBy: null,
      declarerIsOnCall: false,
      test: false,
      restricted: false,
      policy: cachedPolicy(config, team, null),
      spooledAt: null,
      recurrenceOf: null,
    },
    alerts: [alert],
    source: SELF_SOURCE,
    receivedAt: at,
    staleAfterMs: 3 * EVERY_MS,
    truncated: 0,
  };
}

/** Of the route that takes what no other does; the configuration check sees to it that there is one. */
function defaultTeam({ routes }: Config): string {
  const route = routes.findLast(({ match }) => match.size === 0) ?? routes.at(-1);
  if (!route) throw new Error('the configuration has no route');
  return route.team;
}
