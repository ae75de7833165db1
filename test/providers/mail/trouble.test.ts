/** What cannot be made to happen on a real server within a test, by the codes nodemailer documents. */
import { inspect } from 'node:util';
import { mailTrouble } from '../../../providers/mail/trouble.ts';

const SAID = '550 <ana@example.com> s3cret';

test.each([
  ['greylisted', { code: 'EMESSAGE', responseCode: 450, command: 'DATA' }, 'later', 'mail: SMTP 450'],
  ['closing down', { code: 'EENVELOPE', responseCode: 421, command: 'RCPT TO' }, 'later', 'mail: SMTP 421'],
  ['password service down', { code: 'EAUTH', responseCode: 454, command: 'AUTH PLAIN' }, 'later', 'mail: SMTP 454'],
  ['session out of step', { code: 'EENVELOPE', responseCode: 503, command: 'MAIL FROM' }, 'later', 'mail: SMTP 503'],
  ['no such mailbox', { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }, 'refused', 'mail: SMTP 550'],
  ['taken for spam', { code: 'EMESSAGE', responseCode: 554, command: 'DATA' }, 'refused', 'mail: SMTP 554'],
  ['too big', { code: 'EENVELOPE', responseCode: 552, command: 'MAIL FROM' }, 'refused', 'mail: SMTP 552'],
  [
    'our address is not welcome',
    { code: 'EPROTOCOL', responseCode: 554, command: 'CONN' },
    'settings',
    'mail: SMTP 554',
  ],
  ['sender not ours', { code: 'EENVELOPE', responseCode: 553, command: 'MAIL FROM' }, 'settings', 'mail: SMTP 553'],
  ['password wanted', { code: 'EENVELOPE', responseCode: 530, command: 'RCPT TO' }, 'settings', 'mail: SMTP 530'],
  ['wrong password', { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' }, 'settings', 'mail: SMTP 535'],
  ['no password', { code: 'EAUTH', command: 'API' }, 'settings', 'mail: EAUTH'],
  ['an address that is none', { code: 'EENVELOPE', command: 'API' }, 'refused', 'mail: EENVELOPE'],
  ['no such host', { code: 'EDNS' }, 'later', 'mail: EDNS'],
  ['no route', { code: 'ESOCKET', command: 'CONN' }, 'later', 'mail: ESOCKET'],
  ['cut', { code: 'ECONNECTION' }, 'later', 'mail: ECONNECTION'],
  ['silence', { code: 'ETIMEDOUT' }, 'later', 'mail: ETIMEDOUT'],
  ['no encryption', { code: 'ETLS' }, 'later', 'mail: ETLS'],
  ['a number that is none', { code: 'ESOCKET', responseCode: 0 }, 'later', 'mail: ESOCKET'],
  ['a code that is a sentence', { code: SAID }, 'later', 'mail: no answer'],
] as const)('%s: %j means %s', (_what, parts, trouble, message) => {
  const judged = mailTrouble(Object.assign(new Error(SAID), { response: SAID, ...parts }));
  expect([judged.trouble, judged.message]).toEqual([trouble, message]);
  expect(inspect(judged, { depth: 9 })).not.toMatch(/s3cret|example\.com/);
});

test.each([undefined, null, 'words', 42])('%j instead of an error: later', (thrown) => {
  expect(mailTrouble(thrown)).toMatchObject({ trouble: 'later', message: 'mail: no answer' });
});
