/** Lengths of time, as people read them. */
import { durationText, roughDuration } from '../../../domain/kernel/duration.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [-5, '0 s', '0 s'],
  [59_400, '59 s', '59 s'],
  [90_000, '1 min 30 s', '90 s'],
  [5 * MINUTE, '5 min', '5 min'],
  [5 * MINUTE + 3000, '5 min 3 s', '5 min'],
  [99 * MINUTE, '1 h 39 min', '99 min'],
  [2 * HOUR, '2 h', '2 h'],
  [26 * HOUR + 5 * MINUTE, '26 h 5 min', '26 h 5 min'],
  [48 * HOUR, '2 d', '2 d'],
  [50 * HOUR + 59 * MINUTE, '2 d 2 h', '2 d 2 h'],
])('%i ms are %s, or at a glance %s', (ms, exact, rough) => {
  expect(durationText(ms)).toBe(exact);
  expect(roughDuration(ms)).toBe(rough);
});
