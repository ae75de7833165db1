/** Emptying the spool into Temporal, most severe first, whenever Temporal is there. */
import type { Logger } from 'pino';
import type { RoutedAlerts } from '../gateway.ts';
import { planReplay, type Plan } from '../spool/plan.ts';
import type { FallbackPaging } from '../fallback-paging/fallback-paging.ts';
import type { CommandEntry, Entry, Spool } from '../spool/spool.ts';
import type { Counts } from './counts.ts';
import { judge, Poison, TemporalAway } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Intake } from './intake.ts';
import type { KeptCommands } from './kept-commands.ts';

export interface Replay {
  /** Begins unless it is under way; safe to call at any time. */
  nudge(): void;
  /** Resolves when the round under way has ended. */
  close(): Promise<void>;
}

export interface ReplayParts {
  readonly spool: Spool;
  readonly gate: Gate;
  readonly intake: Intake;
  readonly fallbackPaging: Pick<FallbackPaging, 'claim' | 'told' | 'isPaged'>;
  readonly kept: Pick<KeptCommands, 'tell'>;
  /** Nothing is told before. Never rejects. */
  readonly ready: Promise<void>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly counts: Counts;
}

const AT_ONCE = 16;
const AGAIN_AFTER_MS = 1000;

export function createReplay({ spool, gate, intake, fallbackPaging, kept, ready, log, counts }: ReplayParts): Replay {
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const canGoOn = (): boolean => !ended && gate.isOpen();

  async function round(): Promise<void> {
    const begunAt = Date.now();
    const { alerts, commands } = await spool.backlog();
    const plan = planReplay(alerts, fallbackPaging.isPaged);
    for (const entry of plan.drop) await finish(entry);
    const said = createSaid(plan.tell, commands, kept);
    await said.tellReady();
    const queue = plan.tell.values();
    const take = async (): Promise<void> => {
      for (const entry of queue) {
        if (!canGoOn()) return;
        if (await tell(entry, plan)) await said.afterAlertOf(entry.workflowId);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    const told = {
      told: plan.tell.length,
      moot: plan.drop.length,
      left: spool.waiting(),
      tookMs: Date.now() - begunAt,
    };
    log.info(told, 'spool replayed');
  }

  /** False when it stays. */
  async function tell(entry: Entry, plan: Plan<Entry>): Promise<boolean> {
    try {
      const routed = plan.trim(await entry.read());
      // What was paged about it must be known before, and nothing must be paged about it meanwhile.
      const claim = await fallbackPaging.claim(routed);
      try {
        const opening = { ...routed.opening, spooledAt: routed.receivedAt };
        const { pages: alreadyPaged } = claim;
        await toTemporal({ ...routed, opening, ...(alreadyPaged.length === 0 ? {} : { alreadyPaged }) });
        fallbackPaging.told(routed);
      } finally {
        claim.release();
      }
      await finish(entry);
      return true;
    } catch (err) {
      // It stays, and its turn comes again.
      if (!(err instanceof TemporalAway)) log.error({ err }, 'a spooled alert could not be replayed; trying again');
      return false;
    }
  }

  async function toTemporal(routed: RoutedAlerts): Promise<void> {
    try {
      await intake.deliver(routed);
    } catch (err) {
      const trouble = judge(err);
      if (!(trouble instanceof Poison)) throw trouble;
      await intake.setAside(routed, trouble);
    }
  }

  async function finish(entry: Entry): Promise<void> {
    await entry.done();
    counts.replayed += 1;
  }

  function nudge(): void {
    clearTimeout(timer);
    if (running !== null || !canGoOn() || spool.waiting() === 0) return;
    const before = counts.replayed;
    running = ready
      .then(round)
      .catch((err: unknown) => log.error({ err }, 'the spool could not be replayed; trying again'))
      .then(() => {
        running = null;
        if (ended || spool.waiting() === 0) return;
        timer = setTimeout(nudge, counts.replayed > before ? 0 : AGAIN_AFTER_MS);
        timer.unref();
      });
  }

  gate.onOpen(nudge);
  return {
    nudge,
    async close() {
      ended = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** What people said about groups, each told as soon as no alert of its group waits any more. */
function createSaid(tell: readonly Entry[], commands: readonly CommandEntry[], kept: Pick<KeptCommands, 'tell'>) {
  const waiting = new Map<string, number>();
  for (const { workflowId } of tell) waiting.set(workflowId, (waiting.get(workflowId) ?? 0) + 1);
  const tellAll = (ready: readonly CommandEntry[]) => Promise.all(ready.map(kept.tell));
  return {
    tellReady: () => tellAll(commands.filter(({ workflowId }) => !waiting.has(workflowId))),
    async afterAlertOf(workflowId: string): Promise<void> {
      const left = (waiting.get(workflowId) ?? 0) - 1;
      waiting.set(workflowId, left);
      if (left === 0) await tellAll(commands.filter((one) => one.workflowId === workflowId));
    },
  };
}
