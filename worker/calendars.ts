/** When teams work, as the configuration has it now. */
import type { Calendars } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';
import { nextBusinessDay, nextOpening } from '../schedules/team-calendar.ts';
import type { TeamCalendar } from '../schedules/team-calendar.ts';

export function createCalendars({ teams, timeZone }: Pick<Config, 'teams' | 'timeZone'>): Calendars {
  const usual: TeamCalendar = { hours: null, timeZone, holidays: null };
  const calendarOf = (team: string): TeamCalendar => teams.get(team)?.calendar ?? usual;
  // What holidays cost the first time is paid before there is an incident.
  for (const { calendar } of teams.values()) nextBusinessDay(calendar, Date.now());
  return {
    audibleFrom: (team, at) => (calendarOf(team).hours === null ? at : nextOpening(calendarOf(team), at)),
    nextOpening: (team, at) => nextOpening(calendarOf(team), at),
    nextBusinessDay: (team, at) => nextBusinessDay(calendarOf(team), at),
    timeZone: (team) => calendarOf(team).timeZone,
  };
}
