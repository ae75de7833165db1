/** What each answer of a server, and each silence, is worth: exit codes and words. */
import { once } from 'node:events';
import { createServer } from 'node:net';

import { DEFAULT_TIMEOUT_MS } from '../../cli/client.ts';
import { anIncident, fakeApi, hangUp, html, json, silence, tocsin, TOKEN, type FakeApi, type Ran } from './support.ts';

const ACK = 'POST /api/v1/incidents/x/acknowledge';
let api: FakeApi;
afterEach(async () => {
  await api?.close();
});

const ack = (more: readonly string[] = [], timeoutMs = 5000): Promise<Ran> =>
  tocsin(['ack', 'x', ...more], { env: { TOCSIN_URL: api.url, TOCSIN_TOKEN: TOKEN }, timeoutMs });

test.each([
  [400, { title: 'broken', problems: [{ at: 'by', message: 'unknown' }] }, 64, 'by: unknown'],
  [401, { title: 'no token' }, 1, 'TOCSIN_TOKEN'],
  [403, { title: 'viewers may not' }, 1, 'this token may not do that'],
  [404, { title: 'no incident x' }, 2, 'no incident x'],
  [
    409,
    { detail: 'it is resolved', allowed: ['addNote', 'set-severity', 'reopen'] },
    1,
    'possible now: note, severity, reopen',
  ],
  [429, { title: 'slowly' }, 69, 'not acknowledged'],
  [500, { title: 'oops' }, 69, 'not acknowledged'],
  [503, { detail: 'nobody was paged' }, 69, 'nobody was paged'],
] as const)('%i %j ends with its exit code and says why', async (status, body, exitCode, words) => {
  api = await fakeApi({ [ACK]: json(status, body) });
  const { code, out, err } = await ack();
  expect({ code, out }).toEqual({ code: exitCode, out: '' });
  expect(err).toContain(words);
  expect(err).not.toContain(TOKEN);
});

const mislabelled: typeof silence = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end(JSON.stringify(anIncident()));
};

test.each([
  ['a page in HTML with 200', html(200)],
  ['a page in HTML with 404', html(404)],
  ['an incident that is not called JSON', mislabelled],
  ['JSON that is not about an incident', json(200, { ok: true })],
  ['an acceptance that is not pending', json(202, anIncident())],
  ['a list', json(200, [])],
  ['a redirect to a sign-in page', json(302, {}, { location: '/login' })],
])('%s is never taken for success', async (_, reply) => {
  api = await fakeApi({ [ACK]: reply });
  const { code, out, err } = await ack();
  expect({ code, out }).toEqual({ code: 69, out: '' });
  expect(err).toContain('not acknowledged');
  expect(api.seen).toHaveLength(1);
});

test('a server that never answers is given up within the time allowed, which is 10 s or less', async () => {
  api = await fakeApi({ [ACK]: silence });
  const begun = Date.now();
  const { code, err } = await ack([], 400);
  expect(code).toBe(69);
  expect(Date.now() - begun).toBeLessThan(1500);
  expect(err).toContain('no answer within 0.4 s');
  expect(err).toMatch(/--request-id [0-9A-Z]{26}/);
  expect(DEFAULT_TIMEOUT_MS).toBeLessThanOrEqual(10_000);
});

test('a server that is not there: not acknowledged, and where it was looked for', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, 'close');
  const { code, err } = await tocsin(['ack', 'x'], { env: { TOCSIN_URL: `http://127.0.0.1:${port}` } });
  expect(code).toBe(69);
  expect(err).toContain(`not acknowledged: http://127.0.0.1:${port}: ECONNREFUSED`);
  expect(err).toContain('tocsin up');
});

test('a lost connection and a 503 are tried again with the same key', async () => {
  api = await fakeApi({ [ACK]: [hangUp, json(503, {}), json(200, anIncident())] });
  const { code } = await ack();
  expect(code).toBe(0);
  expect(api.seen).toHaveLength(3);
  expect(new Set(api.seen.map(({ key }) => key)).size).toBe(1);
});

test('two invocations have two keys, and --request-id repeats an earlier one', async () => {
  api = await fakeApi({ [ACK]: json(200, anIncident()) });
  await ack();
  await ack();
  await ack(['--request-id', 'mine-1']);
  const keys = api.seen.map(({ key }) => key);
  expect(new Set(keys).size).toBe(3);
  expect(keys[2]).toBe('mine-1');
});

test('a reason that the server repeats among its problems is said once', async () => {
  api = await fakeApi({ [ACK]: json(409, { detail: 'it is over', problems: [{ at: '', message: 'it is over' }] }) });
  expect((await ack()).err).toBe('tocsin: refused: it is over\n');
});

describe('--json', () => {
  test.each([
    ['an answer', json(200, { ...anIncident({ title: 'a\u0007b\u202ec\u009b' }), changed: true }), 0],
    ['a pending one', json(202, { pending: true }), 0],
    ['a refusal', json(409, { detail: 'it is resolved', allowed: ['reopen'] }), 1],
    ['silence', silence, 69],
  ])('%s is one JSON value, and safe to show', async (_, reply, exitCode) => {
    api = await fakeApi({ [ACK]: reply });
    const { code, out } = await ack(['--json'], 400);
    expect(code).toBe(exitCode);
    const value = JSON.parse(out) as Record<string, unknown>;
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    expect(out.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    if (exitCode !== 0) expect(value['error']).toMatchObject({ exitCode, message: expect.any(String) });
  });

  test('keeps the text as it was', async () => {
    const title = 'a\u0007b\u202ec\u009b';
    api = await fakeApi({ [ACK]: json(200, anIncident({ title })) });
    const { out } = await ack(['--json']);
    expect((JSON.parse(out) as { title: string }).title).toBe(title);
  });
});
