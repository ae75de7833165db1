/** A person told by direct message. */
import { slackClient } from '../../../providers/slack/client.ts';
import { slackContact } from '../../../providers/slack/contact.ts';
import { startFakeSlack } from '../../support/fake-slack.ts';
import type { FakeSlack } from '../../support/fake-slack.ts';
import { aPage } from '../provider-fixtures.ts';

const ANA = 'U0ANA0000';
let fake: FakeSlack;
beforeEach(async () => {
  fake = await startFakeSlack({ members: [ANA] });
});
afterEach(async () => {
  await fake.close();
  expect(fake.unexpected).toEqual([]);
});

const contact = (member = ANA) =>
  slackContact(slackClient({ botToken: fake.token, apiUrl: fake.url }), member, 'slack');
const signal = AbortSignal.timeout(60_000);
const texts = () => fake.messagesIn(ANA).map(({ text }) => text);

test('a page: its text, the incident, and the link that acknowledges', async () => {
  await contact().send(aPage({ text: 'SEV1 <!here> & more' }), signal);
  expect(texts()).toEqual([
    'SEV1 &lt;!here&gt; &amp; more\n<https://tocsin.example/incidents/platform-payments-0a1b2c3d|INC-2024-003>\n<https://tocsin.example/ack/token-for-ana|Acknowledge>',
  ]);
  expect(contact()).toMatchObject({ method: 'slack', quiet: true });
});

test('a notice asks for nothing', async () => {
  await contact().send(aPage({ kind: 'notification', text: 'Bo has it.' }), signal);
  expect(texts()[0]).not.toContain('Acknowledge');
});

test('a test says TEST, once', async () => {
  await contact().send(aPage({ kind: 'test', key: 'k1', text: 'Can you hear me?' }), signal);
  await contact().send(aPage({ kind: 'test', key: 'k2', text: '[TEST] Can you hear me?' }), signal);
  expect(texts().map((text) => text.split('\n')[0])).toEqual(['[TEST] Can you hear me?', '[TEST] Can you hear me?']);
});

test('the same key again is nothing new, by whichever contact of the same token; another key is', async () => {
  const client = slackClient({ botToken: fake.token, apiUrl: fake.url });
  await slackContact(client, ANA, 'slack').send(aPage(), signal);
  await slackContact(client, ANA, 'slack').send(aPage(), signal);
  await slackContact(client, ANA, 'slack').send(aPage({ key: 'other' }), signal);
  expect(texts()).toHaveLength(2);
});

test('a member nobody knows: a person has to mend it', async () => {
  await expect(contact('U0NOBODY0').send(aPage(), signal)).rejects.toMatchObject({ kind: 'misconfigured' });
});
