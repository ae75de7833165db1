/** What a report changes for a known alert: by its start, and by when it was received. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AlertChange, ComparedState } from '../../../domain/alerts/compare-report.ts';
import { compareReport } from '../../../domain/alerts/compare-report.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import { afterAlerts, declaredIncident, T0 } from '../../support/pure-incident.ts';

const S = 1_000;
/** Started at 50 s; what is known of it was received at 100 s. */
const FIRING: ComparedState = { status: 'firing', startsAt: 50 * S, lastReportedAt: 100 * S, receivedAt: 100 * S };
const RESOLVED: ComparedState = { ...FIRING, status: 'resolved' };
const COPIED: ComparedState = { ...RESOLVED, lateCopy: { receivedAt: 110 * S, until: 120 * S } };

type Start = 'earlier' | 'same' | 'later' | 'guessed';
const STARTS: Readonly<Record<Start, Pick<AlertReport, 'startsAt' | 'startGuessed'>>> = {
  earlier: { startsAt: 40 * S, startGuessed: false },
  same: { startsAt: 50 * S, startGuessed: false },
  later: { startsAt: 60 * S, startGuessed: false },
  guessed: { startsAt: 99 * S, startGuessed: true },
};

interface Received {
  readonly status: AlertReport['status'];
  readonly start: Start;
  /** Seconds. */
  readonly at: number;
  readonly lateCopySeconds?: number;
}

function change(known: ComparedState | undefined, { status, start, at, lateCopySeconds = 0 }: Received): AlertChange {
  return compareReport(known, { status, ...STARTS[start] }, { receivedAt: at * S, lateCopyMs: lateCopySeconds * S });
}

describe('[ALERT-5] a report of an alert that fires', () => {
  test.each<[Start, AlertChange, AlertChange]>([
    ['earlier', 'seen', 'old'],
    ['same', 'seen', 'cleared'],
    ['later', 'fired', 'cleared'],
    ['guessed', 'seen', 'cleared'],
  ])('with a start that is %s: firing is %s, an end %s', (start, firing, end) => {
    expect(change(FIRING, { status: 'firing', start, at: 130 })).toBe(firing);
    expect(change(FIRING, { status: 'resolved', start, at: 130 })).toBe(end);
  });

  test.each<[number, number, AlertChange]>([
    [100, 0, 'cleared'],
    [99, 0, 'cleared'],
    [98, 0, 'cleared'],
    [97, 0, 'old'],
    [98, 20, 'cleared'],
    [97, 20, 'cleared-before-copy'],
    [80, 20, 'cleared-before-copy'],
    [79, 20, 'old'],
  ])('an end received at %s s, the firing at 100 s, late copies for %s s: %s', (at, lateCopySeconds, expected) => {
    for (const start of ['same', 'guessed'] as const)
      expect(change(FIRING, { status: 'resolved', start, at, lateCopySeconds })).toBe(expected);
  });
});

describe('[ALERT-5] a firing of an alert that has resolved', () => {
  test.each<[Start]>([['earlier'], ['same'], ['guessed']])('with a start that is %s', (start) => {
    const firing = (at: number, lateCopySeconds?: number) =>
      change(RESOLVED, { status: 'firing', start, at, ...(lateCopySeconds === undefined ? {} : { lateCopySeconds }) });
    expect([97, 98, 100, 101, 500].map((at) => firing(at))).toEqual(['old', 'fired', 'fired', 'fired', 'fired']);
    expect([97, 98, 100, 115, 120, 120.001].map((at) => firing(at, 20))).toEqual([
      'old',
      ...['late-copy', 'late-copy', 'late-copy', 'late-copy'],
      'fired',
    ]);
  });

  test('with a later start fires at once, whenever it was received', () => {
    for (const at of [10, 100, 105, 500])
      expect(change(RESOLVED, { status: 'firing', start: 'later', at, lateCopySeconds: 20 })).toBe('fired');
  });
});

test('[ALERT-5] an end of what has resolved: the end of a later firing counts, any other only settles a late copy', () => {
  for (const start of ['earlier', 'same', 'guessed'] as const) {
    expect(change(RESOLVED, { status: 'resolved', start, at: 130 })).toBe('old');
    expect(change(COPIED, { status: 'resolved', start, at: 112 })).toBe('ended-again');
    expect(change(COPIED, { status: 'resolved', start, at: 100 })).toBe('old');
  }
  expect(change(RESOLVED, { status: 'resolved', start: 'later', at: 130 })).toBe('cleared');
});

test('of an unknown alert, a firing fires and an end is kept', () => {
  expect(change(undefined, { status: 'firing', start: 'same', at: 1 })).toBe('fired');
  expect(change(undefined, { status: 'resolved', start: 'guessed', at: 1 })).toBe('cleared');
});

test('what 0.2 knew of an alert has no time of receipt: when it was reported stands in for it', () => {
  const { receivedAt: _, ...old } = RESOLVED;
  expect(change(old, { status: 'firing', start: 'same', at: 97 })).toBe('old');
  expect(change(old, { status: 'firing', start: 'same', at: 101 })).toBe('fired');
});

test('signals of 0.2 are compared by their starts alone, so that its histories replay', () => {
  const byStart = (known: ComparedState, status: AlertReport['status'], start: Start) =>
    compareReport(known, { status, ...STARTS[start] }, null);
  const all = (known: ComparedState, status: AlertReport['status']) =>
    (['earlier', 'same', 'later', 'guessed'] as const).map((start) => byStart(known, status, start));
  expect(all(FIRING, 'firing')).toEqual(['old', 'seen', 'fired', 'seen']);
  expect(all(FIRING, 'resolved')).toEqual(['old', 'cleared', 'cleared', 'cleared']);
  expect(all(RESOLVED, 'firing')).toEqual(['old', 'old', 'fired', 'fired']);
  expect(all(RESOLVED, 'resolved')).toEqual(['old', 'old', 'cleared', 'old']);
});

/** One message about one alert; `startsAt` and `at` in seconds after the declaration. */
interface Word {
  readonly fingerprint: string;
  readonly status: AlertReport['status'];
  readonly startsAt: number;
  readonly startGuessed: boolean;
  readonly at: number;
}

const word: fc.Arbitrary<Word> = fc.record({
  fingerprint: fc.constantFrom('f1', 'f2'),
  status: fc.constantFrom('firing' as const, 'resolved' as const),
  startsAt: fc.integer({ min: -5, max: 5 }),
  startGuessed: fc.boolean(),
  at: fc.integer({ min: 0, max: 300 }),
});

const LATE_COPY_SECONDS = 20;

test('[ALERT-5] whatever was said in whatever order: an alert whose last word is firing, after every end, fires', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.boolean(), (words, together) => {
      const reports = words.map(({ at, startsAt, ...rest }) => ({
        ...rest,
        startsAt: T0 + startsAt * S,
        receivedAt: T0 + at * S,
      }));
      const options = { lateCopyMs: LATE_COPY_SECONDS * S };
      const read = together
        ? afterAlerts(declaredIncident(), 6, reports, options).incident
        : reports.reduce((so, report) => afterAlerts(so, 6, [report], options).incident, declaredIncident());
      for (const last of words) {
        const own = words.filter(({ fingerprint }) => fingerprint === last.fingerprint);
        if (own.at(-1) !== last || last.status !== 'firing') continue;
        const lastEnd = Math.max(...own.map(({ status, at }) => (status === 'resolved' ? at : -Infinity)));
        if (last.at <= lastEnd + LATE_COPY_SECONDS) continue;
        expect(read.alerts.states[last.fingerprint]?.status).toBe('firing');
      }
    }),
    { numRuns: 300 },
  );
});

test('a fingerprint under another name is another alert: its end does not end this one', () => {
  const named = (alertname: string, status: 'firing' | 'resolved') => [
    { fingerprint: 'same', status, labels: { alertname } },
  ];
  const { incident } = afterAlerts(declaredIncident(), 1, named('LinkDown', 'firing'));
  const other = afterAlerts(incident, 2, named('DiskFull', 'resolved')).incident;
  expect(other.alerts.states['same']?.status).toBe('firing');
  const own = afterAlerts(incident, 2, named('LinkDown', 'resolved')).incident;
  expect(own.alerts.states['same']?.status).toBe('resolved');
});
