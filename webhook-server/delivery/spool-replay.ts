/** Empties the spool into Temporal, most severe first, whenever Temporal answers. */
import type { Logger } from 'pino';
import type { KeptCommands } from '../incidents/kept-commands.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { type Circuit, TemporalUnavailable } from './circuit-breaker.ts';
import type { DurableDelivery, IngestCounts } from './durable-delivery.ts';
import type { FallbackPaging } from './fallback-paging/fallback-paging.ts';
import { planReplay, type ReplayPlan } from './spool/replay-plan.ts';
import type { SpooledCommand, SpooledAlerts, Spool } from './spool/spool.ts';

export interface SpoolReplayParts {
  readonly spool: Pick<Spool, 'backlog' | 'pendingCount'>;
  readonly circuitBreaker: Circuit;
  readonly durableDelivery: Pick<DurableDelivery, 'deliverOrDeadLetter'>;
  readonly fallbackPaging: Pick<FallbackPaging, 'claim' | 'delivered' | 'isPaged'>;
  readonly keptCommands: Pick<KeptCommands, 'deliver'>;
  /** The replay waits for this. Never rejects. */
  readonly ready: Promise<void>;
  readonly log: Pick<Logger, 'info' | 'error'>;
  readonly counts: Pick<IngestCounts, 'replayed'>;
}

const AT_ONCE = 16;
const AGAIN_AFTER_MS = 1000;

export class SpoolReplay {
  private readonly parts: SpoolReplayParts;
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(parts: SpoolReplayParts) {
    this.parts = parts;
    parts.circuitBreaker.onRecovered(() => this.trigger());
  }

  /** Starts a replay unless one is running; safe to call at any time. */
  trigger(): void {
    const { spool, counts, ready, log } = this.parts;
    clearTimeout(this.timer);
    if (this.running !== null || !this.mayContinue() || spool.pendingCount() === 0) return;
    const before = counts.replayed;
    this.running = ready
      .then(() => this.replayOnce())
      .catch((err: unknown) => log.error({ err }, 'the spool could not be replayed; trying again'))
      .then(() => {
        this.running = null;
        if (this.ended || spool.pendingCount() === 0) return;
        this.timer = setTimeout(() => this.trigger(), counts.replayed > before ? 0 : AGAIN_AFTER_MS);
        this.timer.unref();
      });
  }

  /** Resolves when the running replay has stopped. */
  async close(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private mayContinue(): boolean {
    return !this.ended && this.parts.circuitBreaker.allowsCalls();
  }

  private async replayOnce(): Promise<void> {
    const { spool, fallbackPaging, keptCommands, log } = this.parts;
    const startedAt = Date.now();
    const { alerts, commands } = await spool.backlog();
    const plan = planReplay(alerts, fallbackPaging.isPaged);
    for (const entry of plan.drop) await this.markReplayed(entry);
    const commandReplay = new CommandReplay(plan.deliver, commands, keptCommands);
    await commandReplay.deliverReady();
    const queue = plan.deliver.values();
    const replayNext = async (): Promise<void> => {
      for (const entry of queue) {
        if (!this.mayContinue()) return;
        if (await this.replayEntry(entry, plan)) await commandReplay.afterAlertsOf(entry.workflowId);
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

  /** False when the entry stays in the spool. */
  private async replayEntry(entry: SpooledAlerts, plan: ReplayPlan<SpooledAlerts>): Promise<boolean> {
    const { fallbackPaging, durableDelivery, log } = this.parts;
    try {
      const routed = plan.withoutCleared(await entry.read());
      // Temporal must learn which pages went out about it, and no page may go out meanwhile.
      const claim = await fallbackPaging.claim(routed);
      try {
        const declaration = { ...routed.declaration, spooledAt: routed.receivedAt };
        const paged: Partial<RoutedAlerts> = claim.pages.length === 0 ? {} : { alreadyPaged: claim.pages };
        await durableDelivery.deliverOrDeadLetter({ ...routed, declaration, ...paged });
        fallbackPaging.delivered(routed);
      } finally {
        claim.release();
      }
      await this.markReplayed(entry);
      return true;
    } catch (err) {
      // It stays in the spool for the next replay.
      if (!(err instanceof TemporalUnavailable))
        log.error({ err }, 'spooled alerts could not be replayed; trying again');
      return false;
    }
  }

  private async markReplayed(entry: SpooledAlerts): Promise<void> {
    await entry.done();
    this.parts.counts.replayed += 1;
  }
}

/** Commands about groups, each delivered as soon as the spool has no more alerts of its group. */
class CommandReplay {
  private readonly waiting = new Map<string, number>();
  private readonly commands: readonly SpooledCommand[];
  private readonly keptCommands: Pick<KeptCommands, 'deliver'>;

  constructor(
    entries: readonly SpooledAlerts[],
    commands: readonly SpooledCommand[],
    keptCommands: Pick<KeptCommands, 'deliver'>,
  ) {
    this.commands = commands;
    this.keptCommands = keptCommands;
    for (const { workflowId } of entries) this.waiting.set(workflowId, (this.waiting.get(workflowId) ?? 0) + 1);
  }

  deliverReady(): Promise<unknown> {
    return this.deliverWhere(({ workflowId }) => !this.waiting.has(workflowId));
  }

  async afterAlertsOf(workflowId: string): Promise<void> {
    const left = (this.waiting.get(workflowId) ?? 0) - 1;
    this.waiting.set(workflowId, left);
    if (left === 0) await this.deliverWhere((command) => command.workflowId === workflowId);
  }

  private deliverWhere(isReady: (command: SpooledCommand) => boolean): Promise<unknown> {
    return Promise.all(this.commands.filter(isReady).map((command) => this.keptCommands.deliver(command)));
  }
}
