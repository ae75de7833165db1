/**
 * Hours by the clock, as people write them: `22:00-07:00` every day, `mon-fri 09:00-17:00` on some days of the week.
 * They may wrap midnight, and are as long as the clock says, also when it is changed. Pure; moments are epoch ms.
 */
import type { Temporal } from 'temporal-polyfill';
import { instantOf, localDay, minuteOfDay, MINUTES_OF_DAY } from './local-clock.ts';

/** Minutes after local midnight; `start` is in, `end` is out. `end < start` wraps midnight; `end` may be 1440. */
export interface ClockRange {
  readonly start: number;
  readonly end: number;
}

/** Reads `22:00-07:00`; null when it is no such range, or when both ends are the same. */
export function parseClockRange(text: string): ClockRange | null {
  const match = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(text.trim());
  if (!match) return null;
  const [startHour, startMinute, endHour, endMinute] = match.slice(1).map(Number) as [number, number, number, number];
  const start = startHour * 60 + startMinute;
  const end = endHour * 60 + endMinute;
  const real = startMinute < 60 && endMinute < 60 && start < MINUTES_OF_DAY && end <= MINUTES_OF_DAY;
  return real && start !== end ? { start, end } : null;
}

/** When the quiet hours (`22:00-07:00` in `timeZone`) end that `at` falls into; null when it falls into none. Throws RangeError. */
export function quietHoursEnd(hours: string, timeZone: string, at: number): number | null {
  const range = parseClockRange(hours);
  if (!range) throw new RangeError(`not a range of the clock: ${hours}`);
  const { start, end } = range;
  const minute = minuteOfDay(timeZone, at);
  const isQuiet = start < end ? minute >= start && minute < end : minute >= start || minute < end;
  if (!isQuiet) return null;
  const today = localDay(timeZone, at);
  // An end that the clock shows twice, when it is put back, ends the quiet both times.
  const ends = [today, today.add({ days: 1 })].flatMap((day) => [
    instantOf(timeZone, day, end),
    instantOf(timeZone, day, end, 'later'),
  ]);
  return ends.find((each) => each > at) ?? null;
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Weekday = (typeof WEEKDAYS)[number];

/** A part of business hours. */
export interface WeeklyHours {
  readonly days: ReadonlySet<Weekday>;
  readonly range: ClockRange;
}

/** Reads `mon-fri 09:00-17:00`, `sat,sun 10:00-12:00`, several joined by `;`; null when any part cannot be read. */
export function parseWeeklyHours(text: string): readonly WeeklyHours[] | null {
  const parts = text.split(';').map(parsePart);
  return parts.every((part) => part !== null) ? parts : null;
}

function parsePart(text: string): WeeklyHours | null {
  const [days, clock, ...rest] = text.trim().split(/\s+/);
  if (days === undefined || clock === undefined || rest.length > 0) return null;
  const range = parseClockRange(clock);
  const spans = days.toLowerCase().split(',').map(parseDays);
  if (!range || spans.includes(null)) return null;
  return { days: new Set(spans.flatMap((span) => span ?? [])), range };
}

/** `mon-fri` or `sat`; a span may run over the week's end (`fri-mon`). */
function parseDays(text: string): readonly Weekday[] | null {
  const [first, last = first, ...rest] = text.split('-').map((name) => WEEKDAYS.findIndex((day) => day === name));
  if (first === undefined || last === undefined || rest.length > 0 || first < 0 || last < 0) return null;
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => WEEKDAYS[(first + index) % 7] as Weekday);
}

/** `from` is in, `until` is out. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/**
 * The stretches that begin on `day`: hours that wrap midnight belong to the day on which they begin, and hours that the
 * clock leaps over are none. `repeatedEnd`: which of them it is when the clock shows an end twice.
 */
export function stretchesOn(
  day: Temporal.PlainDate,
  hours: readonly WeeklyHours[],
  timeZone: string,
  repeatedEnd: 'compatible' | 'later' = 'compatible',
): readonly Stretch[] {
  return hours
    .filter(({ days }) => days.has(WEEKDAYS[day.dayOfWeek - 1] ?? 'mon'))
    .map(({ range: { start, end } }) => ({
      from: instantOf(timeZone, day, start),
      until: instantOf(timeZone, day, end > start ? end : end + MINUTES_OF_DAY, repeatedEnd),
    }))
    .filter(({ from, until }) => from < until);
}
