/** Whose turn it is: one at a time, in the order of asking, and nobody waits for ever. */
import { CALL_MS, TooSlow } from './engine.ts';

export interface Turns {
  /** Resolves with the way to end the turn. Rejects with `TooSlow` when it has not come in time. */
  take(): Promise<() => void>;
}

export function turns(): Turns {
  const queue: (() => void)[] = [];
  let taken = false;

  const pass = (): void => {
    const next = queue.shift();
    if (next === undefined) taken = false;
    else next();
  };

  return {
    take() {
      return new Promise((resolve, reject) => {
        const mine = (): void => {
          clearTimeout(timer);
          resolve(pass);
        };
        const timer = setTimeout(() => {
          const at = queue.indexOf(mine);
          if (at >= 0) queue.splice(at, 1);
          reject(new TooSlow('waiting for a turn', CALL_MS));
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
