/** Senders: who is let in, what is answered, and that 202 is said only when it is durable. */
import { createHmac } from 'node:crypto';
import { NotDurable } from '../../../webhook-server/delivery/durable-delivery.ts';
import {
  base,
  bearer,
  startTestHttpServer,
  rawRequest,
  HTTP_TEST_SECRETS,
  HTTP_TEST_YAML,
  type TestHttpServer,
} from '../support/test-http-server.ts';

let edge: TestHttpServer;
beforeEach(async () => {
  edge = await startTestHttpServer();
});
afterEach(() => edge.close());

const right = bearer(HTTP_TEST_SECRETS.AM_TOKEN);

test('202 with where to look, under the configured address whatever Host says', async () => {
  const answer = await edge.post('/webhooks/alertmanager', base(), { ...right, 'x-forwarded-host': 'evil.example' });
  expect(answer.status).toBe(202);
  const id = edge.reportedAlerts[0]?.declaration.workflowId;
  expect(await answer.json()).toEqual({
    incidents: [{ workflowId: id, url: `http://tocsin.example/incidents/${id}` }],
  });
});

test('only what the gateway opened or told is answered; nothing to say is an empty list', async () => {
  const told = await startTestHttpServer({ gateway: { report: () => Promise.resolve([]) } });
  const resolved = await told.post(
    '/webhooks/alertmanager',
    base({ status: 'resolved' }, { status: 'resolved' }),
    right,
  );
  await told.close();
  expect([resolved.status, await resolved.json()]).toEqual([202, { incidents: [] }]);
  const empty = await edge.post('/webhooks/alertmanager', base({ alerts: [] }), right);
  expect([empty.status, await empty.json()]).toEqual([202, { incidents: [] }]);
});

test('a slash at the end, and PUT from Grafana, arrive as well', async () => {
  const body = JSON.stringify(base({ version: '1', orgId: 1 }));
  const headers = { ...right, 'content-type': 'application/json;charset=utf-8' };
  expect((await fetch(`${edge.url}/webhooks/grafana/`, { method: 'PUT', headers, body })).status).toBe(202);
});

test('neither Temporal nor spool: 503 with Retry-After', async () => {
  const down = await startTestHttpServer({ gateway: { report: () => Promise.reject(new NotDurable('disk full')) } });
  const answer = await down.post('/webhooks/alertmanager', base(), right);
  await down.close();
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
});

test('a bug of ours is a 503 that tells nothing of itself', async () => {
  const broken = await startTestHttpServer({
    gateway: { report: () => Promise.reject(new TypeError('secret detail')) },
  });
  const answer = await broken.post('/webhooks/alertmanager', base(), right);
  await broken.close();
  expect([answer.status, (await answer.text()).includes('secret detail')]).toEqual([503, false]);
});

test('a source that is not configured is a 404, even with a token', async () => {
  const few = await startTestHttpServer({ yaml: HTTP_TEST_YAML.replace(/ {2}generic: .*\n/, '') });
  const answer = await few.post('/webhooks/generic', {}, right);
  await few.close();
  expect(answer.status).toBe(404);
});

test.each([
  ['bearer', right, 202],
  ['bearer in another case', { authorization: `bearer ${HTTP_TEST_SECRETS.AM_TOKEN}` }, 202],
  ['basic, password = token', { authorization: `Basic ${btoa(`any:${HTTP_TEST_SECRETS.AM_TOKEN}`)}` }, 202],
  ['no credential', {}, 401],
  ['a wrong one of other length', bearer('x'), 401],
  ['a wrong one of equal length', bearer(HTTP_TEST_SECRETS.AM_TOKEN.replace('a', 'b')), 401],
  ['an extra word', { authorization: `Bearer ${HTTP_TEST_SECRETS.AM_TOKEN} x` }, 401],
  ['the text undefined', bearer('undefined'), 401],
  ['another source’s token', bearer(HTTP_TEST_SECRETS.GENERIC_TOKEN), 401],
])('%s', async (_, headers, status) => {
  expect((await edge.post('/webhooks/alertmanager', base(), headers)).status).toBe(status);
  expect(edge.reportedAlerts.length).toBe(status === 202 ? 1 : 0);
});

test('two Authorization headers are none, and a token in the address is none', async () => {
  const body = JSON.stringify(base());
  const head = `POST /webhooks/alertmanager HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  const two = `Authorization: Bearer ${HTTP_TEST_SECRETS.AM_TOKEN}\r\nAuthorization: Bearer x\r\n\r\n`;
  expect(await rawRequest(edge.url, head + two + body, 500)).toMatch(/^HTTP\/1.1 401/);
  expect((await edge.post(`/webhooks/alertmanager?token=${HTTP_TEST_SECRETS.AM_TOKEN}`, base())).status).toBe(401);
});

test('without authentication only this machine is let in', async () => {
  const open = await startTestHttpServer({
    yaml: HTTP_TEST_YAML.replace('"${AM_TOKEN}"', 'none').replace('http://tocsin.example', 'http://127.0.0.1:8080'),
  });
  const answer = await open.post('/webhooks/alertmanager', base());
  await open.close();
  expect(answer.status).toBe(202);
});

describe('signed by Grafana', () => {
  const body = JSON.stringify(base({ version: '1' }));
  const sign = (at: string, text = body): string =>
    createHmac('sha256', HTTP_TEST_SECRETS.HMAC).update(`${at}:${text}`).digest('hex');
  const signed = (signature: string, at: string): Record<string, string> => ({
    'x-grafana-alerting-signature': signature,
    'x-signed-at': at,
  });
  const now = (): string => String(Math.floor(Date.now() / 1000));

  test('a right signature is enough; the same again is the same incident', async () => {
    const at = now();
    for (let i = 0; i < 2; i += 1)
      expect((await edge.post('/webhooks/grafana', body, signed(sign(at), at))).status).toBe(202);
    expect(new Set(edge.reportedAlerts.map(({ declaration }) => declaration.workflowId)).size).toBe(1);
  });

  test('so is the token alone, but a signature that is there must be right', async () => {
    expect((await edge.post('/webhooks/grafana', body, right)).status).toBe(202);
    expect((await edge.post('/webhooks/grafana', body, { ...right, ...signed('0'.repeat(64), now()) })).status).toBe(
      401,
    );
  });

  test.each([
    ['a changed body', (at: string) => sign(at, `${body} `), now],
    ['an old timestamp', sign, () => String(Number(now()) - 600)],
    ['upper-case hex', (at: string) => sign(at).toUpperCase(), now],
    ['a prefix of the digest', (at: string) => sign(at).slice(0, 32), now],
    ['sha256=', (at: string) => `sha256=${sign(at)}`, now],
    ['timestamp NaN', sign, () => 'NaN'],
    ['timestamp 1e9', sign, () => '1e9'],
    ['timestamp -1', sign, () => '-1'],
    ['a timestamp without end', sign, () => '99999999999999999999'],
    ['an empty timestamp', sign, () => ''],
  ])('%s: 401', async (_, signature, time) => {
    const at = time();
    expect((await edge.post('/webhooks/grafana', body, signed(signature(at), at))).status).toBe(401);
    expect(edge.reportedAlerts).toEqual([]);
  });
});

describe('Grafana’s own vectors: the secret "secret" over the body {}', () => {
  const AT = 1_700_000_000;
  const PLAIN = '77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13';
  const TIMED = '90d1dfc305363e56438c2a03dac8b91f27a9842b7e361afe3743831bca23c856';
  const withSecret = (timestampHeader: string): string =>
    HTTP_TEST_YAML.replace(/ {2}grafana: .*\n/, `  grafana: { hmacSecret: secret${timestampHeader} }\n`);
  /** Let in and not understood (a 400 that names `alerts`) is proof enough: `{}` is no message. */
  const ask = (open: TestHttpServer, method: string, headers: Record<string, string>): Promise<number> =>
    fetch(`${open.url}/webhooks/grafana`, {
      ...{ method, body: '{}' },
      headers: { 'content-type': 'application/json', ...headers },
    }).then(({ status }) => status);
  const SIGNATURE = 'X-Grafana-Alerting-Signature';

  test.each(['POST', 'PUT'])('%s: the body alone', async (method) => {
    const open = await startTestHttpServer({ yaml: withSecret('') });
    const statuses = [
      await ask(open, method, { [SIGNATURE]: PLAIN }),
      await ask(open, method, { [SIGNATURE]: TIMED }),
      await ask(open, method, {}),
    ];
    await open.close();
    expect(statuses).toEqual([400, 401, 401]);
  });

  test.each(['POST', 'PUT'])('%s: with the time, within five minutes of it', async (method) => {
    let now = AT * 1000;
    const open = await startTestHttpServer({ yaml: withSecret(', timestampHeader: X-Time'), now: () => now });
    const timed = { [SIGNATURE]: TIMED, 'x-time': String(AT) };
    const statuses = [await ask(open, method, timed)];
    statuses.push(await ask(open, method, { ...timed, 'x-time': String(AT + 1) }));
    statuses.push(await ask(open, method, { ...timed, [SIGNATURE]: PLAIN }));
    statuses.push(await ask(open, method, { [SIGNATURE]: TIMED }));
    now += 301_000;
    statuses.push(await ask(open, method, timed));
    await open.close();
    expect(statuses).toEqual([400, 401, 401, 401, 401]);
  });
});

describe('alerts by which monitoring watches itself', () => {
  const named = (alertname: string, over: object = {}): object => ({
    ...{ status: 'firing', labels: { alertname, severity: 'critical' }, startsAt: '2026-01-05T08:00:00Z', ...over },
  });
  const beats: [string, number][] = [];
  const heartbeats = {
    beat: (name: string, at: number) => {
      beats.push([name, at]);
      return Promise.resolve('beaten' as const);
    },
  };
  const send = async (alerts: object[], deps: object = { heartbeats }): Promise<[number, unknown, number]> => {
    const yaml = `${HTTP_TEST_YAML}heartbeats: { Watchdog: { every: 5m } }\n`;
    const open = await startTestHttpServer({ ...deps, yaml, now: () => Date.UTC(2026, 0, 6) });
    const answer = await open.post('/webhooks/alertmanager', base({ alerts }), right);
    await open.close();
    return [answer.status, await answer.json(), open.reportedAlerts.length];
  };
  beforeEach(() => (beats.length = 0));

  test('a Watchdog that fires is a heartbeat and no incident, whatever its severity', async () => {
    expect(await send([named('Watchdog')])).toEqual([202, { incidents: [] }, 0]);
    expect(beats).toEqual([['Watchdog', Date.UTC(2026, 0, 6)]]);
  });

  test('of many in one message it is one beat; a resolved one is none', async () => {
    await send([
      named('Watchdog'),
      named('Watchdog', { status: 'resolved', labels: { alertname: 'Watchdog', a: '1' } }),
    ]);
    expect(beats.length).toBe(1);
    await send([named('Watchdog', { status: 'resolved' })]);
    expect(beats.length).toBe(1);
  });

  test('InfoInhibitor is ignored, and so is a Watchdog that nobody configured', async () => {
    expect(await send([named('InfoInhibitor')])).toEqual([202, { incidents: [] }, 0]);
    expect(await send([named('Watchdog')], {})).toEqual([202, { incidents: [] }, 0]);
    expect(beats).toEqual([]);
  });

  test('real alerts beside them are enough for a 202 when the beat is not durable; the beat alone is not', async () => {
    const open = await startTestHttpServer({
      yaml: `${HTTP_TEST_YAML}heartbeats: { Watchdog: { every: 5m } }\n`,
      heartbeats: { beat: () => Promise.reject(new NotDurable('away')) },
    });
    const answer = await open.post(
      '/webhooks/alertmanager',
      base({ alerts: [named('Watchdog'), named('Down')] }),
      right,
    );
    const alone = await open.post('/webhooks/alertmanager', base({ alerts: [named('Watchdog')] }), right);
    await open.close();
    expect([answer.status, open.reportedAlerts.map(({ alerts }) => alerts.length), alone.status]).toEqual([
      202,
      [1],
      503,
    ]);
  });
});

test('entries that are no alerts are said aloud, alerts of which nothing follows are counted', async () => {
  const quiet = { status: 'firing', labels: { alertname: 'x', severity: 'none' } };
  const alerts = [null, quiet, ...(base()['alerts'] as object[])];
  expect((await edge.post('/webhooks/alertmanager', base({ alerts }), right)).status).toBe(202);
  expect(edge.reportedAlerts).toMatchObject([{ truncated: 1, alerts: [{ title: 'Down: It is down' }] }]);
  expect(edge.logged).toContainEqual({ source: 'alertmanager', malformed: 1 });
  const metrics = await (await fetch(`${edge.url}/metrics`)).text();
  expect(metrics).toContain('tocsin_ingest_alerts_total{source="alertmanager",status="ignored"} 1');
});

test('wrong tokens are noted quietly after a while, and a right one always gets in', async () => {
  for (let i = 0; i < 250; i += 1)
    expect((await edge.post('/webhooks/alertmanager', base(), bearer(`x${i}`))).status).toBe(401);
  expect(edge.logged.length).toBeLessThan(220);
  expect((await edge.post('/webhooks/alertmanager', base(), right)).status).toBe(202);
});

test('what was refused is counted by reason, what was taken by status', async () => {
  await edge.post('/webhooks/alertmanager', base(), right);
  await edge.post('/webhooks/alertmanager', '{', right);
  await edge.post('/webhooks/alertmanager', {}, right);
  const metrics = await (await fetch(`${edge.url}/metrics`)).text();
  expect(metrics).toContain('tocsin_ingest_alerts_total{source="alertmanager",status="firing"} 1');
  expect(metrics).toContain('tocsin_ingest_rejected_total{source="alertmanager",reason="json"} 1');
  expect(metrics).toContain('tocsin_ingest_rejected_total{source="alertmanager",reason="invalid"} 1');
  expect(metrics).toContain('tocsin_http_requests_total{route="/webhooks/alertmanager",method="POST",code="202"} 1');
});
