/** Reads the query of an address by a schema: what is unknown, repeated or not to be used is a 400 that names it. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Problem } from '../../domain/kernel/commands.ts';
import { problemsOfZodError } from '../ingest/sources/message.ts';
import { invalidRequest } from './problem.ts';

/** Longer names are nobody's; they are not said back whole. */
const NAME_SHOWN = 60;
const SHOWN = 20;

/** `blanks`: whether `team=` is a mistake, or the same as no `team` (a form of filters that nobody filled in). */
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

/** A whole number from `min` to `max`, in digits. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `expected a number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `expected a number from ${min} to ${max}`);
