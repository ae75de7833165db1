/**
 * Makes untrusted text and label sets safe to keep: bounded, well-formed Unicode, no NUL, no prototype to inherit from.
 * Odd content is repaired, never refused: an alert with a strange label must still page.
 */
declare global {
  interface String {
    /** In every supported Node; TypeScript has it from lib es2024 on. */
    toWellFormed(): string;
  }
}

/** Longest label or annotation name and value, in UTF-16 units. */
export const NAME_LIMIT = 256;
const VALUE_LIMIT = 4096;
/** Most labels (and most annotations) of one alert. */
const COUNT_LIMIT = 64;
/** All names and values of one set together: one alert must fit into one signal whatever its sender does. */
export const SET_LIMIT = 16_384;

/** A label set without a prototype, so that a label named `constructor` is found only where it was sent. */
export type Labels = Readonly<Record<string, string>>;

/** Cuts to `max` UTF-16 units (marked with `…`), then repairs: a cut can split a surrogate pair. */
export function clean(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  const whole = cut.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\u2400') : whole;
}

// eslint-disable-next-line no-control-regex -- a title ends up in terminals and text messages
const NOT_ON_A_LINE = /[\s\u0000-\u001f\u007f-\u009f]+/g;

/** `clean`, on one line: control characters and runs of white space become one blank. */
export function cleanLine(text: string, max: number): string {
  return clean(
    text
      .slice(0, max * 4)
      .replace(NOT_ON_A_LINE, ' ')
      .trim(),
    max,
  );
}

/** Reads labels or annotations: scalars become text; objects, lists, null and empty names are dropped. */
export function cleanSet(raw: unknown): Labels {
  const set = Object.create(null) as Record<string, string>;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return set;
  let count = 0;
  let room = SET_LIMIT;
  for (const [name, value] of Object.entries(raw)) {
    if (count === COUNT_LIMIT || room <= 0) break;
    const text = scalar(value);
    // `__proto__` is no legal label of any sender; dropping it spares every later reader the question.
    if (text === null || name === '' || name === '__proto__') continue;
    const key = clean(name, Math.min(NAME_LIMIT, room));
    const kept = clean(text, Math.max(1, Math.min(VALUE_LIMIT, room - key.length)));
    set[key] = kept;
    room -= key.length + kept.length;
    count += 1;
  }
  return set;
}

/** The text of a string, number or boolean; null for anything else. */
export function scalar(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** The value under `name`, whatever its case: some senders write `SUMMARY`. */
export function anyCase(set: Labels, name: string): string | undefined {
  const exact = set[name];
  if (exact !== undefined) return exact;
  for (const key in set) if (key.length === name.length && key.toLowerCase() === name) return set[key];
  return undefined;
}

/** Name and value pairs in one order, whatever the order in which they were sent. */
export function canonical(set: Labels): [string, string][] {
  return Object.entries(set).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
