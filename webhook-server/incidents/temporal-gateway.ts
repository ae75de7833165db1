/** The implementation of `IncidentsGateway` over Temporal and the spool, composed from one file per concern. */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { type FallbackPaging, noFallbackPaging } from '../delivery/fallback-paging/fallback-paging.ts';
import type { IncidentsGateway } from './gateway.ts';
import { AlertDeduplication } from '../ingest/deduplicate.ts';
import type { Maintenance } from '../ingest/maintenance/suppress.ts';
import { Pipeline } from '../ingest/pipeline.ts';
import { FoldingStorms, noStorms, type StormSettings } from '../ingest/storm/storms.ts';
import { CircuitBreaker } from '../delivery/circuit-breaker.ts';
import { DeliverToTemporal } from '../delivery/deliver-to-temporal.ts';
import { DurableDelivery, zeroIngestCounts } from '../delivery/durable-delivery.ts';
import { SpoolReplay } from '../delivery/spool-replay.ts';
import type { Spool } from '../delivery/spool/spool.ts';
import { createDeclareIncident } from './declare-incident.ts';
import { createIncidentQueries } from './incident-queries.ts';
import { createKeptCommands } from './kept-commands.ts';
import { createRunningIncidents } from './running-incidents.ts';
import { createSendCommand } from './send-command.ts';

export interface TemporalGatewayParts {
  readonly client: Client;
  /** Opened by `openSpool`; the caller closes it after calling `close()` here. */
  readonly spool: Spool;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now?: () => number;
  /** The circuit breaker, when others use it as well; created here if absent. Closed here. */
  readonly circuitBreaker?: CircuitBreaker;
  /** Without it, every group is an incident of its own. */
  readonly storm?: StormSettings;
  /** Without it, nothing is suppressed. Closed by its creator. */
  readonly maintenance?: Pick<Maintenance, 'suppress'>;
  /** Without it, nobody is paged while Temporal is down. Closed here. */
  readonly fallbackPaging?: FallbackPaging;
}

export interface TemporalGateway extends IncidentsGateway {
  /**
   * Stops probing and replaying; takes up to 6 s while calls are late. Requests must have ended; the client must still
   * be open.
   */
  close(): Promise<void>;
}

/** Starts probing Temporal and replaying the spool at once. */
export function createTemporalGateway(parts: TemporalGatewayParts): TemporalGateway {
  const { client, spool, log, now = Date.now, circuitBreaker = new CircuitBreaker({ client, log }), storm } = parts;
  const { fallbackPaging = noFallbackPaging, maintenance } = parts;
  const counts = zeroIngestCounts();
  const deduplication = new AlertDeduplication(now);
  const storms = storm === undefined ? noStorms : new FoldingStorms({ ...storm, client, circuitBreaker, log, counts });
  const durableDelivery = new DurableDelivery({
    temporal: new DeliverToTemporal({
      client,
      circuitBreaker,
      now,
      onDelivered: (routedAlerts) => deduplication.delivered(routedAlerts),
    }),
    storms,
    spool,
    log,
    counts,
    onSpooled: (routed) => {
      fallbackPaging.spooled(routed);
      replay.trigger();
    },
    onDelivered: (routed) => fallbackPaging.delivered(routed),
  });
  const pipeline = new Pipeline({ maintenance, deduplication, fallbackPaging, storms, durableDelivery, counts });
  const queries = createIncidentQueries({ client, circuitBreaker });
  const running = createRunningIncidents({ client, circuitBreaker, queries, now });
  const declare = createDeclareIncident({ client, circuitBreaker, queries, now });
  const keptCommands = createKeptCommands({
    spool,
    fallbackPaging,
    log,
    now,
    send: createSendCommand({ client, circuitBreaker, queries }),
    isTemporalDown: () => !circuitBreaker.allowsCalls(),
    onKept: () => replay.trigger(),
  });
  const ready = loadSpoolIntoFallbackPaging(spool, fallbackPaging, log);
  const replay = new SpoolReplay({
    spool,
    circuitBreaker,
    durableDelivery,
    fallbackPaging,
    keptCommands,
    ready,
    log,
    counts,
  });

  return {
    async report(routedAlerts) {
      const delivered = await Promise.all(routedAlerts.map((one) => pipeline.deliverAlerts(one)));
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
    preview: (routed) => pipeline.preview(routed),
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

/** What waited in the spool before this process started: nobody may have been paged about it yet. */
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
