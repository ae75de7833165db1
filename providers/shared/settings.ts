/** What contacts of several vendors are addressed by. */
import { z } from 'zod';

/** A text that looks like `pattern`; `what` as in "expected a mail address". */
export const targetLike = (what: string, pattern: RegExp) =>
  z
    .string({ error: `expected ${what}, in quotes` })
    .trim()
    .max(2000, 'too long')
    .regex(pattern, { error: `expected ${what}`, abort: true });
