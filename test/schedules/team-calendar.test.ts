/** Business hours and days of a team, by its own clock. */
import fc from 'fast-check';
import { formatClockTime, formatDate } from '../../schedules/format-time.ts';
import { parseWeeklyHours } from '../../schedules/hours.ts';
import { isOpen, nextBusinessDay, nextOpening } from '../../schedules/team-calendar.ts';
import type { TeamCalendar } from '../../schedules/team-calendar.ts';

const calendar = (hours: string | null, timeZone = 'Europe/Berlin', holidays: TeamCalendar['holidays'] = null) => ({
  hours: hours === null ? null : parseWeeklyHours(hours),
  timeZone,
  holidays,
});
const OFFICE = 'mon-fri 09:00-17:00';
const iso = (at: number): string => new Date(at).toISOString().replace(':00.000Z', 'Z');
const opens = (of: TeamCalendar, at: string): string => iso(nextOpening(of, Date.parse(at)));
const businessDay = (of: TeamCalendar, at: string): string => iso(nextBusinessDay(of, Date.parse(at)));

test.each([
  ['before the day', '2026-11-20T07:59:59Z', false],
  ['at its first moment', '2026-11-20T08:00:00Z', true],
  ['before its last', '2026-11-20T15:59:59Z', true],
  ['after it', '2026-11-20T16:00:00Z', false],
  ['on a Saturday', '2026-11-21T10:00:00Z', false],
])('a team works from the first moment of its hours to the last, not after: %s', (_when, at, expected) => {
  expect(isOpen(calendar(OFFICE), Date.parse(at))).toBe(expected);
});

test.each([
  ['now, while it is open', OFFICE, 'Europe/Berlin', '2026-11-20T10:00Z', '2026-11-20T10:00Z'],
  ['the same morning', OFFICE, 'Europe/Berlin', '2026-11-20T03:00Z', '2026-11-20T08:00Z'],
  ['Monday', OFFICE, 'Europe/Berlin', '2026-11-20T16:00Z', '2026-11-23T08:00Z'],
  ['Monday, after the clock went forward', OFFICE, 'Europe/Berlin', '2026-03-27T20:00Z', '2026-03-30T07:00Z'],
  ['Monday, after the clock went back', OFFICE, 'Europe/Berlin', '2026-10-23T20:00Z', '2026-10-26T08:00Z'],
  ['Monday, forward in New York', OFFICE, 'America/New_York', '2026-03-06T23:00Z', '2026-03-09T13:00Z'],
  ['Monday, back in New York', OFFICE, 'America/New_York', '2026-10-30T23:00Z', '2026-11-02T14:00Z'],
  ['after lunch', 'mon-fri 09:00-12:00; mon-fri 13:00-17:00', 'UTC', '2026-11-20T12:30Z', '2026-11-20T13:00Z'],
  ['the earlier of two parts', 'fri 13:00-17:00; fri 09:00-12:00', 'UTC', '2026-11-20T01:00Z', '2026-11-20T09:00Z'],
  ['a night begun on Friday lasts into Saturday', 'fri 22:00-06:00', 'UTC', '2026-11-21T05:59Z', '2026-11-21T05:59Z'],
  ['and then it is a week', 'fri 22:00-06:00', 'UTC', '2026-11-21T06:00Z', '2026-11-27T22:00Z'],
  ['to the end of the day', 'fri 18:00-24:00', 'UTC', '2026-11-20T23:59Z', '2026-11-20T23:59Z'],
  [
    'hours that the clock leaps over: a week later',
    'sun 02:15-02:45',
    'Europe/Berlin',
    '2026-03-28T00:00Z',
    '2026-04-05T00:15Z',
  ],
])('business opens next: %s', (_when, hours, zone, at, expected) => {
  expect(opens(calendar(hours, zone), at)).toBe(expected);
});

test.each([
  ['from Friday: Monday', null, '2026-11-20T10:00Z', '2026-11-23T08:00Z'],
  ['from a Sunday: Monday', null, '2026-11-22T10:00Z', '2026-11-23T08:00Z'],
  ['from a Monday before business: Tuesday', null, '2026-11-23T03:00Z', '2026-11-24T08:00Z'],
  ['from the last minute of the local day', null, '2026-11-19T22:59Z', '2026-11-20T08:00Z'],
  ['from the first minute of it: the day after', null, '2026-11-19T23:00Z', '2026-11-23T08:00Z'],
  ['Berlin keeps no Epiphany', 'DE-BE', '2026-01-05T10:00Z', '2026-01-06T08:00Z'],
  ['Bavaria does', 'DE-BY', '2026-01-05T10:00Z', '2026-01-07T08:00Z'],
  ["Berlin alone keeps Women's Day, in 2027 on a Monday", 'DE-BE', '2027-03-05T10:00Z', '2027-03-09T08:00Z'],
  ['Easter: from Thursday to Tuesday', 'DE-BE', '2026-04-02T10:00Z', '2026-04-07T07:00Z'],
  ["over the year's end: the 25th on Friday, the 26th on Saturday", 'DE-BE', '2026-12-24T10:00Z', '2026-12-28T08:00Z'],
  ["over New Year's Day", 'DE-BE', '2026-12-31T10:00Z', '2027-01-04T08:00Z'],
  ['days of a list', ['2026-11-23', '2026-11-24'], '2026-11-20T10:00Z', '2026-11-25T08:00Z'],
] as const)('the next business day of a team in Berlin that names no hours: %s', (_when, holidays, at, expected) => {
  expect(businessDay(calendar(null, 'Europe/Berlin', holidays), at)).toBe(expected);
});

test('the next business day opens with the first of its hours, and a day without hours is none', () => {
  expect(businessDay(calendar('tue 14:00-18:00; tue 07:30-11:00; sat 10:00-12:00', 'UTC'), '2026-11-21T11:00Z')).toBe(
    '2026-11-24T07:30Z',
  );
});

test('a holiday is a holiday from its midnight to the next, and no hours begin on it', () => {
  const nights = calendar('mon-sun 22:00-06:00', 'UTC', ['2026-11-21']);
  expect(opens(nights, '2026-11-21T05:00Z')).toBe('2026-11-21T05:00Z');
  expect(opens(nights, '2026-11-21T07:00Z')).toBe('2026-11-22T22:00Z');
});

test('a calendar that never opens holds nothing back for ever', () => {
  const years = [2026, 2027, 2028];
  const every = years.flatMap((year) =>
    Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(year, 0, day + 1)).toISOString().slice(0, 10)),
  );
  const never = calendar(OFFICE, 'UTC', every);
  expect(opens(never, '2026-11-21T05:00Z')).toBe('2026-11-21T05:00Z');
  expect(businessDay(never, '2026-11-21T05:00Z')).toBe('2026-11-22T09:00Z');
});

const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
const times = fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2028, 0) });
const minute = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15);
const clock = (at: number): string =>
  `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
const ranges = fc
  .tuple(fc.constantFrom('mon-fri', 'sat', 'tue,thu', 'sun-sat', 'fri-mon'), minute, minute)
  .filter(([, start, end]) => start !== end)
  .map(([days, start, end]) => `${days} ${clock(start)}-${clock(end)}`);
const hours = fc.array(ranges, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('; '));
const calendars = fc.record({
  hours: hours.map((text) => parseWeeklyHours(text)),
  timeZone: zones,
  holidays: fc.constantFrom(null, 'DE-BE', 'US', ['2026-03-29', '2026-10-25', '2026-11-21']),
});

test('the next opening is open, and nothing before it is', () => {
  const between = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 8 });
  fc.assert(
    fc.property(calendars, times, between, (of, at, parts) => {
      const opening = nextOpening(of, at);
      expect(opening).toBeGreaterThanOrEqual(at);
      expect(isOpen(of, opening)).toBe(true);
      if (opening === at) return;
      const others = [at, opening - 1, ...parts.map((part) => Math.floor(at + part * (opening - at)))];
      expect(others.filter((other) => other < opening && isOpen(of, other))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('the next business day is a later day by the clock of the team, open at its first moment and not before', () => {
  fc.assert(
    fc.property(calendars, times, (of, at) => {
      const opening = nextBusinessDay(of, at);
      expect(formatDate(opening, of.timeZone) > formatDate(at, of.timeZone)).toBe(true);
      expect(isOpen(of, opening)).toBe(true);
      // A team of Saturdays alone, and two of them holidays.
      expect(opening - at).toBeLessThan(23 * 86_400_000);
    }),
    { numRuns: 300 },
  );
});

test('an ordinary week: open exactly when the clock of the team shows its hours', () => {
  const of = calendar(OFFICE, 'America/New_York');
  const start = Date.UTC(2026, 5, 1);
  for (let at = start; at < start + 7 * 86_400_000; at += 10 * 60_000) {
    const weekday = new Date(`${formatDate(at, of.timeZone)}T00:00:00Z`).getUTCDay();
    const time = formatClockTime(at, of.timeZone).slice(0, 5);
    const expected = weekday >= 1 && weekday <= 5 && time >= '09:00' && time < '17:00';
    expect([iso(at), isOpen(of, at)]).toEqual([iso(at), expected]);
  }
});
