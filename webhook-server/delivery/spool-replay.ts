/** Emptying the spool into Temporal, most severe first, whenever Temporal is there. */
import type { Logger } from 'pino';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { planReplay, type ReplayPlan } from './spool/replay-plan.ts';
import type { FallbackPaging } from './fallback-paging/fallback-paging.ts';
import type { SpooledCommand, SpooledAlerts, Spool } from './spool/spool.ts';
import type { IngestCounts } from './ingest-counts.ts';
import { classifyTemporalError, RejectedByTemporal, TemporalUnavailable } from './temporal-errors.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { DurableDelivery } from './durable-delivery.ts';
import type { KeptCommands } from '../incidents/kept-commands.ts';

export interface SpoolReplay {
  /** Begins unless it is under way; safe to call at any time. */
  trigger(): void;
  /** Resolves when the round under way has ended. */
  close(): Promise<void>;
}

export interface SpoolReplayParts {
  readonly spool: Spool;
  readonly circuitBreaker: CircuitBreaker;
  readonly durableDelivery: DurableDelivery;
  readonly fallbackPaging: Pick<FallbackPaging, 'claim' | 'delivered' | 'isPaged'>;
  readonly keptCommands: Pick<KeptCommands, 'deliver'>;
  /** Nothing is told before. Never rejects. */
  readonly ready: Promise<void>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly counts: IngestCounts;
}

const AT_ONCE = 16;
const AGAIN_AFTER_MS = 1000;

export function createSpoolReplay({
  spool,
  circuitBreaker,
  durableDelivery,
  fallbackPaging,
  keptCommands,
  ready,
  log,
  counts,
}: SpoolReplayParts): SpoolReplay {
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const mayContinue = (): boolean => !ended && circuitBreaker.allowsCalls();

  async function replayOnce(): Promise<void> {
    const startedAt = Date.now();
    const { alerts, commands } = await spool.backlog();
    const plan = planReplay(alerts, fallbackPaging.isPaged);
    for (const entry of plan.drop) await markReplayed(entry);
    const commandReplay = createCommandReplay(plan.deliver, commands, keptCommands);
    await commandReplay.deliverReady();
    const queue = plan.deliver.values();
    const replayNext = async (): Promise<void> => {
      for (const entry of queue) {
        if (!mayContinue()) return;
        if (await replayEntry(entry, plan)) await commandReplay.afterAlertsOf(entry.workflowId);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, replayNext));
    const summary = {
      delivered: plan.deliver.length,
      moot: plan.drop.length,
      left: spool.pendingCount(),
      tookMs: Date.now() - startedAt,
    };
    log.info(summary, 'spool replayed');
  }

  /** False when it stays. */
  async function replayEntry(entry: SpooledAlerts, plan: ReplayPlan<SpooledAlerts>): Promise<boolean> {
    try {
      const routed = plan.withoutCleared(await entry.read());
      // What was paged about it must be known before, and nothing must be paged about it meanwhile.
      const claim = await fallbackPaging.claim(routed);
      try {
        const declaration = { ...routed.declaration, spooledAt: routed.receivedAt };
        const { pages: alreadyPaged } = claim;
        await deliverOrDeadLetter({ ...routed, declaration, ...(alreadyPaged.length === 0 ? {} : { alreadyPaged }) });
        fallbackPaging.delivered(routed);
      } finally {
        claim.release();
      }
      await markReplayed(entry);
      return true;
    } catch (err) {
      // It stays, and its turn comes again.
      if (!(err instanceof TemporalUnavailable))
        log.error({ err }, 'a spooled alert could not be replayed; trying again');
      return false;
    }
  }

  async function deliverOrDeadLetter(routed: RoutedAlerts): Promise<void> {
    try {
      await durableDelivery.deliverToTemporal(routed);
    } catch (err) {
      const error = classifyTemporalError(err);
      if (!(error instanceof RejectedByTemporal)) throw error;
      await durableDelivery.deadLetter(routed, error);
    }
  }

  async function markReplayed(entry: SpooledAlerts): Promise<void> {
    await entry.done();
    counts.replayed += 1;
  }

  function trigger(): void {
    clearTimeout(timer);
    if (running !== null || !mayContinue() || spool.pendingCount() === 0) return;
    const before = counts.replayed;
    running = ready
      .then(replayOnce)
      .catch((err: unknown) => log.error({ err }, 'the spool could not be replayed; trying again'))
      .then(() => {
        running = null;
        if (ended || spool.pendingCount() === 0) return;
        timer = setTimeout(trigger, counts.replayed > before ? 0 : AGAIN_AFTER_MS);
        timer.unref();
      });
  }

  circuitBreaker.onRecovered(trigger);
  return {
    trigger,
    async close() {
      ended = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** What people said about groups, each told as soon as no alert of its group waits any more. */
function createCommandReplay(
  entries: readonly SpooledAlerts[],
  commands: readonly SpooledCommand[],
  keptCommands: Pick<KeptCommands, 'deliver'>,
) {
  const waiting = new Map<string, number>();
  for (const { workflowId } of entries) waiting.set(workflowId, (waiting.get(workflowId) ?? 0) + 1);
  const deliverAll = (ready: readonly SpooledCommand[]) => Promise.all(ready.map(keptCommands.deliver));
  return {
    deliverReady: () => deliverAll(commands.filter(({ workflowId }) => !waiting.has(workflowId))),
    async afterAlertsOf(workflowId: string): Promise<void> {
      const left = (waiting.get(workflowId) ?? 0) - 1;
      waiting.set(workflowId, left);
      if (left === 0) await deliverAll(commands.filter((one) => one.workflowId === workflowId));
    },
  };
}
