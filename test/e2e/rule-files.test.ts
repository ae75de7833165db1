/** Whole rule files through Prometheus and Alertmanager: what a person reads, and what the senders' habits lead to. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from '../../activities/ports.ts';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import type { Alertmanager } from '../support/alertmanagers.ts';
import { startAlertmanager } from '../support/alertmanagers.ts';
import { areInstalled } from '../support/if-installed.ts';
import type { PageSink } from '../support/page-sink.ts';
import { pagesUnderTwoKeys, startPageSink } from '../support/page-sink.ts';
import { choosePorts } from '../support/ports.ts';
import type { TestPrometheus } from '../support/prometheus.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { BAD_NIGHT, monitoringFiles } from '../support/rule-files.ts';
import { SYSTEM_TEST_SECRETS, systemTestYaml } from '../support/system-test-config.ts';
import { findTestCli } from '../support/test-temporal.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';
import { isOk, startTocsin } from '../support/tocsin-processes.ts';
import { until } from '../support/until.ts';

const installed = areInstalled(['prometheus', 'prometheus-alertmanager']);
const whenInstalled = installed ? test : test.skip;

const ROUTING_KEY = 'am-routing-key';
const LATE_COPY_MS = 4_000;
const ADMIN = { authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}` };

let home: string;
let url: string;
let sink: PageSink;
let monitoring: TestPrometheus;
let up: RunningProcess;
const cluster: Alertmanager[] = [];

/** Where to ask what fires; null: nowhere. */
function writeConfig(api: string | null): void {
  const asked = api === null ? '' : `, api: { url: "${api}" }`;
  const sources = `
  alertmanager: { token: "\${AM_TOKEN}", lateCopyWindow: ${LATE_COPY_MS / 1000}s${asked} }
  pagerdutyEvents: { routingKeys: { alertmanager: ${ROUTING_KEY} } }`;
  writeFileSync(join(home, 'tocsin.yaml'), systemTestYaml({ sink: sink.url, publicUrl: url, sources }));
}

/** From now on Tocsin can ask there what fires, or nowhere. */
async function askAt(api: string | null): Promise<void> {
  writeConfig(api);
  const answer = await fetch(`${url}/api/v1/config/reload`, { method: 'POST', headers: ADMIN });
  expect({ status: answer.status, body: await answer.text() }).toMatchObject({ status: 200 });
}

beforeAll(async () => {
  if (!installed) return;
  home = mkdtempSync(join(tmpdir(), 'tocsin-rules-'));
  sink = await startPageSink(['ana', 'bo', 'eve']);
  const [port = 0, temporalPort = 0, uiPort = 0] = await choosePorts(3);
  url = `http://127.0.0.1:${port}`;
  writeConfig(null);
  const env = {
    ...SYSTEM_TEST_SECRETS,
    TOCSIN_CONFIG: join(home, 'tocsin.yaml'),
    TOCSIN_HOME: join(home, 'state'),
    PORT: String(port),
    TOCSIN_TEMPORAL_PORT: String(temporalPort),
    TOCSIN_TEMPORAL_UI_PORT: String(uiPort),
    TEMPORAL_CLI_PATH: (await findTestCli()).path,
  };
  up = await startTocsin({ args: ['up'], env, ready: () => isOk(`${url}/readyz`), withinMs: 120_000 });
  monitoring = await startPrometheus(
    monitoringFiles({ url, token: SYSTEM_TEST_SECRETS.AM_TOKEN, routingKey: ROUTING_KEY }),
  );
}, 300_000);

afterAll(async () => {
  if (!installed) return;
  monitoring.resumePrometheus();
  await Promise.all([monitoring.stop(), ...cluster.map((each) => each.stop())]);
  await up.stop();
  await sink.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${url}/api/v1${path}`, { headers: ADMIN });
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

/** In the records, which may still be starting; newest first. */
async function recordedIncidents(): Promise<readonly IncidentView[]> {
  const answer = await fetch(`${url}/api/v1/incidents?limit=50`, { headers: ADMIN });
  return answer.ok ? ((await answer.json()) as { incidents: IncidentView[] }).incidents : [];
}

const show = (workflowId: string): Promise<IncidentView> => get(`/incidents/${workflowId}`);

async function timelineOf(workflowId: string): Promise<string> {
  const { timeline } = await get<TimelineView>(`/incidents/${workflowId}/timeline`);
  return timeline.map(({ text }) => text).join('\n');
}

const acknowledge = async ({ acknowledgeUrl }: Page): Promise<void> => {
  expect((await fetch(acknowledgeUrl, { method: 'POST' })).status).toBe(200);
};

const isAbout =
  (namespace: string | undefined) =>
  ({ alerts }: Page['incident']): boolean =>
    alerts.some(({ labels }) => labels['namespace'] === namespace);

const pagesAbout = (namespace: string | undefined): readonly Page[] =>
  sink.received.map(({ page }) => page).filter(({ kind, incident }) => kind === 'page' && isAbout(namespace)(incident));

/** Waits for Ana's page about the namespace, and takes it, so that nothing more is paged by itself. */
async function answered(namespace: string | undefined): Promise<Page> {
  const { page } = await sink.waitFor(
    `page about ${namespace}`,
    (one) => one.page.kind === 'page' && isAbout(namespace)(one.page.incident),
    30_000,
  );
  expect(page).toMatchObject({ to: 'ana', level: 1, cycle: 1, incident: { severity: 'SEV2' } });
  await acknowledge(page);
  return page;
}

const namesOf = ({ incident }: Page): readonly (string | undefined)[] =>
  incident.alerts.map(({ labels }) => labels['alertname']);

whenInstalled(
  'a bad night by rule files without a service label: each page names the worst, says where and how many, and shows the worst five',
  async () => {
    monitoring.setMetrics(BAD_NIGHT);
    const [shop, night, batch, search, edge, watched] = await Promise.all([
      answered('shop'),
      answered(undefined),
      answered('batch'),
      answered('search'),
      answered('edge'),
      answered('monitoring'),
    ]);

    const WORST_OF_SHOP = ['NginxHighHttp5xxErrorRate', 'PostgresqlDown', 'RedisDown'];
    expect(shop.incident.alertCount).toBe(7);
    expect(shop.text).toMatch(/^SEV2 7 alerts: /);
    expect(/: (\w+), (\w+), (\w+)/.exec(shop.text)?.slice(1).sort()).toEqual(WORST_OF_SHOP);
    expect(namesOf(shop).slice(0, 3).sort()).toEqual(WORST_OF_SHOP);
    expect(shop.incident.alerts).toHaveLength(5);

    // Severity none opened nothing beside it, and what has happened comes before what will.
    expect(night.incident.alertCount).toBe(6);
    expect(night.text).toMatch(/^SEV2 6 alerts: (BlackboxProbeFailed|HostOutOfDiskSpace|KubeAPIDown), /);
    expect(namesOf(night).slice(0, 4).sort()).toEqual([
      'BlackboxProbeFailed',
      'BlackboxSslCertificateWillExpireSoon',
      'HostOutOfDiskSpace',
      'KubeAPIDown',
    ]);

    expect(batch.text).toMatch(/^SEV2 12 alerts: KubeJobFailed .*: Job failed\./);
    expect(search.text).toMatch(/^SEV2 ElasticsearchDiskOutOfSpace .*es-4/);
    expect(search.text).not.toContain('error expanding template');
    expect(edge.text).toMatch(/^SEV2 CertManagerCertExpirySoon .*expires in 12h/);
    expect(watched.text).toMatch(/^SEV2 2 alerts: PrometheusRuleFailures, KubeNodeNotReady/);
    for (const page of [shop, batch, search, edge, watched]) expect(page.incident.service).not.toBeNull();

    await until(async () => (await recordedIncidents()).length === 8, 30_000);
    const severities = (await recordedIncidents()).map(({ severity, title }) => `${severity} ${title}`).sort();
    expect(severities.filter((line) => !line.startsWith('SEV2'))).toEqual([
      expect.stringMatching(/^SEV3 TargetDown/),
      expect.stringMatching(/^SEV4 KubeQuotaAlmostFull/),
    ]);
    expect(severities.join()).not.toMatch(/Watchdog|InfoInhibitor|CPUThrottlingSeen/);
    monitoring.setMetrics([]);
  },
  90_000,
);

whenInstalled(
  'Prometheus stands still until Alertmanager ends its alert, and fires it again with the same start: a recurrence, which is paged',
  async () => {
    monitoring.setMetrics(['pg_up{namespace="ledger",instance="db-7:9187",job="postgres"} 0']);
    const { incident } = await answered('ledger');
    const [before] = (await show(incident.workflowId)).alerts;
    monitoring.pausePrometheus();
    await until(async () => (await show(incident.workflowId)).phase === 'monitoring', 30_000);
    await new Promise((resolve) => setTimeout(resolve, LATE_COPY_MS + 1_000));
    expect(pagesAbout('ledger')).toHaveLength(1);
    monitoring.resumePrometheus();
    await until(async () => pagesAbout('ledger').length > 1, 20_000);
    const back = await show(incident.workflowId);
    expect(back).toMatchObject({ outcome: null, firingCount: 1 });
    expect(back.alerts[0]?.startsAt).toBe(before?.startsAt);
    expect(pagesAbout('ledger')[1]).toMatchObject({ to: 'ana', reason: 'recurrence' });
    monitoring.setMetrics([]);
  },
  90_000,
);

/** Both alerts of the namespace fire; then one is silenced. Resolves with the workflow id once it is shown as such. */
async function silencedIn(namespace: string): Promise<string> {
  monitoring.setMetrics([
    `pg_up{namespace="${namespace}",instance="db-8:9187",job="postgres"} 0`,
    `redis_up{namespace="${namespace}",instance="cache-8:9121",job="redis"} 0`,
  ]);
  const { incident } = await answered(namespace);
  expect(incident.alertCount).toBe(2);
  const matchers = [
    { name: 'alertname', value: 'RedisDown', isRegex: false },
    { name: 'namespace', value: namespace, isRegex: false },
  ];
  const times = { startsAt: new Date().toISOString(), endsAt: new Date(Date.now() + 3_600_000).toISOString() };
  const answer = await fetch(`${monitoring.alertmanagerUrl}/api/v2/silences`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ matchers, ...times, createdBy: 'bo', comment: 'known' }),
  });
  expect(answer.status).toBe(200);
  const redis = async (): Promise<IncidentView['alerts'][number] | undefined> =>
    (await show(incident.workflowId)).alerts.find(({ labels }) => labels['alertname'] === 'RedisDown');
  await until(async () => (await redis())?.stale !== undefined, 30_000);
  expect(await redis()).toMatchObject({ status: 'firing' });
  expect(await timelineOf(incident.workflowId)).toMatch(/no longer reports RedisDown/);
  return incident.workflowId;
}

whenInstalled(
  'one of two alerts is silenced in Alertmanager: the incident says that it is no longer reported, and a person is asked',
  async () => {
    const workflowId = await silencedIn('backup');
    const asked = sink.received.filter(
      ({ page }) =>
        page.incident.workflowId === workflowId && page.kind !== 'page' && /no longer reports/.test(page.text),
    );
    expect(asked).toHaveLength(1);
    expect((await show(workflowId)).phase).toBe('investigating');
    monitoring.setMetrics([]);
  },
  60_000,
);

whenInstalled(
  'the same where Alertmanager can be asked: the incident has its answer',
  async () => {
    await askAt(monitoring.alertmanagerUrl);
    const workflowId = await silencedIn('archive');
    const { alerts } = await show(workflowId);
    expect(alerts.find(({ labels }) => labels['alertname'] === 'RedisDown')?.stale).toBe('gone');
    await askAt(null);
    monitoring.setMetrics([]);
  },
  60_000,
);

whenInstalled(
  "Alertmanager speaks PagerDuty's events: a warning that becomes critical under one dedup key raises the incident and pages; its end clears it",
  async () => {
    const used = (percent: number): void =>
      monitoring.setMetrics([
        `volume_used_percent{namespace="storage",persistentvolumeclaim="orders-db-0"} ${percent}`,
      ]);
    const find = async (): Promise<IncidentView | undefined> =>
      (await recordedIncidents()).find(({ source }) => source === 'pagerdutyEvents');
    used(85);
    await until(async () => (await find()) !== undefined, 20_000);
    const opened = await find();
    expect(opened).toMatchObject({ severity: 'SEV3', title: expect.stringContaining('orders-db-0 is 85% full') });
    const about = (): readonly Page[] =>
      sink.received.map(({ page }) => page).filter(({ incident }) => incident.workflowId === opened?.workflowId);
    expect(about()).toEqual([]);

    used(97);
    await until(async () => about().length > 0, 20_000);
    const [page] = about();
    expect(page).toMatchObject({ kind: 'page', to: 'ana', incident: { severity: 'SEV2', alertCount: 1 } });
    expect(page?.text).toContain('orders-db-0 is 97% full');
    if (page !== undefined) await acknowledge(page);

    monitoring.setMetrics([]);
    await until(async () => (await show(opened?.workflowId ?? '')).phase === 'monitoring', 20_000);
    expect(about().filter(({ kind }) => kind === 'page')).toHaveLength(1);
  },
  90_000,
);

const databases = (namespace: string, downs: readonly number[]): readonly string[] =>
  downs.map((n) => `pg_up{namespace="${namespace}",instance="db-${n}:9187",job="postgres"} 0`);

whenInstalled(
  'max_alerts keeps three of five alerts back: page and timeline say so, and when the known two end somebody is asked once',
  async () => {
    monitoring.setMetrics(databases('warehouse', [1, 2, 3, 4, 5]));
    const page = await answered('warehouse');
    expect(page.incident.alertCount).toBe(2);
    expect(page.text).toContain('3 alerts were never sent');
    const { workflowId } = page.incident;
    expect(await timelineOf(workflowId)).toContain('3 alerts were never sent');

    monitoring.setMetrics(databases('warehouse', [3, 4, 5]));
    const asking = (): number =>
      sink.received.filter(
        (one) =>
          one.page.incident.workflowId === workflowId &&
          one.page.key !== page.key &&
          one.page.text.includes('never sent'),
      ).length;
    await until(async () => asking() > 0, 30_000);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(asking()).toBe(1);
    monitoring.setMetrics([]);
  },
  60_000,
);

whenInstalled(
  'two Alertmanagers that do not hear of each other: one page; an end, and the late copy of the other, change nothing',
  async () => {
    const receiver = { url: `${url}/webhooks/alertmanager`, token: SYSTEM_TEST_SECRETS.AM_TOKEN };
    const [one, two] = await Promise.all([
      startAlertmanager({ receiver, peers: [] }),
      startAlertmanager({ receiver, peers: [] }),
    ]);
    cluster.push(one, two);
    await askAt(one.url);
    const since = new Date();
    await Promise.all([one.fire('Clustered', since), two.fire('Clustered', since)]);
    const about = (): readonly Page[] =>
      sink.received.map(({ page }) => page).filter(({ incident }) => incident.title.includes('Clustered'));
    await until(async () => about().length > 0, 20_000);
    const [page] = about();
    if (page !== undefined) await acknowledge(page);
    const workflowId = page?.incident.workflowId ?? '';

    // The end by one; the other repeats every 2 s that it fires, until it knows as well.
    await one.end('Clustered', since);
    await until(async () => (await show(workflowId)).phase === 'monitoring', 20_000);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await two.end('Clustered', since);
    await new Promise((resolve) => setTimeout(resolve, LATE_COPY_MS + 1_500));
    expect(await show(workflowId)).toMatchObject({ phase: 'monitoring', firingCount: 0 });
    expect(about().filter(({ kind }) => kind === 'page')).toHaveLength(1);
    expect(pagesUnderTwoKeys(sink.received)).toEqual([]);
    expect(sink.unexpected).toEqual([]);
  },
  60_000,
);
