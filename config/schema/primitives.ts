/**
 * The words of the schema: texts, names, lengths of time, zones. Every message says what to write. Mappings are strict:
 * a key nobody knows is an error that names the nearest one.
 */
import { z } from 'zod';
import { parseClockRange } from '../../schedules/clock-range.ts';
import { isTimeZone } from '../../schedules/local-time.ts';
import { parseOfficeHours } from '../../schedules/office-hours.ts';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { didYouMean } from '../did-you-mean.ts';

/**
 * A mapping with these keys and no others. The message for unknown keys has one line a key, in their order:
 * `issues.ts` makes one problem of each.
 */
export function strict<S extends z.ZodRawShape>(shape: S): z.ZodObject<z.util.Writeable<S>, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown key: ${didYouMean(key, known)}`).join('\n')
        : `expected a mapping with ${known.slice(0, 6).join(', ')}${known.length > 6 ? ' …' : ''}`,
  });
}

/** A mapping from names that the user chooses. */
export const named = <T extends z.ZodType>(key: z.ZodType<string, string>, value: T, expected: string) =>
  z.record(key, value, { error: `expected ${expected}` });

export const text = (max = 500) =>
  z
    .string({ error: 'expected a text (numbers and the like go in quotes)' })
    .trim()
    .min(1, { error: 'must not be empty: write a text or remove the key', abort: true })
    .max(max, `too long: at most ${max} characters`);

/** A name that goes into keys, links and file names. */
export const id = z
  .string({ error: 'expected a name' })
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u,
    'a name begins with a letter or digit and holds letters, digits and . _ @ - only, at most 64',
  );

/** Goes into an HTTP header, so printable and without blanks. */
export const token = text(1000).regex(/^[\x21-\x7e]+$/, 'a token has no blanks and no letters beyond ASCII');

/** A vendor's own id, which goes into addresses. `what`: as in "expected the id of …". */
export const vendorId = (what: string) => text(100).regex(/^[\w-]+$/, `expected ${what}: letters, digits, - and _`);

export const flag = z.boolean({ error: 'expected true or false' });
export const off = z.literal('off', { error: 'expected off' });

/** From 1 to `max`. */
export const countOrOff = (max: number) =>
  z.union([off, z.int('expected a whole number').min(1, 'at least 1').max(max, `at most ${max}`)], {
    error: 'expected a whole number, or off',
  });

export const severity = z.enum(SEVERITIES, { error: `expected one of ${SEVERITIES.join(', ')}` });

export const link = text(2000).regex(/^https?:\/\/\S+$/i, 'expected an address that begins with http:// or https://');

export const baseUrl = text(2000)
  .refine(isBaseUrl, 'expected http://host or https://host, without user, query or #')
  .transform((url) => url.replace(/\/+$/, ''));

function isBaseUrl(value: string): boolean {
  if (!/^https?:\/\/[^\s?#]+$/i.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

export const timeZone = text(64).refine(isTimeZone, 'unknown time zone: write an IANA name such as Europe/Berlin');

export const clockRange = text(11).refine(
  (value) => parseClockRange(value) !== null,
  'expected hours such as "22:00-07:00" (in quotes, 24-hour clock, two different times)',
);

export const officeHours = text().refine(
  (value) => parseOfficeHours(value) !== null,
  'expected business hours such as "mon-fri 09:00-17:00", several joined by ";"',
);

/** One or a list of at least one; always a list afterwards. */
export const oneOrMany = <T extends z.ZodType>(item: T, expected: string) =>
  z
    .union([item, z.array(item).min(1, `must not be empty: ${expected}`)], { error: expected })
    .transform((value): z.output<T>[] => (Array.isArray(value) ? value : [value]) as z.output<T>[]);
