/**
 * Windows of maintenance on the calendar: once, or every week by a zone's clock. Pure; the runtime's zone data decides
 * what the clock says, so a window over a change of the clock is as long as it is there. Times are epoch ms.
 */
import { Temporal } from 'temporal-polyfill';
import { localDay, instantOf } from './local-day.ts';
import { parseOfficeHours } from './office-hours.ts';
import type { OfficeHours } from './office-hours.ts';

/** `from` is in, `until` is out. */
export type WindowTimes =
  | { readonly from: number; readonly until: number }
  | { readonly every: readonly OfficeHours[]; readonly timeZone: string };

/** `2026-11-21T22:00:00Z` (any offset), or `2026-11-21 22:00` by the clock of `timeZone`; null for anything else. */
export function parseInstant(text: string, timeZone: string): number | null {
  const written = text.trim();
  try {
    if (WITH_OFFSET.test(written)) return Temporal.Instant.from(written).epochMilliseconds;
    if (!BY_THE_CLOCK.test(written)) return null;
    return Temporal.PlainDateTime.from(written.replace(' ', 'T')).toZonedDateTime(timeZone).epochMilliseconds;
  } catch {
    return null; // no such day, or no such time of day
  }
}

const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;
const BY_THE_CLOCK = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/;

/** Reads `sun 02:00-04:00`, several joined by `;`; null for anything else. As business hours are written. */
export const parseWeeklyTimes = parseOfficeHours;

/** When the window that `at` lies in ends; null when it lies in none. Those that follow at once are one. */
export function maintenanceWindowEnd(times: WindowTimes, at: number): number | null {
  if ('from' in times) return times.from <= at && at < times.until ? times.until : null;
  let end = endOfStretch(times, at);
  while (end !== null && end - at < NEVER_MS) {
    const next = endOfStretch(times, end);
    if (next === null) break;
    end = next;
  }
  return end;
}

/** Every moment of the week lies in it. */
export function neverEnds(every: readonly OfficeHours[]): boolean {
  const times = { every, timeZone: 'UTC' };
  const monday = Date.UTC(2024, 0, 1);
  const end = maintenanceWindowEnd(times, monday);
  return end !== null && end - monday >= NEVER_MS;
}

/** A week: what still goes on then never ends, which the configuration check refuses. */
const NEVER_MS = 7 * 86_400_000;
const MINUTES_OF_DAY = 1440;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Of the stretches that `at` lies in, the last end. Hours that wrap midnight belong to the day on which they begin. */
function endOfStretch({ every, timeZone }: Extract<WindowTimes, { timeZone: string }>, at: number): number | null {
  const today = localDay(timeZone, at);
  const ends = [today.subtract({ days: 1 }), today].flatMap((day) =>
    every
      .filter(({ days }) => days.has(WEEKDAYS[day.dayOfWeek - 1] ?? 'mon'))
      .map(({ range: { start, end } }) => ({
        from: instantOf(timeZone, day, start),
        // An end that the clock shows twice is the last of them: maintenance is not over an hour early.
        until: instantOf(timeZone, day, end > start ? end : end + MINUTES_OF_DAY, 'later'),
      }))
      .filter(({ from, until }) => from <= at && at < until)
      .map(({ until }) => until),
  );
  return ends.length === 0 ? null : Math.max(...ends);
}
