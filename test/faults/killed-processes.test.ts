import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { alertmanagerBody, systemTestYaml, NO_DATABASE, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin } from '../support/tocsin-processes.ts';
import type { PageSink } from '../support/page-sink.ts';
import { pagesUnderTwoKeys, startPageSink } from '../support/page-sink.ts';
import type { TestTemporal } from '../support/test-temporal.ts';
import { startTestTemporal } from '../support/test-temporal.ts';

type Part = 'server' | 'worker' | 'temporal';

const COMBINATIONS: readonly (readonly Part[])[] = [
  ['server'],
  ['worker'],
  ['temporal'],
  ['server', 'worker'],
  ['server', 'temporal'],
  ['worker', 'temporal'],
  ['server', 'worker', 'temporal'],
];

let home: string;
let sink: PageSink;
let temporal: TestTemporal;
let url: string;
let env: Record<string, string>;
const parts: Partial<Record<'server' | 'worker', RunningProcess>> = {};

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-kill-'));
  sink = await startPageSink(['ana', 'bo', 'eve']);
  temporal = await startTestTemporal();
  const [port = 0] = await choosePorts(1);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, systemTestYaml({ sink: sink.url, publicUrl: url }));
  env = {
    ...SYSTEM_TEST_SECRETS,
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: NO_DATABASE,
    TOCSIN_HOME: home,
    TOCSIN_CONFIG: config,
    PORT: String(port),
  };
  await Promise.all([startPart('server'), startPart('worker')]);
});

afterEach(async () => {
  await Promise.all([parts.server?.kill(), parts.worker?.kill()]);
  await temporal.stop();
  await sink.close();
  rmSync(home, { recursive: true, force: true });
});

async function startPart(part: 'server' | 'worker'): Promise<void> {
  // A worker has no via to knock at: that it works shows in the pages.
  const ready = part === 'server' ? () => isOk(`${url}/readyz`) : async () => true;
  parts[part] = await startTocsin({ args: [part], env, ready });
}

/** As Alertmanager does: again and again until somebody takes it. */
async function deliver(name: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const response = await fetch(`${url}/webhooks/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${SYSTEM_TEST_SECRETS.AM_TOKEN}` },
      body: JSON.stringify(alertmanagerBody(name)),
    }).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`nobody took ${name}`);
}

async function kill(killed: readonly Part[]): Promise<void> {
  await Promise.all(killed.map(async (part) => (part === 'temporal' ? temporal.kill() : parts[part]?.kill())));
}

async function restart(killed: readonly Part[]): Promise<void> {
  await Promise.all(killed.map((part) => (part === 'temporal' ? temporal.restart() : startPart(part))));
}

async function acknowledge(workflowId: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/incidents/${workflowId}/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}` },
    body: JSON.stringify({ by: 'ana' }),
  });
  expect([200, 202]).toContain(response.status);
}

describe('killed in the middle of an incident, pages and timers go on', () => {
  test.each(COMBINATIONS.map((killed) => [killed.join(' and '), killed] as const))(
    '%s',
    async (_name, killed) => {
      await deliver('Before');
      const first = await sink.waitFor(
        'page of the first alert',
        ({ page }) => page.incident.title === 'Before (payments)',
        20_000,
      );
      expect(first.person).toBe('ana');
      await kill(killed);
      const during = deliver('During');
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await restart(killed);
      await during;
      await sink.waitFor(
        'page of the alert of the outage',
        ({ page }) => page.incident.title === 'During (payments)',
        60_000,
      );
      await sink.waitFor(
        'escalation to Bo',
        ({ person, page }) => person === 'bo' && page.incident.title === 'Before (payments)',
        60_000,
      );

      await acknowledge(first.page.incident.workflowId);
      const pagesOf = () =>
        sink.received.filter(({ page }) => page.kind === 'page' && page.incident.title === 'Before (payments)').length;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const before = pagesOf();
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      expect(pagesOf()).toBe(before);
      expect(pagesUnderTwoKeys(sink.received)).toEqual([]);
      expect(sink.unexpected).toEqual([]);
    },
    180_000,
  );
});
