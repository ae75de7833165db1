/**
 * Lengths of time as people write them, in the file and on the command line: `90s`, `15m`, `4h`, `2d`. Not `ms` of npm:
 * it takes `5`, `1.5 hrs` and `1y` too, and a bare number leaves open what is meant.
 */
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const DURATION_PATTERN = /^[0-9]{1,9}[smhd]$/;

/** Milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  return DURATION_PATTERN.test(text) ? Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? NaN) : null;
}
