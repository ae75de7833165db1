/** What is said, and how often: once. */
import { startSlackFixture, CHANNEL } from './slack-fixture.ts';
import type { SlackFixture } from './slack-fixture.ts';

let desk: SlackFixture;
beforeEach(async () => {
  desk = await startSlackFixture();
});
afterEach(async () => {
  await desk.fake.close();
  expect(desk.fake.unexpected).toEqual([]);
});

const texts = (name: string) => desk.fake.messagesIn(name).map(({ text }) => text);

test('text of others stays text: no links, no mentions, nobody called by an alert', async () => {
  const text = '<!channel> <@U0ANA0000> <https://evil.example|https://bank.example> & @here \u001b[2J \ud800';
  await desk.post({ text });
  expect(texts(CHANNEL)[0]).toBe(
    '&lt;!channel&gt; &lt;@U0ANA0000&gt; &lt;https://evil.example|https://bank.example&gt; &amp; @here [2J \ufffd',
  );
});

test('hostile words in title, people, ticket and service harm neither summary nor topic nor name', async () => {
  const evil = '*x* <!here> `` \n> & '.repeat(40);
  const scene = desk.scene({
    incident: { title: evil, service: 'Zahlungen / Käufe <b>', url: 'https://t.example/?a=1&b=<|>' },
    head: {
      roles: { ic: evil, technicalLead: null, communicationsLead: null, scribe: evil },
      ticket: 'javascript:alert(1)',
      impact: { summary: evil.repeat(9), scope: null, usersAffected: null, dataLoss: null, revenueLost: evil },
    },
  });
  await desk.post({ releases: 'announce' }, scene);
  const [channel] = desk.fake.channels().slice(2);
  expect(channel?.name).toBe('incident-2024-01-15-zahlungen-kaufe-b');
  expect(channel?.topic.length).toBeLessThanOrEqual(250);
  expect(channel?.messages[1]?.text).toContain('*Ticket:* javascript:alert(1)');
  expect(channel?.messages[1]?.text).toContain('<https://t.example/?a=1&amp;b=%3C%7C%3E|');
});

test('a very long post is cut, and says so', async () => {
  await desk.post({ text: '&🚨'.repeat(20_000) });
  const [text = ''] = texts(CHANNEL);
  expect(text.endsWith('…')).toBe(true);
  expect(text.length).toBeLessThan(12_000);
  expect(text.isWellFormed()).toBe(true);
});

test('the answer to a post is lost: the repeat finds it, beyond a page of other talk', async () => {
  await desk.post();
  desk.fake.setFault('chat.postMessage', { kind: 'accept-then-reset' }, 1);
  await expect(desk.post({ key: 'k2', text: 'Ana has it.' })).rejects.toMatchObject({ kind: 'retryable' });
  const at = Date.now();
  for (let n = 0; n < 120; n += 1) await desk.post({ key: `talk-${n}` });
  await desk.post({ key: 'k2', text: 'Ana has it.', mayBeRepeat: true, at });
  expect(texts(CHANNEL).filter((text) => text === 'Ana has it.')).toHaveLength(1);
}, 20_000);

test('a post that was not told before is told by the repeat', async () => {
  await desk.post();
  await desk.post({ key: 'k2', text: 'Ana has it.', mayBeRepeat: true });
  expect(texts(CHANNEL).at(-1)).toBe('Ana has it.');
});

test('a worker whose clock is hours ahead still finds what was told', async () => {
  await desk.post();
  await desk.post({ mayBeRepeat: true, at: Date.now() + 5 * 3_600_000 });
  expect(texts(CHANNEL)).toHaveLength(2);
});

test('the bot may not read the history: it is told rather twice than not at all', async () => {
  await desk.post();
  desk.fake.setFault('conversations.history', { kind: 'error', error: 'missing_scope' });
  await desk.post({ mayBeRepeat: true });
  expect(texts(CHANNEL).filter((text) => text.startsWith('INCIDENT DECLARED'))).toHaveLength(2);
});

test("the team's channel is not there: a person has to mend it", async () => {
  const lost = await startSlackFixture({ teamChannel: 'no-such-channel' });
  const scene = lost.scene({ wantsChannel: false });
  await expect(lost.post({}, scene)).rejects.toMatchObject({
    kind: 'misconfigured',
    message: 'slack: channel_not_found',
  });
  await lost.fake.close();
});

describe('the releases channel', () => {
  const thread = () => desk.fake.threadOf('releases', desk.refs['slack.releases'] ?? '').map(({ text }) => text);

  test('the incident is announced there once, and followed in that thread', async () => {
    await desk.post({ releases: 'announce' });
    await desk.post({ releases: 'announce', mayBeRepeat: true });
    await desk.post({ key: 'k2', text: 'Rolling back', releases: 'thread' });
    await desk.post({ key: 'k2', text: 'Rolling back', releases: 'thread', mayBeRepeat: true });
    await desk.post({ key: 'k3', text: 'Between us' });
    const { id } = desk.fake.channel(CHANNEL);
    expect(texts('releases')).toEqual([
      `🚨 INCIDENT DECLARED: Payment processing down 🚨\nSeverity: SEV1\nChannel: <#${id}> (#${CHANNEL})\n<https://tocsin.example/incidents/platform-payments-0a1b2c3d|INC-2024-003>`,
    ]);
    expect(thread()).toEqual(['Rolling back']);
    expect(texts(CHANNEL).filter((text) => text === 'Rolling back')).toHaveLength(1);
  });

  test.each([{ test: true }, { restricted: true }])('nothing of %o', async (head) => {
    await desk.post({ releases: 'announce' }, desk.scene({ head }));
    await desk.post({ key: 'k2', releases: 'thread' }, desk.scene({ head }));
    expect(desk.fake.channel('releases').messages).toEqual([]);
  });

  test('no announcement is known: nothing is told there', async () => {
    await desk.post({ releases: 'thread' });
    expect(desk.fake.channel('releases').messages).toEqual([]);
  });

  test('the answer to the announcement is lost: the repeat finds it and knows its thread', async () => {
    await desk.post();
    desk.fake.setFault('chat.postMessage', { kind: 'accept-then-reset' }, 1);
    const scene = desk.scene({ wantsChannel: false });
    delete desk.refs['slack.channel'];
    const lonely = { key: 'k2', text: 'x', releases: 'announce' } as const;
    await expect(desk.post(lonely, scene)).rejects.toMatchObject({ kind: 'retryable' });
    await desk.post({ ...lonely, mayBeRepeat: true }, scene);
    desk.refs['slack.releases'] = '';
    delete desk.refs['slack.releases'];
    await desk.post({ ...lonely, mayBeRepeat: true }, scene);
    expect(texts('platform')).toHaveLength(1);
    expect(texts('releases')).toHaveLength(1);
    expect(desk.refs['slack.releases']).toBe(desk.fake.messagesIn('releases')[0]?.ts);
  });

  test('it takes nothing from us: the incident hears so, and is told of all the same', async () => {
    desk.fake.archive('releases');
    await desk.post({ releases: 'announce' });
    await desk.post({ key: 'k2', text: 'Rolling back', releases: 'thread' });
    expect(texts(CHANNEL)).toEqual([
      'INCIDENT DECLARED: Payment processing down',
      '(Not announced in releases: is_archived)',
      expect.stringContaining('*Incident commander:*'),
      'Rolling back',
    ]);
  });
});
