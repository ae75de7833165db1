/** When something ends, as people write it: a length of time from now, a day (its beginning, UTC), a moment, never. */
import { durationOf } from './duration.ts';
import { CliError, EXIT } from '../cli-error.ts';

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const RFC3339_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;

/** → epoch ms; null: never; undefined: nothing was said. Throws `CliError` (64) for anything else, and for the past. */
export function expiryOf(text: string | undefined, now: number): number | null | undefined {
  if (text === undefined) return undefined;
  if (text.toLowerCase() === 'never') return null;
  const at = expiryTimeOf(text, now);
  if (at > now) return at;
  throw new CliError(EXIT.usage, `--expires: ${text} is over already`);
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
