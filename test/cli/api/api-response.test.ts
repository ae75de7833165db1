/** What each answer of a server, and each silence, is worth: exit codes and words. */
import { once } from 'node:events';
import { createServer } from 'node:net';

import { DEFAULT_TIMEOUT_MS } from '../../../cli/api/api-client.ts';
import {
  anIncident,
  startFakeTocsinApi,
  hangUp,
  html,
  json,
  neverAnswer,
  callCli,
  TOKEN,
  type FakeTocsinApi,
  type CliResult,
} from '../run-cli.ts';

const ACK = 'POST /api/v1/incidents/x/acknowledge';
let api: FakeTocsinApi;
afterEach(async () => {
  await api?.close();
});

const ack = (more: readonly string[] = [], timeoutMs = 5000): Promise<CliResult> =>
  callCli(['ack', 'x', ...more], { env: { TOCSIN_URL: api.url, TOCSIN_TOKEN: TOKEN }, timeoutMs });

test.each([
  [400, { title: 'broken', problems: [{ at: 'by', message: 'unknown' }] }, 64, 'by: unknown'],
  [401, { title: 'no token' }, 1, 'TOCSIN_TOKEN'],
  [403, { title: 'viewers may not' }, 1, 'this token does not allow that'],
  [404, { title: 'no incident x' }, 2, 'no incident x'],
  [
    409,
    { detail: 'it is resolved', allowed: ['addNote', 'set-severity', 'reopen'] },
    1,
    'possible now: note, severity, reopen',
  ],
  [429, { title: 'slowly' }, 69, 'slowly: not acknowledged, and nobody was told'],
  [500, { title: 'oops' }, 69, 'oops: it is not known whether it was acknowledged'],
  [503, { detail: 'nobody was paged' }, 69, 'nobody was paged'],
] as const)('%i %j ends with its exit code and says why', async (status, body, exitCode, words) => {
  api = await startFakeTocsinApi({ [ACK]: json(status, body) });
  const { code, out, err } = await ack();
  expect({ code, out }).toEqual({ code: exitCode, out: '' });
  expect(err).toContain(words);
  expect(err).not.toContain(TOKEN);
});

const mislabelled: typeof neverAnswer = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end(JSON.stringify(anIncident()));
};

test.each([
  ['a page in HTML with 200', html(200), 'nobody was told'],
  ['a page in HTML with 404', html(404), 'nobody was told'],
  ['a page in HTML with 504', html(504), 'it is not known whether it was acknowledged'],
  ['an incident that is not called JSON', mislabelled, 'nobody was told'],
  ['JSON that is not about an incident', json(200, { ok: true }), 'it is not known whether anything was done'],
  ['an acceptance that is not pending', json(202, anIncident()), 'it is not known whether anything was done'],
  ['a list', json(200, []), 'nobody was told'],
  ['a redirect to a sign-in page', json(302, {}, { location: '/login' }), 'nobody was told'],
])('%s is never taken for success', async (_, reply, words) => {
  api = await startFakeTocsinApi({ [ACK]: reply });
  const { code, out, err } = await ack();
  expect({ code, out }).toEqual({ code: 69, out: '' });
  expect(err).toContain(words);
  expect(api.seen).toHaveLength(1);
});

test('a server that never answers is given up within the time allowed, which is 10 s or less', async () => {
  api = await startFakeTocsinApi({ [ACK]: neverAnswer });
  const begun = Date.now();
  const { code, err } = await ack([], 400);
  expect(code).toBe(69);
  expect(Date.now() - begun).toBeLessThan(1500);
  expect(err).toContain('no answer within 0.4 s');
  expect(err).toMatch(/--request-id [0-9A-Z]{26}/);
  expect(DEFAULT_TIMEOUT_MS).toBeLessThanOrEqual(10_000);
});

describe('nothing listens there', () => {
  let nowhere: string;
  beforeEach(async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    nowhere = `http://127.0.0.1:${(listener.address() as { port: number }).port}`;
    listener.close();
    await once(listener, 'close');
  });

  test.each([
    [['declare', '--severity', 'SEV1', '--title', 't'], 'nobody was paged'],
    [['ack', 'x'], 'not acknowledged, and nobody was told that you have it'],
    [['ack', '--severity', 'SEV1'], 'not acknowledged, and nobody was told that you have it'],
    [['escalate', 'x', '--reason', 'r'], 'nobody was paged'],
    [['update', 'x', '--text', 't'], 'nobody was told'],
    [['page-test', '--team', 't'], 'no test page was sent'],
    [['note', 'x', 'y'], 'nothing was changed'],
  ])('%j says what has not happened, and how to start a server', async (argv, undone) => {
    const { code, out, err } = await callCli(argv, { env: { TOCSIN_URL: nowhere } });
    expect({ code, out }).toEqual({ code: 69, out: '' });
    const [first, second] = err.split('\n');
    expect(first).toBe(`tocsin: nothing answers at ${nowhere} (ECONNREFUSED): ${undone}`);
    expect(second).toMatch(/npm start.*TOCSIN_URL/);
  });

  test('what only looks says no more than that nothing answers', async () => {
    const { code, err } = await callCli(['list'], { env: { TOCSIN_URL: nowhere } });
    expect({ code, first: err.split('\n')[0] }).toEqual({
      code: 69,
      first: `tocsin: nothing answers at ${nowhere} (ECONNREFUSED)`,
    });
  });
});

describe('a declaration whose answer is lost', () => {
  const DECLARE = 'POST /api/v1/incidents';
  const declare = (timeoutMs: number): Promise<CliResult> =>
    callCli(['declare', '--severity', 'SEV1', '--title', 't'], { env: { TOCSIN_URL: api.url }, timeoutMs });

  test.each([
    ['the server is silent', neverAnswer, 'no answer within 0.4 s'],
    ['the connection breaks', hangUp, 'ECONNRESET'],
  ])('%s: it is not known whether anybody was paged, and the same may be sent again', async (_, reply, why) => {
    api = await startFakeTocsinApi({ [DECLARE]: reply });
    const { code, err } = await declare(reply === neverAnswer ? 400 : 5000);
    expect(code).toBe(69);
    expect(err).toContain(`${why}: it is not known whether the incident was declared and anybody was paged`);
    expect(err).not.toContain('nobody was paged');
    expect(err).toMatch(/tocsin list.*--request-id [0-9A-Z]{26}/);
  });

  test('a server that took it, perhaps, and is gone at the next try: not known either', async () => {
    api = await startFakeTocsinApi({
      [DECLARE]: (response, seen) => {
        void api.close();
        hangUp(response, seen);
      },
    });
    const { code, err } = await declare(5000);
    expect(code).toBe(69);
    expect(err).toContain('ECONNREFUSED: it is not known whether the incident was declared');
  });
});

test('what fails after the change was made does not say that it was not', async () => {
  api = await startFakeTocsinApi({
    'POST /api/v1/incidents': json(201, anIncident({ workflowId: 'w', test: true })),
    'GET /api/v1/incidents/w': json(500, { title: 'oops' }),
  });
  const { err } = await callCli(['page-test', '--team', 't'], { env: { TOCSIN_URL: api.url } });
  expect(err).toContain('oops');
  expect(err).not.toContain('no test page was sent');
});

test('a lost connection and a 503 are tried again with the same key', async () => {
  api = await startFakeTocsinApi({ [ACK]: [hangUp, json(503, {}), json(200, anIncident())] });
  const { code } = await ack();
  expect(code).toBe(0);
  expect(api.seen).toHaveLength(3);
  expect(new Set(api.seen.map(({ key }) => key)).size).toBe(1);
});

test('two invocations have two keys, and --request-id repeats an earlier one', async () => {
  api = await startFakeTocsinApi({ [ACK]: json(200, anIncident()) });
  await ack();
  await ack();
  await ack(['--request-id', 'mine-1']);
  const keys = api.seen.map(({ key }) => key);
  expect(new Set(keys).size).toBe(3);
  expect(keys[2]).toBe('mine-1');
});

test('a reason that the server repeats among its problems is said once', async () => {
  api = await startFakeTocsinApi({
    [ACK]: json(409, { detail: 'it is over', problems: [{ at: '', message: 'it is over' }] }),
  });
  expect((await ack()).err).toBe('tocsin: refused: it is over\n');
});

describe('--json', () => {
  test.each([
    ['an answer', json(200, { ...anIncident({ title: 'a\u0007b\u202ec\u009b' }), changed: true }), 0],
    ['a pending one', json(202, { pending: true }), 0],
    ['a refusal', json(409, { detail: 'it is resolved', allowed: ['reopen'] }), 1],
    ['silence', neverAnswer, 69],
  ])('%s is one JSON value, and safe to show', async (_, reply, exitCode) => {
    api = await startFakeTocsinApi({ [ACK]: reply });
    const { code, out } = await ack(['--json'], 400);
    expect(code).toBe(exitCode);
    const value = JSON.parse(out) as Record<string, unknown>;
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    if (exitCode !== 0) expect(value['error']).toMatchObject({ exitCode, message: expect.any(String) });
  });

  test('keeps the text as it was', async () => {
    const title = 'a\u0007b\u202ec\u009b';
    api = await startFakeTocsinApi({ [ACK]: json(200, anIncident({ title })) });
    const { out } = await ack(['--json']);
    expect((JSON.parse(out) as { title: string }).title).toBe(title);
  });
});
