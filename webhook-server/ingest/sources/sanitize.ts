/**
 * Makes untrusted text and label sets safe to keep: bounded, well-formed Unicode, no NUL, no prototype. Odd content is
 * repaired, never refused: an alert with a strange label must still page.
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
export function sanitizeText(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  const whole = cut.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\u2400') : whole;
}

// eslint-disable-next-line no-control-regex -- a title ends up in terminals and text messages
const NOT_ON_A_LINE = /[\s\u0000-\u001f\u007f-\u009f]+/g;

/**
 * Characters that reorder or hide text: bidi controls, zero-width blanks, tags. Joiners stay, since emoji need them.
 */
const INVISIBLE = /[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/**
 * `clean`, on one line: control characters and runs of white space become one blank, and deceptive characters are
 * spelled out (`<U+202E>`).
 */
export function cleanLine(text: string, max: number): string {
  return sanitizeText(
    text
      .slice(0, max * 4)
      .replace(NOT_ON_A_LINE, ' ')
      .replace(INVISIBLE, (char) => `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`)
      .trim(),
    max,
  );
}

/** Read first, so that no limit cuts an alert's severity or owner. */
const FIRST = ['severity', 'alertname', 'service', 'team'] as const;

/** Reads labels or annotations: scalars become text; objects, lists, null and empty names are dropped. */
export function cleanSet(raw: unknown): Labels {
  const set = Object.create(null) as Record<string, string>;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return set;
  let count = 0;
  let remaining = SET_LIMIT;
  const keep = (name: string, value: unknown): void => {
    const text = scalarText(value);
    // `__proto__` is no legal label of any sender; dropping it here protects every later reader.
    if (text === null || name === '' || name === '__proto__') return;
    const key = sanitizeText(name, Math.min(NAME_LIMIT, remaining));
    if (key in set) return;
    const kept = sanitizeText(text, Math.max(1, Math.min(VALUE_LIMIT, remaining - key.length)));
    set[key] = kept;
    remaining -= key.length + kept.length;
    count += 1;
  };
  for (const name of FIRST) if (Object.hasOwn(raw, name)) keep(name, (raw as Record<string, unknown>)[name]);
  for (const [name, value] of Object.entries(raw)) {
    if (count === COUNT_LIMIT || remaining <= 0) break;
    keep(name, value);
  }
  return set;
}

/** The text of a string, number or boolean; null for anything else. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** The value under `name`, whatever its case: some senders write `SUMMARY`. */
export function valueInAnyCase(set: Labels, name: string): string | undefined {
  const exact = set[name];
  if (exact !== undefined) return exact;
  for (const key in set) if (key.length === name.length && key.toLowerCase() === name) return set[key];
  return undefined;
}
