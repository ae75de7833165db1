/**
 * Incidents over Temporal and the spool: the implementation of `IncidentsGateway`, put together from one file for each
 * of its duties.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { FallbackPaging } from '../delivery/fallback-paging/fallback-paging.ts';
import { noFallbackPaging } from '../delivery/fallback-paging/no-fallback-paging.ts';
import type { IncidentsGateway, RoutedAlerts } from './gateway.ts';
import { createSendCommand } from './send-command.ts';
import { zeroIngestCounts } from '../delivery/ingest-counts.ts';
import { createDeclareIncident } from './declare-incident.ts';
import { createDeliverToTemporal, type DeliverToTemporal } from '../delivery/deliver-to-temporal.ts';
import { createCircuitBreaker, type CircuitBreaker } from '../delivery/circuit-breaker.ts';
import { createDurableDelivery } from '../delivery/durable-delivery.ts';
import { createKeptCommands } from './kept-commands.ts';
import { createIncidentQueries } from './incident-queries.ts';
import { createAlertDeduplication, type AlertDeduplication } from '../ingest/deduplicate.ts';
import { createSpoolReplay } from '../delivery/spool-replay.ts';
import { createRunningIncidents } from './running-incidents.ts';
import { createResolvedBeforeFiring } from '../delivery/tombstones.ts';
import { isSuppressed } from '../ingest/maintenance/suppress.ts';
import type { Maintenance } from '../ingest/maintenance/maintenance.ts';
import type { Spool } from '../delivery/spool/spool.ts';
import { createStorms, noStorms, type StormSettings } from '../ingest/storm/storms.ts';

export interface TemporalGatewayParts {
  readonly client: Client;
  /** Opened by `openSpool`; closed by whoever opened it, after `close()` here. */
  readonly spool: Spool;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now?: () => number;
  /** Where others ask as well whether Temporal answers; one of its own unless given. Closed here. */
  readonly circuitBreaker?: CircuitBreaker;
  /** Without it, every group is an incident of its own. */
  readonly storm?: StormSettings;
  /** Without it, nothing is held back. Closed by whoever made it. */
  readonly maintenance?: Pick<Maintenance, 'suppress'>;
  /** Without it, nobody is paged while Temporal is away. Closed here. */
  readonly fallbackPaging?: FallbackPaging;
}

export interface TemporalGateway extends IncidentsGateway {
  /** Stops probing and replaying; up to 6 s while calls are late. Requests must have ended, the client must not have. */
  close(): Promise<void>;
}

/** Starts probing Temporal and replaying the spool at once. */
export function createTemporalGateway(parts: TemporalGatewayParts): TemporalGateway {
  const { client, spool, log, now = Date.now, circuitBreaker = createCircuitBreaker({ client, log }), storm } = parts;
  const { fallbackPaging = noFallbackPaging, maintenance } = parts;
  const counts = zeroIngestCounts();
  const deduplication = createAlertDeduplication(now);
  const deliver = rememberingDelivered(
    deduplication,
    createDeliverToTemporal({ client, circuitBreaker, resolvedBeforeFiring: createResolvedBeforeFiring(now) }),
  );
  const storms = storm === undefined ? noStorms : createStorms({ ...storm, client, circuitBreaker, log, counts });
  const onSpooled = (routed: RoutedAlerts): void => {
    fallbackPaging.spooled(routed);
    replay.trigger();
  };
  const durableDelivery = createDurableDelivery({
    deliver,
    storms,
    spool,
    log,
    counts,
    onSpooled,
    onDelivered: fallbackPaging.delivered,
  });
  const queries = createIncidentQueries({ client, circuitBreaker });
  const running = createRunningIncidents({ client, circuitBreaker, queries, now });
  const declare = createDeclareIncident({ client, circuitBreaker, queries, now });
  const keptCommands = createKeptCommands({
    ...{ spool, fallbackPaging, log, now },
    send: createSendCommand({ client, circuitBreaker, queries }),
    isTemporalDown: () => !circuitBreaker.allowsCalls(),
    onKept: () => replay.trigger(),
  });
  const ready = loadSpoolIntoFallbackPaging(spool, fallbackPaging, log);
  const replay = createSpoolReplay({
    spool,
    circuitBreaker,
    durableDelivery,
    fallbackPaging,
    keptCommands,
    ready,
    log,
    counts,
  });

  /** A live alert may overtake the replay of what the edge paged about it. */
  const withAlreadyPaged = (routed: RoutedAlerts): RoutedAlerts => {
    const alreadyPaged = fallbackPaging.pagesOf(routed);
    return alreadyPaged.length === 0 ? routed : { ...routed, alreadyPaged };
  };

  async function report(routed: RoutedAlerts): Promise<readonly string[]> {
    const delivered =
      deduplication.workflowsThatKnow(routed) ?? (await durableDelivery.makeDurable(withAlreadyPaged(routed)));
    if (!isSuppressed(routed)) return delivered;
    counts.suppressed += 1;
    return []; // there is no incident that a sender could be shown
  }

  return {
    async report(routedAlerts) {
      const delivered = await Promise.all(routedAlerts.map(async (one) => report(maintenance?.suppress(one) ?? one)));
      const workflowIds = [...new Set(delivered.flat())];
      workflowIds.forEach(running.noteStarted);
      return workflowIds;
    },
    declare(opening) {
      running.noteStarted(opening.workflowId);
      return declare(opening);
    },
    running: running.readRunning,
    command: keptCommands.send,
    pendingGroup: (workflowId) => fallbackPaging.pendingGroup(workflowId),
    show: (workflowId, incidentId) => queries.show(workflowId, { ...(incidentId === undefined ? {} : { incidentId }) }),
    timeline: queries.timeline,
    explain: queries.explain,
    expectedWorkflowId: (routed) => storms.expectedWorkflowId(routed),
    async state() {
      await circuitBreaker.firstProbe;
      return {
        temporal: circuitBreaker.allowsCalls() ? 'up' : 'down',
        spool: (await spool.writable()) ? 'writable' : 'unwritable',
        spooled: spool.pendingCount(),
        storms: storms.openCount(),
      };
    },
    counts: () => ({ ...counts, corruptSpoolLines: spool.corruptCount() }),
    async close() {
      storms.close();
      await Promise.all([circuitBreaker.close(), replay.close()]);
      await fallbackPaging.close();
    },
  };
}

/** What waited in the spool before this process: nobody may have been paged about it yet. */
async function loadSpoolIntoFallbackPaging(
  spool: Spool,
  fallbackPaging: FallbackPaging,
  log: TemporalGatewayParts['log'],
): Promise<void> {
  if (fallbackPaging === noFallbackPaging || spool.pendingCount() === 0) return;
  try {
    const { commands } = await spool.backlog((routed) => fallbackPaging.spooled(routed, 'again'));
    for (const { workflowId } of commands) fallbackPaging.acknowledged(workflowId);
  } catch (err) {
    log.error({ err }, 'the spool could not be read: nobody is paged about what waits in it until Temporal is back');
  }
}

function rememberingDelivered(deduplication: AlertDeduplication, deliver: DeliverToTemporal): DeliverToTemporal {
  return async (routedAlerts, mode) => {
    const delivered = await deliver(routedAlerts, mode);
    if (delivered) deduplication.delivered(routedAlerts);
    return delivered;
  };
}
