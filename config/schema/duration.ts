/** Lengths of time: `90s`, `15m`, `4h`, `2d` in the file, milliseconds afterwards. No bare numbers: 30 what? */
import { z } from 'zod';
import { off } from './primitives.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 30 * 86_400_000;
const EXPECTED = 'write a duration such as 90s, 15m, 4h or 2d';

const written = z.string({ error: EXPECTED }).regex(/^[0-9]{1,9}[smhd]$/, EXPECTED);

const toMs = (text: string): number => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? NaN);

/** From 1 s to 30 days. */
export const duration = written
  .refine((text) => inRange(toMs(text), 1_000), 'out of range: from 1s to 30d')
  .transform(toMs);

/** As `duration`, or `0s`: at once. */
export const durationOrZero = written
  .refine((text) => inRange(toMs(text), 0), 'out of range: from 0s to 30d')
  .transform(toMs);

/** `null` for `off`. */
export const orOff = <T extends z.ZodType<number, string>>(length: T) =>
  z.union([off.transform(() => null), length], { error: `${EXPECTED}, or off` });

// Not a number (a text that is no duration at all) has its own message already.
function inRange(ms: number, shortestMs: number): boolean {
  return Number.isNaN(ms) || (ms >= shortestMs && ms <= LONGEST_MS);
}
