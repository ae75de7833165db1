/**
 * The seen-log: what the edge has paged, in a file of sealed lines beside the spool and under its lock. Each write is
 * fsynced; a torn or corrupt line is skipped, at the price of a page that goes again under its own key. A disk that
 * refuses stops no page: the lines wait in memory and go with the next.
 */
import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { linesOf, openLine, sealLine } from '../spool/checksum.ts';
import type { FiringId } from './firing.ts';
import { createSeen, readSeenLine, type SeenLine, type Sent } from './seen.ts';

export interface SeenLog {
  /** Takes effect at once; resolves when it is on the disk, or the disk has refused. Never rejects. */
  note(line: SeenLine): Promise<void>;
  readonly of: (firing: FiringId) => readonly Sent[];
  readonly isTold: (firing: FiringId) => boolean;
  /** Lines that could not be read when the log was opened. */
  readonly corrupt: number;
  close(): Promise<void>;
}

export interface SeenLogOptions {
  /** The spool's, and locked by it. */
  readonly directory: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly now?: () => number;
  /** Lines after which the file is written anew, without what is old. */
  readonly renewAfter?: number;
}

const NAME = 'paged.log';
/** A sender repeats an alert every few hours for as long as it fires. */
const KEPT_MS = 7 * 86_400_000;
const RENEW_AFTER = 20_000;
/** With a disk that refuses for days. */
const OWED_AT_MOST = 10_000;

/** Never throws: with a file that cannot be read, nothing is remembered. */
export async function openSeenLog(options: SeenLogOptions): Promise<SeenLog> {
  const { directory, log, now = Date.now, renewAfter = RENEW_AFTER } = options;
  const path = join(directory, NAME);
  const seen = createSeen();
  const found = await readLines(path).catch((err: unknown) => {
    log.error({ err, path }, 'the seen-log cannot be read; what was paged before is not remembered');
    return { lines: [], corrupt: 0, torn: true };
  });
  for (const line of found.lines) seen.apply(line);
  if (found.corrupt > 0) log.error({ corrupt: found.corrupt, path }, 'lines of the seen-log are torn or corrupt');

  let owed: Buffer[] = [];
  let written = found.lines.length;
  let file: FileHandle | null = null;
  /** The end of the file may be half a line. */
  let torn = found.torn;
  let turn: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    if (owed.length === 0) return;
    const lines = owed;
    owed = [];
    try {
      file ??= await open(path, 'a', 0o600);
      await file.writeFile(Buffer.concat(torn ? [Buffer.from('\n'), ...lines] : lines));
      await file.datasync();
      torn = false;
      written += lines.length;
    } catch (err) {
      torn = true;
      owed = [...lines, ...owed].slice(-OWED_AT_MOST);
      log.error({ err }, 'the seen-log cannot be written; what was paged is remembered in memory only');
      await shut();
    }
    if (written > renewAfter) await renew().catch((err: unknown) => log.warn({ err }, 'the seen-log was not renewed'));
  }

  async function renew(): Promise<void> {
    const lines = seen.renew(now() - KEPT_MS);
    written = Math.min(lines.length, renewAfter / 2); // also when it fails, or is full of what is young: not at every line
    const fresh = await open(`${path}.new`, 'w', 0o600);
    try {
      await fresh.writeFile(Buffer.concat(lines.map((line) => sealLine(JSON.stringify(line)))));
      await fresh.datasync();
    } finally {
      await fresh.close();
    }
    await shut();
    await rename(`${path}.new`, path);
    const folder = await open(directory, 'r');
    await folder.sync().finally(() => folder.close());
    torn = false;
  }

  async function shut(): Promise<void> {
    const open = file;
    file = null;
    await open?.close().catch(() => undefined);
  }

  if (found.lines.length > 0) turn = renew().catch((err: unknown) => log.warn({ err }, 'the seen-log was not renewed'));

  return {
    note(line) {
      seen.apply(line);
      owed.push(sealLine(JSON.stringify(line)));
      return (turn = turn.then(flush));
    },
    of: seen.of,
    isTold: seen.isTold,
    corrupt: found.corrupt,
    async close() {
      await (turn = turn.then(flush));
      await shut();
    },
  };
}

async function readLines(path: string): Promise<{ lines: SeenLine[]; corrupt: number; torn: boolean }> {
  const bytes = await readFile(path).catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT') return Buffer.alloc(0);
    throw err;
  });
  const lines: SeenLine[] = [];
  let corrupt = 0;
  for (const { offset, length } of linesOf(bytes)) {
    if (length === 0) continue;
    const text = openLine(bytes.subarray(offset, offset + length));
    const line = text === null ? null : readSeenLine(text);
    if (line === null) corrupt += 1;
    else lines.push(line);
  }
  return { lines, corrupt, torn: bytes.length > 0 && bytes.at(-1) !== 10 };
}
