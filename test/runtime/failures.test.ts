/** Which failures of a page are tried again, and when. */
import { DeliveryError, pageRetryDelayMs } from '../../runtime/failures.ts';

const failed = (status: number, retryAfterMs: number | null = null) =>
  new DeliveryError('webhook', { status, retryAfterMs });
const first = { failures: 1, refusals: 0 };

test('a failure that may pass is tried again after a second, then ever later, at most every ten seconds', () => {
  const delays = [1, 2, 3, 4, 5, 50].map((failures) => pageRetryDelayMs(failed(503), { failures, refusals: 0 }));
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test.each([408, 425, 429, 500, 502, 503, 504])('%i may pass', (status) => {
  expect(pageRetryDelayMs(failed(status), { failures: 9, refusals: 0 })).toBe(10_000);
});

test('no answer, and an error that is no vendor’s, may pass too', () => {
  expect(pageRetryDelayMs(new DeliveryError('mail', { code: 'ECONNREFUSED' }), first)).toBe(1_000);
  expect(pageRetryDelayMs(new TypeError('a bug of ours'), first)).toBe(1_000);
});

test.each([301, 401, 403, 404, 405, 410])('%i looks final: it is tried once more, and not again', (status) => {
  expect(pageRetryDelayMs(failed(status), { failures: 1, refusals: 1 })).toBe(1_000);
  expect(pageRetryDelayMs(failed(status), { failures: 2, refusals: 2 })).toBeNull();
  // Not counted: failures of another kind before it.
  expect(pageRetryDelayMs(failed(status), { failures: 4, refusals: 1 })).toBe(8_000);
});

test.each([400, 413, 422])('%i is given up at once', (status) => {
  expect(pageRetryDelayMs(failed(status), { failures: 1, refusals: 1 })).toBeNull();
});

test('a Retry-After counts when it asks for more', () => {
  expect(pageRetryDelayMs(failed(429, 30_000), first)).toBe(30_000);
  expect(pageRetryDelayMs(failed(429, 0), first)).toBe(1_000);
});
