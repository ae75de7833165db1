/** Grafana's signature, by vectors made with Grafana's own code. */
import { verifySignature } from '../../../webhook-server/security/source-auth.ts';

const body = Buffer.from('{}');
const at = 1_700_000_000;

test('over the body alone, and with the time', () => {
  const alone = '77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13';
  expect(verifySignature({ secret: 'secret', signature: alone, timestamp: null, body, now: 0 })).toBe(true);
  const timed = '90d1dfc305363e56438c2a03dac8b91f27a9842b7e361afe3743831bca23c856';
  const signed = { secret: 'secret', signature: timed, timestamp: String(at), body };
  expect(verifySignature({ ...signed, now: at * 1000 + 300_000 })).toBe(true);
  expect(verifySignature({ ...signed, now: at * 1000 + 300_001 })).toBe(false);
  expect(verifySignature({ ...signed, now: at * 1000, secret: 'other' })).toBe(false);
});
