/** Bounds on waiting. The client's own deadlines are honoured late (by seconds), so every wait has one of ours. */
import { TemporalTimeout } from './temporal-errors.ts';

/** Settles as `work` does, or rejects with `late` after `ms`. Work that comes too late is ignored, not stopped. */
export async function withTimeout<T>(
  ms: number,
  work: Promise<T>,
  timeoutError: () => Error = noAnswerWithin(ms),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutError()), ms);
  });
  work.catch(() => undefined); // when it loses the race, its failure is nobody's
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

const noAnswerWithin = (ms: number) => (): Error => new TemporalTimeout(ms);

/** At most `count` at a time, first come first served. */
export function createConcurrencyLimit(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let freeSlots = count;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (freeSlots > 0) freeSlots -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else freeSlots += 1;
    }
  };
}
