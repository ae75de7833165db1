/** Hostile input, one row a case: the answer, that nothing was opened by it, and that an honest alert still gets in. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { base, bearer, openHttpEdge, rawRequest, SECRETS, type HttpEdge } from './support/http-edge.ts';

let edge: HttpEdge;
beforeAll(async () => {
  edge = await openHttpEdge();
});
afterAll(() => edge.close());
beforeEach(() => {
  edge.reported.length = 0;
});
afterEach(async () => {
  edge.reported.length = 0;
  expect((await edge.post('/webhooks/alertmanager', base(), right)).status).toBe(202);
  expect(edge.reported.length).toBe(1);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  const logged = JSON.stringify(edge.logged);
  for (const secret of Object.values(SECRETS)) expect(logged).not.toContain(secret);
});

const right = bearer(SECRETS.AM_TOKEN);
const text = JSON.stringify(base());
const head = (lines: string, method = 'POST'): string =>
  `${method} /webhooks/alertmanager HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${SECRETS.AM_TOKEN}\r\nContent-Type: application/json\r\n${lines}\r\n\r\n`;
const whole = (extra = ''): string => head(`Content-Length: ${text.length}${extra}`) + text;

test.each([
  [
    'length and chunks at once',
    head('Content-Length: 4\r\nTransfer-Encoding: chunked') + '0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n',
    400,
  ],
  ['two lengths', head('Content-Length: 2\r\nContent-Length: 3') + '{}', 400],
  ['a blank before the colon', head('Transfer-Encoding : chunked') + '0\r\n\r\n', 400],
  ['bare line feeds', head('Content-Length: 2').replaceAll('\r\n', '\n') + '{}', 400],
  ['two Hosts', whole('\r\nHost: b'), 400],
  ['no Host', whole().replace('Host: a\r\n', ''), 400],
  ['a header of 20 kB', whole(`\r\nX: ${'x'.repeat(20_000)}`), 431],
  ['2 000 headers', whole('\r\nX: 1'.repeat(2000)), 431],
  ['101 headers', whole('\r\nX: 1'.repeat(101)), 431],
  ['an expectation nobody meets', whole('\r\nExpect: 200-ok'), 417],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['an address of 20 kB', whole().replace('/webhooks/alertmanager', `/${'x'.repeat(20_000)}`), 431],
])('framing: %s', async (_, bytes, status) => {
  const answers = (await rawRequest(edge.url, bytes, 400)).match(/^HTTP\/1.1 \d+/gm);
  expect(answers).toEqual([`HTTP/1.1 ${status}`]);
  expect(edge.reported).toEqual([]);
});

test('CONNECT is hung up on', async () => {
  expect(await rawRequest(edge.url, 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 400)).toBe('');
});

test('a sender that closes its half after the body is still heard', async () => {
  const { hostname, port } = new URL(edge.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true }, () => socket.end(whole()));
  const answer = await new Promise((resolve) => socket.setEncoding('utf8').once('data', resolve));
  socket.destroy();
  expect(answer).toMatch(/^HTTP\/1.1 202/);
  expect(edge.reported.length).toBe(1);
});

const TYPE = 'content-type';
test.each<[string, string | Uint8Array, Record<string, string>, number]>([
  ['brotli', text, { 'content-encoding': 'br' }, 415],
  ['gzip', gzipSync(text), { 'content-encoding': 'gzip' }, 415],
  ['gzip twice', text, { 'content-encoding': 'gzip, gzip' }, 415],
  ['zstd', text, { 'content-encoding': 'zstd' }, 415],
  ['an encoding nobody knows', text, { 'content-encoding': 'x' }, 415],
  ['identity', text, { 'content-encoding': 'identity' }, 202],
  ['an empty body', '', {}, 400],
  ['text/plain', text, { [TYPE]: 'text/plain' }, 415],
  ['utf-7', text, { [TYPE]: 'application/json; charset=utf-7' }, 415],
  ['latin 1', text, { [TYPE]: 'application/json; charset=iso-8859-1' }, 415],
  ['a file', text, { [TYPE]: 'multipart/form-data; boundary=x' }, 415],
  ['a form', 'a=b', { [TYPE]: 'application/x-www-form-urlencoded' }, 415],
  ['utf-8, said aloud', text, { [TYPE]: 'application/json; charset="UTF-8"' }, 202],
  ['a byte order mark', `\ufeff${text}`, {}, 202],
  [
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from('{"alerts":[],"x":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')]),
    {},
    400,
  ],
  ['cut JSON', '{"alerts":[', {}, 400],
  ['a comment', '{"alerts":[]/**/}', {}, 400],
  ['a comma too many', '{"alerts":[],}', {}, 400],
  ['NaN', '{"alerts":NaN}', {}, 400],
  ['200 000 lists', `{"alerts":[],"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, {}, 400],
  ['200 000 objects', `{"alerts":[{"annotations":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_001)}]}`, {}, 400],
  ['brackets in a text are no depth', JSON.stringify(base({ x: '["\\'.repeat(100) })), {}, 202],
  ['a list', '[]', {}, 400],
  ['null', 'null', {}, 400],
])('body: %s → %4$i', async (_, body, headers, status) => {
  const answer = await edge.post('/webhooks/alertmanager', body, { ...right, ...headers });
  expect(answer.status).toBe(status);
  if (status !== 202) expect(await answer.json()).toMatchObject({ status, problems: expect.any(Array) });
  expect(edge.reported.length).toBe(status === 202 ? 1 : 0);
});

test('no Content-Type: 415', async () => {
  expect(await rawRequest(edge.url, whole().replace('Content-Type: application/json\r\n', ''), 400)).toMatch(
    /^HTTP\/1.1 415/,
  );
});

test('an encoding is refused before the credential is looked at', async () => {
  expect((await edge.post('/webhooks/alertmanager', 'x', { 'content-encoding': 'br' })).status).toBe(415);
});

test('a byte too many: 413, said to the sender', async () => {
  const body = Buffer.alloc(16 * 1024 * 1024 + 1, 0x20);
  expect((await edge.post('/webhooks/alertmanager', body, right)).status).toBe(413);
});

test('16 MiB are taken', async () => {
  const start = text.slice(0, -1) + ',"pad":"';
  const body = start + 'x'.repeat(16 * 1024 * 1024 - start.length - 2) + '"}';
  expect((await edge.post('/webhooks/alertmanager', body, right)).status).toBe(202);
});

test('chunks without end: 413, and reading stops', async () => {
  const { hostname, port } = new URL(edge.url);
  let sent = 0;
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const answer = await new Promise<string>((resolve) => {
    let got = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(head('Transfer-Encoding: chunked'));
      const more = (): void => {
        while (!socket.destroyed && sent < 2_000_000_000 && socket.write(chunk)) sent += chunk.length;
        if (sent < 2_000_000_000) socket.once('drain', more);
      };
      more();
    });
    socket.setEncoding('utf8').on('data', (data: string) => (got += data));
    socket.on('error', () => undefined).on('close', () => resolve(got));
  });
  expect(answer).toMatch(/^HTTP\/1.1 413/);
  expect(sent).toBeLessThan(2_000_000_000);
});

test('alerts that are missing or no list are refused by name, without an echo', async () => {
  for (const alerts of [undefined, 'sent-text', {}, null]) {
    const answer = await edge.post('/webhooks/alertmanager', base({ alerts }), right);
    const body = await answer.text();
    expect([answer.status, JSON.parse(body)]).toMatchObject([400, { problems: [{ at: 'alerts' }] }]);
    expect(body).not.toContain('sent-text');
  }
});

const deep = '\ud800';
test.each([
  ['a prototype as a label', { labels: JSON.parse('{"__proto__":{"severity":"critical","polluted":1}}') as object }],
  ['labels: null', { labels: null }],
  ['labels: a list', { labels: ['x'] }],
  ['labels: a text', { labels: 'x' }],
  ['labels of every type', { labels: { a: 1, b: true, c: null, d: {}, e: [] } }],
  ['label names of every kind', { labels: { 'a.b c"': 'x', '😀': 'y', 'a\nb': 'z' } }],
  [
    '1 000 long labels',
    { labels: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}`.repeat(300), 'v'.repeat(9000)])) },
  ],
  ['lone surrogates', { labels: { alertname: deep, [deep]: deep }, annotations: { summary: deep } }],
  ['a fingerprint as a number', { fingerprint: Number('12345678901234567890') }],
  ['a start on 30 February', { startsAt: '2026-02-30T00:00:00Z' }],
  ['annotations: null', { annotations: null }],
  ['a homoglyph severity', { labels: { alertname: 'x', severity: 'сritical' } }],
])('content: %s still pages', async (_, alert) => {
  expect((await edge.post('/webhooks/alertmanager', base({}, alert), right)).status).toBe(202);
  const [sighting] = edge.reported;
  expect(edge.reported.length).toBe(1);
  const json = JSON.stringify(sighting);
  expect(json.isWellFormed()).toBe(true);
  expect(json.length).toBeLessThan(200_000);
  expect(sighting?.opening.workflowId).toMatch(/^inc-[a-z0-9-]{1,60}$/);
  expect(sighting?.alerts[0]?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
});

test.each(['3', '5', undefined, 4])('version %p is read all the same', async (version) => {
  expect((await edge.post('/webhooks/alertmanager', base({ version }), right)).status).toBe(202);
});

test.each([`${'x'.repeat(5000)}`, deep, '__proto__', 'constructor'])(
  'a group key such as %.20p makes a sound id',
  async (groupKey) => {
    expect(
      (await edge.post('/webhooks/alertmanager', base({ groupKey, groupLabels: { g: groupKey } }), right)).status,
    ).toBe(202);
    expect(edge.reported[0]?.opening.workflowId).toMatch(/^inc-platform-[0-9a-f]{20}$/);
  },
);

test.each([
  '/api/v1/incidents/%2e%2e/%2e%2e/admin',
  '/api/v1/incidents/a%00b',
  '/api/v1/incidents/%2e%2e%2fetc%2fpasswd',
  '/api/v1/incidents/INC-1%0a',
])('%s leads nowhere', async (path) => {
  const answer = await fetch(edge.url + path, { headers: bearer(edge.tokens.admin) });
  expect(answer.status).toBe(404);
});

test('a path that cannot be decoded is a 400', async () => {
  expect((await fetch(`${edge.url}/ack/%zz`)).status).toBe(400);
});
