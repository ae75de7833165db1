/**
 * Weekly windows and quiet hours on the days around every change of the clock, held against another computation: minute by
 * minute, by what `Intl` says the clock shows. A window is from the first minute that shows its start or later to the last
 * that shows less than its end.
 */
import fc from 'fast-check';
import { parseWeeklyHours, quietHoursEnd } from '../../schedules/hours.ts';
import { maintenanceWindowEnd } from '../../schedules/maintenance-windows.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR = Date.UTC(2026, 6, 1);

const ZONES = [
  ...['Europe/Berlin', 'Europe/London', 'America/New_York', 'America/St_Johns', 'America/Havana', 'America/Santiago'],
  ...['Australia/Lord_Howe', 'Pacific/Chatham', 'Africa/Cairo', 'Africa/Casablanca', 'Asia/Beirut', 'Atlantic/Azores'],
  ...['America/Nuuk', 'Antarctica/Troll', 'Asia/Kathmandu', 'UTC'],
];

/** The clock as minutes since 1970 by its own reckoning: its day is `/ 1440`, its time `% 1440`. */
function clockOf(timeZone: string): (at: number) => number {
  const digits = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, ...digits, hourCycle: 'h23' });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute) / MINUTE;
  };
}

/** Three days of minutes around each change of the clock in a year, or around one day where there is none. */
function changesOf(timeZone: string): readonly number[] {
  const clock = clockOf(timeZone);
  const offset = (at: number): number => clock(at) - at / MINUTE;
  const days = Array.from({ length: 366 }, (_, n) => YEAR + n * DAY);
  const changing = days.filter((at) => offset(at) !== offset(at + DAY));
  return changing.length === 0 ? [YEAR] : changing;
}

interface Minutes {
  readonly from: number;
  /** What the clock shows in each minute from `from` on. */
  readonly shown: readonly number[];
}

function minutesAround(timeZone: string, change: number): Minutes {
  const clock = clockOf(timeZone);
  const from = change - DAY;
  return { from, shown: Array.from({ length: (3 * DAY) / MINUTE }, (_, n) => clock(from + n * MINUTE)) };
}

/** The last end of the windows `start`–`end` of every day that minute `n` lies in; null: in none. */
function expectedEnd({ from, shown }: Minutes, [start, end]: readonly [number, number], n: number): number | null {
  const today = Math.floor((shown[n] ?? 0) / 1440);
  const ends = [today - 1, today].flatMap((day) => {
    const opens = day * 1440 + start;
    const closes = day * 1440 + (end > start ? end : end + 1440);
    const first = shown.findIndex((minute) => minute >= opens);
    const last = shown.findLastIndex((minute) => minute < closes);
    return first <= n && n <= last ? [from + (last + 1) * MINUTE] : [];
  });
  return ends.length === 0 ? null : Math.max(...ends);
}

const text = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

// Most changes are within the first four hours of the day.
const minuteOfDay = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 240 }) },
  fc.integer({ min: 0, max: 1439 }),
);
const range = fc.tuple(minuteOfDay, minuteOfDay).filter(([start, end]) => start !== end);

test.each(ZONES)('%s: windows and quiet hours begin and end as the clock says, the whole year round', (timeZone) => {
  const around = changesOf(timeZone).map((change) => minutesAround(timeZone, change));
  const which = fc.nat({ max: around.length - 1 });
  // In the middle day, so that every window that matters lies within the minutes.
  const minute = fc.integer({ min: 1440, max: 2 * 1440 - 1 });
  fc.assert(
    fc.property(which, range, minute, (index, [start, end], n) => {
      const minutes = around[index] ?? { from: 0, shown: [] };
      const at = minutes.from + n * MINUTE;
      const hours = `${text(start)}-${text(end)}`;
      const expected = expectedEnd(minutes, [start, end], n);
      expect(quietHoursEnd(hours, timeZone, at)).toBe(expected);
      const every = parseWeeklyHours(`mon-sun ${hours}`) ?? [];
      const windowEnd = maintenanceWindowEnd({ every, timeZone }, at);
      // Windows that follow at once are one; quiet hours end every day.
      if (expected === null || expectedEnd(minutes, [start, end], (expected - minutes.from) / MINUTE) === null)
        expect(windowEnd).toBe(expected);
    }),
    { numRuns: 150 },
  );
});
