/** Bounds on waiting. The client's own deadlines are honoured late (by seconds), so every wait has one of ours. */
import { TooLate } from './errors.ts';

/** Settles as `work` does, or rejects with `late` after `ms`. Work that comes too late is ignored, not stopped. */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error = noAnswer(ms)): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bell = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  work.catch(() => undefined); // when it loses the race, its failure is nobody's
  try {
    return await Promise.race([work, bell]);
  } finally {
    clearTimeout(timer);
  }
}

const noAnswer = (ms: number) => (): Error => new TooLate(ms);

/** At most `count` at a time, first come first served. */
export function createSlots(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = count;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}
