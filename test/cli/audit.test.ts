/** `tocsin audit`: what it asks for, how it shows it, and that a part is never passed off as the whole. */
import { startFakeTocsinApi, json, callCli, TOKEN, type FakeTocsinApi } from './run-cli.ts';

let api: FakeTocsinApi;
afterEach(() => api.close());

const LINE = {
  ...{
    id: '01K00000000000000000000001',
    at: '2026-11-21T12:00:00.000Z',
    via: 'cli',
    from: '10.0.0.7',
    agent: 'tocsin-cli',
  },
  ...{ token: 'ops', keyId: '0a1b2c3d', person: null, role: 'admin', by: 'bo', onBehalf: true, command: 'resolve' },
  ...{
    subject: 'INC-2026-003',
    workflowId: 'inc-a',
    incidentId: 'E1',
    requestId: 'r',
    outcome: 'done',
    status: 200,
    omitted: 0,
  },
};
const UNAUTHENTICATED = {
  ...LINE,
  token: null,
  by: null,
  person: null,
  outcome: 'refused',
  status: 401,
  omitted: 7,
  via: 'http',
};

const run = async (body: unknown, ...argv: readonly string[]) => {
  api = await startFakeTocsinApi({ [argv[0] ?? '']: json(200, body) });
  return callCli(['audit', ...argv.slice(1)], { env: { TOCSIN_URL: api.url, TOCSIN_TOKEN: TOKEN } });
};

test('who, what, about what, what became of it and from where, a line each', async () => {
  const body = { audit: [LINE, UNAUTHENTICATED], next: 'NEXT', complete: true };
  const { code, out, err } = await run(body, 'GET /api/v1/audit');
  expect([code, err]).toEqual([0, '']);
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['WHEN', 'WHO', 'WHAT', 'ABOUT', 'OUTCOME', 'FROM'],
    ['2026-11-21T12:00:00.000Z', 'bo (ops)', 'resolve', 'INC-2026-003', 'done 200', 'cli 10.0.0.7'],
    [
      ...['2026-11-21T12:00:00.000Z', 'an unauthenticated client', 'resolve', 'INC-2026-003'],
      ...['refused 401 (and 7 more)', 'http 10.0.0.7'],
    ],
    ['there are more: use --cursor NEXT'],
    [''],
  ]);
});

test('an incident, a page and its size are asked for; programs get what the server said', async () => {
  const body = { audit: [], next: null, complete: true };
  const path = 'GET /api/v1/audit?incident=INC-2026-003&limit=10&cursor=X';
  const argv = ['--incident', 'INC-2026-003', '--limit', '10', '--cursor', 'X'];
  expect(await run(body, path, ...argv)).toMatchObject({ code: 0, out: 'nothing\n' });
  expect(api.unexpected).toEqual([]);
  await api.close();
  const { out } = await run(body, path, ...argv, '--json');
  expect(JSON.parse(out)).toEqual(body);
});

test('lines of one server alone are not passed off as all there are', async () => {
  const { code, err } = await run({ audit: [LINE], next: null, complete: false }, 'GET /api/v1/audit');
  expect([code, err]).toEqual([0, 'the records are down: these are only the newest entries of that server\n']);
});

test('an answer that is no audit is exit code 69', async () => {
  expect((await run({ incidents: [] }, 'GET /api/v1/audit')).code).toBe(69);
});
