/** What the arguments of commands may hold, and what is said of those that do not fit. Pure. */

/** The value of each kind. `amount`: a text or a number, kept as a text; `day`: `YYYY-MM-DD`; `values`: flat. */
interface KindValues {
  text: string;
  texts: readonly string[];
  count: number;
  flag: boolean;
  amount: string;
  day: string;
  address: string;
  values: Readonly<Record<string, string>>;
}

type Kind = keyof KindValues;

export interface Field {
  /** A list is an enumeration of words. */
  readonly is: Kind | readonly string[];
  /** Of an enumeration: other words, and which of its words they mean. */
  readonly synonyms?: Readonly<Record<string, string>>;
  readonly optional?: true;
  /** What it says, for help and descriptions. */
  readonly about: string;
  /** The option of the command line, where it is not the name in kebab-case. */
  readonly flags?: string | undefined;
  /** Of texts: what the command line takes. */
  readonly choices?: readonly string[];
}

export type ValueOf<F extends Field> = F['is'] extends readonly (infer Word)[]
  ? Word
  : F['is'] extends Kind
    ? KindValues[F['is']]
    : never;

/** Longest text a command may carry, in UTF-16 units. */
export const TEXT_LIMIT = 4000;

/** The words of an enumeration, with the synonyms. */
export function wordsOf({ is, synonyms = {} }: Pick<Field, 'is' | 'synonyms'>): readonly string[] {
  return typeof is === 'string' ? [] : [...is, ...Object.keys(synonyms)];
}

export function fits(field: Pick<Field, 'is' | 'synonyms'>, value: unknown): boolean {
  const { is } = field;
  if (typeof is !== 'string') return typeof value === 'string' && wordsOf(field).includes(value);
  return KINDS[is].fits(value);
}

/** As the command carries it: texts without blanks around them, no synonyms. */
export function kept({ is, synonyms = {} }: Pick<Field, 'is' | 'synonyms'>, value: unknown): unknown {
  if (typeof value === 'string') return Object.hasOwn(synonyms, value) ? synonyms[value] : value.trim();
  return is === 'amount' ? String(value) : value;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= TEXT_LIMIT;
}

/** A day of the calendar: `2026-02-30` is none. */
function isDay(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value.trim())) return false;
  const at = Date.parse(`${value.trim()}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value.trim());
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isAmount = (value: unknown): boolean =>
  typeof value === 'number' ? Number.isFinite(value) : isText(value) && value.length <= 100;
const isAddress = (value: unknown): boolean => isText(value) && /^https?:\/\/[^\s/]+\S*$/i.test(value.trim());

function areValues(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const values: unknown[] = Object.values(value);
  return values.length <= 50 && values.every((one) => typeof one === 'string' && one.length <= 1000);
}

const KINDS: Readonly<Record<Kind, { readonly fits: (value: unknown) => boolean; readonly expected: string }>> = {
  text: { fits: isText, expected: `a text of 1 to ${TEXT_LIMIT} characters` },
  texts: {
    fits: (value) => Array.isArray(value) && value.length <= 100 && value.every(isText),
    expected: 'a list of texts',
  },
  count: { fits: isCount, expected: 'a whole number from 0' },
  flag: { fits: (value) => typeof value === 'boolean', expected: 'true or false' },
  amount: { fits: isAmount, expected: 'an amount such as "$45000"' },
  day: { fits: isDay, expected: 'a day such as 2026-12-24' },
  address: { fits: isAddress, expected: 'an address that begins with http:// or https://' },
  values: { fits: areValues, expected: 'a mapping of at most 50 texts' },
};

export function expectation({ is }: Pick<Field, 'is'>): string {
  return typeof is === 'string' ? KINDS[is].expected : `one of ${is.join(', ')}`;
}
