/** Parses a query string by a schema: parameters that are unknown, repeated or unusable give a 400 that names them. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Problem } from '../../domain/kernel/commands.ts';
import { problemsOfZodError } from '../ingest/sources/message.ts';
import { invalidRequest } from './problem.ts';

/** No parameter has a longer name; such names are cut in the message. */
const NAME_SHOWN = 60;
const SHOWN = 20;

/** `blanks`: whether `team=` is a mistake, or the same as no `team` (a filter form with an empty field). */
export function readQuery<T extends z.ZodObject>(
  { url }: Pick<IncomingMessage, 'url'>,
  schema: T,
  { blanks = 'refused' }: { readonly blanks?: 'refused' | 'absent' | undefined } = {},
): z.output<T> {
  const given = new URLSearchParams((url ?? '').split('?').slice(1).join('?'));
  const values = new Map<string, string>();
  const problems: Problem[] = [];
  const known = Object.keys(schema.shape);
  for (const [name, value] of given) {
    const at = name.slice(0, NAME_SHOWN).toWellFormed();
    if (!known.includes(name)) problems.push({ at, message: unknownParameter(known) });
    else if (values.has(name)) problems.push({ at, message: 'given more than once' });
    values.set(name, value);
  }
  const isGiven = (name: string, value: string): boolean =>
    known.includes(name) && (value !== '' || blanks === 'refused');
  const read = schema.safeParse(Object.fromEntries([...values].filter(([name, value]) => isGiven(name, value))));
  if (!read.success) problems.push(...problemsOfZodError(read.error));
  if (!read.success || problems.length > 0) throw invalidRequest(problems.slice(0, SHOWN), 'the query cannot be read');
  return read.data;
}

function unknownParameter(known: readonly string[]): string {
  return known.length === 0 ? 'unknown parameter: none is taken here' : `unknown parameter; known: ${known.join(', ')}`;
}

/** An integer from `min` to `max`, in digits. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `expected a number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `expected a number from ${min} to ${max}`);
