import { parseDuration } from '../../domain/kernel/duration.ts';
import { CliError, EXIT } from '../cli-error.ts';

/** Milliseconds, more than 0. Throws `CliError` (64), naming `option`, for anything else. */
export function durationOf(text: string, option: string): number {
  const ms = parseDuration(text);
  if (!ms) throw new CliError(EXIT.usage, `${option}: write a length of time as 90s, 15m, 4h or 2d`);
  return ms;
}
