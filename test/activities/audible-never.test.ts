/** Quiet hours that never leave a moment of the team's hours free hold nothing back for ever. */
import { pageQuietUntil } from '../../activities/page-recipients.ts';
import type { PageActivityInput } from '../../activities/types.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import { parseWeeklyHours, quietHoursEnd } from '../../schedules/hours.ts';
import { nextOpening } from '../../schedules/team-calendar.ts';
import { declaredIncident } from '../support/pure-incident.ts';

const office = { hours: parseWeeklyHours('mon-fri 09:00-17:00'), timeZone: 'Europe/Berlin', holidays: null };

function ask(quiet: string, at: string): string | null {
  const request: PageActivityInput = {
    incident: pagedIncident(declaredIncident({ severity: 'SEV3' })),
    pageRequest: {
      ...{ n: 1, reason: 'on-call', cycle: 1, targets: [], method: 0, except: [], dueAt: 0 },
      ...{ startsLevel: true, accepted: [] },
    },
    test: false,
  };
  const needs = {
    calendars: { audibleFrom: (_team: string, from: number) => nextOpening(office, from) },
    directory: { quietUntil: (_who: string, now: number) => quietHoursEnd(quiet, 'Europe/Berlin', now) },
  };
  const until = pageQuietUntil(needs, request, 'ana', Date.parse(at));
  return until === null ? null : new Date(until).toISOString();
}

test.each([
  ['22:00-07:00', '2026-11-21T21:30:00Z', '2026-11-23T08:00:00.000Z'],
  ['22:00-10:00', '2026-11-21T21:30:00Z', '2026-11-23T09:00:00.000Z'],
  ['22:00-10:00', '2026-11-20T10:00:00Z', null],
  // She is awake from 18:00 to 08:00, and the team works from 09:00 to 17:00.
  ['08:00-18:00', '2026-11-21T21:30:00Z', '2026-11-23T08:00:00.000Z'],
  ['08:00-18:00', '2026-11-20T10:00:00Z', null],
])('[PAGE-34] quiet %s, a page at %s: aloud from %s', (quiet, at, expected) => {
  expect(ask(quiet, at)).toBe(expected);
});
