/**
 * Things that are made of the configuration and follow it. Whoever needs one asks `now()` each time, at the beginning
 * of a call, and uses what it was given to the end of that call, whatever is reloaded meanwhile.
 */
import type { Config } from './config.ts';
import type { ConfigSource } from './config-source.ts';

export interface Reloadable<T> {
  /** What is made of the configuration that holds. To be asked each time, and never kept. */
  current(): T;
  /** Ends what there is of it. The source may go on. */
  close(): void;
}

export interface ReloadableParts<T> {
  /** Of the configuration alone, and at once. What it gives for `before` again is kept as it is. */
  readonly create: (config: Config, before: T | null) => T;
  /** Lets go of what nobody can be using any more. */
  readonly end?: (old: T) => void;
  /** How long a call may still use what was replaced, ms: ten minutes, longer than any call lasts. */
  readonly keepReplacedMs?: number;
}

const KEEP_REPLACED_MS = 10 * 60_000;

export function reloadable<T>(
  source: Pick<ConfigSource, 'current' | 'prepareOnReload'>,
  { create, end = () => undefined, keepReplacedMs = KEEP_REPLACED_MS }: ReloadableParts<T>,
): Reloadable<T> {
  let value = create(source.current(), null);
  /** Replaced, and perhaps still in use. */
  const replaced = new Map<T, NodeJS.Timeout>();

  const retire = (old: T): void => {
    const timer = setTimeout(() => {
      replaced.delete(old);
      end(old);
    }, keepReplacedMs);
    timer.unref();
    replaced.set(old, timer);
  };

  const leave = source.prepareOnReload((config) => {
    const next = create(config, value);
    return {
      apply() {
        if (next === value) return;
        retire(value);
        value = next;
      },
      discard() {
        if (next !== value) end(next);
      },
    };
  });

  return {
    current: () => value,
    close() {
      leave();
      for (const [old, timer] of replaced) {
        clearTimeout(timer);
        end(old);
      }
      replaced.clear();
      end(value);
    },
  };
}
