/** Every page that people open, in a real browser as wide as a telephone, by day and by night. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { createSigner } from '../../runtime/digests.ts';
import { TITLE_LIMIT } from '../../webhook-server/ingest/sources/message.ts';
import { expectReadable, openBrowser, SCREENS, takePicture, visit } from '../support/browser.ts';
import { areInstalled } from '../support/if-installed.ts';
import { choosePorts } from '../support/ports.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import { alertmanagerBody, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import { findTestCli } from '../support/test-temporal.ts';
import { until } from '../support/until.ts';
import { isOk, startTocsin, type RunningProcess } from '../support/tocsin-processes.ts';

const installed = areInstalled(['chromium']);
const inBrowser = installed ? test : test.skip;

let home: string;
let url: string;
let sink: PageSink;
let up: RunningProcess;
let browser: Browser;

beforeAll(async () => {
  if (!installed) return;
  home = mkdtempSync(join(tmpdir(), 'tocsin-pages-'));
  sink = await startPageSink(['ana', 'bo', 'eve']);
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
  [up, browser] = await Promise.all([
    startTocsin({ args: ['up'], env, ready: () => isOk(`${url}/readyz`), withinMs: 120_000 }),
    openBrowser(),
  ]);
}, 600_000);

afterAll(async () => {
  if (!installed) return;
  await browser.close();
  await up.stop();
  await sink.close();
  rmSync(home, { recursive: true, force: true });
});

function yaml(): string {
  return `
organization: Example Shop
publicUrl: ${url}
timeZone: Europe/Berlin
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink.url}/ana" }] }
  bo: { name: Bo Lind, contact: [{ webhook: "${sink.url}/bo" }] }
  eve: { name: Eve Hahn, role: head-of-engineering, contact: [{ webhook: "${sink.url}/eve" }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo], leadership: [eve] }
services:
  payments: { team: platform, component: Checkout, runbook: "https://runbooks.example/payments", dashboard: "https://grafana.example/payments" }
  search: { team: platform, component: Search }
sources:
  alertmanager: { token: "\${AM_TOKEN}" }
tickets: { files: false }
routes:
  - { match: { service: payments }, team: platform, severity: { critical: SEV1 } }
  - team: platform
`;
}

interface DeclaredIncident {
  readonly id: string;
  readonly reference: string;
  readonly workflowId: string;
}

async function post<T>(path: string, body: object): Promise<T> {
  const answer = await fetch(`${url}/api/v1/incidents${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}`,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

/** An alert of payments' database, as Alertmanager sends it. */
async function sendAlert(): Promise<void> {
  const labels = { alertname: 'PostgresqlDown', severity: 'critical', service: 'payments', instance: 'db-1:9187' };
  const annotations = {
    summary: 'Postgres on db-1 answers no connections',
    runbook_url: 'https://runbooks.example/postgres',
    dashboard_url: 'https://grafana.example/postgres',
  };
  const startsAt = new Date(Date.now() - 90_000).toISOString();
  await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SYSTEM_TEST_SECRETS.AM_TOKEN}` },
    body: JSON.stringify(alertmanagerBody('PostgresqlDown', { labels, annotations, startsAt })),
  });
}

const declare = (title: string, severity = 'SEV1'): Promise<DeclaredIncident> =>
  post('', { title, severity, team: 'platform', service: 'payments' });

const linkOf = ({ id, workflowId }: DeclaredIncident, person: string): string =>
  `${url}/ack/${createSigner(SYSTEM_TEST_SECRETS.TOCSIN_SECRET).sign({ workflowId, incidentId: id, person, cycle: 1 })}`;

const expectPage = (address: string, status: number, words: readonly (string | RegExp)[]): Promise<void> =>
  expectReadable(browser, address, { status, words });

inBrowser('the acknowledge page can be read and pressed without script, and says who has it from then on', async () => {
  const incident = await declare('Nobody can pay');
  const link = linkOf(incident, 'ana');
  await expectPage(link, 200, ['SEV1', 'Nobody can pay']);
  await visit(browser, { url: link, javaScriptEnabled: false }, async (page, loaded) => {
    await page.click('button');
    expect(await page.innerText('body')).toMatch(/has it|have it/);
    expect(loaded.complaints).toEqual([]);
  });
  await expectPage(link, 200, ['Nobody can pay']);
});

inBrowser('a title of 200 letters without a blank does not make the page wider than the telephone', async () => {
  await expectPage(linkOf(await declare('x'.repeat(TITLE_LIMIT)), 'ana'), 200, ['xxx']);
});

inBrowser('the link of an incident that is over says so, and so does one that was never given', async () => {
  const incident = await declare('Only a test of ours');
  await post(`/${incident.id}/declare-false-alarm`, { reason: 'a test', by: 'ana' });
  await expectPage(linkOf(incident, 'ana'), 410, [/ended|over/]);
  await expectPage(`${url}/ack/never-given`, 404, []);
});

inBrowser('the page of an incident opens by the link in a page, whatever is in the incident', async () => {
  const incident = await declare(`Checkout fails: ${'y'.repeat(180)}`);
  const { page } = await sink.waitFor('page', (one) => one.page.incident.id === incident.id, 30_000);
  await post(`/${incident.id}/acknowledge`, { by: 'ana' });
  await post(`/${incident.id}/assess-impact`, { by: 'ana', summary: 'z'.repeat(500), scope: 'all' });
  await post(`/${incident.id}/assign-role`, { by: 'ana', role: 'technicalLead', person: 'bo' });
  await expectPage(page.incident.url, 200, ['Checkout fails', 'Ana Ruiz has had it since', 'Bo Lind', 'Impact']);
  await post(`/${incident.id}/declare-false-alarm`, { by: 'ana', reason: 'a test' });
  await expectPage(page.incident.url, 200, ['false alarm']);
});

inBrowser('the front door and every dead end are pages, too', async () => {
  await expectPage(`${url}/`, 200, ['Example Shop']);
  await expectPage(`${url}/nowhere`, 404, ['nothing at this address']);
  await expectPage(`${url}/incidents/inc-unknown`, 401, ['link']);
});

/** They give incidents their numbers, and have the public page. */
const recordsStarted = (): Promise<void> =>
  until(async () => (await (await fetch(`${url}/readyz`)).text()).includes('"records":"up"'), 120_000);

inBrowser('the public page can be read on a quiet day, and with a SEV1 on it', async () => {
  await recordsStarted();
  await expectPage(`${url}/status`, 200, ['Example Shop', 'Checkout', 'Search']);
  const incident = await declare('The database is down');
  await post(`/${incident.id}/acknowledge`, { by: 'ana' });
  await post(`/${incident.id}/post-update`, { by: 'ana', audience: 'public', text: 'w'.repeat(300) });
  await until(async () => (await (await fetch(`${url}/status`)).text()).includes('www'), 20_000);
  await expectPage(`${url}/status`, 200, ['Investigating', 'Checkout']);
});

/** Not a test: `npm run screens`. */
async function takePictures(): Promise<void> {
  await recordsStarted();
  await sendAlert();
  const { page } = await sink.waitFor('page', (one) => one.person === 'ana' && one.page.kind === 'page', 30_000);
  const { workflowId, url: link } = page.incident;
  await takePicture(browser, { url: page.acknowledgeUrl, name: 'acknowledge' });
  const say = (command: string, body: object, by = 'ana'): Promise<unknown> =>
    post(`/${workflowId}/${command}`, { by, ...body });
  await say('acknowledge', {});
  await say('assign-role', { role: 'technicalLead', person: 'bo' });
  await say('assess-impact', { summary: 'Nobody can pay', scope: 'all', dataLoss: false });
  await say('add-note', { text: 'db-1 ran out of disk at 14:02' }, 'bo');
  await say('cause', { text: 'logs filled the disk of db-1' }, 'bo');
  await say('decide-mitigation', { decision: 'rollback', reason: 'the new release logs every query' });
  const text = 'Payments fail at the moment. We have found the cause and are rolling back a change.';
  await say('post-update', { audience: 'public', text });
  await until(async () => (await (await fetch(`${url}/status`)).text()).includes('rolling back'), 20_000);
  await takePicture(browser, { url: link, name: 'incident' });
  await takePicture(browser, { url: link, name: 'incident-dark', colorScheme: 'dark' });
  await takePicture(browser, { url: `${url}/status`, name: 'status', desktop: true });
}

if (SCREENS !== undefined) inBrowser('pictures for the documentation', takePictures);
