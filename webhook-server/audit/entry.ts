/** A line of the audit, as it is in the files: one JSON object. */
import { z } from 'zod';
import type { AuditEntry } from '../../records/index.ts';
import { newUlid } from '../new-ulid.ts';

const word = z.string().nullable();

/** Strict about what is read; a later version may have written more. */
const line = z.object({
  id: z.string().regex(/^[0-9A-Z]{26}$/),
  at: z.iso.datetime(),
  door: z.enum(['http', 'cli', 'link', 'local']),
  from: word,
  agent: word,
  token: word,
  keyId: word,
  person: word,
  role: word,
  by: word,
  onBehalf: z.boolean(),
  command: z.string(),
  subject: word,
  workflowId: word,
  incidentId: word,
  requestId: word,
  outcome: z.enum(['done', 'unchanged', 'pending', 'refused', 'failed']),
  status: z.int().nullable(),
  omitted: z.int(),
}) satisfies z.ZodType<AuditEntry>;

/** What somebody says of an attempt; everything that is left out is unknown. */
export type Said = Partial<AuditEntry> & Pick<AuditEntry, 'door' | 'command' | 'outcome'>;

/** `at`: epoch ms. */
export const entryOf = (said: Said, at: number): AuditEntry => ({
  ...{ from: null, agent: null, token: null, keyId: null, person: null, role: null, by: null, onBehalf: false },
  ...{ subject: null, workflowId: null, incidentId: null, requestId: null, status: null, omitted: 0 },
  ...said,
  id: newUlid(at),
  at: new Date(at).toISOString(),
});

/** Null: torn, or nobody's of ours. */
export function readEntry(text: string): AuditEntry | null {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
