import { EndedFirings } from '../../../webhook-server/delivery/ended-firings.ts';
import { alert, resolved, T0 } from '../support/routed-alerts.ts';

const received = (receivedAt: number, lateCopyMs?: number) => ({
  receivedAt,
  ...(lateCopyMs === undefined ? {} : { lateCopyMs }),
});

test('a firing received before its end is held back for ten minutes; another start or incident is another alert', () => {
  let now = T0;
  const ended = new EndedFirings(() => now);
  ended.add('inc', resolved('x'), received(T0));
  now += 10 * 60_000 - 1;
  expect(ended.hasEnded('inc', alert('x'), received(T0 - 5))).toBe(true);
  expect(ended.hasEnded('inc', alert('x', { startsAt: T0 + 1 }), received(T0 - 5))).toBe(false);
  expect(ended.hasEnded('other', alert('x'), received(T0 - 5))).toBe(false);
  now += 1;
  expect(ended.hasEnded('inc', alert('x'), received(T0 - 5))).toBe(false);
});

test('received after the end it is a recurrence, though the start is the same', () => {
  const ended = new EndedFirings(() => T0);
  ended.add('inc', resolved('x'), received(T0));
  expect(ended.hasEnded('inc', alert('x'), received(T0 + 1))).toBe(false);
});

test('a cluster of Alertmanagers may send a late copy, for as long as its window is', () => {
  const ended = new EndedFirings(() => T0);
  ended.add('inc', resolved('x'), received(T0));
  expect(ended.hasEnded('inc', alert('x'), received(T0 + 20_000, 20_000))).toBe(true);
  expect(ended.hasEnded('inc', alert('x'), received(T0 + 20_001, 20_000))).toBe(false);
});

test('the times of the reports count, not those of the batch in which they came', () => {
  const ended = new EndedFirings(() => T0);
  ended.add('inc', resolved('x', { receivedAt: T0 + 100 }), received(T0 + 900));
  expect(ended.hasEnded('inc', alert('x', { receivedAt: T0 + 101 }), received(T0 + 50))).toBe(false);
});

test('memory is bounded: the oldest is forgotten first', () => {
  const ended = new EndedFirings(() => T0, 100);
  for (let n = 0; n < 150; n += 1) ended.add('inc', resolved(`x${n}`), received(T0));
  expect(ended.hasEnded('inc', alert('x49'), received(T0))).toBe(false);
  expect(ended.hasEnded('inc', alert('x50'), received(T0))).toBe(true);
});
