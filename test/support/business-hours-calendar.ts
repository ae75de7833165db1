/** A team that works on given days: for stories that begin whenever they are told. */
import type { Calendars } from '../../activities/ports.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/**
 * Business opens at each of `opens` (minutes since the declaration, ascending) and closes `hours` later; after the last
 * it opens every day. `zero` is set when the story has begun.
 */
export function businessHoursOpeningAt(openingMinutes: readonly number[], hours = 8): Calendars & { zero: number } {
  const last = openingMinutes.at(-1) ?? 0;
  const all = [...openingMinutes, ...Array.from({ length: 60 }, (_, i) => last + (i + 1) * DAY_MINUTES)];
  const first = (is: (opening: number) => boolean): number => all.find(is) ?? last;
  const calendars = {
    zero: 0,
    audibleFrom: (_team: string, at: number) => at,
    nextOpening: (_team: string, at: number) => {
      const minute = (at - calendars.zero) / MINUTE_MS;
      const isOpen = all.some((opening) => opening <= minute && minute < opening + hours * 60);
      return isOpen ? at : calendars.zero + first((opening) => opening >= minute) * MINUTE_MS;
    },
    nextBusinessDay: (_team: string, at: number) => {
      const minute = (at - calendars.zero) / MINUTE_MS;
      // The day of an opening lasts until eight hours before the next day's would begin.
      return calendars.zero + first((opening) => opening > minute && opening - minute > 6 * 60) * MINUTE_MS;
    },
    timeZone: () => 'UTC',
  };
  return calendars;
}
