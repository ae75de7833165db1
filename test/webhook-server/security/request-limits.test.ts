/** Every kind of answer carries the security headers, and none that break an installation without TLS. */
import { createHash } from 'node:crypto';
import {
  base,
  bearer,
  startTestHttpServer,
  HTTP_TEST_SECRETS,
  viewOf,
  type TestHttpServer,
} from '../support/test-http-server.ts';

let edge: TestHttpServer;
beforeAll(async () => {
  const show = (workflowId: string) => Promise.resolve(viewOf({ workflowId, id: 'E' }));
  edge = await startTestHttpServer({ gateway: { show } });
});
afterAll(() => edge.close());

const link = (): string =>
  `/ack/${edge.signer.sign({ workflowId: 'inc-x-1', incidentId: 'E', person: 'ana', cycle: 1 })}`;
const token = (): Record<string, string> => bearer(edge.tokens.viewer);
const json = { 'content-type': 'application/json' };

test.each<[string, () => Promise<Response>, number, string]>([
  ['a page of HTML', () => fetch(edge.url + link()), 200, 'text/html'],
  ['a page that says sorry', () => fetch(`${edge.url}/ack/x`), 404, 'text/html'],
  ['the public page, before there is any', () => fetch(`${edge.url}/status`), 503, 'text/html'],
  ['JSON', () => fetch(`${edge.url}/healthz`), 200, 'application/json'],
  ['an answer to HEAD', () => fetch(`${edge.url}/healthz`, { method: 'HEAD' }), 200, 'application/json'],
  ['plain text', () => fetch(`${edge.url}/metrics`), 200, 'text/plain'],
  ['an incident', () => fetch(`${edge.url}/api/v1/incidents/inc-x-1`, { headers: token() }), 200, 'application/json'],
  [
    'a message taken',
    () => edge.post('/webhooks/alertmanager', base(), bearer(HTTP_TEST_SECRETS.AM_TOKEN)),
    202,
    'application/json',
  ],
  [
    '400',
    () => edge.post('/webhooks/alertmanager', '{', bearer(HTTP_TEST_SECRETS.AM_TOKEN)),
    400,
    'application/problem+json',
  ],
  ['401 to a sender', () => edge.post('/webhooks/alertmanager', '{'), 401, 'application/problem+json'],
  ['401 to a person', () => fetch(`${edge.url}/api/v1/incidents`), 401, 'application/problem+json'],
  [
    '403',
    () => fetch(`${edge.url}/api/v1/incidents`, { method: 'POST', headers: { ...token(), ...json }, body: '{}' }),
    403,
    'application/problem+json',
  ],
  ['404', () => fetch(`${edge.url}/nowhere`), 404, 'application/problem+json'],
  ['405', () => fetch(`${edge.url}/healthz`, { method: 'DELETE' }), 405, 'application/problem+json'],
  ['414', () => fetch(`${edge.url}/?${'x'.repeat(9000)}`), 414, 'application/problem+json'],
  [
    '415',
    () => edge.post('/webhooks/alertmanager', 'x', { 'content-encoding': 'br' }),
    415,
    'application/problem+json',
  ],
  ['503', () => fetch(`${edge.url}/api/v1/incidents`, { headers: token() }), 503, 'application/problem+json'],
])('%s', async (_, ask, status, type) => {
  const { headers, ...answer } = await ask().then((got) => ({ status: got.status, headers: got.headers }));
  expect([answer.status, headers.get('content-type')?.split(';')[0]]).toEqual([status, type]);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|upgrade-insecure-requests|\*/);
  expect(
    Object.fromEntries(
      ['x-content-type-options', 'referrer-policy', 'x-frame-options'].map((name) => [name, headers.get(name)]),
    ),
  ).toEqual({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'SAMEORIGIN',
  });
  for (const name of [
    'strict-transport-security',
    'x-powered-by',
    'server',
    'access-control-allow-origin',
    'set-cookie',
    'etag',
  ])
    expect([name, headers.get(name)]).toEqual([name, null]);
});

test('what is about one person or one incident is not kept by caches on the way', async () => {
  expect((await fetch(edge.url + link())).headers.get('cache-control')).toBe('no-store');
});

test('pages bring their own styles and nothing else: every inline style is allowed by its hash, and no script', async () => {
  for (const path of [link(), '/status', '/ack/x']) {
    const answer = await fetch(edge.url + path);
    const text = await answer.text();
    expect(text).not.toMatch(/<script|javascript:|\son\w+=/i);
    const [style = '', ...more] = [...text.matchAll(/<style>([^]*?)<\/style>/g)].map(([, css = '']) => css);
    expect([style.length > 100, more]).toEqual([true, []]);
    const hash = createHash('sha256').update(style).digest('base64');
    expect(answer.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`);
  }
});
