import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import { alertmanagerBody, systemTestYaml, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { isPostgresInstalled, startPostgres } from '../support/postgres.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin, runTocsin } from '../support/tocsin-processes.ts';
import type { PageSink } from '../support/page-sink.ts';
import { pagesUnderTwoKeys, startPageSink } from '../support/page-sink.ts';
import type { TestTemporal } from '../support/test-temporal.ts';
import { startTestTemporal } from '../support/test-temporal.ts';

let home: string;
let sink: PageSink;
let temporal: TestTemporal;
let postgres: TestPostgres;
let urls: readonly [string, string];
let servers: RunningProcess[] = [];
let workers: RunningProcess[] = [];
let env: Record<string, string>;

const installed = isPostgresInstalled();

beforeAll(async () => {
  if (!installed) return;
  home = mkdtempSync(join(tmpdir(), 'tocsin-many-'));
  [sink, temporal, postgres] = await Promise.all([
    startPageSink(['ana', 'bo', 'eve']),
    startTestTemporal(),
    startPostgres(),
  ]);
  const [first = 0, second = 0] = await choosePorts(2);
  urls = [`http://127.0.0.1:${first}`, `http://127.0.0.1:${second}`];
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, systemTestYaml({ sink: sink.url, publicUrl: urls[0] }));
  env = {
    ...SYSTEM_TEST_SECRETS,
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: await postgres.database(),
    TOCSIN_CONFIG: config,
    TOCSIN_HOME: join(home, 'worker-0'),
  };
  servers = await Promise.all(
    urls.map((url, i) =>
      startTocsin({
        args: ['server'],
        env: { ...env, PORT: new URL(url).port, TOCSIN_HOME: join(home, `server-${i}`) },
        ready: () => isOk(`${url}/readyz`),
      }),
    ),
  );
  workers = await Promise.all(
    [0, 1].map((i) =>
      startTocsin({
        args: ['worker'],
        env: { ...env, TOCSIN_HOME: join(home, `worker-${i}`) },
        ready: async () => true,
      }),
    ),
  );
}, 300_000);

afterAll(async () => {
  if (!installed) return;
  await Promise.all([...servers, ...workers].map((running) => running.kill()));
  await Promise.all([temporal.stop(), postgres.stop(), sink.close()]);
  rmSync(home, { recursive: true, force: true });
});

const admin = { authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}` };

async function get<T>(url: string, path: string): Promise<T> {
  const response = await fetch(`${url}${path}`, { headers: admin });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function alert(url: string, name: string): Promise<void> {
  const posted = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SYSTEM_TEST_SECRETS.AM_TOKEN}` },
    body: JSON.stringify(alertmanagerBody(name)),
  });
  expect(posted.status).toBe(202);
}

async function command(url: string, id: string, name: string, body: object): Promise<void> {
  const answer = await fetch(`${url}/api/v1/incidents/${id}/${name}`, {
    method: 'POST',
    headers: { ...admin, 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'ana', ...body }),
  });
  expect({ status: answer.status, body: answer.status === 200 ? null : await answer.text() }).toEqual({
    status: 200,
    body: null,
  });
}

interface Listed {
  readonly incidents: readonly IncidentView[];
}

async function until<T>(what: string, look: () => Promise<T | null | false>, withinMs = 60_000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look().catch(() => null);
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Everything that a person can read, by number. */
async function everything(url: string): Promise<ReadonlyMap<string, unknown>> {
  const { incidents } = await get<Listed>(url, '/api/v1/incidents');
  const records = incidents.map(async (incident) => {
    const { timeline } = await get<TimelineView>(url, `/api/v1/incidents/${incident.reference ?? ''}/timeline`);
    return [incident.reference ?? '', { incident, timeline }] as const;
  });
  return new Map(await Promise.all(records));
}

(installed ? describe : describe.skip)('[REC-4] [REC-8] two servers and two workers on one Postgres', () => {
  const NAMES = Array.from({ length: 8 }, (_, i) => `Alert${i}`);

  test('whichever via an alert or a command comes by, both tell the same; every incident has a number of its own', async () => {
    await Promise.all(NAMES.map((name, i) => alert(urls[i % 2 === 0 ? 0 : 1], name)));
    // The second sender of a cluster: the same group at the other via is the same incident.
    await Promise.all(NAMES.map((name, i) => alert(urls[i % 2 === 0 ? 1 : 0], name)));
    const listed = await until('the list', async () => {
      const { incidents } = await get<Listed>(urls[0], '/api/v1/incidents');
      return incidents.length === NAMES.length && incidents;
    });
    const numbers = listed.map(({ reference }) => reference).sort();
    expect(numbers).toEqual(NAMES.map((_, i) => expect.stringMatching(new RegExp(`-00${i + 1}$`)) as unknown));
    for (const [i, { reference }] of listed.entries()) {
      await command(urls[i % 2 === 0 ? 0 : 1], reference ?? '', 'acknowledge', {});
      await command(urls[i % 2 === 0 ? 1 : 0], reference ?? '', 'add-note', { text: `seen ${reference ?? ''}` });
    }
    await until('both tell the same', async () => {
      const [here, there] = await Promise.all(urls.map(everything));
      const notes = JSON.stringify([...(here?.values() ?? [])]).match(/seen INC-/g) ?? [];
      return notes.length === NAMES.length && JSON.stringify([...(here ?? [])]) === JSON.stringify([...(there ?? [])]);
    });
    expect(pagesUnderTwoKeys(sink.received)).toEqual([]);
  });

  test('one worker and one server die: the others go on with every incident', async () => {
    await Promise.all([workers[0]?.kill(), servers[0]?.kill()]);
    const [, url] = urls;
    const { incidents } = await get<Listed>(url, '/api/v1/incidents');
    for (const { reference } of incidents) {
      await until(`${reference ?? ''} answers`, async () => {
        await command(url, reference ?? '', 'add-note', { text: 'still here' });
        return true;
      });
    }
    await until('the notes', async () => {
      const all = JSON.stringify([...(await everything(url)).values()]);
      return (all.match(/still here/g) ?? []).length >= NAMES.length;
    });
  });

  test('rebuilt from the histories, the records are what they were', async () => {
    const [, url] = urls;
    const before = await until('quiet records', async () => {
      const once = await everything(url);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const again = await everything(url);
      return JSON.stringify([...once]) === JSON.stringify([...again]) && again;
    });
    const { code, out } = await runTocsin(['records', 'rebuild'], env);
    expect({ code, out }).toMatchObject({ code: 0 });
    expect([...(await everything(url))]).toEqual([...before]);
  });
});
