/**
 * Windows of maintenance on the calendar: once, or every week by a zone's clock. Pure; the runtime's zone data decides
 * what the clock says, so a window over a change of the clock is as long as it is there. Times are epoch ms.
 */
import { Temporal } from 'temporal-polyfill';
import { stretchEnd, type Stretch, type WeeklyHours } from './hours.ts';
import { clockTimeProblem } from './local-clock.ts';

export type WindowTimes = Stretch | { readonly every: readonly WeeklyHours[]; readonly timeZone: string };

/** `2026-11-21T22:00:00Z` (any offset), or `2026-11-21 22:00` by the clock of `timeZone`; null for anything else. */
export function parseInstant(text: string, timeZone: string): number | null {
  const written = text.trim();
  try {
    if (WITH_OFFSET.test(written)) return Temporal.Instant.from(written).epochMilliseconds;
    return clockTimeIn(written)?.toZonedDateTime(timeZone).epochMilliseconds ?? null;
  } catch {
    return null; // no such day, or no such time of day
  }
}

/**
 * Why `text`, which `parseInstant` reads, is not one moment: a time by the clock that the clock leaps over or shows twice.
 * Null: it is one.
 */
export function ambiguityOf(text: string, timeZone: string): string | null {
  const local = clockTimeIn(text.trim());
  return local === null ? null : clockTimeProblem(timeZone, local);
}

/** Throws RangeError where there is no such day or time of day; null for a text of another form. */
function clockTimeIn(text: string): Temporal.PlainDateTime | null {
  return BY_THE_CLOCK.test(text) ? Temporal.PlainDateTime.from(text.replace(' ', 'T')) : null;
}

const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;
const BY_THE_CLOCK = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/;

/** When the window that `at` lies in ends; null when it lies in none. Those that follow at once are one. */
export function maintenanceWindowEnd(times: WindowTimes, at: number): number | null {
  if ('from' in times) return times.from <= at && at < times.until ? times.until : null;
  const { every, timeZone } = times;
  let end = stretchEnd(every, timeZone, at);
  while (end !== null && end - at < NEVER_MS) {
    const next = stretchEnd(every, timeZone, end);
    if (next === null) break;
    end = next;
  }
  return end;
}

/** It covers the whole week. */
export function neverEnds(every: readonly WeeklyHours[]): boolean {
  const times = { every, timeZone: 'UTC' };
  const monday = Date.UTC(2024, 0, 1);
  const end = maintenanceWindowEnd(times, monday);
  return end !== null && end - monday >= NEVER_MS;
}

/** A week: a window that still lasts after it never ends, which the configuration check refuses. */
const NEVER_MS = 7 * 86_400_000;
