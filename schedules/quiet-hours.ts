/** Quiet hours of a person: judged by the local clock, so a night is as long as the clock says, DST or not. */
import { contains, parseClockRange } from './clock-range.ts';
import { minuteOfDay } from './local-time.ts';

/**
 * True when `atMs` (epoch ms) falls into `hours` (`HH:MM-HH:MM`, may wrap midnight) on the clock of `timeZone`.
 * Throws RangeError for hours or a zone that the configuration check would have refused.
 */
export function isWithin(hours: string, timeZone: string, atMs: number): boolean {
  const range = parseClockRange(hours);
  if (!range) throw new RangeError(`not a range of the clock: ${hours}`);
  return contains(range, minuteOfDay(timeZone, atMs));
}
