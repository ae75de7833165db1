/** Durations and ends as people write them on the command line. */
import { parseDuration } from '../../domain/kernel/duration.ts';
import { CliError, EXIT } from '../cli-error.ts';

/** Milliseconds, more than 0. Throws `CliError` (64), naming `option`, for anything else. */
export function durationOf(text: string, option: string): number {
  const ms = parseDuration(text);
  if (!ms) throw new CliError(EXIT.usage, `${option}: write a duration such as 90s, 15m, 4h or 2d`);
  return ms;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const RFC3339_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;

/** → epoch ms; null: never; undefined: not given. Throws `CliError` (64) for anything else, and for the past. */
export function expiryOf(text: string | undefined, now: number): number | null | undefined {
  if (text === undefined) return undefined;
  if (text.toLowerCase() === 'never') return null;
  const at = expiryTimeOf(text, now);
  if (at > now) return at;
  throw new CliError(EXIT.usage, `--expires: ${text} is in the past`);
}

function expiryTimeOf(text: string, now: number): number {
  const isDay = DAY.test(text);
  if (!isDay && !RFC3339_TIME.test(text)) {
    if (/^\d+[smhd]$/.test(text)) return now + durationOf(text, '--expires');
    throw new CliError(EXIT.usage, '--expires: write 90d, 2027-01-01, a time such as 2027-01-01T09:00Z, or never');
  }
  const at = Date.parse(text);
  // JavaScript makes the 2nd of March of the 30th of February.
  if (!Number.isNaN(at) && (!isDay || new Date(at).toISOString().startsWith(text))) return at;
  throw new CliError(EXIT.usage, `--expires: there is no ${text}`);
}
