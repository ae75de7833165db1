import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alertmanagerBody, houseYaml, NO_DATABASE, SECRETS } from '../support/house.ts';
import type { Running } from '../support/processes.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin } from '../support/processes.ts';
import type { Sink } from '../support/sink.ts';
import { startSink } from '../support/sink.ts';
import type { TestTemporal } from '../support/temporal.ts';
import { devServer } from '../support/temporal.ts';

let home: string;
let url: string;
let sink: Sink;
let temporal: TestTemporal;
let server: Running;
let worker: Running;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-attributes-'));
  sink = await startSink(['ana', 'bo', 'eve']);
  temporal = await devServer({ searchAttributes: false });
  const [port = 0] = await choosePorts(1);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, houseYaml({ sink: sink.url, publicUrl: url }));
  const env = {
    ...SECRETS,
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
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRETS.AM_TOKEN}` },
    body: JSON.stringify(alertmanagerBody('NoAttributes')),
  });
  expect(posted.status).toBe(202);
  const { page } = await sink.waitFor('page', () => true, 30_000);
  const acknowledged = await fetch(page.acknowledgeUrl, { method: 'POST', headers: { accept: 'application/json' } });
  expect(acknowledged.status).toBe(200);
  const shown = await fetch(`${url}/api/v1/incidents/${page.incident.workflowId}`, {
    headers: { authorization: `Bearer ${SECRETS.TOCSIN_ADMIN_TOKEN}` },
  });
  expect(await shown.json()).toMatchObject({ phase: 'investigating', roles: { ic: 'ana' } });
  expect(worker.output()).toContain('search attributes are missing');
});
