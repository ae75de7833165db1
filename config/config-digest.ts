/** Whether two configurations are the same, and which sections of the file differ when they are not. Pure. */
import { createHash } from 'node:crypto';
import type { Config } from './config.ts';

/** What is said about a file, and is no section of it. */
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
