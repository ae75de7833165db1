/** What workflows hear when they ask when a team works. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createNotificationActivities } from '../../activities/index.ts';
import type { BusinessTime, BusinessTimeRequest } from '../../activities/types.ts';
import { createCalendars } from '../../worker/reloadable-activities.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { configFromYaml } from '../webhook-server/support/test-http-server.ts';

const YAML = `
timeZone: America/New_York
people: { ana: { contact: [terminal] } }
teams:
  berlin: { onCall: ana, hours: "mon-thu 08:00-16:00", timeZone: Europe/Berlin, holidays: DE-BE }
  dates: { onCall: ana, hours: "mon-fri 10:00-18:00", holidays: ["2026-04-06"] }
  silent: { onCall: ana }
routes: [{ team: berlin }]
`;
/** A Thursday evening in Berlin, noon in New York. */
const EASTER = '2026-04-02T16:00:00Z';

const calendars = createCalendars(configFromYaml(YAML));

async function ask(team: string, want: BusinessTimeRequest['want']): Promise<BusinessTime & { iso: string }> {
  const { ports } = createLedger(DEFAULT_ROSTER, {});
  const activities = createNotificationActivities({ ...ports, calendars });
  const request: BusinessTimeRequest = { team, at: Date.parse(EASTER), want };
  const answer = await new MockActivityEnvironment().run<[], BusinessTime, () => Promise<BusinessTime>>(() =>
    activities.businessTime(request),
  );
  return { ...answer, iso: new Date(answer.at).toISOString() };
}

test.each([
  ['berlin', 'now-or-next-opening', '2026-04-07T06:00:00.000Z', 'Europe/Berlin'],
  ['berlin', 'next-business-day', '2026-04-07T06:00:00.000Z', 'Europe/Berlin'],
  ['dates', 'now-or-next-opening', '2026-04-02T16:00:00.000Z', 'America/New_York'],
  ['dates', 'next-business-day', '2026-04-03T14:00:00.000Z', 'America/New_York'],
  ['silent', 'next-business-day', '2026-04-03T13:00:00.000Z', 'America/New_York'],
  ['gone', 'next-business-day', '2026-04-03T13:00:00.000Z', 'America/New_York'],
] as const)('[SEV-14] %s, %s: %s in %s, by the zone data of this runtime', async (team, want, iso, timeZone) => {
  expect(await ask(team, want)).toMatchObject({ iso, timeZone, tzdata: process.versions['tz'] });
});

test('[PAGE-34] a team that names no hours is never away for a page, and one that is gone neither', () => {
  const night = Date.parse('2026-04-04T03:00:00Z');
  expect([calendars.audibleFrom('silent', night), calendars.audibleFrom('gone', night)]).toEqual([night, night]);
  expect(calendars.audibleFrom('berlin', night)).toBe(Date.parse('2026-04-07T06:00:00Z'));
});
