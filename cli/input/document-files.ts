/** Documents of an incident on their way to a file or to standard output, or from one. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { CliContext, CommandResult } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { safe } from '../text/terminal-text.ts';

export interface DocumentOutput {
  readonly text: string;
  /** Where it goes; `-` is standard output. */
  readonly out: string;
  /** A file that is there already may go. */
  readonly force: boolean;
  /** On standard output under `--json`. */
  readonly json: unknown;
}

/** Delivers the document and says where it is. Throws `CliError`: 1 for a file in the way, 64 where none can be. */
export function writeDocument(
  { text, out, force, json }: DocumentOutput,
  { cwd }: Pick<CliContext, 'cwd'>,
): CommandResult {
  if (out === '-') return { text: text.replace(/\n$/, ''), json, exact: true };
  const file = resolve(cwd, out);
  write(file, text, force);
  return { text: `written to ${safe(file)}`, json: { file, bytes: Buffer.byteLength(text) } };
}

/** Readable by its owner alone: what happened to whom is not for everyone on a shared machine. */
function write(file: string, text: string, force: boolean): void {
  const options = { mode: 0o600, flag: 'wx' } as const;
  try {
    if (!force) return writeFileSync(file, text, options);
    const temporary = `${file}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text, options);
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && !force) {
      throw new CliError(EXIT.refused, `refused: ${file} is there already`, {
        hint: '--force overwrites it, --out names another file',
      });
    }
    if (code === '') throw error;
    throw new CliError(EXIT.usage, `${file} cannot be written: ${code}`, { hint: 'name another file with --out' });
  }
}

/** As large as the server takes one. */
const FILE_LIMIT = 256 * 1024;

/** The text of a file, or of standard input (`-`). Throws `CliError` (64) for what cannot be read, or is no text. */
export function readDocument(file: string, { cwd }: Pick<CliContext, 'cwd'>): string {
  const bytes = read(file, cwd);
  if (bytes.length > FILE_LIMIT) throw new CliError(EXIT.usage, `${file} is larger than 256 KiB, which none may be`);
  const text = bytes.toString('utf8');
  if (text.trim() === '') throw new CliError(EXIT.usage, `${file} is empty`);
  if (!Buffer.from(text).equals(bytes)) throw new CliError(EXIT.usage, `${file} is no text in UTF-8`);
  return text;
}

function read(file: string, cwd: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : resolve(cwd, file));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === '') throw error;
    throw new CliError(EXIT.usage, `${file} cannot be read: ${code}`);
  }
}
