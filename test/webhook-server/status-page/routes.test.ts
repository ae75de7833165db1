/** The public page over HTTP: its three forms, what it never holds, and how it looks when the records are away. */
import express from 'express';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { dispatchRoutes, type DispatchContext } from '../../../webhook-server/http/dispatch.ts';
import { securityHeaders } from '../../../webhook-server/security/request-limits.ts';
import { startServer, type RunningServer } from '../../../webhook-server/http/server.ts';
import { statusPageRoutes } from '../../../webhook-server/api/status-page.ts';
import type { AppDeps } from '../../../webhook-server/dependencies.ts';
import type { PublicEntries } from '../../../webhook-server/status-page/public-page.ts';
import { STYLE } from '../../../webhook-server/console/style.ts';
import { configFromYaml } from '../support/test-http-server.ts';

const AT = Date.parse('2026-11-21T12:00:00Z');
const NO_DISPATCH = { deps: { log: { error: () => undefined, warn: () => undefined } } } as unknown as DispatchContext;

let folder: string;
let server: RunningServer;
let read: PublicEntries['read'];
let config: Config;
let time: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-status-'));
  config = configFromYaml();
  read = async () => [ours];
  time = AT + 900_000;
  const log = { warn: () => undefined } as never;
  const records = { publicPage: ({ since }: { since: number }) => read(since) };
  const routes = statusPageRoutes({
    config: () => config,
    records,
    stateDirectory: folder,
    log,
    now: () => time,
  } as unknown as AppDeps);
  const app = express().use(securityHeaders([STYLE]));
  for (const route of routes) app.all(route.path, dispatchRoutes([route], NO_DISPATCH));
  server = await startServer({ app, host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** As the records give it, and more: what must never come through. */
const ours = {
  component: 'Checkout',
  state: 'Identified',
  impact: 'major',
  nextUpdateAt: AT + 1_800_000,
  incidentId: '01SECRETINCIDENT',
  title: 'db-7.internal down',
  labels: { instance: 'db-7.internal' },
  commander: 'Ana Ruiz',
  note: 'password was hunter2',
  updates: [
    { n: 2, at: AT + 600_000, state: 'Identified', text: 'We know it <b>&</b> fix it.', by: 'Ana Ruiz' },
    { n: 1, at: AT, state: 'Investigating', text: 'We are investigating.', note: 'hunter2' },
  ],
} as const;
const INTERNAL = ['01SECRET', 'db-7', 'Ana', 'hunter2', 'payments', 'platform'];

const get = (path: string): Promise<Response> => fetch(server.url + path);

test('/status.json holds exactly what it promises', async () => {
  const response = await get('/status.json');
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('public, max-age=5');
  expect(await response.json()).toEqual({
    page: 'Example',
    state: 'partial_outage',
    components: [{ name: 'Checkout', state: 'partial_outage' }],
    incidents: [
      {
        title: 'Problem with Checkout',
        state: 'Identified',
        impact: 'major',
        nextUpdateAt: '2026-11-21T12:30:00.000Z',
        updates: [
          { at: '2026-11-21T12:10:00.000Z', state: 'Identified', text: 'We know it <b>&</b> fix it.' },
          { at: '2026-11-21T12:00:00.000Z', state: 'Investigating', text: 'We are investigating.' },
        ],
      },
    ],
  });
});

test.each(['/status', '/status.json', '/status/feed.atom'])('%s: nothing internal ever occurs', async (path) => {
  const response = await get(path);
  const told = (await response.text()) + JSON.stringify([...response.headers]);
  expect(told).toContain('Problem with Checkout');
  for (const word of INTERNAL) expect(told).not.toContain(word);
});

test('the page: no script, words escaped, one style sheet that the security policy knows, and it reloads itself', async () => {
  const response = await get('/status');
  const text = await response.text();
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(response.headers.get('refresh')).toBe('60');
  expect(text).toContain('We know it &lt;b>&amp;&lt;/b> fix it.');
  expect(text).not.toContain('<script');
  const sheets = [...text.matchAll(/<style>([^]*?)<\/style>/g)].map(([, sheet = '']) => sheet);
  const hash = createHash('sha256')
    .update(sheets[0] ?? '')
    .digest('base64');
  expect(sheets).toHaveLength(1);
  expect(response.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`);
  expect(text).not.toContain('cannot be brought up to date');
});

test('[COMM-10] the next update is told in minutes and with its zone; one that is past is promised no longer', async () => {
  expect(await (await get('/status')).text()).toMatch(/Next update in 15 min \(<time[^>]*>12:30 UTC<\/time>\)/);
  time = AT + 1_860_000;
  const late = await (await get('/status')).text();
  expect(late).toContain('An update is due.');
  expect(late).not.toMatch(/Next update|12:30/);
  expect(await (await get('/status.json')).json()).toMatchObject({ incidents: [{ nextUpdateAt: null }] });
});

test('open incidents come first, and the headline and the components agree with them', async () => {
  const old = {
    ...ours,
    component: 'Search',
    updates: [{ n: 1, at: AT - 86_400_000, state: 'Investigating', text: 'Old.' }],
  };
  const over = { ...ours, state: 'Resolved' } as const;
  read = async () => [over, old as never];
  const page = (await (await get('/status.json')).json()) as { incidents: { title: string }[] };
  expect(page).toMatchObject({
    state: 'partial_outage',
    components: [
      { name: 'Checkout', state: 'operational' },
      { name: 'Search', state: 'partial_outage' },
    ],
  });
  expect(page.incidents.map(({ title }) => title)).toEqual(['Problem with Search', 'Problem with Checkout']);
});

test('an open incident without impact: never "all systems operational"', async () => {
  read = async () => [{ ...ours, impact: 'none' }];
  const page = await (await get('/status')).text();
  expect(page).toContain('Operational, with an open incident');
  expect(page).not.toContain('All systems');
});

test('[COMM-8] an update that is renewed keeps its id in the feed', async () => {
  const ids = async () =>
    [...(await (await get('/status/feed.atom')).text()).matchAll(/<id>(urn:[^<]+)<\/id>/g)].map(([, id]) => id);
  const before = await ids();
  const [last, first] = ours.updates;
  read = async () => [{ ...ours, updates: [{ ...last, at: last.at + 60_000, text: 'Still.' }, first] }];
  time += 10_000;
  expect(await ids()).toEqual(before);
});

test('the feed has an entry for each update, the latest first, with ids that stay', async () => {
  const first = await (await get('/status/feed.atom')).text();
  expect([...first.matchAll(/<title type="html"><!\[CDATA\[(.*?)\]\]>/g)].map(([, title]) => title)).toEqual([
    'Problem with Checkout: Identified',
    'Problem with Checkout: Investigating',
  ]);
  expect(first).toContain('http://tocsin.example/status/feed.atom');
  expect(first).toContain('<![CDATA[We know it &lt;b&gt;&amp;&lt;/b&gt; fix it.]]>');
  const ids = (feed: string) => [...feed.matchAll(/<id>(urn:[^<]+)<\/id>/g)].map(([, id]) => id);
  expect(new Set(ids(first)).size).toBe(2);
  expect(ids(await (await get('/status/feed.atom')).text())).toEqual(ids(first));
});

test('a text that no XML may hold, or that would end its wrapping, does no harm to the feed', async () => {
  const text = 'bad \u0000\u0008 \ud800 ]]> <script>';
  read = async () => [{ ...ours, updates: [{ at: AT, state: 'Identified', text }] }];
  const feed = await (await get('/status/feed.atom')).text();
  expect(feed).toContain('<![CDATA[bad  \ufffd ]]&gt; &lt;script&gt;]]>');
});

test('an incident without a component is about our services; a resolved one promises no next update', async () => {
  read = async () => [{ ...ours, component: null, state: 'Resolved' }];
  const page = (await (await get('/status.json')).json()) as { state: string; incidents: object[] };
  expect(page).toMatchObject({ state: 'operational', components: [{ name: 'Checkout', state: 'operational' }] });
  expect(page.incidents[0]).toMatchObject({ title: 'Problem with our services', nextUpdateAt: null });
  expect(await (await get('/status')).text()).toContain('All systems operational');
});

test('the records are away: how it was, and everybody can see that it is old', async () => {
  await get('/status');
  read = () => Promise.reject(new Error('down'));
  time += 3_100;
  const response = await get('/status');
  expect(response.status).toBe(200);
  expect(await response.text()).toMatch(/cannot be brought up to date just now\. It is shown as of/);
  expect((await get('/status.json')).headers.get('tocsin-as-of')).toMatch(/^\d{4}-.*Z$/);
});

test('nothing is known at all: 503, and never that all is well', async () => {
  read = () => Promise.reject(new Error('down'));
  for (const path of ['/status', '/status.json', '/status/feed.atom']) {
    const response = await get(path);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    const told = (await response.text()).replace(/<style>[^]*<\/style>/, '');
    expect(told.toLowerCase()).not.toContain('operational');
  }
});
