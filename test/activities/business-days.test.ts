import { expect, test } from '@jest/globals';
import { createBusinessDays } from '../../activities/business-time.ts';
import { parseWeeklyHours } from '../../schedules/hours.ts';
import { createCalendars } from '../../worker/reloadable-activities.ts';
import type { Config } from '../../config/config.ts';

/** Berlin, nine to five, and its holidays. */
const calendar = { hours: parseWeeklyHours('mon-fri 09:00-17:00'), timeZone: 'Europe/Berlin', holidays: 'DE-BE' };
const teams = new Map([['platform', { calendar }]]) as unknown as Config['teams'];
const businessDays = createBusinessDays(createCalendars({ teams, timeZone: 'Pacific/Auckland' }));

const days = async (want: 'now-or-next-opening' | 'next-business-day', at: string, team = 'platform') => {
  const answer = await businessDays({ team, at: Date.parse(at), want });
  return [answer.timeZone, ...answer.days.map(({ at: opens, date }) => `${date} ${new Date(opens).toISOString()}`)];
};

test.each<[string, Parameters<typeof days>, readonly string[]]>([
  [
    'on a Friday evening: Monday, and the two days after',
    ['now-or-next-opening', '2026-11-20T18:00:00Z'],
    [
      '2026-11-23 2026-11-23T08:00:00.000Z',
      '2026-11-24 2026-11-24T08:00:00.000Z',
      '2026-11-25 2026-11-25T08:00:00.000Z',
    ],
  ],
  [
    'at work: at once',
    ['now-or-next-opening', '2026-11-20T12:34:00Z'],
    [
      '2026-11-20 2026-11-20T12:34:00.000Z',
      '2026-11-23 2026-11-23T08:00:00.000Z',
      '2026-11-24 2026-11-24T08:00:00.000Z',
    ],
  ],
  [
    'before Christmas: the holidays are none',
    ['next-business-day', '2026-12-23T12:00:00Z'],
    [
      '2026-12-24 2026-12-24T08:00:00.000Z',
      '2026-12-28 2026-12-28T08:00:00.000Z',
      '2026-12-29 2026-12-29T08:00:00.000Z',
    ],
  ],
])('[LIFE-21] %s', async (_what, asked, opens) => {
  expect(await days(...asked)).toEqual(['Europe/Berlin', ...opens]);
});

test('[LIFE-21] the days of a team that is gone are the organization’s', async () => {
  expect(await days('next-business-day', '2026-11-20T12:00:00Z', 'gone')).toEqual([
    'Pacific/Auckland',
    // It is the 21st there already, a Saturday.
    '2026-11-23 2026-11-22T20:00:00.000Z',
    '2026-11-24 2026-11-23T20:00:00.000Z',
    '2026-11-25 2026-11-24T20:00:00.000Z',
  ]);
});
