/** Quiet hours of a person: judged by the local clock, so a night is as long as the clock says, DST or not. */
import { isInClockRange, parseClockRange } from './clock-range.ts';
import type { ClockRange } from './clock-range.ts';
import { localDay, instantOf } from './local-day.ts';
import { minuteOfDay } from './local-time.ts';

/**
 * True when `atMs` (epoch ms) falls into `hours` (`HH:MM-HH:MM`, may wrap midnight) on the clock of `timeZone`.
 * Throws RangeError for hours or a zone that the configuration check would have refused.
 */
export function isInQuietHours(hours: string, timeZone: string, atMs: number): boolean {
  return isInClockRange(rangeOf(hours), minuteOfDay(timeZone, atMs));
}

/** When the quiet hours end that `atMs` falls into, epoch ms; null when it falls into none. Throws as `isWithin` does. */
export function quietHoursEnd(hours: string, timeZone: string, atMs: number): number | null {
  if (!isInQuietHours(hours, timeZone, atMs)) return null;
  const today = localDay(timeZone, atMs);
  const { end } = rangeOf(hours);
  // An end that the clock shows twice, when it is put back, ends the quiet both times.
  const ends = [today, today.add({ days: 1 })].flatMap((day) => [
    instantOf(timeZone, day, end),
    instantOf(timeZone, day, end, 'later'),
  ]);
  return ends.find((at) => at > atMs) ?? null;
}

function rangeOf(hours: string): ClockRange {
  const range = parseClockRange(hours);
  if (!range) throw new RangeError(`not a range of the clock: ${hours}`);
  return range;
}
