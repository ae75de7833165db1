import { inspect } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import type { Page } from '../../../activities/ports.ts';
import { createMailer, type Mailer, mailFailure } from '../../../providers/mail/mail.ts';
import { DeliveryError } from '../../../runtime/failures.ts';
import { LOCALHOST } from '../../support/localhost-certificate.ts';
import { type Mailbox, type MailboxOptions, type MailFault, startMailbox } from '../../support/mailbox.ts';
import { aPage } from '../provider-fixtures.ts';

const FROM = 'Incidents <incidents@example.com>';
const AUTH = { user: 'tocsin@example.com', pass: 'hunter2 & more' };
const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A mailbox and a mailer that speaks to it. `query`: nodemailer's options, as an operator would add them. */
async function setUp(options: MailboxOptions = {}, query = ''): Promise<{ box: Mailbox; mailer: Mailer }> {
  const box = await startMailbox(options);
  const mailer = mailerFor(`${box.url}${query}`);
  open.push(async () => {
    await box.close();
    expect(box.unexpected).toEqual([]);
  });
  return { box, mailer };
}

function mailerFor(smtp: string): Mailer {
  const mailer = createMailer({ smtp, from: FROM });
  open.unshift(() => mailer.close());
  return mailer;
}

function send(mailer: Mailer, page: Page, signal = AbortSignal.timeout(60_000)): Promise<void> {
  return mailer.contact('ana@example.com', 'email').send(page, signal);
}

/** What a call fails with; nothing of it may be a secret, an address, or the server's own words. */
async function failureOf(call: Promise<unknown>): Promise<{ kind: string; status: number | null; message: string }> {
  const err = await call.then(
    () => new Error('it went through'),
    (reason: unknown) => reason,
  );
  expect(err).toBeInstanceOf(DeliveryError);
  const { kind, status, message, cause } = err as DeliveryError;
  expect(cause).toBeUndefined();
  expect(JSON.stringify([message, err])).not.toMatch(/hunter2|example\.com|localhost|secret|no such user/);
  return { kind, status, message };
}

test('a page is mailed from the configured sender to that person alone, and is a quiet method', async () => {
  const { box, mailer } = await setUp();
  const contact = mailer.contact('ana@example.com', 'email-2');
  await contact.send(aPage(), AbortSignal.timeout(5000));
  expect({ method: contact.method, quiet: contact.quiet }).toEqual({ method: 'email-2', quiet: true });
  expect(box.mails).toHaveLength(1);
  expect(box.mails[0]?.to).toEqual(['ana@example.com']);
  expect(box.mails[0]?.headers.get('from')).toBe(FROM);
  expect(box.mails[0]?.headers.get('to')).toBe('ana@example.com');
});

test('the same key again in the same process: accepted, and not mailed twice', async () => {
  const { box, mailer } = await setUp();
  await send(mailer, aPage());
  await send(mailer, aPage());
  await send(mailer, aPage({ key: '01JD0000000000000000000000/page/1.1.2/ana.email' }));
  expect(box.mails).toHaveLength(2);
});

test('the same key from another process: the same Message-ID, so that mailboxes can merge them', async () => {
  const { box, mailer } = await setUp();
  await send(mailer, aPage());
  await send(mailerFor(box.url), aPage());
  expect(box.mails).toHaveLength(2);
  expect(box.mails[1]?.messageId).toBe(box.mails[0]?.messageId);
});

test('a thousand pages later the oldest keys are forgotten, and memory stays bounded', async () => {
  const { box, mailer } = await setUp();
  const keyed = (n: number) => aPage({ key: `e/page/1.1.${n}/ana.email` });
  for (let n = 0; n <= 1000; n += 100) {
    await Promise.all(Array.from({ length: n === 1000 ? 1 : 100 }, (_, i) => send(mailer, keyed(n + i))));
  }
  await send(mailer, keyed(1000));
  expect(box.mails).toHaveLength(1001);
  for (let n = 0; n < 1001 && box.mails.length === 1001; n += 1) await send(mailer, keyed(n));
  expect(box.mails).toHaveLength(1002);
}, 30_000);

test('many people at once share a few connections', async () => {
  const { box, mailer } = await setUp();
  await Promise.all(Array.from({ length: 40 }, (_, n) => send(mailer, aPage({ key: `e/page/1.1.${n}/p.email` }))));
  expect(box.mails).toHaveLength(40);
  expect(box.connections).toBeLessThanOrEqual(5);
});

const FAILURES: readonly [MailFault, { kind: string; status: number | null; message: string }][] = [
  ['refuse-recipient', { kind: 'rejected', status: 550, message: 'mail: SMTP 550' }],
  ['busy', { kind: 'retryable', status: 450, message: 'mail: SMTP 450' }],
  ['refuse-sender', { kind: 'misconfigured', status: 550, message: 'mail: SMTP 550' }],
  ['refuse-message', { kind: 'rejected', status: 554, message: 'mail: SMTP 554' }],
  ['auth-failure', { kind: 'misconfigured', status: 535, message: 'mail: SMTP 535' }],
  ['down', { kind: 'retryable', status: null, message: 'mail: ESOCKET' }],
];

test.each(FAILURES)('%s is told apart, and once it is over the mail goes out, once', async (kind, expected) => {
  const { box, mailer } = await setUp({ auth: AUTH });
  await box.setFault(kind);
  expect(await failureOf(send(mailer, aPage()))).toEqual(expected);
  expect(box.mails).toEqual([]);
  await box.setFault(null);
  await send(mailer, aPage());
  expect(box.mails).toHaveLength(1);
});

test('a server that takes connections and says nothing: given up after 8 s, to be tried later', async () => {
  const { box, mailer } = await setUp();
  await box.setFault('hang-at-greeting');
  const begun = Date.now();
  expect(await failureOf(send(mailer, aPage()))).toMatchObject({ kind: 'retryable', message: 'mail: ETIMEDOUT' });
  expect(Date.now() - begun).toBeLessThan(10_000);
}, 15_000);

test('a server that falls silent in the middle: given up, to be tried later', async () => {
  const { box, mailer } = await setUp({ slowMs: 60_000 }, '?socketTimeout=300');
  await box.setFault('slow');
  expect(await failureOf(send(mailer, aPage()))).toMatchObject({ kind: 'retryable', message: 'mail: ETIMEDOUT' });
});

test('a slow server is waited for', async () => {
  const { box, mailer } = await setUp({ slowMs: 500 });
  await box.setFault('slow');
  await send(mailer, aPage());
  expect(box.mails).toHaveLength(1);
});

test('cut before the 250: the outcome is unknown, so it is tried later under the same Message-ID, not again at once', async () => {
  const { box, mailer } = await setUp();
  await box.setFault('drop-after-data');
  expect(await failureOf(send(mailer, aPage()))).toMatchObject({ kind: 'retryable', status: null });
  expect(box.mails).toHaveLength(1);
  await box.setFault(null);
  await send(mailer, aPage());
  expect(box.mails.map(({ messageId }) => messageId)).toEqual([box.mails[0]?.messageId, box.mails[0]?.messageId]);
});

test('a connection that the server closed while it was idle costs no attempt', async () => {
  const { box, mailer } = await setUp();
  await send(mailer, aPage());
  await box.setFault('down');
  await box.setFault(null);
  await send(mailer, aPage({ key: 'e/page/1.1.2/ana.email' }));
  expect(box.mails).toHaveLength(2);
});

test('called off: it ends at once and is not mailed', async () => {
  const { box, mailer } = await setUp();
  await box.setFault('hang-at-greeting');
  const calledOff = new AbortController();
  const sending = failureOf(send(mailer, aPage(), calledOff.signal));
  setTimeout(() => calledOff.abort(), 200);
  const begun = Date.now();
  expect(await sending).toMatchObject({ kind: 'retryable', message: 'mail: EABORT' });
  expect(Date.now() - begun).toBeLessThan(2000);
  expect(await failureOf(send(mailer, aPage(), AbortSignal.abort()))).toMatchObject({ kind: 'retryable' });
  expect(box.mails).toEqual([]);
});

test('one page called off holds up no other', async () => {
  const { box, mailer } = await setUp({ slowMs: 700 });
  await box.setFault('slow');
  const off = failureOf(send(mailer, aPage({ key: 'e/page/1.1.1/a.email' }), AbortSignal.timeout(200)));
  await Promise.all([off, send(mailer, aPage({ key: 'e/page/1.1.2/a.email' }))]);
  expect(box.mails).toHaveLength(1);
});

test.each(['starttls', 'smtps'] as const)('%s: a certificate nobody vouches for is not spoken to', async (tls) => {
  const { box, mailer } = await setUp({ tls, auth: AUTH });
  expect((await failureOf(send(mailer, aPage()))).kind).toBe('retryable');
  const trusting = mailerFor(`${box.url}?tls.ca=${encodeURIComponent(LOCALHOST.cert)}`);
  await send(trusting, aPage());
  expect(box.mails).toHaveLength(1);
});

test('a server elsewhere that offers no encryption hears no password, unless the address says so', async () => {
  const { box } = await setUp({ auth: AUTH });
  // Leads here too, but is not a name that means this machine.
  const elsewhere = box.url.replace('localhost', '0.0.0.0');
  expect(await failureOf(send(mailerFor(elsewhere), aPage()))).toMatchObject({
    kind: 'misconfigured',
    message: 'mail: SMTP 500',
  });
  expect([box.connections, box.logins, box.mails.length]).toEqual([1, 0, 0]);
  await send(mailerFor(`${elsewhere}?requireTLS=false`), aPage());
  expect([box.logins, box.mails.length]).toEqual([1, 1]);
});

test('a password that is wrong is a matter of settings', async () => {
  const { box } = await setUp({ auth: AUTH });
  const mailer = mailerFor(box.url.replace(/:\/\/[^@]+@/, '://tocsin:hunter2@'));
  expect(await failureOf(send(mailer, aPage()))).toMatchObject({ kind: 'misconfigured', status: 535 });
});

test('closed: what comes after is refused and nothing keeps the process', async () => {
  const { box, mailer } = await setUp();
  await send(mailer, aPage());
  mailer.close();
  expect((await failureOf(send(mailer, aPage({ key: 'e/page/1.1.2/ana.email' })))).kind).toBe('retryable');
  expect(box.mails).toHaveLength(1);
});

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
