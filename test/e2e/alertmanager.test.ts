import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { IncidentView } from '../../domain/view.ts';
import { houseYaml, SECRETS } from '../support/house.ts';
import type { Monitoring } from '../support/monitoring.ts';
import { startMonitoring } from '../support/monitoring.ts';
import type { Running } from '../support/processes.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin, tocsin } from '../support/processes.ts';
import { ifInstalled } from '../support/skip.ts';
import type { Sink } from '../support/sink.ts';
import { doublyPaged, startSink } from '../support/sink.ts';
import { testCli } from '../support/temporal.ts';

let home: string;
let sink: Sink;
let monitoring: Monitoring;
let up: Running;
let env: Record<string, string>;
let url: string;

const installed = ifInstalled(['prometheus', 'prometheus-alertmanager']);

beforeAll(async () => {
  if (!installed) return;
  home = mkdtempSync(join(tmpdir(), 'tocsin-e2e-'));
  sink = await startSink(['ana', 'bo', 'eve']);
  const [port = 0, temporalPort = 0, uiPort = 0] = await choosePorts(3);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, houseYaml({ sink: sink.url, publicUrl: url }));
  env = {
    ...SECRETS,
    TOCSIN_HOME: join(home, 'state'),
    TOCSIN_CONFIG: config,
    PORT: String(port),
    TOCSIN_TEMPORAL_PORT: String(temporalPort),
    TOCSIN_TEMPORAL_UI_PORT: String(uiPort),
    TOCSIN_URL: url,
    TOCSIN_TOKEN: SECRETS.TOCSIN_ADMIN_TOKEN,
    TEMPORAL_CLI_PATH: (await testCli()).path,
  };
  monitoring = await startMonitoring({ url: `${url}/webhooks/alertmanager`, token: SECRETS.AM_TOKEN });
}, 600_000);

afterAll(async () => {
  if (!installed) return;
  await monitoring.stop();
  await up.stop();
  await sink.close();
  rmSync(home, { recursive: true, force: true });
});

const startUp = () => startTocsin({ args: ['up'], env, ready: () => isOk(`${url}/readyz`), withinMs: 120_000 });

(installed ? test : test.skip)(
  'a real rule fires while Tocsin is away: Alertmanager tries again, Ana is paged, acknowledges, and the clearing is watched',
  async () => {
    monitoring.setUp(false);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    up = await startUp();
    const first = await sink.waitFor('page', ({ page }) => page.kind === 'page', 60_000);
    expect(first.person).toBe('ana');
    expect(first.page).toMatchObject({ reason: 'on-call', level: 1, cycle: 1, attempt: 1 });
    expect(first.page.incident).toMatchObject({ title: 'Checkout is down', severity: 'SEV2', team: 'platform' });
    expect(first.page.incident.alerts[0]?.links.runbook).toBe('https://runbooks.example.com/checkout');

    const link = new URL(first.page.acknowledgeUrl);
    expect((await fetch(link)).status).toBe(200);
    expect((await show(first.page.incident.workflowId)).phase).toBe('declared');
    expect((await fetch(link, { method: 'POST' })).status).toBe(200);
    const taken = await show(first.page.incident.workflowId);
    expect(taken).toMatchObject({ phase: 'investigating', roles: { ic: 'ana' } });

    monitoring.setUp(true);
    await until(async () => (await show(first.page.incident.workflowId)).phase === 'monitoring', 60_000);
    const cleared = await show(first.page.incident.workflowId);
    expect(cleared.alerts.map(({ status }) => status)).toEqual(['resolved']);
    expect(cleared.deadlines.map(({ kind }) => kind)).toContain('watch-end');

    const resolve = await tocsin(
      ['resolve', first.page.incident.workflowId, '--resolution', 'restarted it', '--by', 'ana'],
      env,
    );
    expect(resolve).toMatchObject({ code: 0 });
    expect(doublyPaged(sink.received)).toEqual([]);
    expect(sink.unexpected).toEqual([]);
  },
  300_000,
);

(installed ? test : test.skip)(
  'anyone can find and follow the incident in the Temporal UI',
  async () => {
    const [page] = sink.received;
    const address = `127.0.0.1:${env['TOCSIN_TEMPORAL_PORT']}`;
    const query = 'TocsinSeverity = "SEV2" AND TocsinPhase = "monitoring" AND TocsinTeam = "platform"';
    const found = execFileSync(env['TEMPORAL_CLI_PATH'] ?? '', [
      'workflow',
      'list',
      '--address',
      address,
      '--query',
      query,
      '-o',
      'json',
    ]);
    const workflows = JSON.parse(found.toString()) as { execution: { workflowId: string } }[];
    expect(workflows.map(({ execution }) => execution.workflowId)).toEqual([page?.page.incident.workflowId]);
  },
  30_000,
);

async function show(id: string): Promise<IncidentView> {
  const { code, out } = await tocsin(['show', id, '--json'], env);
  expect({ code, out }).toMatchObject({ code: 0 });
  return JSON.parse(out) as IncidentView;
}

async function until(holds: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
