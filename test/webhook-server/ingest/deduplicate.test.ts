import { AlertDeduplication } from '../../../webhook-server/ingest/deduplicate.ts';
import type { RoutedAlerts } from '../../../webhook-server/incidents/gateway.ts';
import { alert, resolved, routed, T0 } from '../support/routed-alerts.ts';

let time = T0;
beforeEach(() => (time = T0));
const told = (...routedAlerts: readonly RoutedAlerts[]) => {
  const repeats = new AlertDeduplication(() => time);
  repeats.delivered(routedAlerts);
  return repeats;
};

test('a repeat of a firing that was just told is no news, for a minute', () => {
  const repeats = told(routed('a', [alert('x'), alert('y')]));
  time += 59_000;
  expect(repeats.workflowsThatKnow(routed('a', [alert('x')]))).toEqual(['a']);
  time += 1000;
  expect(repeats.workflowsThatKnow(routed('a', [alert('x')]))).toBeNull();
});

test('anything else is news: another alert, incident, start, status or severity, or alerts left out', () => {
  const repeats = told(routed('a', [alert('x')]));
  const news = [
    routed('a', [alert('x'), alert('z')]),
    routed('b', [alert('x')]),
    routed('a', [alert('x', { startsAt: T0 + 1 })]),
    routed('a', [resolved('x')]),
    routed('a', [alert('x', { severity: 'SEV1' })]),
    { ...routed('a', [alert('x')]), truncated: 3 },
    routed('a', []),
  ];
  expect(news.map((one) => repeats.workflowsThatKnow(one))).toEqual(news.map(() => null));
});

test('without a start of its own every firing may be a new one', () => {
  const guessed = routed('a', [alert('x', { startGuessed: true })]);
  expect(told(guessed).workflowsThatKnow(guessed)).toBeNull();
});

test('what is soon stale is told more often', () => {
  const soon = { ...routed('a', [alert('x')]), staleAfterMs: 30_000 };
  const repeats = told(soon);
  time += 2999;
  expect(repeats.workflowsThatKnow(soon)).toEqual(['a']);
  time += 1;
  expect(repeats.workflowsThatKnow(soon)).toBeNull();
});

test('an alert that joined a storm is known there, under its own group', () => {
  const repeats = told(routed('storm-platform', [alert('x', { group: 'a' })]));
  expect(repeats.workflowsThatKnow(routed('a', [alert('x')]))).toEqual(['storm-platform']);
  expect(repeats.workflowsThatKnow(routed('b', [alert('x')]))).toBeNull();
});

test('the memory is bounded: the oldest are told again', () => {
  const repeats = new AlertDeduplication(() => time, 2);
  for (const name of ['x', 'y', 'z']) repeats.delivered([routed('a', [alert(name)])]);
  expect(['x', 'y', 'z'].map((name) => repeats.workflowsThatKnow(routed('a', [alert(name)])))).toEqual([
    null,
    ['a'],
    ['a'],
  ]);
});
