/** The team's business days, for reminders: workflows know no calendars, so they ask, and record what they hear. */
import { formatDate } from '../schedules/format-time.ts';
import type { Calendars } from './ports.ts';
import type { BusinessDays, BusinessTimeRequest } from './types.ts';

export function createBusinessDays(calendars: Calendars): (request: BusinessTimeRequest) => Promise<BusinessDays> {
  return async ({ team, at, want }) => {
    const timeZone = calendars.timeZone(team);
    const dayOf = (opening: number) => ({ at: opening, date: formatDate(opening, timeZone) });
    const after = (day: number): number => calendars.nextBusinessDay(team, day);
    const first = want === 'next-business-day' ? after(at) : calendars.nextOpening(team, at);
    const second = after(first);
    return {
      days: [dayOf(first), dayOf(second), dayOf(after(second))],
      timeZone,
      tzdata: process.versions['tz'] ?? 'unknown',
    };
  };
}
