/**
 * When a team works: business hours on its own clock, without its holidays. Pure; the runtime's zone data decides what
 * the clock says, so a day on which the clock is changed is as long as it is there.
 */
import type { Temporal } from 'temporal-polyfill';
import { isHoliday, type Holidays } from './holidays.ts';
import { parseWeeklyHours, stretchesOn, type Stretch, type WeeklyHours } from './hours.ts';
import { localDay, startOfMinute } from './local-clock.ts';

export interface TeamCalendar {
  /** Null: not configured. The team then counts as working from Monday to Friday, 09:00 to 17:00. */
  readonly hours: readonly WeeklyHours[] | null;
  /** IANA name. */
  readonly timeZone: string;
  readonly holidays: Holidays;
}

const USUAL_HOURS = parseWeeklyHours('mon-fri 09:00-17:00') ?? [];

/** A calendar that never opens within this many days is taken as one that never closes. */
const SEARCHED_DAYS = 400;

/** True when the team works at `at` (epoch ms). Hours that wrap midnight belong to the day on which they begin. */
export function isOpen(calendar: TeamCalendar, at: number): boolean {
  const today = localDay(calendar.timeZone, at);
  return [today.subtract({ days: 1 }), today].some((day) =>
    opened(calendar, day).some(({ from, until }) => from <= at && at < until),
  );
}

/** The first moment from `at` on (epoch ms, `at` included) at which the team works; `at` when it never does. */
export function nextOpening(calendar: TeamCalendar, at: number): number {
  if (isOpen(calendar, at)) return at;
  const isLater = (from: number): boolean => from >= at;
  return firstOpening(calendar, localDay(calendar.timeZone, at), isLater) ?? at;
}

/** When business opens on the first business day after the local day of `at` (epoch ms); a calendar without one: 09:00. */
export function nextBusinessDay(calendar: TeamCalendar, at: number): number {
  const tomorrow = localDay(calendar.timeZone, at).add({ days: 1 });
  return firstOpening(calendar, tomorrow, () => true) ?? startOfMinute(calendar.timeZone, tomorrow, 9 * 60);
}

function firstOpening(
  calendar: TeamCalendar,
  first: Temporal.PlainDate,
  counts: (from: number) => boolean,
): number | null {
  for (let days = 0; days <= SEARCHED_DAYS; days += 1) {
    const openings = opened(calendar, first.add({ days }))
      .map(({ from }) => from)
      .filter(counts);
    if (openings.length > 0) return Math.min(...openings);
  }
  return null;
}

/** The stretches of work that begin on `day`. None on a holiday. */
function opened({ hours, timeZone, holidays }: TeamCalendar, day: Temporal.PlainDate): readonly Stretch[] {
  const stretches = stretchesOn(day, hours ?? USUAL_HOURS, timeZone);
  return stretches.length === 0 || isHoliday(holidays, day.toString()) ? [] : stretches;
}
