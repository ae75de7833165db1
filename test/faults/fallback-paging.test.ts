/** Temporal frozen, then killed: people are paged all the same, and nobody hears it twice when it is back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentView } from '../../domain/engine/view.ts';
import { alertmanagerBody, systemTestYaml, NO_DATABASE, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin, type RunningProcess } from '../support/tocsin-processes.ts';
import { pagesUnderTwoKeys, startPageSink, type ReceivedPage, type PageSink } from '../support/page-sink.ts';
import { startTestTemporal, type TestTemporal } from '../support/test-temporal.ts';
import { until } from '../support/until.ts';

const AFTER_MS = 2_000;
/** A call that hangs is given up, and the disk is asked. */
const HANG_MS = 2_500;

let home: string;
let sink: PageSink;
let temporal: TestTemporal;
let url: string;
let parts: readonly RunningProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-fallback-paging-'));
  sink = await startPageSink(['ana', 'bo', 'eve']);
  temporal = await startTestTemporal();
  const [port = 0] = await choosePorts(1);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(
    config,
    `${systemTestYaml({ sink: sink.url, publicUrl: url })}lastResort: { after: ${AFTER_MS / 1000}s }\n`,
  );
  const env = {
    ...SYSTEM_TEST_SECRETS,
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: NO_DATABASE,
    TOCSIN_HOME: home,
    TOCSIN_CONFIG: config,
    PORT: String(port),
  };
  parts = await Promise.all([
    startTocsin({ args: ['server'], env, ready: () => isOk(`${url}/readyz`) }),
    startTocsin({ args: ['worker'], env, ready: async () => true }),
  ]);
});

afterAll(async () => {
  await Promise.all(parts.map((part) => part.kill()));
  await temporal.stop();
  await sink.close();
  rmSync(home, { recursive: true, force: true });
});

async function report(name: string): Promise<number> {
  const response = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SYSTEM_TEST_SECRETS.AM_TOKEN}` },
    body: JSON.stringify(alertmanagerBody(name)),
  });
  return response.status;
}

async function incident({ page }: ReceivedPage): Promise<IncidentView> {
  const response = await fetch(`${url}/api/v1/incidents/${page.incident.workflowId}`, {
    headers: { authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}` },
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as IncidentView;
}

/** Once the spool has been replayed. */
async function incidentOf(received: ReceivedPage): Promise<IncidentView> {
  let view: IncidentView | null = null;
  await until(async () => (view = await incident(received).catch(() => null)) !== null, 20_000);
  if (view === null) throw new Error('no incident');
  return view;
}

const pagesFor = (title: string): readonly ReceivedPage[] =>
  sink.received.filter(({ page }) => page.kind === 'page' && page.incident.title === `${title} (payments)`);
const pageFor = (title: string, person: string, withinMs: number) =>
  sink.waitFor(
    `page of ${title} for ${person}`,
    ({ page }) => page.incident.title === `${title} (payments)` && page.to === person,
    withinMs,
  );

test('[PAGE-40] Temporal hangs: on-call is paged directly, the link is kept, and the incident begins acknowledged', async () => {
  expect(await report('Before')).toBe(202); // everything works
  await pageFor('Before', 'ana', 20_000);
  process.kill(temporal.pid(), 'SIGSTOP');
  const reportedAt = Date.now();
  expect(await report('Hangs')).toBe(202);
  const paged = await pageFor('Hangs', 'ana', 15_000);
  expect(paged.at - reportedAt).toBeLessThan(Math.max(AFTER_MS, HANG_MS) + 2_000);
  expect(paged.page).toMatchObject({
    reason: 'fallback',
    level: 1,
    incident: { reference: null, phase: 'declared' },
  });
  expect(paged.page.key).toMatch(/^bg\/[0-9a-f]{32}$/);

  const shown = await fetch(paged.page.acknowledgeUrl, { headers: { accept: 'text/html' } });
  expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining('Hangs')]);
  const json = { method: 'POST', headers: { accept: 'application/json' } };
  const pressed = await fetch(paged.page.acknowledgeUrl, json);
  expect([pressed.status, await pressed.json()]).toEqual([202, expect.objectContaining({ pending: true })]);

  const backAt = Date.now();
  process.kill(temporal.pid(), 'SIGCONT');
  await until(async () => (await incidentOf(paged)).acknowledgedAt !== null, 20_000);
  process.stdout.write(`Temporal back to acknowledged: ${Date.now() - backAt} ms\n`);
  const view = await incidentOf(paged);
  expect([view.phase, view.roles.ic]).toEqual(['investigating', 'ana']);
  expect(view.aliases ?? [view.id]).toContain(paged.page.incident.id);
  expect(view.deliveries).toContainEqual(
    expect.objectContaining({ to: 'ana', key: paged.page.key, method: 'webhook', state: 'accepted' }),
  );
  await sleep(7_000); // longer than anyone may take to acknowledge
  expect(pagesFor('Hangs').map(({ page }) => page.key)).toEqual([paged.page.key]);
  // Its own incident was acknowledged by nobody: the chain has gone on for others.
  await pageFor('Before', 'bo', 20_000);
});

test('[PAGE-40] Temporal is killed: on-call is paged directly and once; without an answer the chain goes on', async () => {
  await temporal.kill();
  const reportedAt = Date.now();
  expect(await report('Killed')).toBe(202);
  const paged = await pageFor('Killed', 'ana', 15_000);
  expect(paged.at - reportedAt).toBeLessThan(Math.max(AFTER_MS, HANG_MS) + 2_000);
  expect(readFileSync(join(home, 'spool', 'paged.log'), 'utf8')).toContain(paged.page.key);
  await temporal.restart();
  const next = await pageFor('Killed', 'bo', 40_000);
  expect(next.page.key).toMatch(/\/page\//);
  expect(
    pagesFor('Killed')
      .filter(({ person }) => person === 'ana')
      .map(({ page }) => page.key),
  ).toEqual([paged.page.key]);
  const view = await incidentOf(paged);
  expect(view.acknowledgedAt).toBeNull();
  const pressed = await fetch(paged.page.acknowledgeUrl, { method: 'POST', headers: { accept: 'application/json' } });
  expect([pressed.status, (await incidentOf(paged)).roles.ic]).toEqual([200, 'ana']);
  expect(pagesUnderTwoKeys(sink.received)).toEqual([]);
  expect(sink.unexpected).toEqual([]);
});
