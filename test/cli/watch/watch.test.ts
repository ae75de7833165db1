/** `tocsin watch`: each line once and in order, across restarts, until the end; and what a script learns from it. */
import {
  anIncident,
  startFakeTocsinApi,
  hangUp,
  json,
  callCli,
  type FakeTocsinApi,
  type CliResult,
} from '../run-cli.ts';

const NOW = { date: 'Sat, 21 Nov 2026 12:10:00 GMT' };
const ONE = '/api/v1/incidents/INC-2026-003';
let api: FakeTocsinApi;
afterEach(async () => {
  await api.close();
});

const watch = (argv: readonly string[], more: object = {}): Promise<CliResult> =>
  callCli(['watch', ...argv], { env: { TOCSIN_URL: api.url }, pollIntervalMs: 5, timeoutMs: 3000, ...more });

const line = (seq: number, kind: string): object => ({
  seq,
  at: '2026-11-21T12:00:00Z',
  kind,
  by: null,
  text: `t${seq}`,
});
const story = (...kinds: string[]): object => ({ timeline: kinds.map((kind, i) => line(i + 1, kind)), cut: 0 });
const state = (seq: number, phase: string, over: object = {}): ReturnType<typeof json> =>
  json(200, anIncident({ reference: 'INC-2026-003', seq, phase, ...over }), NOW);

const UNFOLDING = {
  [`GET ${ONE}`]: [state(1, 'declared'), state(1, 'declared'), hangUp, hangUp, hangUp, state(3, 'closed')],
  [`GET ${ONE}/timeline?minSeq=1`]: json(200, story('declared'), NOW),
  [`GET ${ONE}/timeline?minSeq=3`]: json(200, story('declared', 'resolved', 'closed'), NOW),
};

test('an incident is followed to its closure, each line once, although the server goes away meanwhile', async () => {
  api = await startFakeTocsinApi(UNFOLDING);
  const { code, out, err } = await watch(['INC-2026-003']);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'INC-2026-003 SEV2 Database down: declared',
    '12:00:00Z (10 min ago)  declared: t1',
    '12:00:00Z (10 min ago)  resolved: t2',
    '12:00:00Z (10 min ago)  closed: t3',
    'INC-2026-003 SEV2 Database down: closed',
    '',
  ]);
  expect(err).toMatch(/retrying until it answers\n.*the server answers again\n$/);
  expect(api.unexpected).toEqual([]);
});

test('--json is one line of JSON for each line of the timeline', async () => {
  api = await startFakeTocsinApi(UNFOLDING);
  const { out } = await watch(['INC-2026-003', '--json']);
  const lines = out.trim().split('\n');
  expect(lines.map((text) => (JSON.parse(text) as { seq: number }).seq)).toEqual([1, 2, 3]);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    reference: 'INC-2026-003',
    workflowId: 'platform-3f9c21',
    id: '01K00000000000000000000000',
    ...line(1, 'declared'),
  });
});

test('a person sees the last ten lines from before, and how many there were', async () => {
  api = await startFakeTocsinApi({
    [`GET ${ONE}`]: state(12, 'closed'),
    [`GET ${ONE}/timeline?minSeq=12`]: json(200, story(...Array.from({ length: 12 }, () => 'note-added')), NOW),
  });
  const { out } = await watch(['INC-2026-003']);
  expect(out).toContain('(2 earlier lines: tocsin show INC-2026-003 --timeline)');
  expect(out).not.toContain('note-added: t2\n');
  expect(out).toContain('note-added: t3\n');
});

test('--until ends when the phase has come or is past', async () => {
  api = await startFakeTocsinApi({
    [`GET ${ONE}`]: [state(0, 'declared'), state(0, 'monitoring')],
    [`GET ${ONE}/timeline?minSeq=0`]: json(200, story()),
  });
  expect((await watch(['INC-2026-003', '--until', 'mitigating'])).code).toBe(0);
});

test('a phase that does not come in time is exit code 1, and says where it stands; --json in one line', async () => {
  api = await startFakeTocsinApi({
    [`GET ${ONE}`]: state(0, 'declared'),
    [`GET ${ONE}/timeline?minSeq=0`]: json(200, story()),
  });
  const { code, out, err } = await watch(['INC-2026-003', '--until', 'resolved', '--timeout', '1s', '--json']);
  expect({ code, out }).toEqual({
    code: 1,
    out: '{"error":{"exitCode":1,"message":"not resolved within 1s: it is declared"}}\n',
  });
  expect(err).toContain('not resolved within 1s');
});

test('without --until the end of the time is no failure', async () => {
  api = await startFakeTocsinApi({
    [`GET ${ONE}`]: state(0, 'declared'),
    [`GET ${ONE}/timeline?minSeq=0`]: json(200, story()),
  });
  expect((await watch(['INC-2026-003', '--timeout', '1s'])).code).toBe(0);
});

test('a server that is away when the time is over is exit code 69', async () => {
  api = await startFakeTocsinApi({
    [`GET ${ONE}`]: [state(0, 'declared'), json(500, {})],
    [`GET ${ONE}/timeline?minSeq=0`]: json(200, story()),
  });
  expect((await watch(['INC-2026-003', '--timeout', '1s'])).code).toBe(69);
});

test.each([
  ['an unknown incident', 404, 2],
  ['a token that may not look', 401, 1],
  ['no server from the start', 500, 69],
])('%s ends the watch at once', async (_, status, code) => {
  api = await startFakeTocsinApi({ [`GET ${ONE}`]: json(status, { title: 'no' }) });
  expect((await watch(['INC-2026-003'])).code).toBe(code);
});

test('a new incident of the same group does not take the place of the one that is watched', async () => {
  const path = '/api/v1/incidents/platform-3f9c21';
  const old = '/api/v1/incidents/01K00000000000000000000000';
  api = await startFakeTocsinApi({
    [`GET ${path}`]: [state(2, 'monitoring'), state(1, 'declared', { id: '01K11111111111111111111111' })],
    [`GET ${path}/timeline?minSeq=2`]: json(200, story('declared', 'acknowledged')),
    [`GET ${old}`]: state(3, 'closed'),
    [`GET ${old}/timeline?minSeq=3`]: json(200, story('declared', 'acknowledged', 'closed')),
  });
  const { code, out } = await watch(['platform-3f9c21', '--json']);
  expect(code).toBe(0);
  expect(out.trim().split('\n')).toHaveLength(3);
  expect(api.unexpected).toEqual([]);
});

describe('without an incident', () => {
  const LIST = 'GET /api/v1/incidents?open=true&limit=100';
  const list = (...incidents: object[]): ReturnType<typeof json> => json(200, { incidents, next: null }, NOW);
  const first = anIncident({ id: 'A', seq: 1 });
  const second = anIncident({ id: 'B', seq: 1, title: 'Second' });

  test('the table of open incidents is printed when it has changed', async () => {
    api = await startFakeTocsinApi({ [LIST]: [list(first), list(first), list(first, second), list()] });
    const { code, out } = await watch(['--timeout', '1s']);
    expect(code).toBe(0);
    expect(out.match(/\d open/g)).toEqual(['1 open', '2 open', '0 open']);
    expect(out).not.toContain('\u001b');
  });

  test('on a terminal it is drawn over', async () => {
    api = await startFakeTocsinApi({ [LIST]: list(anIncident({ title: 'a\u001b[2J' })) });
    const { out } = await watch(['--timeout', '1s'], { tty: true, lookEveryMs: 300 });
    expect(out.split('\u001b[H\u001b[J').length).toBeGreaterThan(2);
    expect(out).toContain('a\\x1b[2J');
  });

  test('--json is a line for each incident that is new, changed or gone', async () => {
    api = await startFakeTocsinApi({ [LIST]: [list(first), list({ ...first, seq: 2 }, second), list(second)] });
    const { out } = await watch(['--timeout', '1s', '--json']);
    const lines = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(lines.map(({ id, seq, gone }) => [id, gone ?? seq])).toEqual([
      ['A', 1],
      ['A', 2],
      ['B', 1],
      ['A', true],
    ]);
  });
});
