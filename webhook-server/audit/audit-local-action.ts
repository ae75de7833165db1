/**
 * What is done at the state directory itself, by whoever may write there: a line in the same files, which the server
 * copies with its own.
 */
import { userInfo } from 'node:os';
import { createAuditEntry } from './audit-entry.ts';
import { appendAuditEntries, auditDirectoryOf } from './audit-files.ts';

interface LocalAction {
  /** The state directory. */
  readonly home: string;
  /** `token.create` … */
  readonly command: string;
  /** A name, never a value. */
  readonly subject: string;
  readonly outcome: 'done' | 'refused' | 'failed';
}

/** False when the line could not be written: what was done is done all the same. */
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

/** In containers a user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
