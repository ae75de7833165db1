/**
 * What people reported publicly about tools of this kind, played against a whole Tocsin: senders' own messages in
 * test/fixtures/reports, and what somebody on call needs to happen.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PageSink, ReceivedPage } from '../support/page-sink.ts';
import { startPageSink } from '../support/page-sink.ts';
import { choosePorts } from '../support/ports.ts';
import { SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import { findTestCli } from '../support/test-temporal.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';
import { isOk, startTocsin } from '../support/tocsin-processes.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/reports');
const ROUTING_KEY = 'a-routing-key-of-the-tests';

interface Step {
  readonly do?: string;
  readonly body?: object;
  readonly wait?: string;
}

let home: string;
let sink: PageSink;
let up: RunningProcess;
let url: string;

const yaml = (): string => `
organization: Test House
publicUrl: ${url}
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink.url}/ana" }] }
  bo: { name: Bo Lind, contact: [{ webhook: "${sink.url}/bo" }] }
  dan: { name: Dan Roth, contact: [{ webhook: "${sink.url}/dan" }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo] }
  data: { onCall: dan, escalation: [onCall, bo] }
sources:
  alertmanager: { token: "\${AM_TOKEN}", lateCopyWindow: 5s }
  grafana: { token: "\${AM_TOKEN}" }
  generic: { token: "\${AM_TOKEN}" }
  pagerdutyEvents: { routingKeys: { am: "${ROUTING_KEY}" } }
routes:
  - { match: { severity: critical, tier: split }, team: data }
  - { match: { component: corr }, team: platform, correlateBy: [component] }
  - team: platform
heartbeats:
  PrometheusAlertmanagerE2eDeadManSwitch: { every: 5m, team: platform }
storm: off
monitoring: { default: 40s }
severities:
  SEV2: { acknowledgeWithin: 60s, escalateEvery: 60s }
`;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-reports-'));
  sink = await startPageSink(['ana', 'bo', 'dan']);
  const [port = 0, temporalPort = 0, uiPort = 0] = await choosePorts(3);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, yaml());
  const env = {
    ...SYSTEM_TEST_SECRETS,
    TOCSIN_HOME: join(home, 'state'),
    TOCSIN_CONFIG: config,
    PORT: String(port),
    TOCSIN_TEMPORAL_PORT: String(temporalPort),
    TOCSIN_TEMPORAL_UI_PORT: String(uiPort),
    TEMPORAL_CLI_PATH: (await findTestCli()).path,
  };
  const ready = (): Promise<boolean> => isOk(`${url}/readyz`);
  up = await startTocsin({ args: ['up'], env, ready, withinMs: 120_000 });
}, 600_000);

afterAll(async () => {
  await up.stop();
  expect(sink.unexpected).toEqual([]);
  await sink.close();
  rmSync(home, { recursive: true, force: true });
});

test('an alert that ended fires again with the same start: somebody is paged again; a late copy changes nothing', async () => {
  const [fires, ends, again] = postsOf('01-same-start-fires-again-after-an-end');
  await post(fires);
  const first = await pageTo('ana', 'LinkDown');
  await post(ends);
  await post(again);
  await seconds(2);
  expect(pagesAbout('LinkDown')).toHaveLength(1);
  expect((await incident(first)).phase).toBe('monitoring');
  await seconds(4);
  await post(again);
  await sink.waitFor('a second page', (one) => one.page.key !== first.page.key && isAbout(one, 'LinkDown'), 20_000);
});

test('a repeat under one key is worse than before: the incident is raised, and its on-call paged for it', async () => {
  await play('02-severity-rises-under-one-dedup-key');
  const raised = await sink.waitFor('a page', (one) => isAbout(one, 'disk 99%'), 15_000);
  expect(raised).toMatchObject({ person: 'ana', page: { reason: 'severity-raised' } });
  expect((await incident(raised)).severity).toBe('SEV2');
  expect((await timeline(raised)).map(({ kind }) => kind)).toContain('severity-changed');
});

test('other trouble comes under the key of the first: the record and the alert say what it is', async () => {
  await play('03-dedup-key-collision-swallows-the-second');
  const first = await pageTo('ana', 'cluster A api down');
  const texts = async (): Promise<string> => (await timeline(first)).map(({ text }) => text).join('\n');
  await until(async () => (await texts()).includes('cluster B etcd lost quorum'));
  expect(JSON.stringify((await incident(first)).alerts)).toContain('"source":"B"');
});

test('Grafana has data again: its alert about missing data has ended', async () => {
  await play('04-no-data-ends-by-missing-series');
  const page = await pageTo('ana', 'Checkout errors');
  await until(async () => (await incident(page)).phase === 'monitoring');
});

test('a rule that is edited while it fires has not ended, and nobody is told so', async () => {
  await play('05-rule-edited-while-firing');
  const page = await pageTo('ana', 'CheckoutErrors');
  await seconds(3);
  const { phase, alerts } = await incident(page);
  expect({ phase, alerts }).toMatchObject({ phase: 'declared', alerts: [{ status: 'firing' }] });
  expect(JSON.stringify(await timeline(page))).not.toMatch(/cleared/i);
});

test('an end without its severity finds the incident that its beginning was routed to', async () => {
  await play('06-end-takes-another-route-than-its-beginning');
  const page = await pageTo('dan', 'temperature');
  await until(async () => (await incident(page)).phase === 'monitoring');
});

test('an end without labels finds an incident that labels correlate', async () => {
  await play('07-pagerduty-resolve-and-correlateBy');
  const page = await pageTo('ana', 'cart errors');
  await until(async () => (await incident(page)).phase === 'monitoring');
});

test('another service joins a group without labels: somebody hears of it by name', async () => {
  const [first, both] = postsOf('08-another-service-joins-an-acknowledged-ungrouped-incident');
  await post(first);
  const page = await pageTo('ana', 'HighErrors');
  expect((await fetch(page.page.acknowledgeUrl, { method: 'POST' })).status).toBe(200);
  await post(both);
  await pageTo('ana', 'DatabaseDown');
});

test('one alert comes by two routes of Alertmanager: one page', async () => {
  await play('09-one-alert-by-two-routes-pages-twice');
  await pageTo('ana', 'TwoRoutes');
  await seconds(3);
  expect(pagesAbout('TwoRoutes')).toHaveLength(1);
});

test("a rule's template is broken: the page names the alert, and says so", async () => {
  await play('11-template-error-is-the-title');
  const { page } = await pageTo('ana', 'DiskFull');
  expect(page.incident.title).toMatch(/^DiskFull.*broken template$/);
});

test('many alerts in one group: the page counts them, names the worst and shows them first', async () => {
  await play('12-group-of-many-is-paged-by-its-first');
  const { page } = await pageTo('ana', 'PostgresqlDown');
  expect(page.text).toMatch(/8 alerts: BlackboxProbeFailed, PostgresqlDown, RedisDown/);
  expect(page.incident.alerts).toHaveLength(5);
  expect(page.incident.alerts.slice(0, 4).map(({ labels }) => labels['severity'])).toEqual(Array(4).fill('critical'));
});

test("each sender's word for the worst is read as that", async () => {
  await play('13-words-for-the-worst');
  const { incidents } = await api<{ incidents: { title: string; severity: string }[] }>('/api/v1/incidents?q=x%20');
  const severities = Object.fromEntries(incidents.map(({ title, severity }) => [title.slice(2), severity]));
  expect(severities).toEqual({
    ...{ P0: 'SEV1', 'SEV-1': 'SEV1', 'sev 1': 'SEV1', SEV0: 'SEV1', S1: 'SEV1', blocker: 'SEV1' },
    ...{ crit: 'SEV2', urgent: 'SEV2', Information: 'SEV4', 'Not classified': 'SEV3' },
  });
});

test("an alert by a heartbeat's name feeds it and opens nothing", async () => {
  const [sent] = postsOf('14-dead-mans-switch-by-another-name');
  expect(await post(sent)).toEqual({ incidents: [] });
  await seconds(2);
  expect(pagesAbout('DeadManSwitch')).toEqual([]);
});

test('a group no longer lists an alert that fired: within a minute the incident says so', async () => {
  await play('17-silenced-alert-ends-unheard');
  const page = await pageTo('ana', 'DiskA');
  const [, ends] = postsOf('17-silenced-alert-ends-unheard');
  await post(ends);
  await until(async () => JSON.stringify(await timeline(page)).includes('DiskA'), 60_000);
  const entries = (await timeline(page)).filter(({ kind }) => kind.startsWith('alerts-'));
  expect(entries.some(({ text }) => /DiskA/.test(text) && /no longer/.test(text))).toBe(true);
});

interface Shown {
  readonly phase: string;
  readonly severity: string;
  readonly alerts: readonly { readonly status: string }[];
}

const incident = ({ page }: ReceivedPage): Promise<Shown> => api(`/api/v1/incidents/${page.incident.id}`);

async function timeline({ page }: ReceivedPage): Promise<readonly { kind: string; text: string }[]> {
  const { timeline: entries } = await api<{ timeline: { kind: string; text: string }[] }>(
    `/api/v1/incidents/${page.incident.id}/timeline`,
  );
  return entries;
}

async function api<T>(path: string): Promise<T> {
  const headers = { authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}` };
  const answer = await fetch(`${url}${path}`, { headers });
  expect({ path, status: answer.status }).toEqual({ path, status: 200 });
  return (await answer.json()) as T;
}

function stepsOf(name: string): readonly Step[] {
  return (JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as { steps: Step[] }).steps;
}

const postsOf = (name: string): readonly Step[] => stepsOf(name).filter(({ body }) => body !== undefined);

/** Sends the messages of a report one after the other, as far apart as one second. */
async function play(name: string): Promise<void> {
  for (const step of postsOf(name)) {
    await post(step);
    await seconds(1);
  }
}

const began = new Date(Date.now() - 60_000).toISOString();

async function post(step: Step | undefined): Promise<unknown> {
  const path = step?.do?.replace('POST ', '') ?? '';
  const body = JSON.stringify(step?.body)
    .replaceAll('$T0', began)
    .replaceAll('$NOW', new Date().toISOString())
    .replaceAll('$KEY', ROUTING_KEY);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${SYSTEM_TEST_SECRETS.AM_TOKEN}` };
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  expect(answer.status).toBe(202);
  return answer.json();
}

/** The first page to that person whose title or alerts name `what`. */
const pageTo = (person: string, what: string): Promise<ReceivedPage> =>
  sink.waitFor(`a page to ${person} about ${what}`, (one) => one.person === person && isAbout(one, what), 15_000);

const pagesAbout = (what: string): readonly ReceivedPage[] => sink.received.filter((one) => isAbout(one, what));

const isAbout = ({ page }: ReceivedPage, what: string): boolean =>
  page.kind === 'page' && `${page.text} ${JSON.stringify(page.incident.alerts)}`.includes(what);

const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1000));

async function until(holds: () => Promise<boolean>, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms`);
    await seconds(0.3);
  }
}
