/** `tocsin list` and `tocsin oncall`: what is open and who has it, in columns. */
import { anIncident, startFakeTocsinApi, json, callCli, type FakeTocsinApi, type CliResult } from '../run-cli.ts';

const NOW = { date: 'Sat, 21 Nov 2026 12:10:00 GMT' };
let api: FakeTocsinApi;
afterEach(async () => {
  await api.close();
});

const run = (argv: readonly string[]): Promise<CliResult> => callCli(argv, { env: { TOCSIN_URL: api.url } });

const minor = anIncident({
  reference: 'INC-2026-004',
  incidentId: 'A',
  severity: 'SEV3',
  phase: 'declared',
  title: 'Slow',
});
const nobody = { roles: { ic: null, technicalLead: null, communicationsLead: null, scribe: null } };
const older = anIncident({ reference: 'INC-2026-002', incidentId: 'B', severity: 'SEV1', title: 'Old\u001b[2J one' });
const newer = anIncident({
  incidentId: 'C',
  severity: 'SEV1',
  declaredAt: '2026-11-21T12:09:30Z',
  test: true,
  ...nobody,
});

test('open incidents, the worst first and of them the newest, safe for a terminal', async () => {
  const incidents = [minor, older, newer];
  api = await startFakeTocsinApi({ 'GET /api/v1/incidents?open=true': json(200, { incidents, next: null }, NOW) });
  const { code, out } = await run(['list']);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'ID               SEVERITY  PHASE          AGE     WHO         TITLE',
    'platform-3f9c21  SEV1      investigating  30 s    nobody yet  [TEST] Database down',
    'INC-2026-002     SEV1      investigating  10 min  ana         Old\\x1b[2J one',
    'INC-2026-004     SEV3      declared       10 min  ana         Slow',
    '',
  ]);
  const { out: asJson } = await run(['list', '--json']);
  expect(JSON.parse(asJson)).toEqual({ incidents, next: null });
});

test('every option narrows what the server is asked for, and the next page is named', async () => {
  const path = 'GET /api/v1/incidents?severity=SEV1&team=data&q=a%26b+c&cursor=p2&limit=5';
  api = await startFakeTocsinApi({ [path]: json(200, { incidents: [older], next: 'p3' }) });
  const argv = [
    'list',
    '--all',
    '--severity',
    'sev1',
    '--team',
    'data',
    '--q',
    'a&b c',
    '--limit',
    '5',
    '--cursor',
    'p2',
  ];
  const { code, out } = await run(argv);
  expect({ code, last: out.trim().split('\n').at(-1) }).toEqual({
    code: 0,
    last: 'there are more: use --all-pages or --cursor p3',
  });
});

test('--all-pages follows every page', async () => {
  api = await startFakeTocsinApi({
    'GET /api/v1/incidents?open=true': json(200, { incidents: [minor], next: 'p 2' }),
    'GET /api/v1/incidents?open=true&cursor=p+2': json(200, { incidents: [older], next: null }),
  });
  const { out } = await run(['list', '--all-pages', '--json']);
  expect(JSON.parse(out)).toEqual({ incidents: [minor, older], next: null });
});

test('a list that never ends is given up', async () => {
  const page = json(200, { incidents: [minor], next: 'p2' });
  api = await startFakeTocsinApi({
    'GET /api/v1/incidents?open=true': page,
    'GET /api/v1/incidents?open=true&cursor=p2': page,
  });
  expect((await run(['list', '--all-pages'])).code).toBe(69);
  expect(api.seen).toHaveLength(2);
});

test('nothing open is said, and is no failure; an answer without a list is one', async () => {
  api = await startFakeTocsinApi({
    'GET /api/v1/incidents?open=true': [json(200, { incidents: [], next: null }), json(200, { ok: true })],
  });
  expect(await run(['list'])).toEqual({ code: 0, out: 'no open incidents\n', err: '' });
  expect((await run(['list'])).code).toBe(69);
});

test.each([
  [
    { source: 'temporal', records: 'starting', complete: true },
    'records are starting: open incidents read from Temporal',
  ],
  [{ source: 'temporal', records: 'up', complete: true }, 'records are catching up: open incidents read from Temporal'],
  [
    { source: 'temporal', records: 'down', complete: false },
    'records are down: open incidents read from Temporal; there may be more',
  ],
  [{ source: 'records', records: 'up', complete: false }, 'the newest incidents may be missing'],
])('%j is said in one line beside the list', async (more, note) => {
  api = await startFakeTocsinApi({
    'GET /api/v1/incidents?open=true': json(200, { incidents: [minor], next: null, ...more }, NOW),
  });
  const { code, out, err } = await run(['list']);
  expect({ code, err }).toEqual({ code: 0, err: `${note}\n` });
  expect(out).toContain('INC-2026-004');
  for (const argv of [
    ['list', '--json'],
    ['list', '--all-pages', '--json'],
  ]) {
    const asJson = await run(argv);
    expect(asJson.err).toBe('');
    expect(JSON.parse(asJson.out)).toMatchObject(more);
  }
});

test('oncall shows every level of every team, and where nobody is', async () => {
  const oncall = [
    { team: 'platform', level: 1, people: ['ana', 'bo'], until: '2026-11-22T08:00:00Z' },
    { team: 'data', level: 1, people: [], until: null },
  ];
  api = await startFakeTocsinApi({ 'GET /api/v1/oncall': json(200, { oncall }) });
  const { code, out } = await run(['oncall']);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'TEAM      LEVEL  PEOPLE   UNTIL',
    'platform  1      ana, bo  2026-11-22T08:00:00Z',
    'data      1      NOBODY   further notice',
    '',
  ]);
  expect(JSON.parse((await run(['oncall', '--team', 'data', '--json'])).out)).toEqual({ oncall: [oncall[1]] });
  expect((await run(['oncall', '--team', 'ops'])).code).toBe(2);
});
