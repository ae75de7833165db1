/** Emptying the spool into Temporal, most severe first, whenever Temporal is there. */
import type { Logger } from 'pino';
import type { Sighting } from '../gateway.ts';
import { planReplay, type Plan } from '../spool/plan.ts';
import type { Entry, Spool } from '../spool/spool.ts';
import type { Counts } from './counts.ts';
import { judge, Poison, TemporalAway } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Intake } from './intake.ts';

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
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly counts: Counts;
}

const AT_ONCE = 16;
const AGAIN_AFTER_MS = 1000;

export function createReplay({ spool, gate, intake, log, counts }: ReplayParts): Replay {
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const canGoOn = (): boolean => !ended && gate.isOpen();

  async function round(): Promise<void> {
    const begunAt = Date.now();
    const plan = planReplay(await spool.entries());
    for (const entry of plan.drop) await finish(entry);
    const queue = [...plan.tell];
    const take = async (): Promise<void> => {
      for (let entry = queue.shift(); entry !== undefined && canGoOn(); entry = queue.shift()) await tell(entry, plan);
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

  async function tell(entry: Entry, plan: Plan<Entry>): Promise<void> {
    try {
      const sighting = plan.trim(await entry.read());
      await toTemporal({ ...sighting, opening: { ...sighting.opening, spooledAt: sighting.receivedAt } });
      await finish(entry);
    } catch (err) {
      // It stays, and its turn comes again.
      if (!(err instanceof TemporalAway)) log.error({ err }, 'a spooled alert could not be replayed; trying again');
    }
  }

  async function toTemporal(sighting: Sighting): Promise<void> {
    try {
      await intake.deliver(sighting);
    } catch (err) {
      const trouble = judge(err);
      if (!(trouble instanceof Poison)) throw trouble;
      await intake.setAside(sighting, trouble);
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
    running = round()
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
