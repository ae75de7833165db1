/** Days and months of the calendar as moments of a zone: when they begin there, whatever its clocks do that night. */
import { Temporal } from 'temporal-polyfill';

/** The first moment of `day` (`YYYY-MM-DD`) in `timeZone`, epoch ms; null when the calendar has no such day. */
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

/** A month by its name, `2026-11`, and its first moment in epoch ms. */
export interface Month {
  readonly name: string;
  readonly startsAt: number;
}

/** The months of `timeZone` that have a moment from `from` to `to` (epoch ms, both in), in order. */
export function monthsOf(from: number, to: number, timeZone: string): readonly Month[] {
  const monthAt = (at: number): Temporal.PlainYearMonth =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate().toPlainYearMonth();
  const months: Month[] = [];
  const last = monthAt(to);
  for (let at = monthAt(from); Temporal.PlainYearMonth.compare(at, last) <= 0; at = at.add({ months: 1 })) {
    const startsAt = at.toPlainDate({ day: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
    months.push({ name: at.toString(), startsAt });
  }
  return months;
}
