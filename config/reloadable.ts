/**
 * Things that are made from the configuration and made again when it is reloaded. Ask for `current()` at the beginning of
 * each call, and use that value until the call ends, even if a reload happens meanwhile.
 */
import type { Config } from './config.ts';
import type { ConfigSource } from './config-source.ts';

export interface Reloadable<T> {
  /** Made from the configuration in force. Ask each time; never keep it. */
  current(): T;
  /** Releases everything that was made. The source may go on. */
  close(): void;
}

export interface ReloadableParts<T> {
  /** Synchronous, from the configuration alone. Return `before` to keep it as it is. */
  readonly create: (config: Config, before: T | null) => T;
  /** Releases a value that nobody can be using any more. */
  readonly end?: (old: T) => void;
  /** How long a call may go on using a replaced value, ms. The default is ten minutes, longer than any call lasts. */
  readonly keepReplacedMs?: number;
}

const KEEP_REPLACED_MS = 10 * 60_000;

export function reloadable<T>(
  source: Pick<ConfigSource, 'current' | 'prepareOnReload'>,
  { create, end = () => undefined, keepReplacedMs = KEEP_REPLACED_MS }: ReloadableParts<T>,
): Reloadable<T> {
  let value = create(source.current(), null);
  /** Replaced, but perhaps still in use. */
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
