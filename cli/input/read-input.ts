/** What a command reads: a file, or standard input. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError, EXIT } from '../cli-error.ts';

interface InputLimits {
  readonly cwd: string;
  /** Bytes. */
  readonly limit: number;
  /** What to do when it cannot be read. */
  readonly hint?: string;
}

/** The bytes of `file`, or of standard input (`-`). Throws `CliError` (64) when it cannot be read or is too large. */
export function readInput(file: string, { cwd, limit, hint }: InputLimits): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === '-' ? 0 : resolve(cwd, file));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === '') throw error;
    throw new CliError(EXIT.usage, `${file} cannot be read: ${code}`, hint === undefined ? {} : { hint });
  }
  if (bytes.length <= limit) return bytes;
  const size = limit < 1024 * 1024 ? `${limit / 1024} KiB` : `${limit / (1024 * 1024)} MiB`;
  throw new CliError(EXIT.usage, `${file} is larger than ${size}, the limit`);
}
