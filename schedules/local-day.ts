/** Days and the clock of a zone. Pure; by the runtime's own zone data. */
import { Temporal } from 'temporal-polyfill';

const MINUTES_OF_DAY = 1440;

/** The day in `timeZone` at `at` (epoch ms). */
export function localDay(timeZone: string, at: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
}

/**
 * When the clock of `timeZone` shows `minute` on `day`, epoch ms; from 1440 on it is the next day's. A time that the
 * clock leaps over is as much later as it leaps; of one that it shows twice it is the first, or the last if asked for.
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
