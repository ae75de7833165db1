/**
 * The audit's files: `audit-YYYY-MM.jsonl`, by the month (UTC) in which an entry was written. Entries are only ever
 * appended, each whole and in one write, by the server and by commands run beside it (`tocsin token`).
 */
import { constants } from 'node:fs';
import { mkdir, open, readdir, type FileHandle } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { AuditEntry } from '../../records/open-records.ts';
import { newUlid } from '../ingest/declaration.ts';

export const auditDirectoryOf = (home: string): string => join(home, 'audit');

const NAME = /^audit-\d{4}-\d{2}\.jsonl$/;
const NEWLINE = 10;
const { O_APPEND, O_CREAT, O_RDWR } = constants;

/** Oldest first; empty while the directory does not exist. */
export async function listAuditFiles(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => NAME.test(name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Resolves when the entries are on the disk. Throws when a write fails; some entries may have been written by then. */
export async function appendAuditEntries(
  directory: string,
  entries: readonly AuditEntry[],
  now: number,
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `audit-${new Date(now).toISOString().slice(0, 7)}.jsonl`);
  const file = await open(path, O_APPEND | O_CREAT | O_RDWR, 0o600);
  try {
    const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    // An earlier write may have been cut short; a line break keeps it from swallowing the next entry.
    await file.appendFile((await endsTorn(file)) ? `\n${lines}` : lines);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function endsTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== NEWLINE;
}

interface AuditFilePart {
  readonly entries: readonly AuditEntry[];
  /** Where the next part begins. */
  readonly next: number;
  /** Lines that could not be read. */
  readonly broken: number;
}

const PART_BYTES = 256 * 1024;

/**
 * Whole lines from `offset` on, about 256 KiB of them; null at the end. A file that has shrunk is read from its start.
 */
export async function readAuditFilePart(
  directory: string,
  name: string,
  offset: number,
): Promise<AuditFilePart | null> {
  const file = await open(join(directory, name), 'r');
  try {
    const { size } = await file.stat();
    const from = offset > size ? 0 : offset;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PART_BYTES), 0, PART_BYTES, from);
    const bytes = buffer.subarray(0, bytesRead);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) return { ...parse(bytes.subarray(0, end)), next: from + end };
    // We never write a line this long.
    return bytesRead === PART_BYTES ? { entries: [], next: from + bytesRead, broken: 1 } : null;
  } finally {
    await file.close();
  }
}

function parse(bytes: Buffer): Omit<AuditFilePart, 'next'> {
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .filter((text) => text !== '');
  const entries = lines.map(parseAuditEntry).filter((entry) => entry !== null);
  return { entries, broken: lines.length - entries.length };
}

const NEWEST_BYTES = 2 * 1024 * 1024;

/** The newest entries of all files, about 2 MiB of them, newest first. */
export async function readNewestAuditEntries(directory: string): Promise<readonly AuditEntry[]> {
  const found = new Map<string, AuditEntry>();
  let left = NEWEST_BYTES;
  for (const name of [...(await listAuditFiles(directory))].reverse()) {
    if (left <= 0) break;
    const file = await open(join(directory, name), 'r');
    try {
      const { size } = await file.stat();
      const length = Math.min(size, left);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      // The first line may have been cut: skip it.
      for (const entry of parse(buffer.subarray(0, bytesRead)).entries) found.set(entry.id, entry);
      left -= length;
    } finally {
      await file.close();
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

const nullableText = z.string().nullable();

/** Strict about the fields we read; a later version may have written more. */
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

/** The fields that a caller gives; omitted ones are unknown. */
export type AuditEntryInput = Partial<AuditEntry> & Pick<AuditEntry, 'via' | 'command' | 'outcome'>;

/** `at`: epoch ms. */
export const createAuditEntry = (input: AuditEntryInput, at: number): AuditEntry => ({
  from: null,
  agent: null,
  token: null,
  keyId: null,
  person: null,
  role: null,
  by: null,
  onBehalf: false,
  subject: null,
  workflowId: null,
  incidentId: null,
  requestId: null,
  status: null,
  omitted: 0,
  ...input,
  id: newUlid(at),
  at: new Date(at).toISOString(),
});

/** Null for a torn line, or one that we did not write. */
function parseAuditEntry(text: string): AuditEntry | null {
  try {
    return auditEntrySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

interface LocalAction {
  /** The state directory. */
  readonly home: string;
  /** `token.create` … */
  readonly command: string;
  /** The variable's name, never its value. */
  readonly subject: string;
  readonly outcome: 'done' | 'refused' | 'failed';
}

/** False when the entry could not be written; the change itself stands. */
export async function auditLocalAction({ home, ...action }: LocalAction): Promise<boolean> {
  const now = Date.now();
  try {
    await appendAuditEntries(
      auditDirectoryOf(home),
      [createAuditEntry({ ...action, via: 'local', by: userName() }, now)],
      now,
    );
    return true;
  } catch {
    return false;
  }
}

/** In containers a user may have a number but no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
