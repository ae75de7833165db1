import { AlertDeduplication } from '../../../webhook-server/ingest/deduplicate.ts';
import type { RoutedAlerts } from '../../../webhook-server/incidents/gateway.ts';
import { alert, resolved, routed, T0 } from '../support/routed-alerts.ts';

const MINUTE = 60_000;
let time = T0;
let isAlone = true;
beforeEach(() => {
  time = T0;
  isAlone = true;
});
const deduplication = (limit?: number) =>
  new AlertDeduplication({ isAlone: () => isAlone, now: () => time, ...(limit === undefined ? {} : { limit }) });
const told = (...routedAlerts: readonly RoutedAlerts[]) => {
  const repeats = deduplication();
  repeats.delivered(routedAlerts);
  return repeats;
};
const at = (receivedAt: number, whole: RoutedAlerts): RoutedAlerts => ({ ...whole, receivedAt });

test('a repeat of a firing that was just told is no news, for a minute', () => {
  const repeats = told(routed('a', [alert('x'), alert('y')]));
  time += 59_000;
  expect(repeats.workflowsThatKnow(routed('a', [alert('x')]))).toEqual(['a']);
  time += 1000;
  expect(repeats.workflowsThatKnow(routed('a', [alert('x')]))).toBeNull();
});

test('anything else is news at once: another alert, incident, start, status or severity, other words, or alerts left out', () => {
  const repeats = told(routed('a', [alert('x')]));
  const news = [
    routed('a', [alert('x'), alert('z')]),
    routed('b', [alert('x')]),
    routed('a', [alert('x', { startsAt: T0 + 1 })]),
    routed('a', [alert('x', { startGuessed: true })]),
    routed('a', [alert('x', { severity: 'SEV1' })]),
    routed('a', [alert('x', { title: 'other words' })]),
    routed('a', [alert('x', { labels: { alertname: 'x', node: 'b' } })]),
    routed('a', [alert('x', { annotations: { description: 'worse' } })]),
    { ...routed('a', [alert('x')]), source: 'grafana' },
    { ...routed('a', [alert('x')]), truncated: 3 },
    routed('a', []),
    routed('a', [resolved('x')]),
  ];
  expect(news.map((one) => repeats.workflowsThatKnow(one))).toEqual(news.map(() => null));
});

test('after its end an alert that fires again is news, though the start is the same', () => {
  const repeats = told(routed('a', [alert('x')]));
  expect(repeats.workflowsThatKnow(at(T0 + 1, routed('a', [resolved('x')])))).toBeNull();
  // The end is still on its way to Temporal.
  expect(repeats.workflowsThatKnow(at(T0 + 2, routed('a', [alert('x')])))).toBeNull();
});

test('an end clears its alert wherever its firing went', () => {
  const repeats = told(routed('a', [alert('x')]));
  repeats.workflowsThatKnow(at(T0 + 1, routed('elsewhere', [resolved('x', { startsAt: T0 + 9 })])));
  expect(repeats.workflowsThatKnow(at(T0 + 2, routed('a', [alert('x')])))).toBeNull();
});

test('a firing that Temporal acknowledges only after its end was received does not hide the next one', () => {
  const repeats = deduplication();
  const firing = routed('a', [alert('x')]);
  expect(repeats.workflowsThatKnow(firing)).toBeNull();
  repeats.workflowsThatKnow(at(T0 + 1, routed('a', [resolved('x')])));
  repeats.delivered([firing]);
  expect(repeats.workflowsThatKnow(at(T0 + 2, firing))).toBeNull();
});

test('while another server is alive, or may be, nothing is dropped: it may have had the end', () => {
  const repeats = told(routed('a', [alert('x')]));
  isAlone = false;
  expect(repeats.workflowsThatKnow(routed('a', [alert('x')]))).toBeNull();
  isAlone = true;
  expect(repeats.workflowsThatKnow(routed('a', [alert('x')]))).toEqual(['a']);
});

test('what a preview asks about is no report', () => {
  const repeats = told(routed('a', [alert('x')]));
  repeats.workflowsThatKnow(at(T0 + 1, routed('a', [resolved('x')])), true);
  expect(repeats.workflowsThatKnow(routed('a', [alert('x')]))).toEqual(['a']);
});

test('without a start of its own a repeat is the same alert until its end', () => {
  const guessed = (startsAt: number) => routed('a', [alert('x', { startGuessed: true, startsAt })]);
  const repeats = told(guessed(T0));
  expect(repeats.workflowsThatKnow(guessed(T0 + 5))).toEqual(['a']);
  repeats.workflowsThatKnow(at(T0 + 6, routed('a', [resolved('x', { startGuessed: true, startsAt: T0 + 6 })])));
  expect(repeats.workflowsThatKnow(at(T0 + 7, guessed(T0 + 7)))).toBeNull();
});

describe('a change of digits only', () => {
  const full = (percent: number) => routed('a', [alert('x', { annotations: { summary: `${percent} % full` } })]);

  test('is told at most once a minute', () => {
    const repeats = told(full(90));
    time += MINUTE - 1;
    expect(repeats.workflowsThatKnow(full(91))).toEqual(['a']);
    time += 1;
    expect(repeats.workflowsThatKnow(full(91.5))).toBeNull();
  });

  test('is told ever more seldom while it goes on: a thousand repeats in an hour are six signals, later four an hour', () => {
    const repeats = told(full(0));
    const toldAt: number[] = [];
    for (let n = 1; n <= 2000; n += 1) {
      time = T0 + n * 3600;
      if (repeats.workflowsThatKnow(full(n)) !== null) continue;
      toldAt.push(Math.floor((time - T0) / MINUTE));
      repeats.delivered([full(n)]);
    }
    expect(toldAt).toEqual([1, 3, 7, 15, 31, 47, 63, 79, 95, 111]);
    time += 11 * MINUTE;
    // It was quiet for so long that it begins again with a minute.
    for (const n of [1, 2]) {
      expect(repeats.workflowsThatKnow(full(n))).toBeNull();
      repeats.delivered([full(n)]);
      time += MINUTE;
    }
    expect(repeats.workflowsThatKnow(full(3))).toEqual(['a']);
  });

  test('is told at most once a minute for all alerts of an incident', () => {
    const both = (x: number, y: number) =>
      routed('a', [alert('x', { title: `x ${x}` }), alert('y', { title: `y ${y}` })]);
    const repeats = told(both(1, 1));
    time += MINUTE;
    expect(repeats.workflowsThatKnow(both(2, 1))).toBeNull();
    repeats.delivered([both(2, 1)]);
    expect(repeats.workflowsThatKnow(both(2, 2))).toEqual(['a']);
  });

  test('never hides that the severity or the words change, nor that the alert ended', () => {
    const repeats = told(full(90));
    expect(repeats.workflowsThatKnow(full(91))).toEqual(['a']);
    expect(repeats.workflowsThatKnow(routed('a', [alert('x', { annotations: { summary: '91 % gone' } })]))).toBeNull();
    expect(repeats.workflowsThatKnow(at(T0 + 1, routed('a', [resolved('x')])))).toBeNull();
    expect(repeats.workflowsThatKnow(at(T0 + 2, full(91)))).toBeNull();
  });
});

describe('what the whole message lists', () => {
  const listing = (listed: readonly string[] | undefined, alerts = [alert('x')], messageGroup = 'g'): RoutedAlerts => ({
    ...routed('a', alerts),
    messageGroup,
    ...(listed === undefined ? {} : { listed }),
  });

  test('a message that no longer lists an alert of its group is news; one that lists more is not', () => {
    const repeats = told(listing(['x', 'y']));
    expect(repeats.workflowsThatKnow(listing(['y', 'x', 'z']))).toEqual(['a']);
    expect(repeats.workflowsThatKnow(listing(['x']))).toBeNull();
    expect(repeats.workflowsThatKnow(listing(undefined))).toEqual(['a']);
  });

  test('an alert that was missing and is listed again is news', () => {
    const repeats = told(listing(['x', 'y'], [alert('x'), alert('y')]));
    repeats.delivered([listing(['x'])]);
    expect(repeats.workflowsThatKnow(listing(['x', 'y'], [alert('x'), alert('y')]))).toBeNull();
  });

  test('the first message of another group that has the alert is news, and so is the first whole one', () => {
    const repeats = told(listing(undefined));
    expect(repeats.workflowsThatKnow(listing(['x'], [alert('x')], 'h'))).toBeNull();
    expect(repeats.workflowsThatKnow(listing(['x']))).toBeNull();
  });
});

test('what is soon stale is told more often', () => {
  const soon = { ...routed('a', [alert('x')]), staleAfterMs: 30_000 };
  const repeats = told(soon);
  time += 2999;
  expect(repeats.workflowsThatKnow(soon)).toEqual(['a']);
  time += 1;
  expect(repeats.workflowsThatKnow(soon)).toBeNull();
});

test('an alert that joined a storm is known there, under its own group, whatever the storm kept of it', () => {
  const repeats = told(routed('storm-platform', [alert('x', { group: 'a', annotations: {}, title: 'cut' })]));
  expect(repeats.workflowsThatKnow({ ...routed('a', [alert('x')]), messageGroup: 'g' })).toEqual(['storm-platform']);
  expect(repeats.workflowsThatKnow(routed('b', [alert('x')]))).toBeNull();
});

test('the memory is bounded: the oldest are told again', () => {
  const repeats = deduplication(2);
  for (const name of ['x', 'y', 'z']) repeats.delivered([routed('a', [alert(name)])]);
  expect(['x', 'y', 'z'].map((name) => repeats.workflowsThatKnow(routed('a', [alert(name)])))).toEqual([
    null,
    ['a'],
    ['a'],
  ]);
});
