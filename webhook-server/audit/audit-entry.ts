/** A line of the audit, as it is in the files: one JSON object. */
import { z } from 'zod';
import type { AuditEntry } from '../../records/open-records.ts';
import { newUlid } from '../ingest/declaration.ts';

const nullableText = z.string().nullable();

/** Strict about what is read; a later version may have written more. */
const auditEntrySchema = z.object({
  id: z.string().regex(/^[0-9A-Z]{26}$/),
  at: z.iso.datetime(),
  via: z.enum(['http', 'cli', 'link', 'local']),
  from: nullableText,
  agent: nullableText,
  token: nullableText,
  keyId: nullableText,
  person: nullableText,
  role: nullableText,
  by: nullableText,
  onBehalf: z.boolean(),
  command: z.string(),
  subject: nullableText,
  workflowId: nullableText,
  incidentId: nullableText,
  requestId: nullableText,
  outcome: z.enum(['done', 'unchanged', 'pending', 'refused', 'failed']),
  status: z.int().nullable(),
  omitted: z.int(),
}) satisfies z.ZodType<AuditEntry>;

/** What somebody says of an attempt; everything that is left out is unknown. */
export type AuditEntryInput = Partial<AuditEntry> & Pick<AuditEntry, 'via' | 'command' | 'outcome'>;

/** `at`: epoch ms. */
export const createAuditEntry = (input: AuditEntryInput, at: number): AuditEntry => ({
  ...{ from: null, agent: null, token: null, keyId: null, person: null, role: null, by: null, onBehalf: false },
  ...{ subject: null, workflowId: null, incidentId: null, requestId: null, status: null, omitted: 0 },
  ...input,
  id: newUlid(at),
  at: new Date(at).toISOString(),
});

/** Null: torn, or nobody's of ours. */
export function parseAuditEntry(text: string): AuditEntry | null {
  try {
    return auditEntrySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
