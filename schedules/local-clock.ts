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

/** Minutes after local midnight (0 … 1439). */
export function minuteOfDay(timeZone: string, at: number): number {
  const { hour, minute } = localTime(timeZone, at);
  return hour * 60 + minute;
}

/**
 * When the clock of `timeZone` shows `minute` on `day`; from 1440 on it is the next day's. A time that the clock leaps
 * over is as much later as it leaps; of one that it shows twice it is the first, or the last if asked for.
 */
export function instantOf(
  timeZone: string,
  day: Temporal.PlainDate,
  minute: number,
  disambiguation: 'compatible' | 'later' = 'compatible',
): number {
  const date = day.add({ days: Math.floor(minute / MINUTES_OF_DAY) });
  const time = new Temporal.PlainTime(Math.floor((minute % MINUTES_OF_DAY) / 60), minute % 60);
  return date.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
}

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
