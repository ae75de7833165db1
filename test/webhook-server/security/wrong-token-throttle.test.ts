/** Wrong tokens by address. */
import { WrongTokenThrottle } from '../../../webhook-server/security/wrong-token-throttle.ts';

function flood(throttle: WrongTokenThrottle, address: string): number {
  let wait = 0;
  for (let i = 0; i <= 200; i += 1) wait = throttle.countWrongToken(address);
  return wait;
}

test('one address waits, the others do not, and a minute later it may try again', () => {
  let now = 0;
  const throttle = new WrongTokenThrottle(() => now);
  expect(flood(throttle, '::ffff:10.0.0.1')).toBe(60);
  expect(throttle.countWrongToken('10.0.0.1')).toBe(60);
  expect(throttle.countWrongToken('::ffff:10.0.0.2')).toBe(0);
  now = 60_000;
  expect(throttle.countWrongToken('10.0.0.1')).toBe(0);
});

test('IPv6 counts by network', () => {
  const throttle = new WrongTokenThrottle(() => 0);
  flood(throttle, '2001:db8::1');
  expect(throttle.countWrongToken('2001:db8:0:0:ffff:1:2:3')).toBe(60);
  expect(throttle.countWrongToken('2001:db8:0:1::1')).toBe(0);
});

test('ten thousand addresses are remembered, not more', () => {
  const throttle = new WrongTokenThrottle(() => 0);
  flood(throttle, '10.0.0.1');
  for (let i = 0; i < 10_000; i += 1) throttle.countWrongToken(`h${i}`);
  expect(throttle.countWrongToken('10.0.0.1')).toBe(0);
});
