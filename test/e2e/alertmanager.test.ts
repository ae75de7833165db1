import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { IncidentView } from '../../domain/engine/view.ts';
import { systemTestYaml, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import type { TestPrometheus } from '../support/prometheus.ts';
import { startPrometheus } from '../support/prometheus.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin, runTocsin } from '../support/tocsin-processes.ts';
import { areInstalled } from '../support/if-installed.ts';
import type { PageSink } from '../support/page-sink.ts';
import { pagesUnderTwoKeys, startPageSink } from '../support/page-sink.ts';
import { findTestCli } from '../support/test-temporal.ts';

let home: string;
let sink: PageSink;
let monitoring: TestPrometheus;
let up: RunningProcess;
let env: Record<string, string>;
let url: string;

const installed = areInstalled(['prometheus', 'prometheus-alertmanager']);

beforeAll(async () => {
  if (!installed) return;
  home = mkdtempSync(join(tmpdir(), 'tocsin-e2e-'));
  sink = await startPageSink(['ana', 'bo', 'eve']);
  const [port = 0, temporalPort = 0, uiPort = 0] = await choosePorts(3);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, systemTestYaml({ sink: sink.url, publicUrl: url }));
  env = {
    ...SYSTEM_TEST_SECRETS,
    TOCSIN_HOME: join(home, 'state'),
    TOCSIN_CONFIG: config,
    PORT: String(port),
    TOCSIN_TEMPORAL_PORT: String(temporalPort),
    TOCSIN_TEMPORAL_UI_PORT: String(uiPort),
    TOCSIN_URL: url,
    TOCSIN_TOKEN: SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN,
    TEMPORAL_CLI_PATH: (await findTestCli()).path,
  };
  monitoring = await startPrometheus({ url: `${url}/webhooks/alertmanager`, token: SYSTEM_TEST_SECRETS.AM_TOKEN });
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
    monitoring.setCheckoutUp(false);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    up = await startUp();
    const first = await sink.waitFor('page', ({ page }) => page.kind === 'page', 60_000);
    expect(first.person).toBe('ana');
    expect(first.page).toMatchObject({ reason: 'on-call', level: 1, cycle: 1, attempt: 1 });
    expect(first.page.incident).toMatchObject({
      title: expect.stringMatching(/^CheckoutDown payments .*: Checkout is down$/),
      severity: 'SEV2',
      team: 'platform',
    });
    expect(first.page.incident.alerts[0]?.links.runbook).toBe('https://runbooks.example.com/checkout');

    const link = new URL(first.page.acknowledgeUrl);
    expect((await fetch(link)).status).toBe(200);
    expect((await show(first.page.incident.workflowId)).phase).toBe('declared');
    expect((await fetch(link, { method: 'POST' })).status).toBe(200);
    const taken = await show(first.page.incident.workflowId);
    expect(taken).toMatchObject({ phase: 'investigating', roles: { ic: 'ana' } });

    monitoring.setCheckoutUp(true);
    await until(async () => (await show(first.page.incident.workflowId)).phase === 'monitoring', 60_000);
    const cleared = await show(first.page.incident.workflowId);
    expect(cleared.alerts.map(({ status }) => status)).toEqual(['resolved']);
    expect(cleared.deadlines.map(({ kind }) => kind)).toContain('monitoring-end');

    const resolve = await runTocsin(
      ['resolve', first.page.incident.workflowId, '--resolution', 'restarted it', '--as', 'ana'],
      env,
    );
    expect(resolve).toMatchObject({ code: 0 });
    expect(pagesUnderTwoKeys(sink.received)).toEqual([]);
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
  const { code, out } = await runTocsin(['show', id, '--json'], env);
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
