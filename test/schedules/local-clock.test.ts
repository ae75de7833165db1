/** Days and months begin when the zone says so. */
import { endOfDay, monthsOf, startOfDay } from '../../schedules/local-clock.ts';

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

test.each([
  ['2026-11-21', 'Europe/Berlin', '2026-11-20T23:00:00.000Z', '2026-11-21T23:00:00.000Z'],
  // A day of 23 hours, and one of 25.
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  // Midnight did not exist.
  ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
])('%s in %s', (day, zone, start, end) => {
  expect([iso(startOfDay(day, zone)), iso(endOfDay(day, zone))]).toEqual([start, end]);
});

test.each(['2026-02-30', '2026-13-01', '2026-1-1', '', 'today', '2026-11-21T00:00'])('%j is no day', (day) => {
  expect([startOfDay(day, 'UTC'), endOfDay(day, 'UTC')]).toEqual([null, null]);
});

test('months are those that have a moment of the range', () => {
  const of = (from: string, to: string) =>
    monthsOf(Date.parse(from), Date.parse(to), 'Europe/Berlin').map(({ name, startsAt }) => [name, iso(startsAt)]);
  expect(of('2025-12-31T22:59:59Z', '2026-01-31T23:00:00Z')).toEqual([
    ['2025-12', '2025-11-30T23:00:00.000Z'],
    ['2026-01', '2025-12-31T23:00:00.000Z'],
    ['2026-02', '2026-01-31T23:00:00.000Z'],
  ]);
  expect(of('2026-07-01T00:00:00Z', '2026-07-01T00:00:00Z')).toEqual([['2026-07', '2026-06-30T22:00:00.000Z']]);
});
