/** A whole webhook server takes another configuration, with Temporal and the database away all the time. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openConfigSource, type ConfigSource } from '../../config/config-source.ts';
import { loadConfig } from '../../config/load.ts';
import { connectClient, temporalSettings } from '../../runtime/temporal-connection.ts';
import { startWebhookServer, type WebhookServer } from '../../webhook-server/start-webhook-server.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import { until } from '../support/until.ts';
import { unavailableRecords } from './support/test-records.ts';
import { base, bearer } from './support/test-http-server.ts';

const ADMIN = 'an-admin-token-of-this-test';
const log = pino({ enabled: false });
let home: string;
let source: ConfigSource;
let server: WebhookServer;
let sinks: readonly [PageSink, PageSink];
let closeClient: () => Promise<void>;

const yaml = ({ token = 'old-source-token', more = '', sink = sinks[0] } = {}): string => `
publicUrl: http://tocsin.example
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink.url}/ana" }] }
teams:
  platform: { onCall: ana }
sources:
  alertmanager: { token: ${token} }
routes:
  - team: platform
${more}`;
const write = (text: string): void => writeFileSync(join(home, 'tocsin.yaml'), text);

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-reload-'));
  sinks = [await startPageSink(['ana']), await startPageSink(['ana'])];
  write(yaml({ more: 'lastResort: { after: off }\n' }));
  const load = () => loadConfig({ env: {}, cwd: home, mustExist: true });
  source = openConfigSource({ first: load(), load, log });
  // Nobody answers there, now or later.
  const { client, close } = connectClient(temporalSettings({ address: '127.0.0.1:1', namespace: 'default' }, {}));
  closeClient = close;
  server = await startWebhookServer({
    ...{
      source,
      connection: client.connection,
      namespace: 'default',
      records: unavailableRecords(),
      secret: 'a secret',
    },
    ...{ home, host: '127.0.0.1', port: 0, adminToken: ADMIN, log },
  });
}, 60_000);
afterEach(async () => {
  await server.drain();
  await closeClient();
  for (const sink of sinks) {
    expect(sink.unexpected).toEqual([]);
    await sink.close();
  }
  rmSync(home, { recursive: true });
}, 60_000);

const post = (path: string, body: unknown, token: string): Promise<Response> =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify(body),
  });
const reload = (token = ADMIN): Promise<Response> => post('/api/v1/config/reload', {}, token);
let groups = 0;
/** A group that nobody has heard of; the answer's status. */
async function alert(token: string, path = '/webhooks/alertmanager'): Promise<number> {
  groups += 1;
  const body = path.endsWith('generic')
    ? { key: `g${groups}`, status: 'firing', title: 'x' }
    : base({ groupKey: `{}:{n="${groups}"}` });
  return (await post(path, body, token)).status;
}
const ready = async (): Promise<Record<string, unknown>> =>
  (await (await fetch(`${server.url}/readyz`)).json()) as Record<string, unknown>;
const metric = async (name: string): Promise<string | undefined> =>
  new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`${server.url}/metrics`)).text())?.[1];

test('[CMD-11] tokens, sources and teams of the new file hold at once, the old ones no more; the spool waits on', async () => {
  expect([await alert('old-source-token'), await alert('new-source-token')]).toEqual([202, 401]);
  expect(await alert('new-source-token', '/webhooks/generic')).toBe(404);
  expect(await ready()).toMatchObject({ spooled: 1 });
  write(
    yaml({ token: 'new-source-token', more: 'lastResort: { after: off }\n' })
      .replace('sources:', 'sources:\n  generic: { token: new-source-token }')
      .replace('platform: {', 'data: { onCall: ana }\n  platform: {'),
  );
  const answer = await reload();
  expect([answer.status, await answer.json()]).toMatchObject([
    200,
    {
      changed: ['sources', 'teams'],
      needsRestart: [],
      notYet: expect.any(Array),
      serves: ['server'],
      digest: source.state().digest,
    },
  ]);
  expect([await alert('old-source-token'), await alert('new-source-token')]).toEqual([401, 202]);
  expect(await alert('new-source-token', '/webhooks/generic')).toBe(202);
  expect(await ready()).toMatchObject({ spooled: 3, temporal: 'down' });
  const oncall = await fetch(`${server.url}/api/v1/oncall`, { headers: bearer(ADMIN) });
  expect(await oncall.json()).toMatchObject({ oncall: [{ team: 'data' }, { team: 'platform' }] });
});

test('[CMD-11] a broken file: 422 with every mistake, its line and its file; the old one still works', async () => {
  write(yaml({ token: 'new-source-token' }).replace('onCall: ana', 'onCall: bob').replace('routes:', 'rutes:'));
  const answer = await reload();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
  const { detail, problems } = (await answer.json()) as { detail: string; problems: { file: string; line: number }[] };
  expect(detail).toBe('the new configuration is refused; the last good one is kept');
  expect(problems.length).toBeGreaterThanOrEqual(2);
  expect(problems.every(({ file, line }) => file === join(home, 'tocsin.yaml') && (line > 0 || line === null))).toBe(
    true,
  );
  expect(JSON.stringify(problems)).not.toContain('source-token');
  expect([await alert('old-source-token'), await alert('new-source-token')]).toEqual([202, 401]);
  expect(await metric('tocsin_config_last_reload_successful')).toBe('0');
  write(yaml({ token: 'new-source-token' }));
  expect((await reload()).status).toBe(200);
  expect(await metric('tocsin_config_last_reload_successful')).toBe('1');
  expect(Number(await metric('tocsin_config_last_reload_success_timestamp_seconds'))).toBeCloseTo(
    Date.now() / 1000,
    -2,
  );
});

test('[CMD-11] two at once come one after the other, and each is in the audit with what came of it', async () => {
  write(yaml({ token: 'new-source-token' }));
  const answers = await Promise.all([reload(), reload()]);
  const changed = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { changed: [] }).changed));
  expect(changed.sort((a, b) => a.length - b.length)).toEqual([[], ['lastResort', 'sources']]);
  write('people: 7\n');
  await reload();
  expect((await reload('no-token-at-all')).status).toBe(401);
  const lines = (): readonly Record<string, unknown>[] =>
    readdirSync(join(home, 'audit'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) =>
        readFileSync(join(home, 'audit', name), 'utf8')
          .trim()
          .split('\n'),
      )
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ command }) => command === 'config.reload');
  await until(async () => lines().length === 4, 5_000);
  expect(lines().map(({ outcome }) => outcome)).toEqual(['done', 'unchanged', 'refused', 'refused']);
});

test('[CMD-11] paging while Temporal is away is switched on, off and on by reloads, and follows people; what waited is paged', async () => {
  expect(await alert('old-source-token')).toBe(202);
  write(yaml({ more: 'lastResort: { after: 1s }\n', sink: sinks[1] }));
  const at = Date.now();
  expect((await reload()).status).toBe(200);
  const page = await sinks[1].waitFor('page at the new address', () => true, 10_000);
  expect(page.at - at).toBeGreaterThanOrEqual(1_000);
  write(yaml({ more: 'publicUrl: http://other.example\nlastResort: { after: off }\n' }).replace(/publicUrl.*\n/, ''));
  await reload();
  expect(await alert('old-source-token')).toBe(202);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect([sinks[0].received.length, sinks[1].received.length]).toEqual([0, 1]);
  write(yaml({ more: 'publicUrl: http://other.example\nlastResort: { after: 1s }\n' }).replace(/publicUrl.*\n/, ''));
  await reload();
  const second = await sinks[0].waitFor('page at the old address', () => true, 10_000);
  expect(second.page.incident.url).toMatch(/^http:\/\/other\.example\//);
  await new Promise((resolve) => setTimeout(resolve, 500));
  // Each group once: what was sent before is remembered through all of it.
  expect([sinks[0].received.length, sinks[1].received.length]).toEqual([1, 1]);
});
