/**
 * Building blocks for the schemas of settings: the sections of the file, and the vendors' settings. Every message says what
 * to write. Mappings are strict: an unknown key is an error that names the nearest known one.
 */
import { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';

/**
 * A mapping with these keys and no others. The message for unknown keys has one line a key, in their order: the
 * configuration makes one problem of each.
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

/** A mapping from names that the user chooses; a Map afterwards, so that no name is taken for a property of Object. */
export const mapOf = <T extends z.ZodType>(key: z.ZodType<string, string>, value: T, expected: string) =>
  z
    .record(key, value, { error: `expected ${expected}` })
    .transform((given): ReadonlyMap<string, z.output<T>> => new Map(Object.entries(given)));

/** Null when the key is absent. */
export const orNull = <T extends z.ZodType>(schema: T) =>
  schema.optional().transform((given): z.output<T> | null => given ?? null);

/** One or a list of at least one; always a list afterwards. */
export const oneOrMany = <T extends z.ZodType>(item: T, expected: string) =>
  z
    .union([item, z.array(item).min(1, `must not be empty: ${expected}`)], { error: expected })
    .transform((given): readonly z.output<T>[] => (Array.isArray(given) ? given : [given]) as z.output<T>[]);

/** An empty list when the key is absent. */
export const orEmpty = <T extends z.ZodType<readonly unknown[]>>(schema: T) =>
  schema.optional().transform((given) => (given ?? []) as z.output<T>);

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

export const flag = z.boolean({ error: 'expected true or false' });

export const off = z.literal('off', { error: 'expected off' }).transform(() => null);

/** From 1 to `max`; null for `off`. */
export const countOrOff = (max: number) =>
  z.union([off, z.int('expected a whole number').min(1, 'at least 1').max(max, `at most ${max}`)], {
    error: 'expected a whole number, or off',
  });

export const link = text(2000).regex(/^https?:\/\/\S+$/i, 'expected an address that begins with http:// or https://');

/** A link that Tocsin itself calls. */
export const callable = link.refine((url) => URL.canParse(url), 'this is not an address that can be called');

/** Without the slash at the end. */
export const baseUrl = text(2000)
  .refine(isBaseUrl, 'expected http://host or https://host, without user, query or #')
  .transform((url) => url.replace(/\/+$/, ''));

function isBaseUrl(value: string): boolean {
  if (!/^https?:\/\/[^\s?#]+$/i.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

/** A vendor's own id, which goes into addresses. `what`: as in "expected the id of …". */
export const vendorId = (what: string) => text(100).regex(/^[\w-]+$/, `expected ${what}: letters, digits, - and _`);

/** A chat channel by Slack's rule for names; a `#` before it is forgiven and removed. */
export const channel = z
  .string({ error: 'expected the name of a channel such as incidents (with a # it goes in quotes)' })
  .transform((name) => name.trim().replace(/^#/, ''))
  .refine(
    (name) => /^[\p{Ll}\p{Lo}\p{N}_-]{1,80}$/u.test(name),
    'expected the name of a channel: lower-case letters, digits, - and _, at most 80 characters, e.g. incidents',
  );

/**
 * The schemas of values that belong in the environment, not in the file. To be registered last, since a refinement is a
 * new schema, and on a clone where the schema has other uses.
 */
export const SECRETS = z.registry<object>();

export const secret = text(1000).register(SECRETS, {});

/** Goes into an HTTP header, so printable and without blanks. */
export const token = text(1000)
  .regex(/^[\x21-\x7e]+$/, 'a token has no blanks and no letters beyond ASCII')
  .register(SECRETS, {});
