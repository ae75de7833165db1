/** Stakeholder updates by each of their ways, against real servers: once for each key, safe whatever they say, and told apart. */
import { afterEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeliveryError } from '../../runtime/failures.ts';
import type { StakeholderUpdate, StakeholderContact } from '../../activities/ports.ts';
import { Vendors, type StakeholderContactKind, type VendorSettings } from '../../providers/vendors.ts';
import { startFakeSlack } from '../support/fake-slack.ts';
import { startMailbox } from '../support/mailbox.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const SHARED = {
  key: 'E1/stakeholder-update/7/support.email',
  at: Date.now(),
  mayBeRepeat: false,
  to: 'support',
  thread: 'E1/stakeholder-updates/support',
  subject: '[SEV1] Production Incident - Checkout',
  text: 'Team,\n\nNobody can pay.',
};
const INTERNAL: StakeholderUpdate = {
  ...SHARED,
  audience: 'internal',
  incident: {
    ...{
      reference: 'INC-2026-001',
      workflowId: 'inc-platform-1',
      id: 'E1',
      severity: 'SEV1',
      title: 'Checkout fails',
    },
    ...{ phase: 'declared', team: 'platform', service: 'payments', url: 'https://tocsin.example/incidents/1' },
  },
};
const EXTERNAL: StakeholderUpdate = {
  ...SHARED,
  audience: 'external',
  incident: { component: 'Checkout', state: 'Monitoring' },
};

/** The one way of a stakeholder with that contact. */
function way(kind: StakeholderContactKind, target: string, settings: Partial<VendorSettings> = {}): StakeholderContact {
  const vendors = new Vendors(settings);
  open.unshift(() => vendors.close());
  const [contact] = vendors.stakeholderContacts([{ kind, target }]);
  if (contact === undefined) throw new Error('no way');
  return contact;
}

const signal = (): AbortSignal => AbortSignal.timeout(5_000);

async function startBox() {
  const box = await startMailbox();
  open.push(async () => {
    await box.close();
    expect(box.unexpected).toEqual([]);
  });
  return { box, contact: way('email', 'support@example.com', { mail: { smtp: box.url, from: 'i@example.com' } }) };
}

test('[COMM-18] mail: once for each key, in the stakeholder’s thread, and no answer is asked for', async () => {
  const { box, contact } = await startBox();
  await contact.send(INTERNAL, signal());
  await contact.send(INTERNAL, signal());
  await contact.send({ ...INTERNAL, key: 'E1/stakeholder-update/9/support.email' }, signal());
  expect(box.mails.map(({ to, subject, text }) => ({ to, subject, text }))).toEqual(
    [1, 2].map(() => ({ to: ['support@example.com'], subject: SHARED.subject, text: `${SHARED.text}\n` })),
  );
  const [first, second] = box.mails;
  expect(first?.headers.get('references')).toBe(second?.headers.get('references'));
  expect(first?.messageId).not.toBe(second?.messageId);
  expect(first?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(first?.headers.get('x-tocsin-incident')).toBe('inc-platform-1');
  expect(first?.headers.has('x-priority')).toBe(false);
});

test('mail to the outside names no incident of ours, and no subject begins a header', async () => {
  const { box, contact } = await startBox();
  await contact.send({ ...EXTERNAL, subject: 'Notice\r\nBcc: all@example.com', text: 'a\u0000b\r\nc' }, signal());
  const [mail] = box.mails;
  expect(mail).toMatchObject({ subject: 'Notice Bcc: all@example.com', to: ['support@example.com'], text: 'a b\nc\n' });
  expect([...(mail?.headers.keys() ?? [])]).not.toContain('x-tocsin-incident');
});

test('a mailbox that is refused for good, and a server that is busy, are told apart', async () => {
  const { box, contact } = await startBox();
  await box.setFault('refuse-recipient');
  await expect(contact.send(INTERNAL, signal())).rejects.toMatchObject({ kind: 'rejected' });
  await box.setFault('busy');
  await expect(contact.send(INTERNAL, signal())).rejects.toMatchObject({ kind: 'retryable' });
});

test('[COMM-18] webhook: the stakeholder update as JSON with its key; to the outside nothing but component and state', async () => {
  const received: { readonly key: unknown; readonly body: unknown }[] = [];
  let status = 204;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      received.push({ key: req.headers['idempotency-key'], body: JSON.parse(Buffer.concat(chunks).toString()) });
      res.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const contact = way('webhook', `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`);
  await contact.send(INTERNAL, signal());
  await contact.send(EXTERNAL, signal());
  const { key, to, subject, text } = SHARED;
  const stakeholderUpdate = { key, kind: 'stakeholder-update', to, subject, text };
  expect(received).toEqual([
    { key, body: { ...stakeholderUpdate, audience: 'internal', incident: INTERNAL.incident } },
    {
      key,
      body: { ...stakeholderUpdate, audience: 'external', incident: { component: 'Checkout', state: 'Monitoring' } },
    },
  ]);
  status = 500;
  const failed = await contact.send(INTERNAL, signal()).catch((err: unknown) => err);
  expect(failed).toBeInstanceOf(DeliveryError);
  expect(failed).toMatchObject({ kind: 'retryable', message: 'webhook: HTTP 500' });
});

test('[COMM-18] Slack: to a channel, as text, once for each key, also when the answer was lost', async () => {
  const fake = await startFakeSlack({ channels: [{ name: 'support' }], members: [] });
  open.push(() => fake.close());
  const slack = { botToken: fake.token, apiUrl: fake.url };
  const contact = way('slack', 'support', { slack });
  const stakeholderUpdate = { ...INTERNAL, text: '<!channel> & more' };
  await contact.send(stakeholderUpdate, signal());
  await contact.send(stakeholderUpdate, signal());
  await way('slack', 'support', { slack }).send({ ...stakeholderUpdate, mayBeRepeat: true }, signal());
  expect(fake.messagesIn('support').map(({ text }) => text)).toEqual([
    '*[SEV1] Production Incident - Checkout*\n&lt;!channel&gt; &amp; more',
  ]);
  await expect(way('slack', 'nowhere', { slack }).send(stakeholderUpdate, signal())).rejects.toMatchObject({
    kind: 'misconfigured',
  });
  expect(fake.unexpected).toEqual([]);
});

test('a vendor that is not configured reaches nobody', () => {
  const settings = [{ kind: 'slack', target: 'support' }];
  expect(new Vendors({}).stakeholderContacts(settings)).toEqual([]);
});
