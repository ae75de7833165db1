/** Tickets as GitHub issues: one issue, each entry once, nobody pinged, nothing of a restricted incident told. */
import type { DeliveryError } from '../../../runtime/failures.ts';
import type { TicketEntry } from '../../../activities/ports.ts';
import { githubTickets } from '../../../providers/github/github.ts';
import { startFakeGithub, type FakeGithub } from '../../support/fake-github.ts';
import { describeProvider } from '../provider-contract.ts';
import { anIncidentContext, INCIDENT_ID } from '../provider-fixtures.ts';

const TOKEN = 'ghp_secret-token';
const REPOSITORY = 'example/incidents';

let fake: FakeGithub;
beforeEach(async () => {
  fake = await startFakeGithub({ repository: REPOSITORY, token: TOKEN });
});
afterEach(async () => {
  await fake.close();
  expect(fake.unexpected).toEqual([]);
});

const ticketsAt = (apiUrl: string) =>
  githubTickets({ repository: REPOSITORY, token: TOKEN, apiUrl, labels: ['incident'] });

function anEntry(n: number, action: TicketEntry['action'], text = `entry ${n}`): TicketEntry {
  return { key: `${INCIDENT_ID}/ticket/${n}`, at: Date.now(), mayBeRepeat: false, action, text };
}

type Over = Parameters<typeof anIncidentContext>[0];

function writer(over: Over = {}) {
  const refs: Record<string, string> = {};
  const scene = anIncidentContext({ refs, ...over });
  const write = (entry: TicketEntry, mayBeRepeat = false): Promise<void> =>
    ticketsAt(fake.url).write({ ...entry, mayBeRepeat }, scene, AbortSignal.timeout(5_000));
  return { refs, write };
}

const writes = (): number => fake.requests.filter(({ method }) => method !== 'GET').length;

test('an incident from opening to reopening: one issue, a comment for each entry, its state kept', async () => {
  const { refs, write } = writer();
  await write(anEntry(1, 'open', 'INCIDENT DECLARED'));
  await write(anEntry(2, 'comment', 'Ana has it'));
  await write(anEntry(3, 'close', 'Resolved'));
  const [issue] = fake.issues;
  expect([issue?.state, issue?.state_reason]).toEqual(['closed', 'completed']);
  await write(anEntry(4, 'reopen', 'It is back'));
  expect(fake.issues).toHaveLength(1);
  expect(issue).toMatchObject({
    title: 'INC-2024-003 SEV1: Payment processing down',
    labels: ['incident'],
    state: 'open',
  });
  expect(issue?.body).toContain('INCIDENT DECLARED');
  expect(issue?.comments.map(({ body }) => body.split('\n')[2])).toEqual(['Ana has it', 'Resolved', 'It is back']);
  expect(refs).toEqual({ 'github.issue': '1', ticket: issue?.html_url });
});

const bodyOf = (): string => (fake.issues[0]?.body ?? '').replaceAll(/ ?<!-- tocsin:[\w/]+ -->/g, '').trim();

test('the issue follows severity, impact, cause and resolution, and ends with a timeline, impact and resolution', async () => {
  const refs = {};
  await writer({ refs }).write({ ...anEntry(1, 'open', 'INCIDENT\nDECLARED'), at: Date.UTC(2024, 0, 15, 13, 5) });
  expect(bodyOf()).not.toMatch(/Impact|Root cause|Resolution/);
  const impact = {
    summary: 'No checkout',
    scope: 'all',
    usersAffected: 15_000,
    dataLoss: false,
    revenueLost: null,
  } as const;
  const cause = { text: 'The pool was too small', at: '2024-01-15T13:09:00Z', by: 'ana' };
  const roles = { ic: 'ana', technicalLead: null, communicationsLead: null, scribe: null };
  const resolved = { resolvedAt: '2024-01-15T13:50:00.000Z', resolution: 'Restarted the database' };
  const last = writer({
    ...{ refs, head: { impact, cause, roles, ...resolved } },
    incident: { severity: 'SEV2', phase: 'resolved' },
  });
  await last.write({ ...anEntry(2, 'close', 'ALL CLEAR'), at: Date.UTC(2024, 0, 15, 13, 50) });
  expect(fake.issues[0]?.title).toBe('INC-2024-003 SEV2: Payment processing down');
  expect(bodyOf().split('\n\n')).toEqual([
    [
      '- **Severity:** SEV2',
      '- **State:** resolved',
      '- **Team:** platform',
      '- **Service:** payments',
      '- **Started:** 2024-01-15T13:05:00.000Z',
      '- **Resolved:** 2024-01-15T13:50:00.000Z',
      '- **Commander:** Ana Ruiz',
    ].join('\n'),
    'Nobody can pay',
    '## Impact',
    'No checkout; all users; 15000 users affected; no data loss',
    '## Timeline',
    '- 2024-01-15 13:05 UTC: INCIDENT DECLARED\n- 2024-01-15 13:50 UTC: ALL CLEAR',
    '## Root cause',
    'The pool was too small',
    '## Resolution',
    'Restarted the database',
    '[Open in Tocsin](https://tocsin.example/incidents/platform-payments-0a1b2c3d)',
  ]);
});

test('what people have written around our part stays, and so does a title of theirs; an older issue gets our part', async () => {
  const { write } = writer();
  await write(anEntry(1, 'open'));
  const [issue] = fake.issues;
  Object.assign(issue ?? {}, { title: 'Checkout', body: `Seen by Bo.\r\n\r\n${issue?.body ?? ''}\n\nCase 12.` });
  await write(anEntry(2, 'comment', 'Ana has it'));
  expect(issue?.title).toBe('Checkout');
  expect(bodyOf()).toMatch(/^Seen by Bo\.[^]*: entry 1\n- [^\n]*: Ana has it\n[^]*Case 12\.$/);
  Object.assign(issue ?? {}, { body: 'An issue of an earlier version.' });
  await write(anEntry(3, 'comment', 'Resolved'));
  expect(bodyOf()).toMatch(/^An issue of an earlier version\.\n\n[^]*## Timeline\n\n- [^\n]*: Resolved\n/);
});

test('a long incident keeps its last hundred entries in the text, and all of them as comments', async () => {
  const { write } = writer();
  for (let n = 1; n <= 120; n += 1) await write(anEntry(n, n === 1 ? 'open' : 'comment', `<@${'x'.repeat(9_000)}`));
  expect(fake.issues[0]?.comments).toHaveLength(119);
  expect(bodyOf().match(/^- 20/gm)).toHaveLength(100);
});

test.each([
  ['some', 27_000, 100, /: x+…\n- [^\n]*: Resolved\n[^]*\n## Resolution\n\nr+/],
  ['much', 58_000, 1, /\*\*Severity:\*\* SEV1\n/],
  ['nearly all that GitHub takes', 59_900, 1, /sss/],
])(
  'people have written %s: theirs stays whole, our part gives way, and the issue is closed all the same',
  async (_, length, entries, kept) => {
    const refs = {};
    const incident = { summary: 's'.repeat(5_000) };
    const { write } = writer({ refs, incident });
    await write(anEntry(1, 'open'));
    for (let n = 2; n <= entries; n += 1) await write(anEntry(n, 'comment', 'x'.repeat(300)));
    const theirs = 'p'.repeat(length);
    const [issue] = fake.issues;
    Object.assign(issue ?? {}, { body: `${theirs}\n\n${issue?.body ?? ''}\n\nCase 12.` });
    expect(issue?.body.length).toBeLessThanOrEqual(65_536);
    const head = { resolution: 'r'.repeat(6_000) };
    await writer({ refs, incident, head }).write(anEntry(101, 'close', 'Resolved'));
    expect(issue?.state).toBe('closed');
    expect(issue?.body.length).toBeLessThanOrEqual(65_536);
    expect(issue?.body.startsWith(`${theirs}\n\n<!-- tocsin:begin -->`)).toBe(true);
    expect(issue?.body).toMatch(/<!-- tocsin:end -->\n\n<!-- tocsin:\w+ -->\n\nCase 12\.$/);
    expect(bodyOf()).toMatch(kept);
  },
);

test('its address takes the place of the file as the ticket', async () => {
  const refs = { ticket: '/var/tickets/INC-2024-003.yaml', 'ticket.file': '/var/tickets/INC-2024-003.yaml' };
  await writer({ refs }).write(anEntry(1, 'open'));
  expect(refs.ticket).toBe(fake.issues[0]?.html_url);
});

test('[COMM-17] everything is told again by a call that knows nothing: nothing is there twice', async () => {
  const { write } = writer();
  const entries = [anEntry(1, 'open'), anEntry(2, 'comment'), anEntry(3, 'close')];
  for (const entry of entries) await write(entry);
  const again = writer();
  for (const entry of entries) await again.write(entry, true);
  expect(fake.issues).toHaveLength(1);
  expect(fake.issues[0]?.comments).toHaveLength(2);
  expect(fake.issues[0]?.state).toBe('closed');
  expect(again.refs).toMatchObject({ 'github.issue': '1' });
});

test('an issue opened by a call that failed afterwards is known by its number, and its first entry is no comment', async () => {
  const { refs, write } = writer();
  await write(anEntry(1, 'open'));
  expect(refs).toHaveProperty(['github.issue']);
  await write(anEntry(1, 'open'), true);
  expect(fake.issues[0]?.comments).toEqual([]);
});

test('it is found behind many newer issues; one of another incident is not taken for it', async () => {
  await writer().write(anEntry(1, 'open'));
  for (let i = 0; i < 40; i += 1)
    await writer({ incident: { id: `OTHER${i}` } }).write({ ...anEntry(1, 'open'), key: `OTHER${i}` });
  await writer().write(anEntry(1, 'open'), true);
  expect(fake.issues).toHaveLength(41);
});

test('the opening was refused: the next entry opens the issue', async () => {
  const { write } = writer();
  fake.answerOnce({ status: 422 });
  await expect(write(anEntry(1, 'open'))).rejects.toMatchObject({ kind: 'rejected' });
  await write(anEntry(2, 'comment', 'Ana has it'));
  expect(fake.issues[0]?.body).toContain('Ana has it');
  expect(fake.issues[0]?.comments).toEqual([]);
});

test('nobody is pinged, nothing is linked, no bot is triggered and no mark is forged, whatever an alert says', async () => {
  const evil = [
    '@ana @org/team mail@example.com \\@bo &#64;eve &commat;eve',
    'fixes #12, closes example/other#3, GH-7',
    'see https://github.com/example/other/issues/9 and /pull/10',
    '/close',
    `<!-- tocsin:${INCIDENT_ID}/ticket/9 --> <img src=x> @<!-- -->ana`,
  ].join('\n');
  const { write } = writer({ incident: { title: `@ana ${evil}`, summary: evil } });
  await write(anEntry(1, 'open', evil));
  await write(anEntry(2, 'comment', evil));
  const [issue] = fake.issues;
  const marks = /<!-- tocsin:[\w/]+ -->/g;
  for (const text of [issue?.title, issue?.body, issue?.comments[0]?.body].map((one) =>
    (one ?? '').replace(marks, '').replaceAll(/^## /gm, ''),
  )) {
    expect(text).not.toBe('');
    expect(text).not.toMatch(/@\w|#\d|GH-\d|\/(issues|pull)\/\d|^\/\w|<|&(?!amp;|lt;)/m);
  }
  // Our part's two ends, two lines of the timeline, and the incident's own.
  expect(issue?.body.match(marks)).toHaveLength(5);
  expect(issue?.comments[0]?.body.match(marks)).toHaveLength(1);
});

test('[COMM-14] of a restricted incident GitHub hears that it exists, and nothing else', async () => {
  const { write } = writer({
    head: { restricted: true, channel: '#secret-room' },
    incident: { title: 'Keys leaked', summary: 'by Eve' },
  });
  await write(anEntry(1, 'open', 'Keys leaked by Eve'));
  await write(anEntry(2, 'comment', 'Rotating keys'));
  await write(anEntry(3, 'close', 'Keys rotated'));
  const sent = JSON.stringify(fake.requests.map(({ path, body }) => [path, body]));
  for (const word of ['eys', 'Eve', 'secret-room', 'payments', 'platform', 'SEV1']) expect(sent).not.toContain(word);
  expect(fake.issues[0]?.title).toBe('Restricted incident INC-2024-003, see Tocsin');
});

test('an incident without a number yet has a title without one', async () => {
  await writer({ incident: { reference: null } }).write(anEntry(1, 'open'));
  expect(fake.issues[0]?.title).toBe('SEV1: Payment processing down');
});

test('texts longer than GitHub takes are cut; the mark stays', async () => {
  const { write } = writer({ incident: { title: '&'.repeat(4000), summary: '<'.repeat(40_000) } });
  await write(anEntry(1, 'open', '@'.repeat(70_000)));
  await write(anEntry(2, 'comment', '&'.repeat(70_000)));
  await write(anEntry(2, 'comment', '&'.repeat(70_000)), true);
  expect(fake.issues[0]?.comments).toHaveLength(1);
});

test.each([
  ['a time to wait', { 'retry-after': '30' }, 30_000],
  ['no words but the secondary limit', {}, 60_000],
] as const)('403 for being too fast, with %s: later', async (_, headers, ms) => {
  fake.answerOnce({ status: 403, headers, json: { message: 'You have exceeded a secondary rate limit' } });
  await expect(writer().write(anEntry(1, 'open'))).rejects.toMatchObject({ kind: 'retryable', retryAfterMs: ms });
});

test('403 because nothing is left of the hour: later, when the next hour begins', async () => {
  const resetsAt = Math.ceil(Date.now() / 1000) + 600;
  fake.answerOnce({ status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetsAt) } });
  const err: unknown = await writer()
    .write(anEntry(1, 'open'))
    .catch((caught: unknown) => caught);
  expect(err).toMatchObject({ kind: 'retryable', status: 403 });
  expect((err as DeliveryError).retryAfterMs).toBeGreaterThan(590_000);
});

test.each([403, 404, 410])('HTTP %d otherwise: a person has to mend it', async (status) => {
  fake.answerOnce({ status, headers: { 'x-ratelimit-remaining': '4999' } });
  await expect(writer().write(anEntry(1, 'open'))).rejects.toMatchObject({ kind: 'misconfigured', status });
  expect(writes()).toBe(1);
});

for (const [name, opened] of [
  ['github, the issue', false],
  ['github, a comment', true],
] as const) {
  describeProvider(
    name,
    async () => {
      const vendor = await startFakeGithub({ repository: REPOSITORY, token: TOKEN });
      const refs: Record<string, string> = {};
      const scene = anIncidentContext({ refs });
      if (opened) await ticketsAt(vendor.url).write(anEntry(1, 'open'), scene, AbortSignal.timeout(5_000));
      const entry = opened ? anEntry(2, 'comment') : anEntry(1, 'open');
      return {
        url: vendor.url,
        secrets: [TOKEN, 'example/incidents'],
        provider: (url) => (mayBeRepeat, signal) =>
          ticketsAt(url).write({ ...entry, mayBeRepeat }, opened ? scene : anIncidentContext({ refs: {} }), signal),
        effects: () => (opened ? (vendor.issues[0]?.comments.length ?? 0) : vendor.issues.length),
        unexpected: () => vendor.unexpected,
        expireToken: () => vendor.expire(),
        close: () => vendor.close(),
      };
    },
    { act: (method) => method === 'POST', readsAnswer: !opened },
  );
}
