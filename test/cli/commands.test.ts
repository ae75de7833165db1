/** Every command: what it sends, and nothing else. */
import { COMMANDS as OF_THE_API, type CommandType } from '../../domain/kernel/commands.ts';
import { kebab } from '../../domain/kernel/text.ts';
import { anIncident, startFakeTocsinApi, json, callCli, TOKEN, type FakeTocsinApi } from './run-cli.ts';

let api: FakeTocsinApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

const ID = 'platform-3f9c21';
const TYPES = Object.keys(OF_THE_API) as CommandType[];

const COMMANDS: readonly (readonly [argv: string[], route: string, body: unknown])[] = [
  [['ack', ID], 'acknowledge', {}],
  [['ack', ID, '--as', 'ana'], 'acknowledge', { by: 'ana' }],
  [['decline', ID], 'decline', {}],
  [['assign', ID, 'technical-lead', 'bo'], 'assign-role', { role: 'technicalLead', person: 'bo' }],
  [['assign', ID, 'operations-lead', 'bo'], 'assign-role', { role: 'operationsLead', person: 'bo' }],
  [['severity', ID, 'sev1', '--reason', 'worse'], 'set-severity', { severity: 'SEV1', reason: 'worse' }],
  [['update', ID, '--text', 'rolling back'], 'post-update', { text: 'rolling back', audience: 'internal' }],
  [
    ['update', ID, '--text', 'found it', '--public', '--status', 'identified'],
    'post-update',
    { text: 'found it', audience: 'public', status: 'Identified' },
  ],
  [['update', ID, '--status', 'monitoring'], 'post-update', { audience: 'public', status: 'Monitoring' }],
  [
    ['update', ID, '--status', 'Identified', '--internal', '--text', 'the disk'],
    'post-update',
    { text: 'the disk', audience: 'internal', status: 'Identified' },
  ],
  [['decline', '--id', ID], 'decline', {}],
  [['cause', ID, 'a full disk'], 'cause', { text: 'a full disk' }],
  [['note', ID, 'disk full'], 'add-note', { text: 'disk full' }],
  [['decide', ID, 'rollback', '--reason', 'deploy'], 'decide-mitigation', { decision: 'rollback', reason: 'deploy' }],
  [
    ['decide', ID, 'fix-forward', '--tick', 'minor', '--tick', 'understood', '--tick', 'faster', '--action', 'flag'],
    'decide-mitigation',
    { decision: 'fix-forward', action: 'flag', ticks: ['minor', 'understood', 'faster'] },
  ],
  [['mitigation', ID, 'failed', '--text', 'still'], 'report-mitigation', { outcome: 'failed', text: 'still' }],
  [
    ['resolve', ID, '--resolution', 'fixed', '--ignore-alert', 'a1', '--ignore-alert', 'b2'],
    'resolve',
    { resolution: 'fixed', ignoreAlerts: ['a1', 'b2'] },
  ],
  [['reopen', ID, '--reason', 'again'], 'reopen', { reason: 'again' }],
  [['false-alarm', ID, '--reason', 'probe'], 'declare-false-alarm', { reason: 'probe' }],
  [['escalate', ID, '--to', 'bo', '--reason', 'db'], 'escalate', { to: 'bo', reason: 'db' }],
  [['close', ID], 'close', {}],
  [['impact', ID, 'nobody can pay'], 'assess-impact', { summary: 'nobody can pay' }],
  [
    ['impact', ID, 's', '--scope', 'ALL', '--users', '15000', '--data-loss', 'no', '--revenue', '$45000'],
    'assess-impact',
    { summary: 's', scope: 'all', usersAffected: 15000, dataLoss: false, revenueLost: '$45000' },
  ],
  [['impact', ID, 's', '--data-loss', 'yes'], 'assess-impact', { summary: 's', dataLoss: true }],
  [
    [
      ...['update', ID, '--text', 'still down', '--impact', 'no logins', '--cause', 'a full disk'],
      ...['--actions', 'moving logs', '--next', 'restart', '--eta', '15:00'],
    ],
    'post-update',
    {
      ...{ text: 'still down', audience: 'internal', impact: 'no logins', cause: 'a full disk' },
      ...{ actions: 'moving logs', nextSteps: 'restart', eta: '15:00' },
    },
  ],
  [['run', ID, 'cache:clear:all'], 'run-action', { action: 'cache:clear:all' }],
  [['run', 'cache:clear:all', '--id', ID, '--as', 'bo'], 'run-action', { action: 'cache:clear:all', by: 'bo' }],
  [
    ['run', ID, 'pool', '--size=50', '--zone', 'eu', '--force'],
    'run-action',
    { action: 'pool', parameters: { size: '50', zone: 'eu', force: 'true' } },
  ],
  [['merge', ID, 'INC-2026-003'], 'merge', { into: 'INC-2026-003' }],
  [['split', ID, 'a group'], 'split', { alert: 'a group' }],
  [['move-policy', ID], 'move-policy', {}],
  [['action', 'add', ID, 'watch the pool'], 'add-action-item', { text: 'watch the pool' }],
  [
    ['action', 'add', ID, 'watch it', '--owner', 'bo', '--due', '2026-12-24'],
    'add-action-item',
    { text: 'watch it', owner: 'bo', due: '2026-12-24' },
  ],
  [['action', 'done', ID, 'A1'], 'complete-action-item', { item: 'A1' }],
  [['postmortem', 'done', ID], 'complete-postmortem', {}],
  [
    ['postmortem', 'done', '--id', ID, '--url', 'https://wiki.example/3'],
    'complete-postmortem',
    { url: 'https://wiki.example/3' },
  ],
];

test('[CMD-10] no command of the table is without a test here', () => {
  expect(new Set(COMMANDS.map(([, route]) => route))).toEqual(new Set(TYPES.map((type) => kebab(type))));
});

test('TOCSIN_AS is whom a command acts for, unless --as says otherwise', async () => {
  api = await startFakeTocsinApi({
    'POST /api/v1/incidents': json(201, anIncident()),
    'POST /api/v1/incidents/x/acknowledge': json(200, anIncident()),
  });
  const env = { TOCSIN_URL: api.url, TOCSIN_AS: 'bo' };
  await callCli(['ack', 'x'], { env });
  await callCli(['ack', 'x', '--as', 'ana'], { env });
  await callCli(['declare', '--severity', 'SEV2', '--title', 'x'], { env });
  await callCli(['ack', 'x'], { env: { TOCSIN_URL: api.url } });
  expect(api.seen.map(({ body }) => (body as { by?: string }).by)).toEqual(['bo', 'ana', 'bo', undefined]);
});

test.each(COMMANDS)(
  '%j is one request with exactly its arguments, and says how the incident stands',
  async (argv, route, body) => {
    const path = `POST /api/v1/incidents/${ID}/${route}`;
    api = await startFakeTocsinApi({ [path]: json(200, { ...anIncident(), changed: true, text: 'Ana has it' }) });
    const { code, out, err } = await callCli(argv, { env: { TOCSIN_URL: api.url, TOCSIN_TOKEN: TOKEN } });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe('Ana has it\nSEV2 Database down: investigating [platform-3f9c21]\n');
    expect(api.seen).toEqual([
      { request: path, body, key: expect.stringMatching(/^[0-9A-Z]{26}$/), authorization: `Bearer ${TOKEN}` },
    ]);
  },
);

test('declare sends what was given and shows where the incident is', async () => {
  api = await startFakeTocsinApi({ 'POST /api/v1/incidents': json(201, anIncident({ phase: 'declared' })) });
  const { code, out } = await callCli(
    ['declare', '--severity', 'SEV2', '--title', ' Database down\u001b[2J ', '--service', 'payments', '--restricted'],
    { env: { TOCSIN_URL: api.url } },
  );
  expect(code).toBe(0);
  expect(out).toContain(
    'declared; the number follows, until then: tocsin ack platform-3f9c21\nSEV2 Database down: declared [platform-3f9c21]\nhttp://127.0.0.1:8080/incidents/',
  );
  expect(api.seen[0]?.body).toEqual({
    severity: 'SEV2',
    title: 'Database down[2J',
    service: 'payments',
    restricted: true,
  });
});

test('declare prints the number when there is one, and a headline begins with it', async () => {
  api = await startFakeTocsinApi({ 'POST /api/v1/incidents': json(201, anIncident({ reference: 'INC-2026-003' })) });
  const { out } = await callCli(['declare', '--severity', 'SEV2', '--title', 'x'], { env: { TOCSIN_URL: api.url } });
  expect(out).toMatch(/^declared as INC-2026-003\nINC-2026-003 SEV2 Database down: investigating\n/);
});

test.each([
  ['INC-2026-003', 'INC-2026-003'],
  ['inc-003', 'INC-003'],
  ['inc-platform-3f9c21d07be44a10b2c6', 'inc-platform-3f9c21d07be44a10b2c6'],
  ['01K00000000000000000000000', '01K00000000000000000000000'],
])('an incident may be called %s: the server is asked for %s', async (given, asked) => {
  api = await startFakeTocsinApi({ [`POST /api/v1/incidents/${asked}/decline`]: json(200, anIncident()) });
  expect((await callCli(['decline', given], { env: { TOCSIN_URL: api.url } })).code).toBe(0);
});

test('a command whose effect already held succeeds and says that nothing changed', async () => {
  api = await startFakeTocsinApi({
    'POST /api/v1/incidents/x/acknowledge': json(200, { ...anIncident(), changed: false, text: 'ana has it.' }),
  });
  const { code, out } = await callCli(['ack', 'x'], { env: { TOCSIN_URL: api.url } });
  expect(code).toBe(0);
  expect(out).toContain('ana has it. (nothing changed)');
});

test('a command that no worker took yet is done, and says who will take it', async () => {
  api = await startFakeTocsinApi({ 'POST /api/v1/incidents/x/acknowledge': json(202, { pending: true }) });
  const { code, out } = await callCli(['ack', 'x'], { env: { TOCSIN_URL: api.url } });
  expect({ code, out }).toEqual({ code: 0, out: 'recorded; a worker will run it\n' });
});

test('resolving while alerts still fire says that the watch cannot end', async () => {
  api = await startFakeTocsinApi({
    'POST /api/v1/incidents/x/resolve': json(200, anIncident({ phase: 'monitoring', firingCount: 2 })),
  });
  const { code, err } = await callCli(['resolve', 'x', '--resolution', 'fixed'], { env: { TOCSIN_URL: api.url } });
  expect(code).toBe(0);
  expect(err).toContain('2 alerts still fire');
});

describe('page-test', () => {
  const declared = anIncident({ phase: 'declared', test: true });
  const sent = { at: '2026-11-21T12:00:01Z', to: 'ana', method: 'webhook', key: 'k', state: 'accepted', reason: null };
  const mail = { ...sent, method: 'email', key: 'm' };
  const show = `GET /api/v1/incidents/${ID}`;

  test('for a person pages the team where that person is on call, and waits until every method has settled', async () => {
    api = await startFakeTocsinApi({
      'GET /api/v1/oncall': json(200, {
        oncall: [
          { team: 'data', level: 2, people: ['ana'], until: null },
          { team: 'platform', level: 1, people: ['ana'], until: null },
        ],
      }),
      'POST /api/v1/incidents': json(201, declared),
      [show]: [
        json(200, declared),
        json(200, { ...declared, deliveries: [{ ...sent, state: 'sending' }, mail] }),
        json(200, { ...declared, deliveries: [sent, mail, { ...sent, to: 'bo', state: 'failed' }] }),
      ],
    });
    const { code, out } = await callCli(['page-test', 'ana'], { env: { TOCSIN_URL: api.url } });
    expect(code).toBe(0);
    expect(out).toContain('the test page went out by every method');
    expect(out).toMatch(/ana by webhook: accepted\n.* ana by email: accepted\n/);
    expect(out).not.toContain('bo');
    expect(api.seen[1]?.body).toEqual({ title: 'Test page', severity: 'SEV2', test: true, team: 'platform' });
    expect(api.unexpected).toEqual([]);
  });

  test('fails when one method did not take it, with a line for each', async () => {
    const failed = { ...sent, state: 'failed', reason: 'webhook: HTTP 404' };
    api = await startFakeTocsinApi({
      'POST /api/v1/incidents': json(201, declared),
      [show]: json(200, { ...declared, deliveries: [failed, mail] }),
    });
    const url = { env: { TOCSIN_URL: api.url } };
    const { code, out } = await callCli(['page-test', '--team', 'platform'], url);
    expect(code).toBe(1);
    expect(out).toContain('the test page was accepted by 1 of 2 methods');
    expect(out).toContain('ana by webhook: failed (webhook: HTTP 404)');
    expect(out).toContain('ana by email: accepted');
    const asJson = await callCli(['page-test', '--team', 'platform', '--json'], url);
    expect(asJson.code).toBe(1);
    expect((JSON.parse(asJson.out) as { deliveries: unknown }).deliveries).toEqual([failed, mail]);
  });

  test('for somebody who is not on call declares nothing', async () => {
    api = await startFakeTocsinApi({ 'GET /api/v1/oncall': json(200, { oncall: [] }) });
    const { code, err } = await callCli(['page-test', 'bo'], { env: { TOCSIN_URL: api.url } });
    expect(code).toBe(1);
    expect(err).toContain('bo is not on call');
  });
});
