/**
 * Storms are folded at the edge: beyond a team's limit of new incidents in a minute, groups of alerts that have none
 * yet join the team's storm. SEV1, restricted groups and tests never join.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Config } from '../../../config/config.ts';
import { stormWorkflowIdFor } from '../../../config/correlation-key.ts';
import type { Records } from '../../../records/open-records.ts';
import { hasFallbackPageLink } from '../../delivery/fallback-paging/firing-id.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import type { IngestCounts } from '../../delivery/ingest-counts.ts';
import type { CircuitBreaker } from '../../delivery/circuit-breaker.ts';
import { isSuppressed } from '../maintenance/suppress.ts';
import { createKnownRuns } from './known-runs.ts';
import { startStormPoller } from './storm-poller.ts';
import { createNewIncidentRateLimiter } from './new-incident-rate-limiter.ts';
import { createStormRouting, isFiring, hasFiringSev1, type SendToWorkflow } from './storm-routing.ts';
import { createStormMembership } from './storm-membership.ts';
import { createRecentUnpagedIncidents } from './recent-unpaged-incidents.ts';
import { createServerCount } from './server-count.ts';

export interface Storms {
  /** Brings the alerts of one message for one incident where it belongs; the ids of the workflows that have it now. Throws what `send` throws. */
  route(routed: RoutedAlerts, send: SendToWorkflow): Promise<readonly string[]>;
  /** Where the alerts of one message for one incident that could not be brought yet will most likely go; null: nowhere, it opens nothing. */
  expectedWorkflowId(routed: RoutedAlerts): string | null;
  /** How many teams have a storm, as far as this server knows. */
  openCount(): number;
  close(): void;
}

/** What folding asks of a server. */
export interface StormSettings {
  readonly config: () => Config;
  /** Knows the other servers. May be away. */
  readonly records: Pick<Records, 'registerServer' | 'state'>;
  /** This server's name, the same after a restart and unlike any other's. */
  readonly server: string;
  /** A clock that never goes back, ms. */
  readonly now?: () => number;
}

export interface StormsParts extends StormSettings {
  readonly client: Client;
  readonly circuitBreaker: CircuitBreaker;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly counts: IngestCounts;
}

/** Every group is an incident of its own. */
export const noStorms: Storms = {
  route: async (routed, send) => ((await send(routed, 'start')) ? [routed.declaration.workflowId] : []),
  expectedWorkflowId: ({ alerts, declaration }) => (alerts.some(isFiring) ? declaration.workflowId : null),
  openCount: () => 0,
  close: () => undefined,
};

/** Watches in the background from now on. */
export function createStorms(parts: StormsParts): Storms {
  const { config, records, server, client, circuitBreaker, log, counts, now = () => performance.now() } = parts;
  const rateLimiter = createNewIncidentRateLimiter(now);
  const knownRuns = createKnownRuns(now);
  const membership = createStormMembership(now, log);
  const servers = createServerCount(records, server);
  const isOnlyServer = (): boolean => servers.count() === 1;
  const routeThroughStorm = createStormRouting({
    config,
    rateLimiter,
    knownRuns,
    membership,
    recentUnpaged: createRecentUnpagedIncidents(now),
    counts,
    isOnlyServer,
  });
  const teams = (): Iterable<string> => (config().storm.newIncidentsPerMinute === null ? [] : config().teams.keys());
  const stopPoller = startStormPoller({ client, circuitBreaker, membership, knownRuns, teams, now });

  /** This server's part of the new incidents a minute; null: no limit. */
  function limitFor({ test, restricted, team }: RoutedAlerts['declaration']): number | null {
    const { storm, teams: configured } = config();
    if (storm.newIncidentsPerMinute === null || test || restricted || !configured.has(team)) return null;
    return Math.ceil(storm.newIncidentsPerMinute / servers.count());
  }

  return {
    async route(routed, send) {
      const limit = hasFallbackPageLink(routed) ? null : limitFor(routed.declaration);
      return limit === null ? noStorms.route(routed, send) : routeThroughStorm(routed, send, limit);
    },
    expectedWorkflowId(routed) {
      const { team, workflowId } = routed.declaration;
      const own = noStorms.expectedWorkflowId(routed);
      const limit = limitFor(routed.declaration);
      if (own === null || limit === null || knownRuns.has(workflowId) || hasFiringSev1(routed) || isSuppressed(routed))
        return own;
      const stays = !membership.isMember(team, workflowId) && rateLimiter.hasRoom(team, workflowId, limit);
      return stays ? own : stormWorkflowIdFor(team);
    },
    openCount: () => membership.openCount(),
    close() {
      stopPoller();
      servers.close();
    },
  };
}
