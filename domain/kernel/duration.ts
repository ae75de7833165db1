/**
 * Lengths of time as people write them, in the file and on the command line (`90s`, `15m`, `4h`, `2d`), and as they read
 * them. Not `ms` of npm: it takes `5`, `1.5 hrs` and `1y` too, and a bare number leaves open what is meant.
 */
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const DURATION_PATTERN = /^[0-9]{1,9}[smhd]$/;

/** Milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  return DURATION_PATTERN.test(text) ? Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? NaN) : null;
}

/** To two units, for the record: "9 s", "12 min 3 s", "1 h 5 min", "26 h", "2 d 4 h". */
export function durationText(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.floor(seconds / 60);
  return minutes < 48 * 60 ? twoUnits(minutes, 60, 'h', 'min') : twoUnits(Math.floor(minutes / 60), 24, 'd', 'h');
}

/** At a glance: "30 s", "4 min", "1 h 40 min", "2 d 4 h". */
export function roughDuration(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : durationText(minutes * 60_000);
}

function twoUnits(n: number, size: number, large: string, small: string): string {
  const rest = n % size;
  return `${Math.floor(n / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}
