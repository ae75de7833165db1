import { isTimeZone } from '../../schedules/local-clock.ts';
import { parseWeeklyHours, quietHoursEnd } from '../../schedules/hours.ts';

const NIGHT = '22:00-07:00';
const quiet = (instant: string, hours = NIGHT, zone = 'Europe/Berlin'): boolean =>
  quietHoursEnd(hours, zone, Date.parse(instant)) !== null;

test.each([
  ['2026-01-15T20:59:00Z', false],
  ['2026-01-15T21:00:00Z', true],
  ['2026-01-16T05:59:59Z', true],
  ['2026-01-16T06:00:00Z', false],
])('a night wraps midnight, its start in and its end out: %s %s', (instant, expected) => {
  expect(quiet(instant)).toBe(expected);
});

test.each([
  ['spring, one hour shorter', '2026-03-29T04:59:00Z', '2026-03-29T05:00:00Z'],
  ['autumn, one hour longer', '2026-10-25T05:59:00Z', '2026-10-25T06:00:00Z'],
])('it ends at seven by the clock when the clock is changed: %s', (_name, before, after) => {
  expect([quiet(before), quiet(after)]).toEqual([true, false]);
});

test.each([
  ['not quiet now', '2026-01-15T20:59:00Z', null],
  ['in the evening: tomorrow', '2026-01-15T21:00:00Z', '2026-01-16T06:00:00.000Z'],
  ['after midnight: today', '2026-01-16T03:00:00Z', '2026-01-16T06:00:00.000Z'],
  ['over the change to summer', '2026-03-28T22:00:00Z', '2026-03-29T05:00:00.000Z'],
  ['over the change to winter', '2026-10-24T22:00:00Z', '2026-10-25T06:00:00.000Z'],
])('quiet hours end by the clock of the person: %s', (_when, instant, expected) => {
  const until = quietHoursEnd(NIGHT, 'Europe/Berlin', Date.parse(instant));
  expect(until === null ? null : new Date(until).toISOString()).toBe(expected);
});

test('an end that the clock shows twice is the last, and one that it leaps over is when it leaps', () => {
  const until = (hours: string, instant: string) =>
    new Date(quietHoursEnd(hours, 'Europe/Berlin', Date.parse(instant)) ?? 0).toISOString();
  expect(until('22:00-02:30', '2026-10-25T00:10:00Z')).toBe('2026-10-25T01:30:00.000Z');
  expect(until('22:00-02:30', '2026-10-25T01:10:00Z')).toBe('2026-10-25T01:30:00.000Z');
  expect(until('22:00-02:30', '2026-03-29T00:59:00Z')).toBe('2026-03-29T01:00:00.000Z');
  expect(quiet('2026-03-29T01:00:00Z', '22:00-02:30')).toBe(false);
});

test('by the zone of the person', () => {
  expect(quiet('2026-07-01T03:30:00Z', NIGHT, 'America/New_York')).toBe(true);
  expect(quiet('2026-07-01T03:30:00Z', NIGHT, 'Asia/Kolkata')).toBe(false);
});

test('a range within the day, and one to the end of it', () => {
  expect(quiet('2026-01-15T12:00:00Z', '12:30-14:00')).toBe(true);
  expect(quiet('2026-01-15T13:00:00Z', '12:30-14:00')).toBe(false);
  expect(quiet('2026-01-15T22:59:00Z', '18:00-24:00')).toBe(true);
  expect(quiet('2026-01-15T23:00:00Z', '18:00-24:00')).toBe(false);
});

test.each(['22-7', '25:00-07:00', '22:00-07:60', '22:00-22:00', '24:00-07:00', '22:00-24:01', '', '22:00–07:00'])(
  '%s is no range of the clock',
  (hours) => expect(() => quietHoursEnd(hours, 'UTC', 0)).toThrow(RangeError),
);

test('zones are names that the runtime knows', () => {
  expect(['UTC', 'Europe/Berlin', 'europe/berlin'].map(isTimeZone)).toEqual([true, true, true]);
  expect(['Mars/Phobos', '+02:00', '', 'constructor'].map(isTimeZone)).toEqual([false, false, false, false]);
});

test('business hours: spans, lists, several parts; nothing half read', () => {
  expect(parseWeeklyHours('mon-fri 09:00-17:00')?.map(({ days }) => [...days])).toEqual([
    ['mon', 'tue', 'wed', 'thu', 'fri'],
  ]);
  expect(parseWeeklyHours('Fri-Mon 09:00-17:00; wed,thu 10:00-12:00')?.map(({ days }) => [...days])).toEqual([
    ['fri', 'sat', 'sun', 'mon'],
    ['wed', 'thu'],
  ]);
  for (const bad of ['', 'mon', 'mon-fri', 'mon-fri 9-17', 'funday 09:00-17:00', 'mon-fri 09:00-17:00;']) {
    expect(parseWeeklyHours(bad)).toBeNull();
  }
});
