/** What may stand behind the `?` of an address, by route. Used to read it and to describe it. */
import { z } from 'zod';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { METRIC_GROUPS } from '../../records/metrics/metrics.ts';
import { wholeNumber } from '../http/query.ts';

const MOST_LINES = 999_999_999;

/** The line that must be there: waited for, up to 1 s. */
const minSeq = wholeNumber(0, MOST_LINES).default(0).describe('wait up to 1 s until the answer has this line');

export const readQuerySchema = z.strictObject({ minSeq });

export const listQuerySchema = z.strictObject({
  open: z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .optional()
    .describe('true: those that people are still at; false: those that are over'),
  severity: z.enum(SEVERITIES).optional(),
  team: z.string().min(1).max(100).optional(),
  q: z.string().min(1).max(200).optional().describe('part of title, number or service'),
  cursor: z.string().min(1).max(400).optional().describe('`next` of the page before'),
  limit: wholeNumber(1, 200).optional().describe('1 to 200; 50 unless said'),
});

export const auditQuerySchema = z.strictObject({
  incident: z
    .string()
    .regex(/^[\w.:-]{1,200}$/, 'expected the id of an incident')
    .optional()
    .describe('what was tried about this one only'),
  cursor: z.string().min(1).max(400).optional().describe('`next` of the page before'),
  limit: wholeNumber(1, 200).optional().describe('1 to 200; 50 unless said'),
});

export const metricsQuerySchema = z.strictObject({
  from: z.string().max(40).optional().describe('declared at or after: a moment, or a day from its beginning'),
  to: z.string().max(40).optional().describe('declared before: a moment; or until the end of a day'),
  team: z.string().min(1).max(100).optional(),
  severity: z.enum(SEVERITIES).optional().describe('the worst they reached'),
  groupBy: z.enum(METRIC_GROUPS).optional().describe('only these groups; all three unless said'),
});

export const postmortemQuerySchema = z.strictObject({
  minSeq,
  draft: z
    .enum(['true', 'false'])
    .default('false')
    .transform((word) => word === 'true')
    .describe('true: the draft of the record, whatever people have written'),
});

const EXPORT_FORMATS = ['json', 'yaml', 'markdown'] as const;

export const exportQuerySchema = z.strictObject({ minSeq, format: z.enum(EXPORT_FORMATS).default('json') });
