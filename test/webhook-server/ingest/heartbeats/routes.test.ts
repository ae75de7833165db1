/** The address of heartbeats: who may beat, what is answered. */
import { NotDurable } from '../../../../webhook-server/delivery/durable-delivery.ts';
import {
  startTestHttpServer,
  bearer,
  HTTP_TEST_SECRETS,
  HTTP_TEST_YAML,
  type TestHttpServer,
} from '../../support/test-http-server.ts';

const BEATS = `heartbeats:
  Watchdog: { every: 5m }
  backup: { every: 26h, token: backup-token }
  local: { every: 5m, token: none }
`;
const known = ['Watchdog', 'backup', 'local'];
let beaten: string[];
let edge: TestHttpServer;
beforeAll(async () => {
  edge = await startTestHttpServer({
    yaml: HTTP_TEST_YAML + BEATS,
    heartbeats: {
      beat: async (name, at) => {
        expect(Math.abs(Date.now() - at)).toBeLessThan(5_000);
        beaten.push(name);
        return known.includes(name) ? 'beaten' : 'unknown';
      },
    },
  });
});
beforeEach(() => {
  beaten = [];
});
afterAll(() => edge.close());

const url = (name: string): string => `${edge.url}/webhooks/heartbeat/${name}`;
const basic = { authorization: `Basic ${Buffer.from(`cron:${HTTP_TEST_SECRETS.AM_TOKEN}`).toString('base64')}` };

test.each([
  ['POST', bearer(HTTP_TEST_SECRETS.AM_TOKEN)],
  ['GET', bearer(HTTP_TEST_SECRETS.GENERIC_TOKEN)],
  ['HEAD', bearer(HTTP_TEST_SECRETS.AM_TOKEN)],
  ['GET', basic],
])('[HEART-1] %s with the credential of any source: 202', async (method, headers) => {
  const answer = await fetch(url('Watchdog'), { method, headers });
  expect(answer.status).toBe(202);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  if (method !== 'HEAD') expect(await answer.json()).toEqual({ heartbeat: 'Watchdog' });
  expect(beaten).toEqual(['Watchdog']);
});

test('a body is passed over, whatever it is', async () => {
  const answer = await fetch(url('Watchdog'), {
    method: 'POST',
    headers: bearer(HTTP_TEST_SECRETS.AM_TOKEN),
    body: '{not json',
  });
  expect(answer.status).toBe(202);
});

test('a heartbeat with a token of its own takes that and no other', async () => {
  expect((await fetch(url('backup'), { headers: bearer('backup-token') })).status).toBe(202);
  for (const headers of [{}, bearer(HTTP_TEST_SECRETS.AM_TOKEN), bearer('backup'), bearer(edge.tokens.admin)]) {
    expect((await fetch(url('backup'), { headers })).status).toBe(401);
  }
  expect((await fetch(url('Watchdog'), { headers: bearer('backup-token') })).status).toBe(401);
  expect(beaten).toEqual(['backup']);
});

test('token: none is for this machine, and this is this machine', async () => {
  expect((await fetch(url('local'))).status).toBe(202);
});

test('an unknown name is a 404 for who may beat at all, and a 401 without a credential', async () => {
  expect((await fetch(url('nobody'), { headers: bearer(HTTP_TEST_SECRETS.AM_TOKEN) })).status).toBe(404);
  expect((await fetch(url('__proto__'), { headers: bearer(HTTP_TEST_SECRETS.AM_TOKEN) })).status).toBe(404);
  expect((await fetch(url('nobody'))).status).toBe(401);
  expect((await fetch(url('a%2Fb'), { headers: bearer(HTTP_TEST_SECRETS.AM_TOKEN) })).status).toBe(404);
});

test('not durable: 503, and when to come again', async () => {
  const away = await startTestHttpServer({
    yaml: HTTP_TEST_YAML + BEATS,
    heartbeats: { beat: () => Promise.reject(new NotDurable('away')) },
  });
  const answer = await fetch(`${away.url}/webhooks/heartbeat/local`, { method: 'POST' });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  await away.close();
});
