/** What the schemas of many routes are made of. */
import { z } from 'zod';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { wholeNumber } from '../http/query.ts';

export const text = z.string();
export const time = z.iso.datetime().describe('RFC 3339, in UTC');
export const count = z.int().min(0);
export const severity = z.enum(SEVERITIES);
export const textMap = z.record(text, text);
export const nullable = <T extends z.ZodType>(schema: T) => schema.nullable();

/** Schemas that the API's description holds once, under a name of their own; routes refer to them. */
export const NAMED_SCHEMAS = z.registry<{ readonly name: string }>();

export const problemSchema = z
  .looseObject({
    type: text,
    title: text,
    status: z.int(),
    detail: text,
    problems: z.array(z.looseObject({ at: text, message: text })),
    allowed: z.array(text).optional().describe('409: commands that are possible now'),
  })
  .register(NAMED_SCHEMAS, { name: 'Problem' });

/** On whose behalf; checked by `actorFor`. */
export const onBehalf = z.unknown().optional();

/** The timeline entry that must be there: waited for, up to 1 s. */
export const minSeq = wholeNumber(0, 999_999_999).default(0).describe('wait up to 1 s until the answer has this entry');
export const readQuery = z.strictObject({ minSeq });

export const pageQuery = {
  cursor: z.string().min(1).max(400).optional().describe('`next` of the page before'),
  limit: wholeNumber(1, 200).optional().describe('1 to 200; 50 by default'),
};

/** `true` or `false`, as a query parameter. */
export const booleanParameter = z.enum(['true', 'false']).transform((word) => word === 'true');
