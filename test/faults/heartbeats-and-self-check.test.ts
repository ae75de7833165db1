/** Real processes: what is watched and who watches Tocsin, while all is well and while Temporal is killed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startFakeApi, type FakeApi } from '../support/fake-api.ts';
import { systemTestYaml, NO_DATABASE, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin, type RunningProcess } from '../support/tocsin-processes.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import { startTestTemporal, type TestTemporal } from '../support/test-temporal.ts';
import { until } from '../support/until.ts';

let home: string;
let sink: PageSink;
let outside: FakeApi;
let temporal: TestTemporal;
let url: string;
let parts: readonly RunningProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-watching-'));
  [sink, temporal] = await Promise.all([startPageSink(['ana', 'bo', 'eve']), startTestTemporal()]);
  outside = await startFakeApi(({ path }) => (/^\/(ping|ping\/fail|ops)$/.test(path) ? { status: 200 } : null));
  const [port = 0] = await choosePorts(1);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  const watching = `heartbeats: { Watchdog: { every: 3s, grace: 3s } }
lastResort: { heartbeat: "${outside.url}/ping", every: 5s, contact: [{ webhook: "${outside.url}/ops" }] }
`;
  writeFileSync(config, systemTestYaml({ sink: sink.url, publicUrl: url }) + watching);
  const common = {
    ...SYSTEM_TEST_SECRETS,
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: NO_DATABASE,
    TOCSIN_HOME: home,
  };
  const env = { ...common, TOCSIN_CONFIG: config, PORT: String(port) };
  parts = await Promise.all([
    startTocsin({ args: ['worker'], env, ready: async () => true }),
    startTocsin({ args: ['server'], env, ready: () => isOk(`${url}/readyz`) }),
  ]);
});

afterAll(async () => {
  await Promise.all(parts.map((part) => part.kill()));
  await Promise.all([temporal.stop(), sink.close(), outside.close()]);
  rmSync(home, { recursive: true, force: true });
});

const asked = (path: string): number => outside.requests.filter((one) => one.path === path).length;

/** As a cron job does it, once a second until told to stop. */
function beating(): { readonly statuses: number[]; readonly stop: () => Promise<void> } {
  const statuses: number[] = [];
  let on = true;
  const job = (async () => {
    while (on) {
      const headers = { authorization: `Bearer ${SYSTEM_TEST_SECRETS.AM_TOKEN}` };
      const begunAt = Date.now();
      const answer = await fetch(`${url}/webhooks/heartbeat/Watchdog`, { headers });
      expect(Date.now() - begunAt).toBeLessThan(5_000);
      statuses.push(answer.status);
      await sleep(1_000);
    }
  })();
  return {
    statuses,
    stop: () => {
      on = false;
      return job;
    },
  };
}

test('[HEART-1] [HEART-2] [SELF-1] [SELF-2] Temporal is killed: no false alarm, but the last resort hears; a silent heartbeat pages', async () => {
  const heart = beating();
  await until(async () => asked('/ping') > 1, 60_000);
  await temporal.kill();
  await until(async () => asked('/ping/fail') > 0 && asked('/ops') > 0, 30_000);
  expect(new Set(heart.statuses)).toEqual(new Set([202, 503]));
  const pings = asked('/ping');
  await temporal.restart();
  await until(async () => asked('/ping') > pings && asked('/ops') === 2, 60_000);
  await sleep(3_000);
  expect([heart.statuses.at(-1), sink.received.length]).toEqual([202, 0]);
  await heart.stop();
  const { page } = await sink.waitFor('page of its silence', ({ person }) => person === 'ana', 20_000);
  expect(page).toMatchObject({ kind: 'page', incident: { title: 'Watchdog has fallen silent', severity: 'SEV2' } });
  expect(page.incident.summary).toContain('Nothing was heard of Watchdog since');
  expect(
    outside.requests.filter(({ path }) => path === '/ops').map(({ body }) => (body as { kind: string }).kind),
  ).toEqual(['page', 'notification']);
  expect([sink.unexpected, outside.unexpected]).toEqual([[], []]);
});
