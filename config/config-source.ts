/**
 * The configuration of a running process, and how a new one replaces it. A new file is applied whole or not at all:
 * everything that depends on it is prepared first, and only then does anybody see it. A reload awaits nothing, so two
 * never overlap and nobody sees half of one. `reloadable` keeps what is made from a configuration.
 */
import { createHash } from 'node:crypto';
import type { Config } from './config.ts';
import type { Log } from '../runtime/log.ts';
import { ConfigError, problemLine, type ConfigProblem } from './problems.ts';

export type ReloadResult =
  | {
      readonly applied: true;
      /** Sections of the file that differ from before; empty: nothing has changed. */
      readonly changed: readonly string[];
      readonly digest: string;
      readonly warnings: readonly string[];
      readonly notSupportedYet: readonly string[];
      /** Settings that have changed since this process started, and need a restart. */
      readonly needsRestart: readonly string[];
    }
  | { readonly applied: false; readonly problems: readonly ConfigProblem[]; readonly digest: string };

/** Something prepared for a configuration that is not in force yet. */
export interface PreparedChange {
  /** The configuration is in force: use what was prepared. Only swaps it in; all work is done. */
  apply(): void;
  /** The configuration was refused: release what was prepared. */
  discard(): void;
}

export interface ConfigSource {
  /** Ask whenever you need it and never keep it, so that a reload takes effect at once. */
  readonly current: () => Config;
  /** Never throws. `by`: who asked, for the log. */
  reload(by: string): ReloadResult;
  /**
   * `prepare` is called with each new configuration; if it throws, the configuration is refused. Most callers want
   * `reloadable` instead. Returns a function that unsubscribes.
   */
  prepareOnReload(prepare: (next: Config) => PreparedChange): () => void;
  /** `listener` is called when a new configuration is in force. Returns a function that unsubscribes. */
  onApplied(listener: () => void): () => void;
  /** For metrics. `ok` is false while the last reload was refused; `appliedAt` in epoch ms. */
  state(): { readonly ok: boolean; readonly appliedAt: number; readonly digest: string };
  /** The processes that a reload here reaches. */
  readonly processes: readonly ('server' | 'worker')[];
}

/** A setting that is read only when a process starts, and read again at a reload to see whether it has changed. */
export interface RestartOnlySetting {
  readonly name: string;
  /** Throwing counts as a change, too. */
  readonly read: () => unknown;
}

export interface ConfigSourceParts {
  /** The configuration that the process started with. */
  readonly first: Config;
  /** Reads the file again; it must exist. Throws `ConfigError`. */
  readonly load: () => Config;
  readonly log: Pick<Log, 'info' | 'error'>;
  readonly processes?: ConfigSource['processes'];
  readonly restartOnly?: readonly RestartOnlySetting[];
  readonly now?: () => number;
}

export function openConfigSource(parts: ConfigSourceParts): ConfigSource {
  const { first, load, log, processes = ['server'], restartOnly = [], now = Date.now } = parts;
  const followers = new Set<(next: Config) => PreparedChange>();
  const listeners = new Set<() => void>();
  const atStart = restartOnly.map(stateOf);
  let current = first;
  let state = { ok: true, appliedAt: now(), digest: configDigest(first) };

  /** Prepares everything for `next`, or nothing. */
  function prepareAll(next: Config): readonly PreparedChange[] {
    const prepared: PreparedChange[] = [];
    try {
      for (const prepare of followers) prepared.push(prepare(next));
      return prepared;
    } catch (err) {
      for (const each of prepared) each.discard();
      throw new ConfigError([{ ...wholeFile(next), message: `it is valid but could not be applied (${nameOf(err)})` }]);
    }
  }

  function take(next: Config): void {
    const prepared = prepareAll(next);
    current = next;
    for (const act of [...prepared.map((each) => () => each.apply()), ...listeners]) {
      try {
        act();
      } catch (err) {
        // Everybody else uses the new one already: going back now would apply half of it.
        log.error({ reason: nameOf(err) }, 'unexpected error while applying the new configuration');
      }
    }
  }

  function reload(): ReloadResult {
    const before = current;
    try {
      const next = load();
      const changed = changedSections(before, next);
      if (changed.length > 0) take(next);
      state = { ok: true, appliedAt: now(), digest: configDigest(next) };
      const needsRestart = restartOnly.filter((each, n) => stateOf(each) !== atStart[n]).map(({ name }) => name);
      const { warnings, notSupportedYet } = next;
      return { applied: true, changed, digest: state.digest, warnings, notSupportedYet, needsRestart };
    } catch (err) {
      state = { ...state, ok: false };
      const problems =
        err instanceof ConfigError
          ? err.problems
          : [{ ...wholeFile(before), message: `unexpected error while reading it (${nameOf(err)})` }];
      return { applied: false, problems, digest: state.digest };
    }
  }

  return {
    current: () => current,
    reload(by) {
      const result = reload();
      logReload(result, by, log);
      return result;
    },
    prepareOnReload: (prepare) => addListener(followers, prepare),
    onApplied: (listener) => addListener(listeners, listener),
    state: () => state,
    processes,
  };
}

const wholeFile = ({ file }: Config): Omit<ConfigProblem, 'message'> => ({
  file: file ?? 'tocsin.yaml',
  line: null,
  at: '',
});

function addListener<T>(all: Set<T>, one: T): () => void {
  all.add(one);
  return () => void all.delete(one);
}

/** Only the name of an unexpected error: its message may hold an address with a password. */
const nameOf = (err: unknown): string => (err instanceof Error ? err.name : typeof err);

function stateOf({ read }: RestartOnlySetting): string {
  try {
    return digestOfSetting(read());
  } catch (err) {
    return `unreadable: ${nameOf(err)}`;
  }
}

/** One line for each reload. */
function logReload(result: ReloadResult, by: string, log: ConfigSourceParts['log']): void {
  if (!result.applied) {
    const problems = result.problems.map(problemLine);
    log.error({ by, problems }, 'new configuration refused; keeping the last good one');
    return;
  }
  const { changed, warnings, notSupportedYet, needsRestart } = result;
  const lists = Object.entries({ changed, warnings, notYet: notSupportedYet, needsRestart }).filter(
    ([, lines]) => lines.length > 0,
  );
  const what = changed.length > 0 ? 'new configuration applied' : 'configuration unchanged';
  log.info({ by, digest: result.digest, ...Object.fromEntries(lists) }, what);
}

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

/**
 * Makes a thing from the configuration, and again at each reload. Ask for `current()` at the beginning of each call, and
 * use that value until the call ends, even if a reload happens meanwhile.
 */
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

/** Properties of `Config` that are not sections of the file. */
const ABOUT: ReadonlySet<string> = new Set<keyof Config>(['file', 'vendors', 'notSupportedYet', 'warnings']);

const DIGITS = 16;

/** 16 hex digits of everything that is acted on, secrets too: the same on every process that has the same. */
export function configDigest(config: Config): string {
  return digestOfSetting(partsOf(config));
}

/** The file's sections that differ, in alphabetical order; `${…}` that stands for something else differs too. */
export function changedSections(before: Config, after: Config): readonly string[] {
  const [old, now] = [new Map(partsOf(before)), new Map(partsOf(after))];
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  const changed = keys.filter((key) => digestOfSetting(old.get(key)) !== digestOfSetting(now.get(key)));
  return changed.sort();
}

/** Of any setting: equal settings, put together in the same order, have equal digests. */
export function digestOfSetting(setting: unknown): string {
  // Not `digestOf`: it knows no maps, and a large configuration must not hold up the pages of a running process.
  const text = JSON.stringify(setting, plain) ?? 'undefined';
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}

const partsOf = (config: Config): (readonly [string, unknown])[] =>
  Object.entries(config).filter(([key]) => !ABOUT.has(key));

/** JSON takes maps, and whatever else is made by a class, for empty objects. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (value instanceof Map || value instanceof Set) return [...(value as Iterable<unknown>)];
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null
    ? value
    : (value as { toString: () => string }).toString();
}
