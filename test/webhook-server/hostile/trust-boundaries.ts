/** T, V, P: what goes on to Temporal, what pages and answers give away, what people may say and ask. */
import { IncidentsUnavailable } from '../../../webhook-server/incidents/incident-queries.ts';
import { unavailableRecords } from '../support/test-records.ts';
import { base, bearer, startTestHttpServer, viewOf, type TestHttpServer } from '../support/test-http-server.ts';
import { reportedBySenders, ALERTMANAGER_ROUTE, validCredentials, type HostileCase } from './hostile-case.ts';

/** Throws at anything that JSON would change: Temporal carries JSON. */
function insistOnPlain(value: unknown, at = ''): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') return expect([at, Number.isFinite(value)]).toEqual([at, true]);
  expect([at, typeof value]).toEqual([at, 'object']);
  if (Array.isArray(value)) return value.forEach((item, n) => insistOnPlain(item, `${at}[${n}]`));
  const prototype: unknown = Object.getPrototypeOf(value);
  expect([at, prototype === null || prototype === Object.prototype]).toEqual([at, true]);
  for (const [key, item] of Object.entries(value as object)) insistOnPlain(item, `${at}.${key}`);
}

async function plainOnly(edge: TestHttpServer): Promise<void> {
  const odd = { labels: { a: 1, b: true, c: null, d: {}, e: 1e308, f: -0 }, annotations: { g: 2 ** 60 }, startsAt: 5 };
  expect((await edge.post(ALERTMANAGER_ROUTE, base({}, odd), validCredentials)).status).toBe(202);
  insistOnPlain(reportedBySenders(edge));
}

async function hashedIds(edge: TestHttpServer): Promise<void> {
  for (const text of ['a/b', 'a\nb', '<b>', '../..', 'x'.repeat(5000), '\ud800', '__proto__'])
    expect((await edge.post(ALERTMANAGER_ROUTE, base({ groupKey: text }), validCredentials)).status).toBe(202);
  for (const { declaration } of reportedBySenders(edge))
    expect(declaration.workflowId).toMatch(/^inc-platform-[0-9a-f]{20}$/);
  expect(new Set(reportedBySenders(edge).map(({ declaration }) => declaration.workflowId)).size).toBe(7);
}

async function noSecretsInArguments(edge: TestHttpServer): Promise<void> {
  expect((await edge.post(ALERTMANAGER_ROUTE, base(), validCredentials)).status).toBe(202);
  expect(JSON.stringify(reportedBySenders(edge))).not.toMatch(/secret/i);
}

/** No worker and no records: an answer, not a wait. */
async function nobodyCanTell(): Promise<void> {
  const away = (): Promise<never> => Promise.reject(new IncidentsUnavailable('no worker answers'));
  const edge = await startTestHttpServer({ gateway: { show: away, timeline: away } });
  for (const path of ['inc-x-1', 'inc-x-1/timeline', 'inc-x-1/export?format=json', 'INC-2026-001']) {
    const begun = Date.now();
    const answer = await fetch(`${edge.url}/api/v1/incidents/${path}`, { headers: bearer(edge.tokens.viewer) });
    expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '5']);
    expect(Date.now() - begun).toBeLessThan(2000);
  }
  await edge.close();
}

/** GET changes nothing, and neither does HEAD. */
async function nothingByGet({ url, tokens }: TestHttpServer): Promise<void> {
  for (const command of ['acknowledge', 'resolve', 'close'])
    for (const method of ['GET', 'HEAD'])
      expect(
        (await fetch(`${url}/api/v1/incidents/inc-x-1/${command}`, { method, headers: bearer(tokens.admin) })).status,
      ).toBe(405);
}

async function noMassAssignment(edge: TestHttpServer): Promise<void> {
  const { url, tokens } = edge;
  const extras: readonly object[] = [
    { actor: 'ceo' },
    { at: '1999' },
    { phase: 'closed' },
    { __proto__: null, constructor: {} },
  ];
  for (const extra of extras) {
    const told = await edge.post(
      '/api/v1/incidents/inc-x-1/acknowledge',
      JSON.stringify(extra),
      bearer(tokens.responder),
    );
    const declared = await edge.post(
      '/api/v1/incidents',
      JSON.stringify({ title: 'x', severity: 'SEV4', ...extra }),
      bearer(tokens.responder),
    );
    expect([extra, told.status, declared.status]).toEqual([extra, 400, 400]);
  }
  const polluting = await fetch(`${url}/api/v1/incidents/inc-x-1/acknowledge`, {
    method: 'POST',
    headers: { ...bearer(tokens.responder), 'content-type': 'application/json' },
    body: '{"__proto__":{"polluted":1,"by":"ceo"}}',
  });
  expect(polluting.status).not.toBe(200);
}

/** Searches are text, whatever they look like; what is no text is refused by name. */
async function searches(): Promise<void> {
  const asked: unknown[] = [];
  const list = (query: unknown): Promise<never> => {
    asked.push((query as { q?: unknown }).q);
    return Promise.resolve({ incidents: [], next: null } as never);
  };
  const edge = await startTestHttpServer({ records: { ...unavailableRecords(), state: () => 'up', list } });
  const get = async (query: string): Promise<number> =>
    (await fetch(`${edge.url}/api/v1/incidents?${query}`, { headers: bearer(edge.tokens.viewer) })).status;
  const texts = ['%', '_', '*', '\\', "' OR 1=1 --", '(a+)+$', '\u0000', '<b>'];
  for (const text of texts) expect([200, 400]).toContain(await get(`q=${encodeURIComponent(text)}`));
  for (const text of asked) expect(texts).toContain(text);
  for (const query of ['q[$ne]=1', 'q=a&q=b', 'limit=99999999', 'limit=-1', 'limit=1e3', 'team=__proto__', 'nowhere=1'])
    expect([query, await get(query)]).toEqual([query, 400]);
  expect(await get(`q=${'x'.repeat(10_000)}`)).toBe(414);
  await edge.close();
}

async function quietErrors({ url, tokens }: TestHttpServer): Promise<void> {
  for (const path of [
    '/secret-path',
    '/api/v1/secret-path',
    '/ack/secret-path/x',
    '/status/secret-path',
    '/favicon.ico',
    '/%',
  ]) {
    const answer = await fetch(url + path, { headers: bearer(tokens.admin) });
    const text = await answer.text();
    expect([path, [400, 404].includes(answer.status), answer.headers.get('content-type')]).toEqual([
      path,
      true,
      'application/problem+json',
    ]);
    expect(text).not.toMatch(/secret-path|express|node|at .*\.(ts|js)|favicon/i);
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('server')).toBeNull();
  }
}

/** What breaks inside is told without its words. */
async function quietBugs(): Promise<void> {
  const broken = (): Promise<never> => Promise.reject(new TypeError('secret-detail of postgres://user:pass@db'));
  const edge = await startTestHttpServer({ gateway: { report: broken, show: broken } });
  const asked = [
    await edge.post(ALERTMANAGER_ROUTE, base(), validCredentials),
    await fetch(`${edge.url}/api/v1/incidents/inc-x-1`, { headers: bearer(edge.tokens.viewer) }),
  ];
  for (const answer of asked) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.text()).not.toMatch(/secret-detail|postgres|TypeError|stack/);
  }
  await edge.close();
}

async function noOtherOrigins({ url }: TestHttpServer): Promise<void> {
  for (const path of ['/status', '/status.json', '/status/feed.atom', '/openapi.json', '/healthz']) {
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await fetch(`${url}${path}?callback=evil`, {
        method,
        headers: { origin: 'http://evil.example', 'accept-language': '../../x' },
      });
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(await answer.text()).not.toContain('evil');
    }
  }
}

async function exportsStayAtHome(): Promise<void> {
  const show = (id: string): Promise<ReturnType<typeof viewOf>> => Promise.resolve(viewOf({ workflowId: id }));
  const edge = await startTestHttpServer({ gateway: { show } });
  const ids = [
    '../../etc/passwd',
    '%2e%2e%2f',
    'a%2f..%2f..%2fb',
    '%2fetc%2fpasswd',
    '..%5c..%5cx',
    'inc-x-1%2e%2e',
    'inc-x-1%00',
    'INC-2026-001%2f..',
  ];
  for (const id of ids)
    for (const kind of ['export?format=json', 'postmortem']) {
      const answer = await fetch(`${edge.url}/api/v1/incidents/${id}/${kind}`, { headers: bearer(edge.tokens.viewer) });
      expect([id, answer.status]).toEqual([id, 404]);
    }
  await edge.close();
}

export const TRUST_BOUNDARIES: readonly HostileCase[] = [
  { id: 'T01', what: 'only plain JSON goes on', incidents: 1, act: plainOnly },
  { id: 'T02', what: 'no text of a sender is in an id', incidents: 7, act: hashedIds },
  { id: 'T04', what: 'no secret is in what goes on', incidents: 1, act: noSecretsInArguments },
  { id: 'T07', what: 'no worker and no records: an answer within 2 s', act: nobodyCanTell },
  { id: 'V04', what: 'GET changes nothing', act: nothingByGet },
  { id: 'V09', what: 'who and when are not the body’s to say', act: noMassAssignment },
  { id: 'V13', what: 'searches of every kind', act: searches },
  { id: 'V16', what: 'errors say nothing of the inside', act: quietErrors },
  { id: 'V16', what: 'what breaks says nothing of the inside', act: quietBugs },
  { id: 'P06', what: 'no JSONP, no other origins', act: noOtherOrigins },
  { id: 'P11', what: 'exports by odd ids', act: exportsStayAtHome },
];
