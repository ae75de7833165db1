/** What cannot be made to happen on a real server within a test, by the codes nodemailer documents. */
import { inspect } from 'node:util';
import { mailFailure } from '../../../providers/mail/mail-failure.ts';

const SAID = '550 <ana@example.com> s3cret';

test.each([
  ['greylisted', { code: 'EMESSAGE', responseCode: 450, command: 'DATA' }, 'retryable', 'mail: SMTP 450'],
  ['closing down', { code: 'EENVELOPE', responseCode: 421, command: 'RCPT TO' }, 'retryable', 'mail: SMTP 421'],
  ['password service down', { code: 'EAUTH', responseCode: 454, command: 'AUTH PLAIN' }, 'retryable', 'mail: SMTP 454'],
  [
    'session out of step',
    { code: 'EENVELOPE', responseCode: 503, command: 'MAIL FROM' },
    'retryable',
    'mail: SMTP 503',
  ],
  ['no such mailbox', { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }, 'rejected', 'mail: SMTP 550'],
  ['taken for spam', { code: 'EMESSAGE', responseCode: 554, command: 'DATA' }, 'rejected', 'mail: SMTP 554'],
  ['too big', { code: 'EENVELOPE', responseCode: 552, command: 'MAIL FROM' }, 'rejected', 'mail: SMTP 552'],
  [
    'our address is not welcome',
    { code: 'EPROTOCOL', responseCode: 554, command: 'CONN' },
    'misconfigured',
    'mail: SMTP 554',
  ],
  [
    'sender not ours',
    { code: 'EENVELOPE', responseCode: 553, command: 'MAIL FROM' },
    'misconfigured',
    'mail: SMTP 553',
  ],
  ['password wanted', { code: 'EENVELOPE', responseCode: 530, command: 'RCPT TO' }, 'misconfigured', 'mail: SMTP 530'],
  ['wrong password', { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' }, 'misconfigured', 'mail: SMTP 535'],
  ['no password', { code: 'EAUTH', command: 'API' }, 'misconfigured', 'mail: EAUTH'],
  ['an address that is none', { code: 'EENVELOPE', command: 'API' }, 'rejected', 'mail: EENVELOPE'],
  ['no such host', { code: 'EDNS' }, 'retryable', 'mail: EDNS'],
  ['no route', { code: 'ESOCKET', command: 'CONN' }, 'retryable', 'mail: ESOCKET'],
  ['cut', { code: 'ECONNECTION' }, 'retryable', 'mail: ECONNECTION'],
  ['silence', { code: 'ETIMEDOUT' }, 'retryable', 'mail: ETIMEDOUT'],
  ['no encryption', { code: 'ETLS' }, 'retryable', 'mail: ETLS'],
  ['a number that is none', { code: 'ESOCKET', responseCode: 0 }, 'retryable', 'mail: ESOCKET'],
  ['a code that is a sentence', { code: SAID }, 'retryable', 'mail: no answer'],
] as const)('%s: %j means %s', (_what, parts, trouble, message) => {
  const judged = mailFailure(Object.assign(new Error(SAID), { response: SAID, ...parts }));
  expect([judged.kind, judged.message]).toEqual([trouble, message]);
  expect(inspect(judged, { depth: 9 })).not.toMatch(/s3cret|example\.com/);
});

test.each([undefined, null, 'words', 42])('%j instead of an error: later', (thrown) => {
  expect(mailFailure(thrown)).toMatchObject({ kind: 'retryable', message: 'mail: no answer' });
});
