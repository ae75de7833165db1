import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alertmanagerBody, systemTestYaml, NO_DATABASE, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin } from '../support/tocsin-processes.ts';
import type { PageSink } from '../support/page-sink.ts';
import { startPageSink } from '../support/page-sink.ts';
import type { TestTemporal } from '../support/test-temporal.ts';
import { startTestTemporal } from '../support/test-temporal.ts';

let home: string;
let url: string;
let sink: PageSink;
let temporal: TestTemporal;
let server: RunningProcess;
let worker: RunningProcess;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-attributes-'));
  sink = await startPageSink(['ana', 'bo', 'eve']);
  temporal = await startTestTemporal({ searchAttributes: false });
  const [port = 0] = await choosePorts(1);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, systemTestYaml({ sink: sink.url, publicUrl: url }));
  const env = {
    ...SYSTEM_TEST_SECRETS,
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: NO_DATABASE,
    TOCSIN_HOME: home,
    TOCSIN_CONFIG: config,
    PORT: String(port),
  };
  server = await startTocsin({ args: ['server'], env, ready: () => isOk(`${url}/readyz`) });
  worker = await startTocsin({ args: ['worker'], env, ready: async () => true });
}, 300_000);

afterAll(async () => {
  await Promise.all([server.kill(), worker.kill()]);
  await temporal.stop();
  await sink.close();
  rmSync(home, { recursive: true, force: true });
});

test('search attributes are missing on the server: page and acknowledgement go through, and the worker says so', async () => {
  const posted = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SYSTEM_TEST_SECRETS.AM_TOKEN}` },
    body: JSON.stringify(alertmanagerBody('NoAttributes')),
  });
  expect(posted.status).toBe(202);
  const { page } = await sink.waitFor('page', () => true, 30_000);
  const acknowledged = await fetch(page.acknowledgeUrl, { method: 'POST', headers: { accept: 'application/json' } });
  expect(acknowledged.status).toBe(200);
  const shown = await fetch(`${url}/api/v1/incidents/${page.incident.workflowId}`, {
    headers: { authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}` },
  });
  expect(await shown.json()).toMatchObject({ phase: 'investigating', roles: { ic: 'ana' } });
  expect(worker.output()).toContain('search attributes are missing');
});
