/** `tocsin up` as a person starts it: what it prints works, and it survives and ends as promised. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '../../runtime/process-identity.ts';
import { readServerRecord } from '../../embedded/server-process.ts';
import { startTocsin, runTocsin } from '../support/tocsin-processes.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';

const ANY_PORTS = { PORT: '0', TOCSIN_TEMPORAL_PORT: '0', TOCSIN_TEMPORAL_UI_PORT: '0' };
let home: string;
let env: Record<string, string>;
const running: RunningProcess[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-up-'));
  env = {
    ...ANY_PORTS,
    TOCSIN_HOME: home,
    TOCSIN_CONFIG: '',
    TOCSIN_ADMIN_TOKEN: '',
    TOCSIN_SECRET: '',
    TEMPORAL_ADDRESS: '',
  };
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()));
  const left = readServerRecord(home);
  if (left !== null && identify(left.pid)?.startedAt === left.startedAt) process.kill(left.pid, 'SIGKILL');
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

/** Ready is when the banner is there; its text shows only in the output. */
async function up(): Promise<RunningProcess> {
  const one = await startTocsin({ args: ['up'], env, ready: async () => true });
  running.push(one);
  await printed(one, /(Tocsin is running)/);
  return one;
}

async function printed(one: RunningProcess, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(one.output())?.[1];
    if (found !== undefined) return found;
    await new Promise((again) => setTimeout(again, 50));
  }
}

test('the commands that it prints declare an incident and open one from an alert', async () => {
  const one = await up();
  const api = await printed(one, /API\s+(\S+)/);
  const [declare = '', alert = ''] =
    (await printed(one, /(Declare a first incident[^]*)Stop with/)).match(/curl[^]*?}'\n/g) ?? [];
  expect((await post(declare)).status).toBe(201);
  const taken = await post(alert);
  expect(taken.status).toBe(202);
  expect(await taken.json()).toMatchObject({ incidents: [{ url: expect.stringContaining(api) }] });
}, 120_000);

test('secrets are made once, for their owner only', async () => {
  const token = await printed(await up(), /Admin token\s+(\S+)/);
  await running[0]?.stop();
  for (const name of ['secret', 'admin-token', 'source-token'])
    expect(statSync(join(home, name)).mode & 0o777).toBe(0o600);
  expect(await printed(await up(), /Admin token\s+(\S+)/)).toBe(token);
}, 120_000);

test('a second one on the same state directory is refused with 69', async () => {
  await up();
  expect(await runTocsin(['up'], env)).toMatchObject({ code: 69, out: expect.stringContaining(home) });
}, 120_000);

test('killed, it is started again at once and finds its Temporal server', async () => {
  const first = await up();
  const server = readServerRecord(home)?.pid;
  await first.kill();
  await up();
  expect(readServerRecord(home)?.pid).toBe(server);
}, 120_000);

test('SIGTERM ends it with 0 inside 30 s and takes Temporal along', async () => {
  const one = await up();
  const server = readServerRecord(home)?.pid ?? 0;
  const asked = Date.now();
  expect(await one.stop()).toBe(0);
  expect(Date.now() - asked).toBeLessThan(30_000);
  expect(identify(server)).toBeNull();
}, 120_000);

test('a broken configuration is told with 78, and nothing is started', async () => {
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, 'peple: {}\n');
  const { code, out } = await runTocsin(['up'], { ...env, TOCSIN_CONFIG: config });
  expect(code).toBe(78);
  expect(out).toContain('peple');
  expect(readdirSync(home)).not.toContain('temporal');
}, 60_000);

/** Does what the printed command would do, so that the test needs no curl. */
function post(command: string): Promise<Response> {
  const url = /curl -sS (\S+)/.exec(command)?.[1] ?? '';
  const authorization = /Authorization: ([^"]+)"/.exec(command)?.[1] ?? '';
  const body = /-d '([^]*)'\n/.exec(command)?.[1] ?? '';
  return fetch(url, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body });
}
