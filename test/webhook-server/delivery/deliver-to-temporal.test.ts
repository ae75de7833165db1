import {
  splitIntoSignals,
  mergeRoutedAlerts,
  SIGNAL_BYTES,
  truncateToBytes,
  ResolvedBeforeFiring,
} from '../../../webhook-server/delivery/deliver-to-temporal.ts';
import { alert, resolved, routed, T0 } from '../support/routed-alerts.ts';

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const states = (batch: { alerts: readonly { fingerprint: string; status: string; startsAt: number }[] }): string[] =>
  batch.alerts.map(({ fingerprint, status, startsAt }) => `${fingerprint} ${status} +${startsAt - T0}`);

test('alerts of several messages: the newest report of each, in the order in which they came', () => {
  const { batch } = mergeRoutedAlerts([
    routed('a', [alert('x', { title: 'old' }), alert('y')]),
    { ...routed('a', [alert('x', { title: 'new' })]), receivedAt: T0 + 5, truncated: 3 },
  ]);
  expect(states(batch)).toEqual(['y firing +0', 'x firing +0']);
  expect(batch.alerts[1]?.title).toBe('new');
  expect(batch).toMatchObject({ receivedAt: T0 + 5, truncated: 3 });
});

test('a firing never undoes the resolution of the same start, whichever comes first; a new start is another alert', () => {
  const one = mergeRoutedAlerts([routed('a', [resolved('x')]), routed('a', [alert('x')])]);
  const two = mergeRoutedAlerts([routed('a', [alert('x')]), routed('a', [resolved('x')])]);
  const three = mergeRoutedAlerts([routed('a', [resolved('x'), alert('x', { startsAt: T0 + 1 })])]);
  expect([states(one.batch), states(two.batch)]).toEqual([['x resolved +0'], ['x resolved +0']]);
  expect(states(three.batch)).toEqual(['x resolved +0', 'x firing +1']);
});

test('the worst message gives the declaration, so that an incident is not declared mild and raised at once', () => {
  const { declaration } = mergeRoutedAlerts([routed('a', [alert('x')], 'SEV3'), routed('a', [alert('y')], 'SEV1')]);
  expect(declaration.severity).toBe('SEV1');
});

test('a batch of megabytes becomes signals of at most 256 KiB, nothing lost, order kept', () => {
  const alerts = Array.from({ length: 3000 }, (_, n) => alert(`f${n}`, { annotations: { text: '🚨'.repeat(250) } }));
  const { batch } = mergeRoutedAlerts([{ ...routed('a', alerts), truncated: 7 }]);
  const chunks = splitIntoSignals(batch);
  expect(chunks.length).toBeGreaterThan(10);
  expect(Math.max(...chunks.map(bytes))).toBeLessThanOrEqual(SIGNAL_BYTES);
  expect(chunks.flatMap((chunk) => chunk.alerts)).toEqual(alerts);
  // One that said 0 would be taken for the sender's word that this is all.
  expect(new Set(chunks.map(({ truncated }) => truncated))).toEqual(new Set([7]));
});

test('of a message in several signals, what fires comes first: its end must not be judged before it is known', () => {
  const text = 'x'.repeat(1000);
  const cleared = Array.from({ length: 300 }, (_, n) => resolved(`r${n}`, { annotations: { text } }));
  const firing = Array.from({ length: 300 }, (_, n) => alert(`f${n}`, { annotations: { text } }));
  const chunks = splitIntoSignals(mergeRoutedAlerts([routed('a', [...cleared, ...firing])]).batch);
  expect(chunks.length).toBeGreaterThan(1);
  expect(chunks.flatMap(({ alerts }) => alerts)).toEqual([...firing, ...cleared]);
});

test('one monstrous alert is cut down to what identifies it, never dropped', () => {
  const monster = alert('m', {
    labels: { alertname: 'Monster', dump: 'x'.repeat(5_000_000) },
    annotations: { text: 'y'.repeat(5_000_000) },
    title: 'z'.repeat(5_000_000),
  });
  const [chunk, ...rest] = splitIntoSignals(mergeRoutedAlerts([routed('a', [monster])]).batch);
  expect(rest).toEqual([]);
  expect(bytes(chunk)).toBeLessThan(SIGNAL_BYTES);
  expect(chunk?.alerts[0]).toMatchObject({ fingerprint: 'm', status: 'firing', labels: { alertname: 'Monster' } });
});

test('a declaration stays under 32 KiB', () => {
  const whole = routed('a', [alert('x')]);
  const huge = { ...whole, declaration: { ...whole.declaration, title: 't'.repeat(1e6), summary: '🚨'.repeat(1e6) } };
  expect(bytes(mergeRoutedAlerts([huge]).declaration)).toBeLessThan(32 * 1024);
});

test('a summary is cut between characters', () => {
  expect(truncateToBytes('🚨🚨🚨', 9)).toBe('🚨🚨');
  expect(truncateToBytes('abc', 9)).toBe('abc');
  expect(truncateToBytes('\ud800abc', 9)).toBe('\ufffdabc');
});

test('[PAGE-40] pages that the edge has sent go with the first piece, each once', () => {
  const page = { to: 'ana', method: 'webhook', key: 'bg/1', at: 1, incidentId: 'E1' };
  const alerts = Array.from({ length: 40 }, (_, n) => alert(`f${n}`, { annotations: { text: 'x'.repeat(2000) } }));
  const one = { ...routed('inc-a', alerts), alreadyPaged: [page] };
  const two = { ...routed('inc-a', [alert('other')]), alreadyPaged: [page, { ...page, method: 'call' }] };
  const pieces = splitIntoSignals(mergeRoutedAlerts([one, two, routed('inc-a', [alert('third')])]).batch, 32 * 1024);
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.map(({ alreadyPaged }) => alreadyPaged?.length)).toEqual([2, ...pieces.slice(1).map(() => undefined)]);
  expect(mergeRoutedAlerts([routed('inc-a', alerts)]).batch).not.toHaveProperty('alreadyPaged');
});

test('the same start of the same alert of the same incident is known for ten minutes', () => {
  let now = T0;
  const resolved = new ResolvedBeforeFiring(() => now);
  resolved.add('inc', alert('x'));
  now += 10 * 60_000 - 1;
  expect(resolved.has('inc', alert('x'))).toBe(true);
  expect(resolved.has('inc', alert('x', { startsAt: T0 + 1 }))).toBe(false);
  expect(resolved.has('other', alert('x'))).toBe(false);
  now += 1;
  expect(resolved.has('inc', alert('x'))).toBe(false);
});

test('memory is bounded: the oldest is forgotten first', () => {
  const resolved = new ResolvedBeforeFiring(() => T0, 100);
  for (let n = 0; n < 150; n += 1) resolved.add('inc', alert(`x${n}`));
  expect(resolved.has('inc', alert('x49'))).toBe(false);
  expect(resolved.has('inc', alert('x50'))).toBe(true);
});
