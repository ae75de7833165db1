/** W: transport and framing, byte by byte over sockets. */
import { connect, type Socket } from 'node:net';
import { base, bearer, startTestHttpServer, rawRequest, type TestHttpServer } from '../support/test-http-server.ts';
import {
  requestHead,
  ALERTMANAGER_ROUTE,
  validCredentials,
  statusCodes,
  VALID_BODY,
  validRequest,
  type HostileCase,
} from './hostile-case.ts';

const smuggled = `GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`;

/** Exactly one answer with this code, then the line is dead or silent. */
const raw =
  (bytes: string, status: number): HostileCase['act'] =>
  async ({ url }) =>
    expect(statusCodes(await rawRequest(url, bytes, 300))).toEqual([status]);

const method =
  (name: string): HostileCase['act'] =>
  async ({ url }) => {
    const answer = await fetch(url + ALERTMANAGER_ROUTE, { method: name, headers: validCredentials });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  };

const path =
  (wanted: string, status: number): HostileCase['act'] =>
  async ({ url, tokens }) => {
    const answer = await rawRequest(
      url,
      `GET ${wanted} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${tokens.admin}\r\nConnection: close\r\n\r\n`,
    );
    expect(statusCodes(answer)).toEqual([status]);
    expect(answer).not.toMatch(/passwd|admin|\.\./);
  };

async function halfClosed({ server }: TestHttpServer): Promise<void> {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }, () =>
    socket.end(validRequest()),
  );
  const answer = await new Promise<string>((resolve) => socket.setEncoding('utf8').once('data', resolve));
  socket.destroy();
  expect(statusCodes(answer)).toEqual([202]);
}

/** The sender is gone before the answer: what it sent counts, and writing to nobody hurts nobody. */
async function goneBeforeTheAnswer({ server, reportedAlerts }: TestHttpServer): Promise<void> {
  const socket = connect(server.port, '127.0.0.1', () => socket.write(validRequest(), () => socket.destroy()));
  for (const end = Date.now() + 2000; reportedAlerts.length === 0 && Date.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A body that never comes: 408, and its place is free again. */
async function silence(): Promise<void> {
  const one = { requests: 1, bytes: 1000 };
  const edge = await startTestHttpServer({
    server: { requestMs: 700 },
    limits: { authenticated: one, unverified: one },
  });
  const slow = rawRequest(edge.url, requestHead('Content-Length: 100') + 'x', 5000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const shed = await edge.post(ALERTMANAGER_ROUTE, base(), validCredentials);
  expect([shed.status, shed.headers.get('connection')]).toEqual([503, 'close']);
  expect(Number(shed.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(statusCodes(await slow)).toEqual([408]);
  expect((await edge.post(ALERTMANAGER_ROUTE, base(), validCredentials)).status).toBe(202);
  await edge.close();
}

/** Thousands of connections that ask nothing: whoever asks is still heard. */
async function hoarders(): Promise<void> {
  const edge = await startTestHttpServer({ server: { maxConnections: 200 } });
  const sockets: Socket[] = [];
  const settled: Promise<unknown>[] = [];
  for (let i = 0; i < 1000; i += 1) {
    const socket = connect(edge.server.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    settled.push(new Promise((resolve) => socket.once('connect', resolve).once('close', resolve)));
  }
  await Promise.all(settled);
  expect(statusCodes(await rawRequest(edge.url, smuggled, 1000))).toEqual([200]);
  expect(statusCodes(await rawRequest(edge.url, validRequest(), 1000))).toEqual([202]);
  for (const socket of sockets) socket.destroy();
  await edge.close();
}

/** Links are made of the configured address only, whatever the request calls us. */
async function otherHost({ url, signer }: TestHttpServer): Promise<void> {
  const answer = await rawRequest(url, validRequest('\r\nConnection: close').replace('Host: a', 'Host: evil.example'));
  expect(statusCodes(answer)).toEqual([202]);
  expect(answer).toContain('http://tocsin.example/incidents/');
  const token = signer.sign({ workflowId: 'inc-x-1', incidentId: 'E', person: 'ana', cycle: 1 });
  const pages = ['/status', '/status/feed.atom', '/openapi.json', `/ack/${token}`, '/nowhere'];
  const asked = pages.map((page) =>
    rawRequest(
      url,
      `GET ${page} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n`,
    ),
  );
  expect([answer, ...(await Promise.all(asked))].join('')).not.toContain('evil.example');
}

async function variants({ url }: TestHttpServer): Promise<void> {
  const hook = ALERTMANAGER_ROUTE.split('/');
  for (const variant of [
    `/${hook.join('//')}`,
    ALERTMANAGER_ROUTE.toUpperCase(),
    `${ALERTMANAGER_ROUTE}%2f`,
    `${ALERTMANAGER_ROUTE};x`,
    `/./${ALERTMANAGER_ROUTE}`,
    `${ALERTMANAGER_ROUTE}/x`,
  ]) {
    const answer = await rawRequest(url, validRequest('\r\nConnection: close').replace(ALERTMANAGER_ROUTE, variant));
    expect([variant, statusCodes(answer)]).toEqual([variant, [404]]);
  }
}

export const FRAMING: readonly HostileCase[] = [
  {
    id: 'W01',
    what: 'length and chunks at once',
    act: raw(requestHead('Content-Length: 4\r\nTransfer-Encoding: chunked') + `0\r\n\r\n${smuggled}`, 400),
  },
  { id: 'W02', what: 'two lengths', act: raw(requestHead('Content-Length: 2\r\nContent-Length: 3') + '{}', 400) },
  {
    id: 'W04',
    what: 'a blank before the colon',
    act: raw(requestHead('Transfer-Encoding : chunked') + '0\r\n\r\n', 400),
  },
  {
    id: 'W05',
    what: 'bare line feeds',
    act: raw(requestHead('Content-Length: 2').replaceAll('\r\n', '\n') + '{}', 400),
  },
  { id: 'W07', what: 'two Hosts', act: raw(validRequest('\r\nHost: b'), 400) },
  { id: 'W07', what: 'no Host', act: raw(validRequest().replace('Host: a\r\n', ''), 400) },
  { id: 'W08', what: 'a Host that is not ours makes no links', incidents: 1, act: otherHost },
  { id: 'W10', what: 'a header of 20 000 bytes', act: raw(validRequest(`\r\nX: ${'x'.repeat(20_000)}`), 431) },
  {
    id: 'W11',
    what: '2 000 headers, the credential last',
    act: raw(
      `POST ${ALERTMANAGER_ROUTE} HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(2000)}${validRequest().slice(validRequest().indexOf('Authorization'))}`,
      431,
    ),
  },
  { id: 'W11', what: '101 headers', act: raw(validRequest('\r\nX: 1'.repeat(101)), 431) },
  { id: 'W13', what: 'an expectation nobody meets', act: raw(validRequest('\r\nExpect: 200-ok'), 417) },
  {
    id: 'W14',
    what: 'CONNECT',
    act: async ({ url }) => expect(await rawRequest(url, 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 300)).toBe(''),
  },
  {
    id: 'W16',
    what: 'Grafana may PUT',
    incidents: 1,
    act: async ({ url }) =>
      expect(
        (
          await fetch(`${url}/webhooks/grafana`, {
            method: 'PUT',
            headers: { ...validCredentials, 'content-type': 'application/json' },
            body: VALID_BODY,
          })
        ).status,
      ).toBe(202),
  },
  ...['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'].map((name) => ({
    id: 'W17',
    what: `${name} where one POSTs`,
    act: method(name),
  })),
  { id: 'W19', what: 'a length of 100, one byte, silence', act: silence },
  { id: 'W20', what: 'the sender closes its half after the body', incidents: 1, act: halfClosed },
  { id: 'W20', what: 'the sender is gone before the answer', incidents: 1, act: goneBeforeTheAnswer },
  { id: 'W22', what: 'five times as many silent connections as there is room for', act: hoarders },
  { id: 'W23', what: 'the preface of HTTP/2', act: raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400) },
  ...['/api/v1/incidents/%2e%2e/%2e%2e/admin', '/webhooks/%2e%2e/%2e%2e/admin', '/status/..%2f..%2fadmin'].map(
    (wanted) => ({ id: 'W25', what: wanted, act: path(wanted, 404) }),
  ),
  ...['/api/v1/incidents/a%00b', '/api/v1/incidents/INC-1%0a', '/ack/a%00b', '/api/v1/incidents/a%00b/timeline'].map(
    (wanted) => ({ id: 'W26', what: wanted, act: path(wanted, 404) }),
  ),
  { id: 'W26', what: 'a path that cannot be decoded', act: path('/ack/%zz', 400) },
  { id: 'W28', what: 'variants of the path lead nowhere', act: variants },
  {
    id: 'W29',
    what: 'an address of 15 000 characters',
    act: raw(validRequest().replace(ALERTMANAGER_ROUTE, `${ALERTMANAGER_ROUTE}?x=${'x'.repeat(15_000)}`), 414),
  },
  {
    id: 'W29',
    what: 'an address of 20 000 characters',
    act: raw(validRequest().replace(ALERTMANAGER_ROUTE, `/${'x'.repeat(20_000)}`), 431),
  },
  {
    id: 'W22',
    what: 'a wrong credential on every one of a hundred connections',
    act: async ({ url }) => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () =>
          fetch(url + ALERTMANAGER_ROUTE, {
            method: 'POST',
            headers: { ...bearer('x'), 'content-type': 'application/json' },
            body: VALID_BODY,
          }),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    },
  },
];
