/** Days, months and times of day on the clock of a zone, by the runtime's own zone data. Pure; moments are epoch ms. */
import { Temporal } from 'temporal-polyfill';

export const MINUTES_OF_DAY = 1440;

/** True when the runtime knows `timeZone` as a zone's name (offsets such as `+02:00` are not names). */
export function isTimeZone(timeZone: string): boolean {
  if (!/^[A-Za-z]/.test(timeZone)) return false;
  try {
    localTime(timeZone, 0);
    return true;
  } catch {
    return false;
  }
}

/** Throws RangeError for an unknown zone. */
function localTime(timeZone: string, at: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
}

/** The day in `timeZone` at `at`. */
export const localDay = (timeZone: string, at: number): Temporal.PlainDate => localTime(timeZone, at).toPlainDate();

/**
 * The first moment at which the clock of `timeZone` shows `minute` of `day`; from 1440 on it is the next day's. A time that
 * the clock leaps over is when it leaps.
 */
export function startOfMinute(timeZone: string, day: Temporal.PlainDate, minute: number): number {
  const local = clockTime(day, minute);
  const at = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  return (at.toPlainDateTime().equals(local) ? at : (leapOver(timeZone, local)?.at ?? at)).epochMilliseconds;
}

/**
 * The moment from which on the clock of `timeZone` shows `minute` of `day`, or later, and nothing earlier again: after the
 * last time that it shows the minute before. A minute that the clock leaps over ends when it leaps.
 */
export function endBeforeMinute(timeZone: string, day: Temporal.PlainDate, minute: number): number {
  const local = clockTime(day, minute - 1);
  const at = local.toZonedDateTime(timeZone, { disambiguation: 'later' });
  if (at.toPlainDateTime().equals(local)) return at.epochMilliseconds + MINUTE_MS;
  return (leapOver(timeZone, local)?.at ?? at).epochMilliseconds;
}

const MINUTE_MS = 60_000;

function clockTime(day: Temporal.PlainDate, minute: number): Temporal.PlainDateTime {
  const time = new Temporal.PlainTime(Math.floor((minute % MINUTES_OF_DAY) / 60), minute % 60);
  return day.add({ days: Math.floor(minute / MINUTES_OF_DAY) }).toPlainDateTime(time);
}

/** The change of the clock by which it never shows `local`: when it leaps, and from and to which time. Null: it shows it. */
function leapOver(timeZone: string, local: Temporal.PlainDateTime): Leap | null {
  const before = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (before.toPlainDateTime().equals(local)) return null;
  const at = before.getTimeZoneTransition('next');
  if (at === null) return null;
  const lastShown = at.subtract({ nanoseconds: 1 }).toPlainDateTime();
  return { at, from: lastShown.add({ nanoseconds: 1 }).toPlainTime() };
}

interface Leap {
  readonly at: Temporal.ZonedDateTime;
  readonly from: Temporal.PlainTime;
}

/** What is wrong with a time by the clock of `timeZone` that the clock leaps over or shows twice; null: nothing. */
export function clockTimeProblem(timeZone: string, local: Temporal.PlainDateTime): string | null {
  const time = shortTime(local.toPlainTime());
  const leap = leapOver(timeZone, local);
  if (leap !== null) {
    const gap = `the clock leaps from ${shortTime(leap.from)} to ${shortTime(leap.at.toPlainTime())}`;
    return `${time} does not exist on that day in ${timeZone}: ${gap}; write an offset, e.g. ${withOffset(leap.at)}`;
  }
  const [first, last] = (['earlier', 'later'] as const).map((disambiguation) =>
    local.toZonedDateTime(timeZone, { disambiguation }),
  ) as [Temporal.ZonedDateTime, Temporal.ZonedDateTime];
  if (first.equals(last)) return null;
  return `${time} comes twice on that day in ${timeZone}; write an offset: ${withOffset(first)} or ${withOffset(last)}`;
}

const shortTime = (time: Temporal.PlainTime): string => time.toString({ smallestUnit: 'minute' });

const withOffset = (at: Temporal.ZonedDateTime): string =>
  at.toString({ smallestUnit: 'second', timeZoneName: 'never' });

/** The first moment of `day` (`YYYY-MM-DD`) in `timeZone`; null when the calendar has no such day. */
export function startOfDay(day: string, timeZone: string): number | null {
  return dateOf(day)?.toZonedDateTime(timeZone).epochMilliseconds ?? null;
}

/** The first moment after `day`. Null when the calendar has no such day. */
export function endOfDay(day: string, timeZone: string): number | null {
  return dateOf(day)?.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds ?? null;
}

function dateOf(day: string): Temporal.PlainDate | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  try {
    return Temporal.PlainDate.from(day, { overflow: 'reject' });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A month by its name, `2026-11`, and its first moment. */
export interface Month {
  readonly name: string;
  readonly startsAt: number;
}

/** The months of `timeZone` that have a moment from `from` to `to` (both in), in order. */
export function monthsOf(from: number, to: number, timeZone: string): readonly Month[] {
  const months: Month[] = [];
  const last = localDay(timeZone, to).toPlainYearMonth();
  let month = localDay(timeZone, from).toPlainYearMonth();
  for (; Temporal.PlainYearMonth.compare(month, last) <= 0; month = month.add({ months: 1 })) {
    const startsAt = month.toPlainDate({ day: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
    months.push({ name: month.toString(), startsAt });
  }
  return months;
}
