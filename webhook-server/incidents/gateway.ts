/**
 * The incidents as the HTTP routes see them, over Temporal and the spool: the only way from a request to a workflow.
 * Every call is bounded in time.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { AlertBatch, AlertReport, FallbackPage, StormGroup } from '../../domain/kernel/alert.ts';
import type { Command } from '../../domain/kernel/commands.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { CircuitBreaker } from '../delivery/circuit-breaker.ts';
import { DeliverToTemporal } from '../delivery/deliver-to-temporal.ts';
import { DurableDelivery, zeroIngestCounts } from '../delivery/durable-delivery.ts';
import { type FallbackPaging, noFallbackPaging } from '../delivery/fallback-paging/fallback-paging.ts';
import { SpoolReplay } from '../delivery/spool-replay.ts';
import { UnknownEnds } from '../delivery/unknown-ends.ts';
import type { Spool } from '../delivery/spool/spool.ts';
import { AlertOwners, type AlertOwnersParts } from '../ingest/alert-owners.ts';
import { AlertDeduplication } from '../ingest/deduplicate.ts';
import type { Maintenance } from '../ingest/maintenance/windows.ts';
import { Pipeline } from '../ingest/pipeline.ts';
import { FoldingStorms, noStorms, type StormSettings } from '../ingest/storm/storms.ts';
import { declareIncident } from './declare-incident.ts';
import { IncidentQueries } from './incident-queries.ts';
import { KeptCommands } from './kept-commands.ts';
import { RunningIncidentsReader } from './running-incidents.ts';
import { CommandSender } from './send-command.ts';

/** Alerts of one message that belong to one incident, and the declaration to use if they open it. */
export interface RoutedAlerts extends Pick<AlertBatch, 'lateCopyMs' | 'messageGroup' | 'listed'> {
  readonly declaration: Declaration;
  readonly alerts: readonly AlertReport[];
  readonly source: string;
  readonly receivedAt: number;
  readonly staleAfterMs: number;
  readonly truncated: number;
  /** In a storm: the groups to which its alerts belong. */
  readonly groups?: readonly StormGroup[];
  /** Runs that hold these alerts, where these are not that of the declaration: they are signalled instead. */
  readonly heldBy?: readonly string[];
  /** Ends that the run of their group has, though nothing says that it holds their alerts: another may. */
  readonly isToldToGroup?: boolean;
  /** Fallback pages sent about these alerts while Temporal was down. */
  readonly alreadyPaged?: readonly FallbackPage[];
}

export interface GatewayState {
  readonly temporal: 'up' | 'down';
  readonly spool: 'writable' | 'unwritable';
  /** Routed alerts waiting in the spool. */
  readonly spooled: number;
  /** Teams with an open storm. */
  readonly storms: number;
}

export interface TemporalGatewayParts {
  readonly client: Client;
  /** Opened by `openSpool`; the caller closes it after calling `close()` here. */
  readonly spool: Spool;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now?: () => number;
  /** What a person is called, for answers; without it, by their key. */
  readonly nameOf?: (person: string) => string;
  /** The circuit breaker, when others use it as well; created here if absent. Closed here. */
  readonly circuitBreaker?: CircuitBreaker;
  /** Asks the records which runs hold alerts; without it alerts stay with their group, whoever holds them. */
  readonly recordedOwners?: Pick<AlertOwnersParts, 'find' | 'findAll'>;
  /** Keeps ends that no run is known to hold; without it they are dropped. Closed as `spool` is. */
  readonly endsSpool?: Spool;
  /** Without it, every group is an incident of its own. */
  readonly storm?: StormSettings;
  /** Without it, nothing is suppressed. Closed by its creator. */
  readonly maintenance?: Pick<Maintenance, 'suppress'>;
  /** Without it, nobody is paged while Temporal is down. Closed here. */
  readonly fallbackPaging?: FallbackPaging;
}

export type TemporalGateway = ReturnType<typeof createTemporalGateway>;
export type IncidentsGateway = Omit<TemporalGateway, 'close'>;

const nothing = (): Promise<readonly []> => Promise.resolve([]);
const NO_OWNERS = { find: nothing, findAll: nothing };

/** Starts probing Temporal and replaying the spool at once. */
export function createTemporalGateway(parts: TemporalGatewayParts) {
  const { client, spool, log, now = Date.now, circuitBreaker = new CircuitBreaker({ client, log }), storm } = parts;
  const { fallbackPaging = noFallbackPaging, maintenance } = parts;
  const counts = zeroIngestCounts();
  const storms = storm === undefined ? noStorms : new FoldingStorms({ ...storm, client, circuitBreaker, log, counts });
  const isAlone = (): boolean => storm?.servers.isAlone() ?? false;
  const deduplication = new AlertDeduplication({ isAlone, now });
  const { recordedOwners } = parts;
  const owners = new AlertOwners(
    recordedOwners === undefined ? { ...NO_OWNERS, isAlone, now, limit: 0 } : { ...recordedOwners, isAlone, now },
  );
  const onDelivered = (routedAlerts: readonly RoutedAlerts[]): void => {
    deduplication.delivered(routedAlerts);
    owners.delivered(routedAlerts);
  };
  const durableDelivery = new DurableDelivery({
    temporal: new DeliverToTemporal({ client, circuitBreaker, now, onDelivered }),
    storms,
    spool,
    log,
    counts,
    onNotHeld: (workflowId, routed) => owners.forget(workflowId, routed),
    onSpooled: (routed) => {
      fallbackPaging.spooled(routed);
      replay.trigger();
    },
    onDelivered: (routed) => fallbackPaging.delivered(routed),
  });
  const unknownEnds =
    parts.endsSpool &&
    new UnknownEnds({ spool: parts.endsSpool, deliver: (ends) => pipeline.retryEnds(ends), log, counts, now });
  const keepEnds = (routed: RoutedAlerts): Promise<void> => unknownEnds?.keep(routed) ?? Promise.resolve();
  const delivering = { deduplication, fallbackPaging, storms, owners, durableDelivery, keepEnds, counts };
  const pipeline = new Pipeline({ maintenance, ...delivering });
  const recentRuns = new RecentRuns(now);
  const queries = new IncidentQueries(client, circuitBreaker);
  const running = new RunningIncidentsReader({ client, circuitBreaker, queries, recentRuns });
  const sender = new CommandSender({ client, circuitBreaker, queries, nameOf: parts.nameOf });
  const keptCommands = new KeptCommands({
    spool,
    fallbackPaging,
    log,
    now,
    send: (workflowId, command) => sender.send(workflowId, command),
    isTemporalDown: () => !circuitBreaker.allowsCalls(),
    onKept: () => replay.trigger(),
  });
  const ready = loadSpoolIntoFallbackPaging(spool, fallbackPaging, log);
  const deliver = (routed: RoutedAlerts): Promise<void> => pipeline.redeliver(routed);
  const replaying = { spool, circuitBreaker, deliver, fallbackPaging, keptCommands, ready, log, counts };
  const replay = new SpoolReplay(replaying);

  return {
    /**
     * Makes routed alerts durable, in Temporal or in the spool. Resolves with the ids of the workflows that were
     * started or signalled (none for a resolved alert without an incident, which is tried again for ten minutes). Throws `NotDurable` within 5 s.
     */
    async report(routedAlerts: readonly RoutedAlerts[]): Promise<readonly string[]> {
      const workflowIds = await pipeline.deliverMessage(routedAlerts);
      for (const workflowId of workflowIds) recentRuns.add(workflowId);
      return workflowIds;
    },
    /** Tells whole messages to runs that hold an alert which they no longer list. Resolves with their ids. */
    reportAbsences: (wholeMessages: readonly RoutedAlerts[], told: ReadonlySet<string>) =>
      pipeline.reportAbsences(wholeMessages, told),
    /** For a person. The same workflow id returns the existing incident. Throws `IncidentsUnavailable`. */
    declare(declaration: Declaration): Promise<IncidentView> {
      recentRuns.add(declaration.workflowId);
      return declareIncident(declaration, { client, circuitBreaker, queries, at: now() });
    },
    /**
     * Throws `CommandRefused`, `UnknownIncident` or `IncidentsUnavailable`. `pending`: durable, but no worker has
     * processed it yet.
     */
    command: (workflowId: string, command: Command): Promise<CommandAnswer | 'pending'> =>
      command.type === 'acknowledge' ? keptCommands.acknowledge(workflowId, command) : sender.send(workflowId, command),
    /** The newest incident unless another is named. Throws `UnknownIncident` or `IncidentsUnavailable`. */
    show: (workflowId: string, incidentId?: string) => queries.show(workflowId, { incidentId }),
    timeline: (workflowId: string, incidentId?: string) => queries.timeline(workflowId, incidentId),
    /** Who is paged next and why, or why nobody is. Throws as `show` does. */
    explain: (workflowId: string, incidentId?: string) => queries.explain(workflowId, incidentId),
    /**
     * The incidents that have a run in Temporal, as many as can be read in 2 s; some may be over. Throws
     * `IncidentsUnavailable`.
     */
    running: () => running.read(),
    /** What `report` would do with routed alerts now. */
    preview: (routed: RoutedAlerts) => pipeline.preview(routed),
    /** What is known about a group whose alerts wait in the spool; null: none wait. */
    pendingGroup: (workflowId: string) => fallbackPaging.pendingGroup(workflowId),
    /** For `/readyz` and `/metrics`. */
    async state(): Promise<GatewayState> {
      await circuitBreaker.firstProbe;
      return {
        temporal: circuitBreaker.allowsCalls() ? 'up' : 'down',
        spool: (await spool.writable()) ? 'writable' : 'unwritable',
        spooled: spool.pendingCount(),
        storms: storms.openCount(),
      };
    },
    /** For `/metrics`: since the start. `corruptSpoolLines`: those that could not be read. */
    counts: () => ({ ...counts, corruptSpoolLines: spool.corruptCount() }),
    /**
     * Stops probing and replaying; takes up to 6 s while calls are late. Requests must have ended; the client must
     * still be open.
     */
    async close(): Promise<void> {
      storms.close();
      await Promise.all([circuitBreaker.close(), replay.close(), unknownEnds?.close()]);
      await fallbackPaging.close();
    },
  };
}

/** Temporal's visibility has caught up by then. */
const RECENT_MS = 30_000;
const MAX_RECENT_RUNS = 500;

/** Runs that this server has just started or signalled, which visibility may list only a moment later. */
export class RecentRuns {
  /** Workflow id → when, oldest first. */
  private readonly added = new Map<string, number>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  add(workflowId: string): void {
    this.added.delete(workflowId); // moves it to the end
    this.added.set(workflowId, this.now());
    for (const [oldest, at] of this.added) {
      if (this.added.size <= MAX_RECENT_RUNS && this.isRecent(at)) break;
      this.added.delete(oldest);
    }
  }

  all(): readonly string[] {
    return [...this.added].flatMap(([workflowId, at]) => (this.isRecent(at) ? [workflowId] : []));
  }

  private isRecent(at: number): boolean {
    return at > this.now() - RECENT_MS;
  }
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
