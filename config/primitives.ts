/** Building blocks that several sections share, beyond `setting-schemas.ts`: severities, durations, time zones. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../domain/kernel/duration.ts';
import { SEVERITIES } from '../domain/kernel/severity.ts';
import { id, mapOf, off, oneOrMany, text } from '../runtime/setting-schemas.ts';
import { parseClockRange, parseWeeklyHours } from '../schedules/hours.ts';
import { isTimeZone } from '../schedules/local-clock.ts';

export const severity = z.enum(SEVERITIES, { error: `expected one of ${SEVERITIES.join(', ')}` });

export const personNames = oneOrMany(id, 'name a person or a list of people');

const LONGEST_MS = 30 * 86_400_000;
const EXPECTED_DURATION = 'write a duration such as 90s, 15m, 4h or 2d';

const durationFrom = (shortest: string) =>
  z
    .string({ error: EXPECTED_DURATION })
    .regex(DURATION_PATTERN, { error: EXPECTED_DURATION, abort: true })
    .transform((written) => parseDuration(written) ?? NaN)
    .refine((ms) => ms >= (parseDuration(shortest) ?? 0) && ms <= LONGEST_MS, `out of range: from ${shortest} to 30d`);

/** Milliseconds, from 1 s to 30 days. No bare numbers: 30 what? */
export const duration = durationFrom('1s');

/** As `duration`, or `0s`: at once. */
export const durationOrZero = durationFrom('0s');

/** `null` for `off`. */
export const orOff = <T extends z.ZodType<number, string>>(length: T) =>
  z.union([off, length], { error: `${EXPECTED_DURATION}, or off` });

export const timeZone = text(64).refine(isTimeZone, 'unknown time zone: write an IANA name such as Europe/Berlin');

export const clockRange = text(11).refine(
  (value) => parseClockRange(value) !== null,
  'expected hours such as "22:00-07:00" (in quotes, 24-hour clock, two different times)',
);

export const officeHours = text().refine(
  (value) => parseWeeklyHours(value) !== null,
  'expected business hours such as "mon-fri 09:00-17:00", several joined by ";"',
);

export const label = text(200);

/** Label → exact value or glob: alerts whose labels all fit. */
export const labelMatch = mapOf(
  label,
  z.string({ error: 'expected a text: an exact value or a glob, in quotes' }).max(500, 'too long'),
  'labels with a value or a glob each',
);

interface WordSpelling {
  /** The form in which words are compared. */
  readonly normal: (word: string) => string;
  readonly expected: string;
}

/** A mapping from a sender's words as people spell them; its keys are in the normal form afterwards. */
export const mapByWord = <T extends z.ZodType<string, string>>(meaning: T, { normal, expected }: WordSpelling) =>
  mapOf(text(100), meaning, expected)
    .superRefine((given, context) => {
      const spellings = new Map<string, string>();
      for (const written of given.keys()) {
        const word = normal(written);
        const problem = (message: string): void => context.addIssue({ code: 'custom', path: [written], message });
        if (word === '') problem('no letter or digit in it, so no value can be this word: remove it');
        else if (spellings.has(word)) problem(`the same word as "${spellings.get(word) ?? ''}": keep one of them`);
        else spellings.set(word, written);
      }
    })
    .transform((given): ReadonlyMap<string, z.output<T>> => {
      return new Map([...given].map(([written, meant]) => [normal(written), meant]));
    });
