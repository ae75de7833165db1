/** Lengths of time as people write them on the command line: `90s`, `15m`, `4h`, `2d`. */
import { CliError, EXIT } from '../cli-error.ts';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** → ms. Throws `CliError` (64), naming `option`, for anything else. */
export function durationOf(text: string, option: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new CliError(EXIT.usage, `${option}: write a length of time as 90s, 15m, 4h or 2d`);
  return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
