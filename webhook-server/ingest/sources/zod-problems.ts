/** Turns zod's findings into the `problems` of an answer: where, in dotted form, and what. Never the value itself. */
import type { z } from 'zod';
import type { Problem } from '../../../domain/kernel/commands.ts';

/** Enough to see what is wrong with a body of ten thousand alerts. */
const SHOWN = 20;

export function problemsOfZodError(error: z.ZodError): readonly Problem[] {
  return error.issues.slice(0, SHOWN).map(({ path, message }) => ({ at: path.map(String).join('.'), message }));
}
