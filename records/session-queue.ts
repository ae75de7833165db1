/** Whose turn it is: one at a time, in the order of asking, and nobody waits for ever. */
import { CALL_MS, QueryTimeout } from './engine.ts';

export interface SessionQueue {
  /** Resolves with the way to end the turn. Rejects with `TooSlow` when it has not come in time. */
  acquire(): Promise<() => void>;
}

export function createSessionQueue(): SessionQueue {
  const queue: (() => void)[] = [];
  let taken = false;

  const pass = (): void => {
    const next = queue.shift();
    if (next === undefined) taken = false;
    else next();
  };

  return {
    acquire() {
      return new Promise((resolve, reject) => {
        const mine = (): void => {
          clearTimeout(timer);
          resolve(pass);
        };
        const timer = setTimeout(() => {
          const at = queue.indexOf(mine);
          if (at >= 0) queue.splice(at, 1);
          reject(new QueryTimeout('waiting for a turn', CALL_MS));
        }, CALL_MS);
        if (taken) queue.push(mine);
        else {
          taken = true;
          mine();
        }
      });
    },
  };
}
