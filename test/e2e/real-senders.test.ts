/** Real senders in trouble: what Alertmanager and Prometheus do meanwhile makes one incident, and one page of each. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from '../../activities/ports.ts';
import type { Alertmanager } from '../support/alertmanagers.ts';
import { startAlertmanager } from '../support/alertmanagers.ts';
import type { FaultyProxy } from '../support/faulty-proxy.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { systemTestYaml, NO_DATABASE, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import type { TestPrometheus } from '../support/prometheus.ts';
import { startPrometheus } from '../support/prometheus.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin } from '../support/tocsin-processes.ts';
import type { PageSink } from '../support/page-sink.ts';
import { pagesUnderTwoKeys, startPageSink } from '../support/page-sink.ts';
import { areInstalled } from '../support/if-installed.ts';
import { findTestCli } from '../support/test-temporal.ts';
import { until } from '../support/until.ts';

const installed = areInstalled(['prometheus', 'prometheus-alertmanager']);
const whenInstalled = installed ? test : test.skip;

let home: string;
let sink: PageSink;
/** Everything on one machine, and one more webhook server beside it. */
const servers: RunningProcess[] = [];
/** In front of the first and the second. */
const fronts: FaultyProxy[] = [];
const addresses: string[] = [];
const ADMIN = { authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}` };
const alertmanagers: Alertmanager[] = [];
/** A Prometheus with its own watchdog, heard from the start to the end: a heartbeat that was never heard is silent, too. */
let monitoring: TestPrometheus;

const HEARTBEATS = `
heartbeats:
  Watchdog: { every: 8s, grace: 8s, severity: SEV2 }
`;

beforeAll(async () => {
  if (!installed) return;
  home = mkdtempSync(join(tmpdir(), 'tocsin-senders-'));
  sink = await startPageSink(['ana', 'bo', 'eve']);
  const [port = 0, second = 0, temporalPort = 0, uiPort = 0] = await choosePorts(4);
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, systemTestYaml({ sink: sink.url, publicUrl: `http://127.0.0.1:${port}` }) + HEARTBEATS);
  const common = { ...SYSTEM_TEST_SECRETS, TOCSIN_CONFIG: config };
  const up = {
    ...{ ...common, TOCSIN_HOME: join(home, 'up'), PORT: String(port) },
    TOCSIN_TEMPORAL_PORT: String(temporalPort),
    TOCSIN_TEMPORAL_UI_PORT: String(uiPort),
    TEMPORAL_CLI_PATH: (await findTestCli()).path,
  };
  const beside = {
    ...{ ...common, TOCSIN_HOME: join(home, 'second'), PORT: String(second), DATABASE_URL: NO_DATABASE },
    TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
  };
  const direct = { url: `http://127.0.0.1:${port}/webhooks/alertmanager`, token: SYSTEM_TEST_SECRETS.AM_TOKEN };
  addresses.push(`http://127.0.0.1:${port}`, `http://127.0.0.1:${second}`);
  fronts.push(...(await Promise.all(addresses.map(startFaultyProxy))));
  const starting = (['up', 'server'] as const).map((args, n) => {
    const env = n === 0 ? up : beside;
    return startTocsin({ args: [args], env, ready: () => isOk(`${addresses[n] ?? ''}/readyz`), withinMs: 120_000 });
  });
  monitoring = await startPrometheus({ ...direct, watchdog: true });
  servers.push(...(await Promise.all(starting)));
}, 300_000);

afterAll(async () => {
  if (!installed) return;
  await Promise.all([monitoring.stop(), ...alertmanagers.map((one) => one.stop())]);
  await Promise.all(fronts.map((front) => front.close()));
  const [up, beside] = servers;
  await beside?.kill();
  await up?.stop();
  await sink.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const receiverOf = (front: FaultyProxy | undefined) => ({
  url: `${front?.url ?? ''}/webhooks/alertmanager`,
  token: SYSTEM_TEST_SECRETS.AM_TOKEN,
});

async function alertmanager(front: FaultyProxy | undefined, peers: readonly string[] | null): Promise<Alertmanager> {
  const one = await startAlertmanager({ receiver: receiverOf(front), peers });
  alertmanagers.push(one);
  return one;
}

/** Waits for Ana's page about the alert, and takes it, so that nothing else is paged by itself. */
async function answered(name: string, withinMs = 30_000): Promise<Page> {
  const about = `${name} is down (payments)`;
  const { page } = await sink.waitFor(`page about ${name}`, (one) => one.page.incident.title === about, withinMs);
  expect(page).toMatchObject({ kind: 'page', to: 'ana', reason: 'on-call', level: 1, cycle: 1, attempt: 1 });
  expect((await fetch(page.acknowledgeUrl, { method: 'POST' })).status).toBe(200);
  return page;
}

/** Pages (no notices) about the alert so far: to whom, by which key; and how many incidents they were about. */
function pagesAbout(name: string): { readonly keys: number; readonly pages: number; readonly incidentIds: number } {
  const pages = sink.received.filter(
    ({ page }) => page.kind === 'page' && page.incident.title === `${name} is down (payments)` && page.attempt === 1,
  );
  const distinct = (of: (one: (typeof pages)[number]) => string): number => new Set(pages.map(of)).size;
  return {
    pages: pages.length,
    keys: distinct(({ page }) => page.key),
    incidentIds: distinct(({ page }) => page.incident.id),
  };
}

const ONE = { pages: 1, keys: 1, incidentIds: 1 };
const isDelivered = (status: number): boolean => status === 202;

/** The front has passed on at least so many messages about the alert. */
const delivered = (front: FaultyProxy | undefined, name: string, times: number): Promise<void> =>
  until(async () => (front?.statusesOf(name) ?? []).filter(isDelivered).length >= times, 30_000);

whenInstalled(
  '[ALERT-8] Tocsin cannot make it durable (503), then hangs: Alertmanager tries again, and the alert is one incident and one page',
  async () => {
    const [front] = fronts;
    const alone = await alertmanager(front, null);
    const since = new Date();
    front?.setMode('unready');
    await alone.fire('Unready', since);
    await until(
      async () => (front?.statusesOf('Unready') ?? []).filter((status) => status === 503).length >= 2,
      20_000,
    );
    front?.setMode('hang');
    await alone.fire('Hanging', since);
    await until(async () => (front?.statusesOf('Hanging') ?? []).length >= 1, 20_000);
    expect([pagesAbout('Unready').pages, pagesAbout('Hanging').pages]).toEqual([0, 0]);
    front?.setMode('pass');
    await Promise.all([answered('Unready'), answered('Hanging', 45_000)]);
    await Promise.all([delivered(front, 'Unready', 3), delivered(front, 'Hanging', 2)]);
    expect([pagesAbout('Unready'), pagesAbout('Hanging')]).toEqual([ONE, ONE]);
  },
  120_000,
);

whenInstalled(
  '[ALERT-10] Alertmanager is restarted and tells all of it again: still one incident and one page, and it can say why',
  async () => {
    const [front] = fronts;
    const [alone] = alertmanagers;
    const since = new Date();
    await alone?.fire('Restarted', since);
    const page = await answered('Restarted');
    const before = front?.statusesOf('Restarted').length ?? 0;
    await alone?.restart();
    await alone?.fire('Restarted', since);
    await delivered(front, 'Restarted', before + 2);
    expect(pagesAbout('Restarted')).toEqual(ONE);
    const { workflowId } = page.incident;
    for (const at of addresses) {
      const explained = await fetch(`${at}/api/v1/incidents/${workflowId}/explain`, { headers: ADMIN });
      expect(await explained.json()).toMatchObject({
        ...{ workflowId, source: 'alertmanager', paging: { state: 'acknowledged' }, nobodyElse: 'ana has it' },
        paged: expect.arrayContaining([expect.objectContaining({ key: page.key, state: 'accepted', why: 'on call' })]),
      });
    }
    await alone?.stop();
  },
  60_000,
);

whenInstalled(
  '[ALERT-1] a cluster of two Alertmanagers before two servers, healthy and then divided: one incident and one page each time',
  async () => {
    const one = await alertmanager(fronts[0], []);
    const two = await alertmanager(fronts[1], [one.gossip]);
    await until(async () => (await one.members()) === 2 && (await two.members()) === 2, 20_000);
    const both = async (name: string): Promise<void> => {
      const since = new Date();
      await Promise.all([one.fire(name, since), two.fire(name, since)]);
      await answered(name);
    };
    await both('Clustered');

    // From now on each of them is alone, and tells everything itself.
    await two.restart([]);
    expect(await two.members()).toBe(1);
    await both('Divided');
    await Promise.all(fronts.map((front) => delivered(front, 'Divided', 2)));
    expect([pagesAbout('Clustered'), pagesAbout('Divided')]).toEqual([ONE, ONE]);
    await Promise.all([one.stop(), two.stop()]);
  },
  90_000,
);

whenInstalled(
  "[ALERT-14] Prometheus' own Watchdog feeds its heartbeat; when Prometheus stops, the silence is an incident",
  async () => {
    expect(sink.received.filter(({ page }) => page.incident.title.includes('Watchdog'))).toEqual([]);
    await monitoring.stopPrometheus();
    const { page } = await sink.waitFor(
      'page about the silence',
      (one) => one.page.kind === 'page' && one.page.incident.title.includes('Watchdog'),
      60_000,
    );
    expect(page).toMatchObject({ to: 'ana', incident: { severity: 'SEV2', team: 'platform' } });
    await fetch(page.acknowledgeUrl, { method: 'POST' });
    expect(pagesUnderTwoKeys(sink.received)).toEqual([]);
    expect(sink.unexpected).toEqual([]);
  },
  120_000,
);
