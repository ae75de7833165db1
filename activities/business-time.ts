/** When a team works. Workflows know no calendars, so they ask, and record the answer with the zone data behind it. */
import { formatDate } from '../schedules/format-time.ts';
import type { Calendars } from './ports.ts';
import type { BusinessDays, BusinessTime, BusinessTimeRequest } from './types.ts';

const TZDATA = process.versions['tz'] ?? 'unknown';

export function createBusinessTime(calendars: Calendars): (request: BusinessTimeRequest) => Promise<BusinessTime> {
  return async (request) => ({
    at: openingFor(calendars, request),
    timeZone: calendars.timeZone(request.team),
    tzdata: TZDATA,
  });
}

/** The team's business days, for reminders. */
export function createBusinessDays(calendars: Calendars): (request: BusinessTimeRequest) => Promise<BusinessDays> {
  return async (request) => {
    const timeZone = calendars.timeZone(request.team);
    const day = (at: number) => ({ at, date: formatDate(at, timeZone) });
    const first = openingFor(calendars, request);
    const second = calendars.nextBusinessDay(request.team, first);
    const third = calendars.nextBusinessDay(request.team, second);
    return { days: [day(first), day(second), day(third)], timeZone, tzdata: TZDATA };
  };
}

function openingFor(calendars: Calendars, { team, at, want }: BusinessTimeRequest): number {
  return want === 'next-business-day' ? calendars.nextBusinessDay(team, at) : calendars.nextOpening(team, at);
}
