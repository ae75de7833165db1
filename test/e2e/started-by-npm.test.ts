/** `npx tocsin up` and `npm start`: whatever ends npm ends the server too. Who starts it without npm may leave it running. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../embedded/ports.ts';
import { NO_DATABASE, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import { isOk, startProcess, type RunningProcess } from '../support/tocsin-processes.ts';
import { startTestTemporal, type TestTemporal } from '../support/test-temporal.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');

let temporal: TestTemporal;
let home: string;
let url: string;
let env: Record<string, string>;
/** Of the last server that was started: its launchers and itself. */
let family: readonly number[];

beforeAll(async () => {
  temporal = await startTestTemporal();
});
afterAll(() => temporal.stop());

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-npm-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const where = { TEMPORAL_ADDRESS: temporal.address, DATABASE_URL: NO_DATABASE, TOCSIN_HOME: home };
  env = { ...SYSTEM_TEST_SECRETS, ...where, PORT: String(port) };
  family = [];
});
afterEach(() => {
  for (const pid of family) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

async function startBy(command: string, args: readonly string[], more = {}): Promise<RunningProcess> {
  const running = await startProcess(command, { args, env: { ...env, ...more }, ready: () => isOk(`${url}/healthz`) });
  family = withDescendants(running.pid);
  return running;
}

function withDescendants(pid: number): readonly number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const of = (parent: number): number[] => [
    parent,
    ...pairs.flatMap(([child = 0, ppid]) => (ppid === parent ? of(child) : [])),
  ];
  return of(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const isListening = (): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  );

test.each([
  ['npx tocsin up', 'SIGTERM'],
  ['npm start', 'SIGTERM'],
  ['npm start', 'SIGKILL'],
])(
  '%s, and npm gets %s: the port is free and nobody is left within 30 s',
  async (line, signal) => {
    const running = await startBy('sh', ['-c', `cd '${ROOT}' && exec ${line}`]);
    expect(family.length).toBeGreaterThan(1);
    await (signal === 'SIGTERM' ? running.stop() : running.kill());
    await until(async () => !family.some(isAlive), 30_000);
    expect(await isListening()).toBe(false);
    expect(readFileSync(join(home, 'logs/tocsin.log'), 'utf8')).toContain('stopping');
  },
  90_000,
);

test('started without npm, from a shell that npm has started, it outlives that shell', async () => {
  const byNpm = { npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: 'bash' };
  const running = await startBy('sh', ['-c', `node ${join(ROOT, 'bin/tocsin.js')} up & wait`], byNpm);
  await running.kill();
  const survivors = family.filter((pid) => pid !== running.pid);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect([survivors.length, survivors.every(isAlive), await isListening()]).toEqual([1, true, true]);
  const [pid = 0] = survivors;
  process.kill(pid, 'SIGTERM');
  await until(async () => !isAlive(pid), 30_000);
});
