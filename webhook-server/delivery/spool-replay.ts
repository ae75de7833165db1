/** Empties the spool into Temporal, the most severe incident first, whenever Temporal answers. */
import type { Logger } from 'pino';
import type { KeptCommands } from '../incidents/kept-commands.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { type Circuit, TemporalUnavailable } from './circuit-breaker.ts';
import type { IngestCounts } from './durable-delivery.ts';
import type { FallbackPaging, ReplayClaim } from './fallback-paging/fallback-paging.ts';
import { planReplay, type ReplayPlan } from './spool/replay-plan.ts';
import type { SpooledCommand, SpooledAlerts, Spool } from './spool/spool.ts';

export interface SpoolReplayParts {
  readonly spool: Pick<Spool, 'backlog' | 'pendingCount'>;
  readonly circuitBreaker: Circuit;
  /** To Temporal, or to the dead letters. Throws `TemporalUnavailable`. */
  readonly deliver: (routed: RoutedAlerts) => Promise<void>;
  readonly fallbackPaging: Pick<FallbackPaging, 'claim' | 'delivered' | 'isPaged'>;
  readonly keptCommands: Pick<KeptCommands, 'deliver'>;
  /** The replay waits for this. Never rejects. */
  readonly ready: Promise<void>;
  readonly log: Pick<Logger, 'info' | 'error'>;
  readonly counts: Pick<IngestCounts, 'replayed'>;
}

/** Workflows. */
const AT_ONCE = 16;
/** Of one workflow: they go to Temporal in one signal. */
const ENTRIES_AT_ONCE = 32;
const AGAIN_AFTER_MS = 1000;

interface ClaimedEntry {
  readonly entry: SpooledAlerts;
  readonly routed: RoutedAlerts;
  readonly claim: ReplayClaim;
}

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
    const commandReplay = new CommandReplay(plan.deliver.flat(), commands, keptCommands);
    await commandReplay.deliverReady();
    const queue = plan.deliver.values();
    const replayNext = async (): Promise<void> => {
      for (const entries of queue) {
        if (!this.mayContinue()) return;
        await this.replayWorkflow(entries, plan, (workflowId) => commandReplay.afterAlertsOf(workflowId));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, replayNext));
    const summary = {
      delivered: plan.deliver.flat().length,
      moot: plan.drop.length,
      left: spool.pendingCount(),
      tookMs: Date.now() - startedAt,
    };
    log.info(summary, 'spool replayed');
  }

  /** One workflow's alerts, in the order of receipt: what cannot be delivered holds up what came after it. */
  private async replayWorkflow(
    entries: readonly SpooledAlerts[],
    plan: ReplayPlan<SpooledAlerts>,
    onReplayed: (workflowId: string) => Promise<void>,
  ): Promise<void> {
    for (let start = 0; start < entries.length && this.mayContinue(); start += ENTRIES_AT_ONCE) {
      const some = entries.slice(start, start + ENTRIES_AT_ONCE);
      // Read first, so that they are delivered in this order.
      const claimed = await Promise.all(some.map((entry) => this.claim(entry, plan)));
      const replayed = await Promise.all(claimed.map(async (one) => one !== null && (await this.replayEntry(one))));
      for (const [index, entry] of some.entries()) if (replayed[index]) await onReplayed(entry.workflowId);
      if (!replayed.every(Boolean)) return;
    }
  }

  /** Temporal must learn which pages went out about it, and no page may go out meanwhile. Null: not now. */
  private async claim(entry: SpooledAlerts, plan: ReplayPlan<SpooledAlerts>): Promise<ClaimedEntry | null> {
    try {
      const routed = plan.withoutCleared(await entry.read());
      return { entry, routed, claim: await this.parts.fallbackPaging.claim(routed) };
    } catch (err) {
      this.parts.log.error({ err }, 'spooled alerts could not be read; trying again');
      return null;
    }
  }

  /** False when the entry stays in the spool. */
  private async replayEntry({ entry, routed, claim }: ClaimedEntry): Promise<boolean> {
    const { fallbackPaging, deliver, log } = this.parts;
    try {
      const declaration = { ...routed.declaration, spooledAt: routed.receivedAt };
      const paged: Partial<RoutedAlerts> = claim.pages.length === 0 ? {} : { alreadyPaged: claim.pages };
      try {
        await deliver({ ...routed, declaration, ...paged });
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
