/** Room for senders' messages: counted before they are read, given back when they are answered. */
import { connect, type Socket } from 'node:net';
import { createLoadLimiter, DEFAULT_LOAD_LIMITS } from '../../../webhook-server/http/load-limiter.ts';
import { HttpProblem } from '../../../webhook-server/http/problem.ts';
import { base, bearer, startTestHttpServer, rawRequest, HTTP_TEST_SECRETS } from '../support/test-http-server.ts';

const MIB = 1024 * 1024;
const small = { requests: 2, bytes: 100 };
const limits = { authenticated: small, unverified: { requests: 1, bytes: 10 } };

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('too many, or too much: 503 to come again within five seconds, on another connection', () => {
  const load = createLoadLimiter(limits);
  const first = load.admit(60, 'authenticated');
  expect(() => load.admit(41, 'authenticated')).toThrow(HttpProblem);
  load.admit(40, 'authenticated');
  try {
    load.admit(0, 'authenticated');
    throw new Error('taken');
  } catch (error) {
    const { status, extras } = error as HttpProblem;
    expect([status, extras.headers?.['Connection'], extras.reason]).toEqual([503, 'close', 'overload']);
    expect(Number(extras.headers?.['Retry-After'])).toBeGreaterThanOrEqual(1);
    expect(Number(extras.headers?.['Retry-After'])).toBeLessThanOrEqual(5);
  }
  first.release();
  first.release();
  expect(() => load.admit(61, 'authenticated')).toThrow(HttpProblem);
  load.admit(60, 'authenticated');
});

test('what comes without a length is counted as it comes', () => {
  const load = createLoadLimiter(limits);
  const place = load.admit(0, 'authenticated');
  place.reportBytes(70);
  place.reportBytes(60);
  const other = load.admit(10, 'authenticated');
  other.reportBytes(10);
  expect(() => other.reportBytes(31)).toThrow(HttpProblem);
  other.release();
  other.reportBytes(1000);
  load.admit(30, 'authenticated');
});

test('those who only claim a signature cannot use up the room of those who showed a token', () => {
  const load = createLoadLimiter(limits);
  load.admit(10, 'unverified');
  expect(() => load.admit(0, 'unverified')).toThrow(HttpProblem);
  load.admit(100, 'authenticated');
});

test('one message of the largest size always fits into an empty house', () => {
  for (const { bytes } of Object.values(DEFAULT_LOAD_LIMITS)) expect(bytes).toBeGreaterThanOrEqual(16 * MIB);
});

/** A request for the largest body that sends all of it but the last byte, and then waits. */
function held(port: number, headers: string, body: Buffer): Promise<{ socket: Socket; answer: () => string }> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        `POST /webhooks/grafana HTTP/1.1\r\nHost: a\r\n${headers}Content-Type: application/json\r\nContent-Length: ${body.length + 1}\r\n\r\n`,
      );
      socket.write(body, () => resolve({ socket, answer: () => got }));
    });
    socket.setEncoding('utf8').on('data', (text: string) => (got += text));
    socket
      .on('error', () => resolve({ socket, answer: () => got }))
      .on('close', () => resolve({ socket, answer: () => got }));
  });
}

test('forty bodies of 16 MiB at once take no more memory than the limit, and the probes are answered', async () => {
  const edge = await startTestHttpServer();
  const body = Buffer.alloc(16 * MIB - 1, 0x20);
  const before = process.memoryUsage().arrayBuffers;
  const token = `Authorization: Bearer ${HTTP_TEST_SECRETS.AM_TOKEN}\r\n`;
  const claimed = `X-Grafana-Alerting-Signature: ${'0'.repeat(64)}\r\n`;
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, n) => held(edge.server.port, n % 2 ? token : claimed, body)),
  );
  await wait(200);
  const grown = process.memoryUsage().arrayBuffers - before;
  // Both accounts, and what the sockets themselves have read and not handed on.
  expect(grown).toBeLessThan(DEFAULT_LOAD_LIMITS.authenticated.bytes + DEFAULT_LOAD_LIMITS.unverified.bytes + 64 * MIB);
  const shed = all.filter(({ answer }) => answer().startsWith('HTTP/1.1 503'));
  expect(shed.length).toBe(40 - 6);
  for (const { answer } of shed) expect(answer()).toMatch(/retry-after: [1-5]\r\n/i);
  for (const path of ['/healthz', '/readyz', '/metrics', '/api/v1/oncall']) {
    const answer = await fetch(edge.url + path, { headers: bearer(edge.tokens.viewer) });
    expect([path, answer.status]).toEqual([path, 200]);
  }
  expect(await (await fetch(`${edge.url}/metrics`)).text()).toContain('{source="grafana",reason="overload"} 34');
  expect(edge.reportedAlerts).toEqual([]); // an overload is no message lost: nobody is told
  for (const { socket } of all) socket.destroy();
  await wait(100);
  expect((await edge.post('/webhooks/grafana', base(), bearer(HTTP_TEST_SECRETS.AM_TOKEN))).status).toBe(202);
  await edge.close();
});

test('hundreds of small messages at once are all taken', async () => {
  const edge = await startTestHttpServer();
  const answers = await Promise.all(
    Array.from({ length: 400 }, () => edge.post('/webhooks/alertmanager', base(), bearer(HTTP_TEST_SECRETS.AM_TOKEN))),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  await edge.close();
});

test('a body cut into single bytes costs what its bytes cost', async () => {
  const edge = await startTestHttpServer();
  const bytes = 200_000;
  const text = `POST /webhooks/alertmanager HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${HTTP_TEST_SECRETS.AM_TOKEN}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  const answer = await rawRequest(edge.url, `${text}${'1\r\n \r\n'.repeat(bytes)}2\r\n{}\r\n0\r\n\r\n`, 10_000);
  expect(answer).toMatch(/^HTTP\/1.1 400/);
  expect(answer).toContain('"at":"alerts"');
  await edge.close();
});
