/** Names of channels, times, and what is remembered. */
import { RecentCache } from '../../../providers/shared/deliver-once.ts';
import { channelNames } from '../../../providers/slack/own-channel.ts';
import { formatClockTime, formatDate } from '../../../schedules/format-time.ts';
import { BOT } from '../../support/fake-slack-workspace.ts';
import { anIncidentContext, INCIDENT_ID } from '../provider-fixtures.ts';
import { CHANNEL, MEMBERS, type SlackFixture, startSlackFixture } from './slack-fixture.ts';

const first = (over: Parameters<typeof anIncidentContext>[0], zone = 'Europe/Berlin') =>
  channelNames(anIncidentContext(over), zone)[0];

test.each([
  ['payments', 'x', 'incident-2024-01-15-payments'],
  [null, 'Payment processing down!', 'incident-2024-01-15-payment-processing-down'],
  [null, 'Äpfel & Öl', 'incident-2024-01-15-apfel-ol'],
  ['数据库', '数据库', 'incident-2024-01-15-platform'],
  ['__proto__', 'x', 'incident-2024-01-15-proto'],
])('service %s, title %s: %s', (service, title, name) => {
  expect(first({ incident: { service, title } })).toBe(name);
});

test('the date is the declaration day where the organization is', () => {
  const head = { declaredAt: '2024-01-15T23:30:00Z' };
  expect(first({ head })).toBe('incident-2024-01-16-payments');
  expect(first({ head }, 'America/New_York')).toBe('incident-2024-01-15-payments');
});

test('every name is one that Slack takes, whatever the title, and the last one is nobody else’s', () => {
  for (const title of ['-'.repeat(200), 'Ω'.repeat(90), 'a b'.repeat(90), '']) {
    const names = channelNames(
      anIncidentContext({ incident: { service: null, title, team: '' }, head: { team: '!' } }),
      'UTC',
    );
    for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,78}[a-z0-9]$/);
    expect(new Set(names).size).toBe(4);
    expect(names.at(-1)?.endsWith(INCIDENT_ID.toLowerCase())).toBe(true);
  }
});

test.each([
  ['2024-01-15T19:30:00Z', 'America/New_York', '14:30 EST'],
  ['2024-07-15T12:30:00Z', 'Europe/Berlin', '14:30 CEST'],
  ['2024-01-15T23:05:00Z', 'UTC', '23:05 UTC'],
  ['2024-01-15T23:00:00Z', 'Europe/London', '23:00 GMT'],
  ['2024-01-15T00:00:00Z', 'Asia/Kolkata', '05:30 GMT+5:30'],
])('%s in %s is %s', (at, zone, shown) => {
  expect(formatClockTime(Date.parse(at), zone)).toBe(shown);
  expect(formatDate(Date.parse(at), zone)).toMatch(/^2024-0[17]-1[56]$/);
});

test('the last thousand are remembered, the newest the longest', () => {
  const memory = new RecentCache<number>();
  for (let n = 0; n < 1_000; n += 1) memory.add(`k${n}`, n);
  memory.add('k0', 0);
  memory.add('new', 1);
  expect([memory.get('k0'), memory.get('k1'), memory.get('k2'), memory.get('new')]).toEqual([0, undefined, 2, 1]);
});

let desk: SlackFixture;
beforeEach(async () => {
  desk = await startSlackFixture();
});
afterEach(async () => {
  await desk.fake.close();
  expect(desk.fake.unexpected).toEqual([]);
});

const names = () => desk.fake.channels().map(({ name }) => name);
const texts = (name: string) => desk.fake.messagesIn(name).map(({ text }) => text);

test('the pinned summary has the summary of an alert as what it is, no impact', async () => {
  await desk.post({}, desk.scene({ head: { declaredBy: null } }));
  const pinned = desk.fake.channel(CHANNEL).messages[1]?.text;
  expect(pinned).toContain('\n*Impact:* not assessed yet\n*Summary:* Nobody can pay\n');
});

test('the first post makes the channel: purpose, people, topic, the post, and a pinned summary', async () => {
  await desk.post({}, desk.scene({ responders: ['ana', 'bo', 'nobody-at-slack'] }));
  const channel = desk.fake.channel(CHANNEL);
  expect(channel.isPrivate).toBe(false);
  expect(channel.purpose).toBe(
    `Payment processing down https://tocsin.example/incidents/platform-payments-0a1b2c3d ${INCIDENT_ID}`,
  );
  expect(channel.topic).toBe('INC-2024-003 · SEV1 · declared · IC: nobody yet · Payment processing down');
  expect([...channel.members].sort()).toEqual([BOT, MEMBERS['ana'], MEMBERS['bo']].sort());
  const [post, summary, ...rest] = channel.messages;
  expect(rest).toEqual([]);
  expect(post?.text).toBe('INCIDENT DECLARED: Payment processing down');
  expect(summary?.text).toBe(
    [
      '*INC-2024-003 · SEV1* <https://tocsin.example/incidents/platform-payments-0a1b2c3d|Payment processing down> – *declared*',
      '*Incident commander:* nobody yet',
      '*Impact:* Nobody can pay',
      '*Started:* 2024-01-15 14:05 CET',
    ].join('\n'),
  );
  expect(channel.pins).toEqual([summary?.ts]);
  expect(desk.refs).toMatchObject({
    'slack.channel': channel.id,
    channel: `#${CHANNEL}`,
    'slack.invited': 'U0ANA0000,U0BO00000',
    'slack.summary': summary?.ts,
  });
  expect(texts('platform')).toEqual([]);
});

test('the second post goes to the same channel and costs one call; a responder who joins is invited by the refresh', async () => {
  await desk.post({}, desk.scene({ responders: ['ana'] }));
  await desk.refresh(desk.scene({ responders: ['ana'] }));
  const before = desk.fake.calls.length;
  await desk.post({ key: 'k2', text: 'Ana has it.' }, desk.scene({ responders: ['ana'] }));
  expect(desk.fake.calls.slice(before)).toEqual(['chat.postMessage']);
  await desk.refresh(desk.scene({ responders: ['ana', 'bo'] }));
  expect(desk.fake.channel(CHANNEL).members.has('U0BO00000')).toBe(true);
  expect(desk.refs['slack.invited']).toBe('U0ANA0000,U0BO00000');
});

test('no channel is wanted: the post goes to the team, with the incident it is about', async () => {
  await desk.post({}, desk.scene({ wantsChannel: false }));
  expect(names()).toEqual(['platform', 'releases']);
  expect(texts('platform')).toEqual([
    '*INC-2024-003 · SEV1* <https://tocsin.example/incidents/platform-payments-0a1b2c3d|Payment processing down>\nINCIDENT DECLARED: Payment processing down',
  ]);
});

test('the answer to the making is lost: the repeat takes the channel that was made', async () => {
  desk.fake.setFault('conversations.create', { kind: 'accept-then-reset' }, 1);
  await expect(desk.post()).rejects.toMatchObject({ name: 'DeliveryError', kind: 'retryable' });
  expect(desk.refs).toEqual({});
  await desk.post({ mayBeRepeat: true });
  expect(names()).toEqual(['platform', 'releases', CHANNEL]);
  expect(desk.refs['slack.channel']).toBe(desk.fake.channel(CHANNEL).id);
  await desk.refresh();
  expect(desk.fake.channel(CHANNEL).purpose).toContain(INCIDENT_ID);
  expect(texts(CHANNEL)).toHaveLength(2);
});

test('the worker dies before the channel is recorded: the next one knows it by its purpose, whenever that is', async () => {
  await desk.post();
  for (const ref of Object.keys(desk.refs)) delete desk.refs[ref];
  await desk.post({ mayBeRepeat: true, at: Date.now() + 3 * 3_600_000 });
  expect(names()).toEqual(['platform', 'releases', CHANNEL]);
  expect(texts(CHANNEL)).toHaveLength(2); // the post and the summary, once each
});

test('the name belongs to another incident: this one gets its reference with it, then the end of its id, then all of it', async () => {
  const other = (n: number) => `01HM5Z0000ABCDEFGHJKMNPQ${String(n).padStart(2, '0')}`;
  for (const n of [1, 2, 3]) {
    const refs = {};
    await desk.post({ key: `k${n}`, mayBeRepeat: n === 2 }, desk.scene({ refs, incident: { id: other(n) } }));
  }
  await desk.post({ key: 'k4' }, desk.scene({ incident: { reference: null } }));
  expect(names().slice(2)).toEqual([
    CHANNEL,
    `${CHANNEL}-inc-2024-003`,
    `${CHANNEL}-mnpq03`,
    `${CHANNEL}-${INCIDENT_ID.slice(-6).toLowerCase()}`,
  ]);
  expect(desk.refs['channel']).toBe(`#${CHANNEL}-${INCIDENT_ID.slice(-6).toLowerCase()}`);
});

test('a restricted incident: the channel is private, and nothing is told anywhere else', async () => {
  await desk.post({ releases: 'announce' }, desk.scene({ head: { restricted: true } }));
  expect(desk.fake.channel(CHANNEL).isPrivate).toBe(true);
  desk.fake.archive(CHANNEL);
  await desk.post({ key: 'k2' }, desk.scene({ head: { restricted: true } }));
  await desk.post({ key: 'k3' }, desk.scene({ refs: {}, wantsChannel: false, head: { restricted: true } }));
  expect([texts('platform'), texts('releases')]).toEqual([[], []]);
});

test('a public channel of that name, blank and new, is not taken for the one of a restricted incident', async () => {
  const scene = desk.scene({ refs: {} });
  await desk.post({}, scene);
  desk.fake.channel(CHANNEL).purpose = '';
  await desk.post({ mayBeRepeat: true, key: 'k2' }, desk.scene({ head: { restricted: true } }));
  expect(desk.fake.channels().at(-1)).toMatchObject({ name: `${CHANNEL}-inc-2024-003`, isPrivate: true });
  expect(texts(CHANNEL)).toHaveLength(2);
});

test.each(['archive', 'deleteChannel'] as const)(
  '%s by a person: the posts go to the team, and a refresh is no trouble',
  async (act) => {
    await desk.post();
    desk.fake[act](CHANNEL);
    await desk.post({ key: 'k2', text: 'Ana has it.' });
    await desk.refresh(desk.scene({ responders: ['ana'], head: { phase: 'investigating' } }));
    expect(texts('platform')).toHaveLength(1);
    expect(texts('platform')[0]).toContain('Ana has it.');
  },
);

test('the workspace lets nobody make channels: the team is told, and once why', async () => {
  desk.fake.setFault('conversations.create', { kind: 'error', error: 'restricted_action' });
  await desk.post();
  await desk.post({ key: 'k2', text: 'Ana has it.' });
  expect(texts('platform')).toHaveLength(2);
  expect(texts('platform')[0]).toContain('(It has no channel of its own – slack: restricted_action)');
  expect(texts('platform')[1]).not.toContain('restricted_action');
});

test('the same where the team has no channel: the trouble is said, and the post is not taken for told', async () => {
  const lonely = await startSlackFixture({ teamChannel: null });
  lonely.fake.setFault('conversations.create', { kind: 'error', error: 'restricted_action' });
  await expect(lonely.post()).rejects.toMatchObject({ kind: 'misconfigured' });
  await lonely.fake.close();
});

test('one responder whom Slack does not know: the others are invited, and nobody is asked for again', async () => {
  await desk.post({}, desk.scene({ responders: ['ana', 'gone', 'bo'] }));
  expect([...desk.fake.channel(CHANNEL).members].sort()).toEqual([BOT, 'U0ANA0000', 'U0BO00000'].sort());
  const before = desk.fake.calls.length;
  await desk.refresh(desk.scene({ responders: ['ana', 'gone', 'bo'] }));
  expect(desk.fake.calls.slice(before)).toEqual([]);
});

test.each(['conversations.invite', 'conversations.setTopic', 'conversations.setPurpose', 'pins.add'])(
  '%s is in trouble: the post is told all the same, and the refresh makes it up',
  async (method) => {
    const scene = () => desk.scene({ responders: ['ana'] });
    desk.fake.setFault(method, { kind: 'status', status: 503 });
    await desk.post({}, scene());
    expect(texts(CHANNEL)).toHaveLength(2);
    await expect(desk.refresh(scene())).rejects.toMatchObject({ kind: 'retryable' });
    desk.fake.setFault(method, null);
    await desk.refresh(scene());
    const { purpose, topic, pins, members, messages } = desk.fake.channel(CHANNEL);
    expect([purpose !== '', topic !== '', pins.length, members.size, messages.length]).toEqual([true, true, 1, 2, 2]);
  },
);

test('Slack hangs while the channel is furnished: the post is out before', async () => {
  desk.fake.setFault('conversations.setPurpose', { kind: 'hang' });
  desk.fake.setFault('pins.add', { kind: 'hang' });
  const begun = Date.now();
  const posted = desk.post();
  while (desk.fake.channels().length < 3 || texts(CHANNEL).length === 0) await new Promise((r) => setTimeout(r, 20));
  expect(Date.now() - begun).toBeLessThan(3_500);
  await posted;
  expect(Date.now() - begun).toBeLessThan(8_000);
}, 15_000);
