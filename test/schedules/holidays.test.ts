/** Holidays of regions, and of lists. */
import { isHoliday, knownRegionsFor } from '../../schedules/holidays.ts';

const closed = (region: string, ...days: readonly string[]): boolean[] => days.map((day) => isHoliday(region, day));

test('public holidays of a country, a state and a part of it', () => {
  expect(closed('DE', '2026-10-03', '2026-01-06', '2026-08-08')).toEqual([true, false, false]);
  expect(closed('DE-BY', '2026-10-03', '2026-01-06', '2026-08-08')).toEqual([true, true, false]);
  expect(closed('DE-BY-A', '2026-10-03', '2026-01-06', '2026-08-08')).toEqual([true, true, true]);
});

test('what only banks and schools keep, and half days, are workdays', () => {
  expect(closed('DE-BE', '2026-12-24', '2026-12-31', '2026-02-14')).toEqual([false, false, false]);
  expect(closed('CN', '2026-03-08')).toEqual([false]);
});

test('a holiday that falls on a weekend moves where the law moves it', () => {
  expect(closed('US', '2026-07-03', '2026-07-04')).toEqual([true, true]);
  expect(closed('GB-ENG', '2026-12-28')).toEqual([true]);
});

test('a holiday of several days closes each of them, also over the end of a year', () => {
  expect(closed('EG', '2026-03-19', '2026-03-20', '2026-03-21', '2026-03-22', '2026-03-23')).toEqual([
    ...[false, true, true, true, false],
  ]);
});

test('nothing, a list, and a region that nobody knows', () => {
  expect([isHoliday(null, '2026-12-25'), isHoliday([], '2026-12-25')]).toEqual([false, false]);
  expect([isHoliday(['2026-12-25'], '2026-12-25'), isHoliday(['2026-12-25'], '2026-12-26')]).toEqual([true, false]);
  expect(closed('QQ', '2026-12-25')).toEqual([false]);
});

test('a region that is not known comes with those that are', () => {
  expect(['DE', 'DE-BE', 'DE-BY-KATH', 'GB-ENG'].map(knownRegionsFor)).toEqual([null, null, null, null]);
  expect(knownRegionsFor('QQ')).toEqual(expect.arrayContaining(['DE', 'US']));
  expect(knownRegionsFor('DE-XX')).toEqual(expect.arrayContaining(['DE', 'DE-BE']));
  expect(knownRegionsFor('DE-BY-XX')).toEqual(['DE-BY', 'DE-BY-A', 'DE-BY-KATH', 'DE-BY-EVANG']);
  expect(knownRegionsFor('DE-BE-XX')).toEqual(['DE-BE']);
});
