/** Windows of maintenance: once and every week, over midnight, over the week's end and over changes of the clock. */
import { parseWeeklyHours } from '../../schedules/hours.ts';
import { ambiguityOf, neverEnds, parseInstant, maintenanceWindowEnd } from '../../schedules/maintenance-windows.ts';

const BERLIN = 'Europe/Berlin';
const at = (text: string): number => Date.parse(text);
const weekly = (text: string, timeZone = BERLIN) => ({ every: parseWeeklyHours(text) ?? [], timeZone });
const endOf = (text: string, moment: string, timeZone?: string): string | null => {
  const end = maintenanceWindowEnd(weekly(text, timeZone), at(moment));
  return end === null ? null : new Date(end).toISOString();
};

test('a moment has an offset of its own, or is by the clock of the zone', () => {
  expect(parseInstant('2026-11-21T22:00:00Z', BERLIN)).toBe(at('2026-11-21T22:00:00Z'));
  expect(parseInstant('2026-11-21T22:00+02:00', BERLIN)).toBe(at('2026-11-21T20:00:00Z'));
  expect(parseInstant('2026-11-21 22:00', BERLIN)).toBe(at('2026-11-21T21:00:00Z'));
  expect(parseInstant('2026-07-01 22:00', BERLIN)).toBe(at('2026-07-01T20:00:00Z'));
  for (const text of [
    'tomorrow',
    '2026-02-30 10:00',
    '2026-11-21',
    '2026-11-21 25:00',
    '22:00',
    '',
    '20261121T220000Z',
  ])
    expect([text, parseInstant(text, BERLIN)]).toEqual([text, null]);
});

test('once: from is in, until is out', () => {
  const times = { from: 1_000, until: 2_000 };
  expect([999, 1_000, 1_999, 2_000].map((moment) => maintenanceWindowEnd(times, moment))).toEqual([
    null,
    2_000,
    2_000,
    null,
  ]);
});

test('every week by the clock of its zone, in summer and in winter', () => {
  expect(endOf('sun 02:00-04:00', '2026-11-22T01:00:00Z')).toBe('2026-11-22T03:00:00.000Z');
  expect(endOf('sun 02:00-04:00', '2026-11-22T00:59:59Z')).toBeNull();
  expect(endOf('sun 02:00-04:00', '2026-11-22T03:00:00Z')).toBeNull();
  expect(endOf('sun 02:00-04:00', '2026-07-05T00:00:00Z')).toBe('2026-07-05T02:00:00.000Z');
  expect(endOf('sun 02:00-04:00', '2026-11-23T01:00:00Z')).toBeNull();
});

test('over midnight it belongs to the day on which it begins, also over the end of the week', () => {
  expect(endOf('sun 23:00-01:00', '2026-11-22T23:30:00Z')).toBe('2026-11-23T00:00:00.000Z');
  expect(endOf('sun 23:00-01:00', '2026-11-21T23:30:00Z')).toBeNull();
});

test('what follows at once is one window: what it holds back does not page in between', () => {
  expect(endOf('sat 00:00-24:00; sun 00:00-24:00', '2026-11-21T12:00:00Z')).toBe('2026-11-22T23:00:00.000Z');
  expect(endOf('sat 10:00-14:00; sat 12:00-16:00', '2026-11-21T12:00:00Z')).toBe('2026-11-21T15:00:00.000Z');
});

test('a change of the clock: an hour that is shown twice is in it twice, one that is leapt over is not there', () => {
  expect(endOf('sun 02:00-03:00', '2026-10-25T00:30:00Z')).toBe('2026-10-25T02:00:00.000Z');
  expect(endOf('sun 01:00-02:30', '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:30:00.000Z');
  expect(endOf('sun 01:00-03:30', '2026-03-29T00:30:00Z')).toBe('2026-03-29T01:30:00.000Z');
});

test('a start or an end that the clock leaps over is the moment of the leap', () => {
  expect(endOf('sun 02:30-03:15', '2027-03-28T01:05:00Z')).toBe('2027-03-28T01:15:00.000Z');
  expect(endOf('sun 02:30-03:15', '2027-03-28T01:00:00Z')).toBe('2027-03-28T01:15:00.000Z');
  expect(endOf('sun 02:30-03:15', '2027-03-28T00:59:59Z')).toBeNull();
  expect(endOf('sun 01:00-02:30', '2027-03-28T00:59:59Z')).toBe('2027-03-28T01:00:00.000Z');
  expect(endOf('sun 01:00-02:30', '2027-03-28T01:00:00Z')).toBeNull();
  expect(endOf('sun 02:15-02:45', '2027-03-28T01:00:00Z')).toBeNull();
  expect(endOf('sat 23:30-02:30', '2027-03-28T00:30:00Z')).toBe('2027-03-28T01:00:00.000Z');
  expect(endOf('fri 00:30-04:00', '2026-04-23T22:10:00Z', 'Africa/Cairo')).toBe('2026-04-24T01:00:00.000Z');
});

test.each([
  [
    '2027-03-28 02:30',
    BERLIN,
    /^02:30 does not exist on that day in Europe\/Berlin: the clock leaps from 02:00 to 03:00; write an offset, e\.g\. 2027-03-28T03:00:00\+02:00$/,
  ],
  ['2027-03-28 02:00', BERLIN, /^02:00 does not exist/],
  [
    '2026-10-25 02:30',
    BERLIN,
    /^02:30 comes twice .* write an offset: 2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01:00$/,
  ],
  ['2026-10-04 02:10', 'Australia/Lord_Howe', /leaps from 02:00 to 02:30/],
  ['2027-03-28 03:00', BERLIN, null],
  ['2026-10-25 03:00', BERLIN, null],
  ['2026-10-25 01:59', BERLIN, null],
  ['2027-03-28T02:30:00+01:00', BERLIN, null],
  ['2027-03-28 02:30', 'UTC', null],
])('%s by the clock of %s', (text, timeZone, expected) => {
  const found = ambiguityOf(text, timeZone);
  if (expected === null) expect(found).toBeNull();
  else expect(found).toMatch(expected);
});

test('one that holds back for ever is found', () => {
  expect(neverEnds(parseWeeklyHours('mon-sun 00:00-24:00') ?? [])).toBe(true);
  expect(neverEnds(parseWeeklyHours('mon-sun 00:00-12:00; mon-sun 12:00-24:00') ?? [])).toBe(true);
  expect(neverEnds(parseWeeklyHours('mon-sun 00:00-23:59') ?? [])).toBe(false);
  expect(neverEnds(parseWeeklyHours('mon-sat 00:00-24:00') ?? [])).toBe(false);
});
