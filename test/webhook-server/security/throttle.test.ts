/** Wrong tokens by address. */
import { createThrottle } from '../../../webhook-server/security/throttle.ts';

function flood(throttle: ReturnType<typeof createThrottle>, address: string): number {
  let wait = 0;
  for (let i = 0; i <= 200; i += 1) wait = throttle.wrong(address);
  return wait;
}

test('one address waits, the others do not, and a minute later it may try again', () => {
  let now = 0;
  const throttle = createThrottle(() => now);
  expect(flood(throttle, '::ffff:10.0.0.1')).toBe(60);
  expect(throttle.wrong('10.0.0.1')).toBe(60);
  expect(throttle.wrong('::ffff:10.0.0.2')).toBe(0);
  now = 60_000;
  expect(throttle.wrong('10.0.0.1')).toBe(0);
});

test('IPv6 counts by network', () => {
  const throttle = createThrottle(() => 0);
  flood(throttle, '2001:db8::1');
  expect(throttle.wrong('2001:db8:0:0:ffff:1:2:3')).toBe(60);
  expect(throttle.wrong('2001:db8:0:1::1')).toBe(0);
});

test('ten thousand addresses are remembered, not more', () => {
  const throttle = createThrottle(() => 0);
  flood(throttle, '10.0.0.1');
  for (let i = 0; i < 10_000; i += 1) throttle.wrong(`h${i}`);
  expect(throttle.wrong('10.0.0.1')).toBe(0);
});
