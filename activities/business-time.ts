/** When a team works: workflows know no calendars, so they ask, and record what they hear with the zone data it is by. */
import type { Calendars } from './ports.ts';
import type { BusinessTime, BusinessTimeRequest } from './types.ts';

export function createBusinessTime(calendars: Calendars): (request: BusinessTimeRequest) => Promise<BusinessTime> {
  return async ({ team, at, want }) => ({
    at: want === 'next-business-day' ? calendars.nextBusinessDay(team, at) : calendars.nextOpening(team, at),
    timeZone: calendars.timeZone(team),
    tzdata: process.versions['tz'] ?? 'unknown',
  });
}
