/**
 * Hours by the clock, as people write them: `22:00-07:00` every day, `mon-fri 09:00-17:00` on some days of the week.
 * They may wrap midnight, and are as long as the clock says, also when it is changed. Pure; moments are epoch ms.
 */
import type { Temporal } from 'temporal-polyfill';
import { endBeforeMinute, localDay, MINUTES_OF_DAY, startOfMinute } from './local-clock.ts';

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
 * The stretches that begin on `day`; hours that wrap midnight belong to the day on which they begin. Where the clock is
 * put back, a stretch is from the first time that it shows the start until the last time that it shows anything before the
 * end. Where it is put forward, a start or an end that it leaps over is the moment of the leap, and hours that it leaps over are none.
 */
export function stretchesOn(
  day: Temporal.PlainDate,
  hours: readonly WeeklyHours[],
  timeZone: string,
): readonly Stretch[] {
  return hours
    .filter(({ days }) => days.has(WEEKDAYS[day.dayOfWeek - 1] ?? 'mon'))
    .map(({ range: { start, end } }) => ({
      from: startOfMinute(timeZone, day, start),
      until: endBeforeMinute(timeZone, day, end > start ? end : end + MINUTES_OF_DAY),
    }))
    .filter(({ from, until }) => from < until);
}

/** Of the stretches that `at` lies in, the last end; null when it lies in none. */
export function stretchEnd(hours: readonly WeeklyHours[], timeZone: string, at: number): number | null {
  const today = localDay(timeZone, at);
  const stretches = [today.subtract({ days: 1 }), today].flatMap((day) => stretchesOn(day, hours, timeZone));
  const ends = stretches.filter(({ from, until }) => from <= at && at < until).map(({ until }) => until);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** When the quiet hours (`22:00-07:00` in `timeZone`) end that `at` falls into; null when it falls into none. Throws RangeError. */
export function quietHoursEnd(hours: string, timeZone: string, at: number): number | null {
  const range = parseClockRange(hours);
  if (!range) throw new RangeError(`not a range of the clock: ${hours}`);
  return stretchEnd([{ days: new Set(WEEKDAYS), range }], timeZone, at);
}
