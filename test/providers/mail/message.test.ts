/** What a mail says and looks like, as a real server received it. */
import fc from 'fast-check';
import type { Page } from '../../../activities/ports.ts';
import { createMailer, type Mailer } from '../../../providers/mail/mail.ts';
import { startMailbox } from '../../support/mailbox.ts';
import type { Mail, Mailbox } from '../../support/mailbox.ts';
import { aPage, INCIDENT_ID, INCIDENT } from '../provider-fixtures.ts';

let box: Mailbox;
let mailer: Mailer;
let sent = 0;

beforeAll(async () => {
  box = await startMailbox();
  mailer = createMailer({ smtp: box.url, from: 'incidents@example.com' });
});
afterAll(async () => {
  mailer.close();
  await box.close();
  expect(box.unexpected).toEqual([]);
});

/** Sends it under a key of its own, unless it has one, and gives what arrived. */
async function mailOf(over: Partial<Page> = {}): Promise<Mail> {
  const page = aPage({ key: `${INCIDENT_ID}/page/1.1.${(sent += 1)}/ana.email`, ...over });
  await mailer.contact('ana@example.com', 'email').send(page, AbortSignal.timeout(5_000));
  const mail = box.mails.at(-1);
  if (mail === undefined) throw new Error('nothing arrived');
  return mail;
}

const incident = (over: Partial<Page['incident']>): Page['incident'] => ({ ...INCIDENT, ...over });

test('a page says what, whose, why, and where to go', async () => {
  const alerts = [
    {
      labels: { alertname: 'PaymentsDown', instance: 'web-1' },
      links: { dashboard: 'https://grafana.example/d/1', runbook: 'https://runbooks.example/pay' },
    },
    {
      labels: { alertname: 'PaymentsSlow' },
      links: { dashboard: 'https://grafana.example/d/1', runbook: 'file:///etc' },
    },
  ];
  const mail = await mailOf({ incident: incident({ alerts, alertCount: 9 }) });
  expect(mail.subject).toBe('SEV1 Payment processing down');
  expect(mail.text).toBe(
    [
      'SEV1 Payment processing down',
      '',
      'Nobody can pay',
      '',
      'What: SEV1 Payment processing down (INC-2024-003), declared',
      'Whose: team platform, service payments',
      'Why you: You are on call (on-call, level 1, cycle 1)',
      '',
      'Acknowledge: https://tocsin.example/ack/token-for-ana',
      `Incident: ${INCIDENT.url}`,
      'Dashboard: https://grafana.example/d/1',
      'Runbook: https://runbooks.example/pay',
      '',
      'Alerts (9):',
      '- alertname=PaymentsDown instance=web-1',
      '- alertname=PaymentsSlow',
      '- and 7 more',
      '',
    ].join('\n'),
  );
});

test('a page that comes before its number, for a service nobody named, beside the escalation', async () => {
  const mail = await mailOf({
    level: 0,
    reason: 'by-hand',
    text: 'SEV1 for you: Payment processing down. Bo Lind asks for you: help.',
    why: 'Bo Lind asks for you: help',
    incident: incident({ reference: null, service: null, summary: '' }),
  });
  expect(mail.subject).toBe('SEV1 for you: Payment processing down. Bo Lind asks for you: help.');
  expect(mail.text).toContain('Whose: team platform\nWhy you: Bo Lind asks for you: help (by-hand)');
});

test('a notice tells its news and where the incident is, and asks for nothing', async () => {
  const mail = await mailOf({ kind: 'notification', reason: 'acknowledged', text: 'Ana has it' });
  expect(mail.text).toBe(`Ana has it\n\nIncident: ${INCIDENT.url}\n`);
  expect(mail.headers.get('precedence')).toBe('bulk');
});

test('a test says TEST, in subject and text', async () => {
  const mail = await mailOf({ kind: 'test' });
  expect(mail.subject).toBe('TEST SEV1 Payment processing down');
  expect(mail.text).toMatch(/^TEST SEV1 Payment processing down\n/);
  expect(mail.text).toMatch(/This is a test\. Nothing is broken\.\n$/);
});

test('all mails of an incident are one thread, each with an id of its own; another incident is another thread', async () => {
  const [first, second] = [await mailOf(), await mailOf({ kind: 'notification' })];
  const other = await mailOf({ incident: incident({ id: '01HM5Z0000ABCDEFGHJKMNPQRT' }) });
  const root = first.headers.get('references');
  expect(root).toMatch(/^<[0-9a-f]{40}@example\.com>$/);
  for (const { headers } of [first, second])
    expect([headers.get('references'), headers.get('in-reply-to')]).toEqual([root, root]);
  expect(other.headers.get('references')).not.toBe(root);
  expect(new Set([root, first.messageId, second.messageId, other.messageId]).size).toBe(4);
});

test('headers say where it comes from, that a machine wrote it, and that a page is urgent', async () => {
  const { headers } = await mailOf();
  expect(Object.fromEntries(headers)).toMatchObject({
    from: 'incidents@example.com',
    to: 'ana@example.com',
    'x-tocsin-incident': INCIDENT.workflowId,
    'auto-submitted': 'auto-generated',
    'x-auto-response-suppress': 'OOF, AutoReply',
    importance: 'High',
  });
  expect([headers.has('precedence'), headers.has('x-mailer')]).toEqual([false, false]);
});

test('any language arrives as it was written', async () => {
  const title = 'Zahlungen für München 🚨 支払いできません — ошибка';
  const mail = await mailOf({
    text: `SEV1 ${title}`,
    incident: incident({ title, summary: `${'ü'.repeat(300)}\nzweite Zeile` }),
  });
  expect(mail.subject).toBe(`SEV1 ${title}`);
  expect(mail.text).toContain(`SEV1 ${title}\n\n${'ü'.repeat(300)}\nzweite Zeile\n`);
});

test('a line break in a title begins no header and no line of its own', async () => {
  const title = 'down\r\nBcc: eve@evil.example\r\n\r\n<script>\u0000\u2028x';
  const mail = await mailOf({
    text: `SEV1 ${title}`,
    incident: incident({ title, workflowId: 'inc\r\nBcc: eve@evil.example' }),
  });
  expect(mail.to).toEqual(['ana@example.com']);
  expect(mail.headers.has('bcc')).toBe(false);
  expect(mail.subject).toBe('SEV1 down Bcc: eve@evil.example <script> x');
  expect(mail.text).toContain('What: SEV1 down Bcc: eve@evil.example <script> x (INC-2024-003)');
});

test('a title without an end is cut', async () => {
  const mail = await mailOf({ kind: 'notification', incident: incident({ title: '🚨'.repeat(5_000) }) });
  expect(mail.subject.length).toBeLessThanOrEqual(200);
  expect(mail.subject).toMatch(/…$/);
});

test('whatever title, text and labels hold, one well-formed mail arrives for one person', async () => {
  const anything = fc.string({ unit: 'binary', maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(anything, anything, anything, async (title, text, label) => {
      const alerts = [{ labels: { [label]: title }, links: { dashboard: `https://x.example/${text}` } }];
      const before = box.mails.length;
      const mail = await mailOf({
        text: `SEV1 ${text}`,
        incident: incident({ title, summary: label, alerts, alertCount: 1 }),
      });
      expect([box.mails.length, mail.to, box.unexpected]).toEqual([before + 1, ['ana@example.com'], []]);
      expect([...mail.headers.keys()].filter((name) => /^(bcc|cc|reply-to)$/.test(name))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
