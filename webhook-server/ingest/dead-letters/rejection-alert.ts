/**
 * Alerts people when a sender's messages are rejected: senders do not retry a 4xx, so an unnoticed rejection is a page
 * that never comes. One incident for each source and reason; a person closes it.
 */
import type { Logger } from 'pino';
import type { Config } from '../../../config/config.ts';
import { workflowIdFor } from '../../../config/routing.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import { canonicalJson, digestOf } from '../../../runtime/digests.ts';
import type { IncidentsGateway, RoutedAlerts } from '../../incidents/gateway.ts';
import { cachedPolicy, declarationOf, newUlid } from '../declaration.ts';

/** The source of alerts that Tocsin raises about itself. */
const SELF_SOURCE = 'tocsin';
const EVERY_MS = 10 * 60_000;
const AGAIN_AFTER_FAILURE_MS = 60_000;

export interface RejectionReport {
  readonly source: SourceName;
  /** A short reason of ours, never from the message. */
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface RejectionAlertParts {
  readonly config: () => Config;
  readonly gateway: Pick<IncidentsGateway, 'report'>;
  readonly log: Pick<Logger, 'error'>;
}

export class RejectionAlert {
  private readonly parts: RejectionAlertParts;
  /** One for each source and reason; neither comes from outside. */
  private readonly quietUntil = new Map<string, number>();

  constructor(parts: RejectionAlertParts) {
    this.parts = parts;
  }

  /** Returns at once and never throws; at most one report in ten minutes for each source and reason. */
  raise(rejection: RejectionReport): void {
    const key = canonicalJson([rejection.source, rejection.reason]);
    if (rejection.at < (this.quietUntil.get(key) ?? -Infinity)) return;
    this.quietUntil.set(key, rejection.at + EVERY_MS);
    void this.report(rejection, key);
  }

  private async report(rejection: RejectionReport, key: string): Promise<void> {
    const { config, gateway, log } = this.parts;
    const { source, reason, at } = rejection;
    try {
      await gateway.report([routedAlertsOf(config(), rejection)]);
    } catch (err) {
      this.quietUntil.set(key, at + AGAIN_AFTER_FAILURE_MS);
      log.error({ err, source, reason }, 'nobody could be told that messages are rejected');
    }
  }
}

function routedAlertsOf(config: Config, { source, reason, at }: RejectionReport): RoutedAlerts {
  const team = defaultTeam(config);
  const identity = [SELF_SOURCE, 'refused', source, reason];
  const title = `Messages from ${source} are rejected (${reason})`;
  const summary =
    `A sender with a valid credential sends messages that cannot be read (${reason}) and may not send them again: ` +
    'their alerts reached nobody. The latest messages are kept in the folder "rejected" of the state directory.';
  const alert = {
    fingerprint: digestOf(identity, 16),
    status: 'firing',
    // Each report is a new firing: once somebody has closed the incident, the next one is a recurrence.
    startsAt: at,
    startGuessed: false,
    endsAt: null,
    severity: 'SEV3',
    title,
    labels: { alertname: 'TocsinRefusesMessages', source, reason },
    annotations: { summary },
    links: {},
  } as const;
  const declaration = declarationOf({
    workflowId: workflowIdFor(team, canonicalJson(identity)),
    incidentId: newUlid(at),
    title,
    summary,
    severity: 'SEV3',
    team,
    source: SELF_SOURCE,
    policy: cachedPolicy(config, team, null),
  });
  const staleAfterMs = 3 * EVERY_MS;
  return { declaration, alerts: [alert], source: SELF_SOURCE, receivedAt: at, staleAfterMs, truncated: 0 };
}

/** The team of the default route; the configuration check guarantees that there is one. */
function defaultTeam({ routes }: Config): string {
  const route = routes.findLast(({ match }) => match.size === 0) ?? routes.at(-1);
  if (!route) throw new Error('the configuration has no route');
  return route.team;
}
