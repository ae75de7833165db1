/** What is pinned: how things stand, and no call while nothing changes. */
import { startSlackFixture, CHANNEL } from './slack-fixture.ts';
import type { SlackFixture } from './slack-fixture.ts';

let desk: SlackFixture;
beforeEach(async () => {
  desk = await startSlackFixture();
  await desk.post();
});
afterEach(async () => {
  await desk.fake.close();
  expect(desk.fake.unexpected).toEqual([]);
});

const later = {
  incident: { severity: 'SEV2' },
  head: {
    phase: 'mitigating',
    roles: { ic: 'ana', technicalLead: 'bo', communicationsLead: null, scribe: null },
    impact: { summary: 'Partners & shops', scope: 'all', usersAffected: 900, dataLoss: false, revenueLost: null },
    ticket: 'https://github.com/example/incidents/issues/7',
    deadlines: [
      { kind: 'public-update', at: '2024-01-15T13:40:00Z', text: '' },
      { kind: 'internal-update', at: '2024-01-15T13:30:00Z', text: '' },
    ],
  },
} as const;

const pinned = () => {
  const { messages, pins } = desk.fake.channel(CHANNEL);
  return messages.find(({ ts }) => ts === pins.at(-1));
};

test('summary and topic say how it stands now: one call each', async () => {
  const before = desk.fake.calls.length;
  await desk.refresh(desk.scene(later));
  expect(desk.fake.calls.slice(before)).toEqual(['chat.update', 'conversations.setTopic']);
  expect(pinned()?.text).toBe(
    [
      '*INC-2024-003 · SEV2* <https://tocsin.example/incidents/platform-payments-0a1b2c3d|Payment processing down> – *mitigating*',
      '*Incident commander:* Ana Ruiz',
      '*Technical lead:* Bo Lind',
      '*Impact:* Partners &amp; shops; all users; 900 users affected; no data loss',
      '*Started:* 2024-01-15 14:05 CET',
      '*Next update:* 14:30 CET',
      '*Ticket:* <https://github.com/example/incidents/issues/7|https://github.com/example/incidents/issues/7>',
    ].join('\n'),
  );
  expect(desk.fake.channel(CHANNEL).topic).toBe(
    'INC-2024-003 · SEV2 · mitigating · IC: Ana Ruiz · Payment processing down',
  );
});

test('nothing has changed: no call', async () => {
  await desk.refresh(desk.scene(later));
  const before = desk.fake.calls.length;
  await desk.refresh(desk.scene(later));
  expect(desk.fake.calls.length).toBe(before);
});

test('only the next update moves: the topic, which everybody sees change, is left alone', async () => {
  await desk.refresh(desk.scene(later));
  const before = desk.fake.calls.length;
  const deadlines = [{ kind: 'internal-update', at: '2024-01-15T14:00:00Z', text: '' }];
  await desk.refresh(desk.scene({ ...later, head: { ...later.head, deadlines } }));
  expect(desk.fake.calls.slice(before)).toEqual(['chat.update']);
});

test('a closed incident shows how it ended', async () => {
  await desk.refresh(desk.scene({ head: { phase: 'closed', outcome: 'resolved', resolution: 'Rolled back 1.4' } }));
  expect(pinned()?.text).toContain('*closed*');
  expect(pinned()?.text).toContain('*Resolution:* Rolled back 1.4');
  expect(desk.fake.channel(CHANNEL).topic).toContain('· closed ·');
});

test('somebody deleted the summary: it is said anew, once, and pinned', async () => {
  desk.fake.deleteMessage(CHANNEL, desk.refs['slack.summary'] ?? '');
  await desk.refresh(desk.scene(later));
  await desk.refresh(desk.scene(later));
  expect(desk.fake.messagesIn(CHANNEL)).toHaveLength(2);
  expect(pinned()?.text).toContain('*mitigating*');
  expect(desk.refs['slack.summary']).toBe(pinned()?.ts);
});

test('no channel: nothing to do', async () => {
  const before = desk.fake.calls.length;
  await desk.refresh(desk.scene({ refs: {} }));
  expect(desk.fake.calls.length).toBe(before);
});
