import { ResolvedBeforeFiring } from '../../../webhook-server/delivery/deliver-to-temporal.ts';
import { alert, T0 } from '../support/routed-alerts.ts';

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
