/** The ends of what was begun, worked off backwards, each with its time limit. */
import { finishesWithin } from '../runtime/process.ts';
import type { Log } from '../runtime/log.ts';

export interface ShutdownSteps {
  add(name: string, withinMs: number, end: () => Promise<void>): void;
  /** From when there is a log, problems are said there. */
  logTo(log: Log): void;
  /** Never rejects: one part that cannot end must not keep the others from it. */
  runInReverse(): Promise<void>;
}

export function createShutdownSteps(): ShutdownSteps {
  const list: { name: string; withinMs: number; end: () => Promise<void> }[] = [];
  let log: Log | undefined;
  return {
    add: (name, withinMs, end) => void list.push({ name, withinMs, end }),
    logTo: (given) => void (log = given),
    async runInReverse() {
      for (const { name, withinMs, end } of list.splice(0).reverse()) {
        try {
          log?.debug({ part: name }, 'ending');
          if (!(await finishesWithin(end(), withinMs))) log?.warn({ part: name }, 'took too long to end: left behind');
        } catch (error) {
          log?.warn({ part: name, err: error }, 'did not end well');
        }
      }
    },
  };
}
