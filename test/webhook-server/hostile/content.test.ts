/** Odd content of messages that are right otherwise: it is repaired or refused by name, and an alert still pages. */
import { base, startTestHttpServer, type TestHttpServer } from '../support/test-http-server.ts';
import { validCredentials, expectHealthy } from './hostile-case.ts';

let edge: TestHttpServer;
beforeAll(async () => {
  edge = await startTestHttpServer();
});
afterAll(() => edge.close());
beforeEach(() => {
  edge.reportedAlerts.length = 0;
});
afterEach(() => expectHealthy(edge));

test('alerts that are missing or no list are refused by name, without an echo', async () => {
  for (const alerts of [undefined, 'sent-text', {}, null]) {
    const answer = await edge.post('/webhooks/alertmanager', base({ alerts }), validCredentials);
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
  expect((await edge.post('/webhooks/alertmanager', base({}, alert), validCredentials)).status).toBe(202);
  const [routed] = edge.reportedAlerts;
  expect(edge.reportedAlerts.length).toBe(1);
  const json = JSON.stringify(routed);
  expect(json.isWellFormed()).toBe(true);
  expect(json.length).toBeLessThan(200_000);
  expect(routed?.declaration.workflowId).toMatch(/^inc-[a-z0-9-]{1,60}$/);
  expect(routed?.alerts[0]?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
});

test.each(['3', '5', undefined, 4])('version %p is read all the same', async (version) => {
  expect((await edge.post('/webhooks/alertmanager', base({ version }), validCredentials)).status).toBe(202);
});

test.each([`${'x'.repeat(5000)}`, deep, '__proto__', 'constructor'])(
  'a group key such as %.20p makes a sound id',
  async (groupKey) => {
    expect(
      (await edge.post('/webhooks/alertmanager', base({ groupKey, groupLabels: { g: groupKey } }), validCredentials))
        .status,
    ).toBe(202);
    expect(edge.reportedAlerts[0]?.declaration.workflowId).toMatch(/^inc-platform-[0-9a-f]{20}$/);
  },
);

test.each<[string, string]>([
  ['200 000 lists', `{"alerts":[],"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ['200 000 objects', `{"alerts":[{"annotations":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_001)}]}`],
  ['a list', '[]'],
  ['null', 'null'],
])('%s: 400', async (_, sent) => {
  expect((await edge.post('/webhooks/alertmanager', sent, validCredentials)).status).toBe(400);
});

test('brackets in a text are no depth', async () => {
  expect((await edge.post('/webhooks/alertmanager', base({ x: '["\\'.repeat(100) }), validCredentials)).status).toBe(
    202,
  );
});
