/**
 * What is done at the state directory itself, by whoever may write there: a line in the same files, which the server
 * copies with its own.
 */
import { userInfo } from 'node:os';
import { entryOf } from './entry.ts';
import { appendLines, auditDirectoryOf } from './files.ts';

interface LocalDeed {
  /** The state directory. */
  readonly home: string;
  /** `token.create` … */
  readonly command: string;
  /** A name, never a value. */
  readonly subject: string;
  readonly outcome: 'done' | 'refused' | 'failed';
}

/** False when the line could not be written: what was done is done all the same. */
export async function auditLocally({ home, ...deed }: LocalDeed): Promise<boolean> {
  const now = Date.now();
  try {
    await appendLines(auditDirectoryOf(home), [entryOf({ ...deed, door: 'local', by: userName() }, now)], now);
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
