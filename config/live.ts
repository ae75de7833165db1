/**
 * Things that are made of the configuration and follow it. Whoever needs one asks `now()` each time, at the beginning
 * of a call, and uses what it was given to the end of that call, whatever is reloaded meanwhile.
 */
import type { Config } from './config.ts';
import type { ConfigSource } from './config-source.ts';

export interface Live<T> {
  /** What is made of the configuration that holds. To be asked each time, and never kept. */
  now(): T;
  /** Ends what there is of it. The source may go on. */
  close(): void;
}

export interface LiveParts<T> {
  /** Of the configuration alone, and at once. What it gives for `before` again is kept as it is. */
  readonly make: (config: Config, before: T | null) => T;
  /** Lets go of what nobody can be using any more. */
  readonly end?: (old: T) => void;
  /** How long a call may still use what was replaced, ms: ten minutes, longer than any call lasts. */
  readonly restMs?: number;
}

const REST_MS = 10 * 60_000;

export function live<T>(
  source: Pick<ConfigSource, 'current' | 'follow'>,
  { make, end = () => undefined, restMs = REST_MS }: LiveParts<T>,
): Live<T> {
  let value = make(source.current(), null);
  /** Replaced, and perhaps still in use. */
  const resting = new Map<T, NodeJS.Timeout>();

  const rest = (old: T): void => {
    const timer = setTimeout(() => {
      resting.delete(old);
      end(old);
    }, restMs);
    timer.unref();
    resting.set(old, timer);
  };

  const leave = source.follow((config) => {
    const next = make(config, value);
    return {
      take() {
        if (next === value) return;
        rest(value);
        value = next;
      },
      drop() {
        if (next !== value) end(next);
      },
    };
  });

  return {
    now: () => value,
    close() {
      leave();
      for (const [old, timer] of resting) {
        clearTimeout(timer);
        end(old);
      }
      resting.clear();
      end(value);
    },
  };
}
