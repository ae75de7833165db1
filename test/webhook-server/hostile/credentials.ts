/** A: credentials, signatures and replays. */
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import {
  bearer,
  startTestHttpServer,
  rawRequest,
  HTTP_TEST_SECRETS,
  type TestHttpServer,
} from '../support/test-http-server.ts';
import {
  reportedBySenders,
  ALERTMANAGER_ROUTE,
  validCredentials,
  statusCodes,
  VALID_BODY,
  validRequest,
  type HostileCase,
} from './hostile-case.ts';

const GRAFANA = '/webhooks/grafana';
const signature = (body: string, at: number | string = Math.floor(Date.now() / 1000)): string =>
  createHmac('sha256', HTTP_TEST_SECRETS.HMAC).update(`${at}:${body}`).digest('hex');

const signed = (hex: string, at: number | string = Math.floor(Date.now() / 1000)): Record<string, string> => ({
  'x-grafana-alerting-signature': hex,
  'x-signed-at': String(at),
});

const turnedAway =
  (headers: Record<string, string>, path = ALERTMANAGER_ROUTE): HostileCase['act'] =>
  async (edge) => {
    const answer = await edge.post(path, VALID_BODY, headers);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  };

/** By hand, since clients would not send such headers. */
const authorizations =
  (...lines: string[]): HostileCase['act'] =>
  async ({ url }) => {
    const sent = validRequest('\r\nConnection: close').replace(
      /Authorization: .*\r\n/,
      lines.map((line) => `Authorization: ${line}\r\n`).join(''),
    );
    // Node itself refuses some bytes in a header.
    expect([[400], [401]]).toContainEqual(statusCodes(await rawRequest(url, Buffer.from(sent, 'latin1'))));
  };

const AM = `Bearer ${HTTP_TEST_SECRETS.AM_TOKEN}`;

async function sameAnswer(edge: TestHttpServer): Promise<void> {
  const [none, wrong] = await Promise.all([
    edge.post(ALERTMANAGER_ROUTE, VALID_BODY),
    edge.post(ALERTMANAGER_ROUTE, VALID_BODY, bearer('wrong')),
  ]);
  expect([none.status, wrong.status]).toEqual([401, 401]);
  expect(await none.text()).toBe(await wrong.text());
  const names = ({ headers }: Response): readonly string[] => [...headers.keys()].filter((name) => name !== 'date');
  expect(names(none)).toEqual(names(wrong));
}

async function inTheQuery(edge: TestHttpServer): Promise<void> {
  for (const name of ['token', 'access_token', 'key'])
    expect((await edge.post(`${ALERTMANAGER_ROUTE}?${name}=${HTTP_TEST_SECRETS.AM_TOKEN}`, VALID_BODY)).status).toBe(
      401,
    );
}

async function sentTwice(edge: TestHttpServer): Promise<void> {
  const at = Math.floor(Date.now() / 1000);
  const headers = signed(signature(VALID_BODY, at), at);
  const answers = [await edge.post(GRAFANA, VALID_BODY, headers), await edge.post(GRAFANA, VALID_BODY, headers)];
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  expect(new Set(reportedBySenders(edge).map(({ declaration }) => declaration.workflowId)).size).toBe(1);
}

async function replayed(edge: TestHttpServer): Promise<void> {
  for (const minutes of [-10, 10]) {
    const at = Math.floor(Date.now() / 1000) + minutes * 60;
    await turnedAway(signed(signature(VALID_BODY, at), at), GRAFANA)(edge);
  }
}

const oddTime = (at: string): HostileCase['act'] => turnedAway(signed(signature(VALID_BODY, at), at), GRAFANA);

async function jargon({ url }: TestHttpServer): Promise<void> {
  const jwt = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"admin"}')}.`;
  for (const headers of [
    bearer(jwt),
    { cookie: `session=${jwt}; __Host-session=x` },
    { authorization: `JWT ${jwt}` },
  ]) {
    const answer = await fetch(`${url}/api/v1/incidents`, { headers });
    const text = await answer.text();
    expect(answer.status).toBe(401);
    expect(text).not.toMatch(/jwt|alg|secret|at .*\.ts|node_modules/i);
  }
}

interface Caller {
  readonly port: number;
  readonly from: string;
  readonly headers: Record<string, string>;
  readonly host?: string;
}

/** A POST from one of this machine's many addresses. */
function postFrom({ port, from, headers, host = '127.0.0.1' }: Caller): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        port,
        host,
        localAddress: from,
        method: 'POST',
        path: ALERTMANAGER_ROUTE,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (res) => void res.resume().once('end', () => resolve(res.statusCode ?? 0)),
    );
    asked.once('error', reject).end(VALID_BODY);
  });
}

/** Wrong tokens for people: one address is told to wait, whatever it says about whom it speaks for. */
async function guesses(forwardedFor: (n: number) => Record<string, string>): Promise<void> {
  const edge = await startTestHttpServer({ server: { host: '0.0.0.0' } });
  const { port } = edge.server;
  const guess = async (n: number): Promise<number> =>
    (
      await fetch(`http://127.0.0.1:${port}/api/v1/incidents`, {
        headers: { ...bearer(`guess-${n}`), ...forwardedFor(n) },
      })
    ).status;
  const said = new Set<number>();
  for (let n = 0; n < 300; n += 50)
    for (const status of await Promise.all(Array.from({ length: 50 }, (_, i) => guess(n + i)))) said.add(status);
  expect(said).toEqual(new Set([401, 429]));
  expect(await guess(1001)).toBe(429);
  // A right token is never held back, and the sender next via is not even noticed.
  expect((await fetch(`http://127.0.0.1:${port}/api/v1/oncall`, { headers: bearer(edge.tokens.viewer) })).status).toBe(
    200,
  );
  expect(await postFrom({ port, from: '127.0.0.2', headers: validCredentials })).toBe(202);
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  // Senders hear 401 for ever: they would not come back after a 429 either.
  expect(await postFrom({ port, from: '127.0.0.1', headers: bearer('x') })).toBe(401);
  expect(edge.logged.length).toBeLessThan(300);
  await edge.close();
}

/** Two IPv4 neighbours through one IPv6 socket are not one network. */
async function dualStack(): Promise<void> {
  const edge = await startTestHttpServer({ server: { host: '::' } });
  const { port } = edge.server;
  const ask = (from: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const call = { port, host: '127.0.0.1', localAddress: from, path: '/api/v1/incidents', headers: bearer('x') };
      request(call, (res) => void res.resume().once('end', () => resolve(res.statusCode ?? 0)))
        .once('error', reject)
        .end();
    });
  for (let n = 0; n <= 200; n += 1) await ask('127.0.0.3');
  expect(await Promise.all([ask('127.0.0.3'), ask('127.0.0.4')])).toEqual([429, 401]);
  await edge.close();
}

async function noFirstRun({ url }: TestHttpServer): Promise<void> {
  for (const path of [
    '/setup',
    '/install',
    '/api/v1/setup',
    '/api/v1/bootstrap',
    '/api/v1/tokens',
    '/api/v1/users',
    '/login',
    '/register',
    '/admin',
    '/debug',
    '/.env',
  ])
    for (const method of ['GET', 'POST'])
      expect([path, (await fetch(url + path, { method })).status]).toEqual([path, 404]);
}

export const CREDENTIALS: readonly HostileCase[] = [
  { id: 'A01', what: 'no credential looks like a wrong one', act: sameAnswer },
  { id: 'A03', what: 'a wrong token of another length', act: turnedAway(bearer('x')) },
  { id: 'A03', what: 'a very long wrong token', act: turnedAway(bearer('x'.repeat(8000))) },
  {
    id: 'A03',
    what: 'the beginning of the right token',
    act: turnedAway(bearer(HTTP_TEST_SECRETS.AM_TOKEN.slice(0, -1))),
  },
  ...[
    `Bearer am-secret -token`,
    `${AM} more`,
    `${AM}\u00e9`,
    `${AM}\u007f`,
    `Bearer${HTTP_TEST_SECRETS.AM_TOKEN}`,
    HTTP_TEST_SECRETS.AM_TOKEN,
    `Token ${HTTP_TEST_SECRETS.AM_TOKEN}`,
    '',
  ].map((line) => ({
    id: 'A04',
    what: `a credential such as ${JSON.stringify(line.replace(HTTP_TEST_SECRETS.AM_TOKEN, '…'))}`,
    act: authorizations(line),
  })),
  {
    id: 'A04',
    what: 'a NUL in the header',
    act: async ({ url }) =>
      expect(statusCodes(await rawRequest(url, validRequest().replace(AM, `${AM}\0`), 300))).toEqual([400]),
  },
  { id: 'A06', what: 'two credentials, the first right', act: authorizations(AM, 'Bearer x') },
  { id: 'A06', what: 'two credentials, the second right', act: authorizations('Bearer x', AM) },
  { id: 'A07', what: 'the token in the address', act: inTheQuery },
  ...['undefined', 'null', '[object Object]', '0', 'true', '""'].map((token) => ({
    id: 'A09',
    what: `the token ${token}`,
    act: authorizations(`Bearer ${token}`),
  })),
  { id: 'A09', what: "another source's token", act: turnedAway(bearer(HTTP_TEST_SECRETS.GENERIC_TOKEN)) },
  { id: 'A09', what: "a person's token", act: (edge) => turnedAway(bearer(edge.tokens.admin))(edge) },
  { id: 'A10', what: 'a signature over another body', act: turnedAway(signed(signature(`${VALID_BODY} `)), GRAFANA) },
  {
    id: 'A10',
    what: 'a wrong signature beside the right token',
    act: turnedAway({ ...validCredentials, ...signed('0'.repeat(64)) }, GRAFANA),
  },
  ...[
    (hex: string) => hex.toUpperCase(),
    (hex: string) => `sha256=${hex}`,
    (hex: string) => Buffer.from(hex, 'hex').toString('base64'),
    (hex: string) => `${hex} `.repeat(2),
  ].map((form, n) => ({
    id: 'A12',
    what: `a signature in form ${n}`,
    act: turnedAway(signed(form(signature(VALID_BODY))), GRAFANA),
  })),
  ...[0, 1, 16, 63].map((length) => ({
    id: 'A13',
    what: `the first ${length} digits of the signature`,
    act: turnedAway(signed(signature(VALID_BODY).slice(0, length)), GRAFANA),
  })),
  { id: 'A15', what: 'the same signed request twice', incidents: 2, act: sentTwice },
  { id: 'A16', what: 'a signed request of ten minutes ago, or to come', act: replayed },
  ...['NaN', '1e9', '-1', '99999999999999999999', '', ' 1', '0x10'].map((at) => ({
    id: 'A18',
    what: `the time "${at}"`,
    act: oddTime(at),
  })),
  { id: 'A18', what: 'no time', act: turnedAway({ 'x-grafana-alerting-signature': signature(VALID_BODY) }, GRAFANA) },
  { id: 'A22', what: 'tokens of kinds we do not have', act: jargon },
  { id: 'A24', what: 'hundreds of wrong tokens from one address', act: () => guesses(() => ({})) },
  {
    id: 'A25',
    what: 'the same behind made-up X-Forwarded-For',
    act: () =>
      guesses((n) => ({
        'x-forwarded-for': `10.1.${n % 250}.${n % 199}`,
        'x-real-ip': `10.2.0.${n % 250}`,
        forwarded: `for=10.3.0.${n % 250}`,
      })),
  },
  { id: 'A28', what: 'neighbours through a dual-stack socket', act: dualStack },
  { id: 'A30', what: 'no first-run addresses', act: noFirstRun },
];
