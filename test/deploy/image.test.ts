/** That what the Dockerfile makes can run: alone, read-only, as a user who owns nothing. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { choosePort } from '../support/ports.ts';
import { read, ROOT, sampleValues } from './compose-file.ts';
import { environmentOf, parseDockerfile, stagesOf, texts } from './dockerfile.ts';
import { makeImage } from './image.ts';

const NOBODY = 65_534;
/** Only root can become somebody else; anybody else is a user who owns no image anyway. */
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const [, final = []] = stagesOf(parseDockerfile(read('Dockerfile')));
const [health = ''] = texts(final, 'HEALTHCHECK');
const healthcheck = JSON.parse(health.slice(health.indexOf('CMD') + 3)) as readonly string[];

let dir = '';
let app = '';
let home = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tocsin-image-'));
  app = makeImage(dir);
  home = join(dir, 'state');
  mkdirSync(home);
  chmodSync(home, 0o777);
}, 180_000);
afterAll(() => {
  spawnSync('chmod', ['-R', 'u+w', dir]);
  rmSync(dir, { recursive: true, force: true });
});

/** The environment of the image, with the state somewhere that can be written here. */
const env = (more: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  ...environmentOf(final),
  TOCSIN_DIST: join(app, 'dist'),
  TOCSIN_HOME: home,
  HOST: '127.0.0.1',
  ...more,
});

function tocsin(args: readonly string[], more?: Record<string, string>): { code: number | null; out: string } {
  const options = { cwd: app, env: env(more), encoding: 'utf8', timeout: 30_000, ...user } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/tocsin.js', ...args], options);
  return { code: status, out: stdout + stderr };
}

test('the image has what runs and nothing else', () => {
  for (const gone of ['node_modules/jest', 'node_modules/typescript', 'cli', 'workflows', 'test', '.git']) {
    expect([gone, existsSync(join(app, gone))]).toEqual([gone, false]);
  }
  expect(existsSync(join(app, 'dist/workflow-bundle.js'))).toBe(true);
});

test('it tells its version, and compiles nothing to do so', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(tocsin(['--version'])).toEqual({ code: 0, out: `${version}\n` });
});

test('it checks the configuration that compose mounts', () => {
  const config = join(ROOT, 'deploy/tocsin/tocsin.yaml');
  const checked = tocsin(['config', 'check'], {
    ...sampleValues,
    TOCSIN_CONFIG: config,
    TOCSIN_PUBLIC_URL: 'https://t.example',
  });
  expect(checked).toEqual({ code: 0, out: expect.stringContaining('in order') });
});

test('a worker comes as far as looking for Temporal: its native part loads, and nothing else is missing', () => {
  const address = '127.0.0.1:1';
  const code = `const { NativeConnection } = await import('@temporalio/worker');
    await NativeConnection.connect({ address: '${address}' }).catch((error) => console.log(error.name));`;
  const options = { cwd: app, env: env(), encoding: 'utf8', timeout: 30_000, ...user } as const;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], options);
  expect(stderr).toBe('');
  expect(stdout.trim()).toMatch(/Error$/);
});

test('a server starts without Temporal and without records, is found healthy by the image itself, and ends when told', async () => {
  const port = String(await choosePort());
  const away = { TEMPORAL_ADDRESS: '127.0.0.1:1', DATABASE_URL: 'postgres://tocsin:none@127.0.0.1:1/tocsin' };
  const settings = { ...away, TOCSIN_SECRET: 's'.repeat(64), PORT: port };
  const config = { ...sampleValues, TOCSIN_CONFIG: join(ROOT, 'deploy/tocsin/tocsin.yaml') };
  const given = env({ ...config, TOCSIN_PUBLIC_URL: 'https://t.example', ...settings });
  const server = spawn(process.execPath, ['bin/tocsin.js', 'server'], { cwd: app, env: given, stdio: 'pipe', ...user });
  let said = '';
  server.stdout.on('data', (text: Buffer) => (said += text.toString()));
  server.stderr.on('data', (text: Buffer) => (said += text.toString()));
  try {
    expect(isHealthy(given)).toBe(false);
    await untilHealthy(given, server, () => said);
    server.kill('SIGTERM');
    expect(await ended(server)).toBe(0);
  } finally {
    server.kill('SIGKILL');
  }
}, 60_000);

/** The HEALTHCHECK's own command; `node` is the one that runs this test. */
function isHealthy(given: Record<string, string>): boolean {
  const [, ...args] = healthcheck;
  return spawnSync(process.execPath, args, { env: given, timeout: 10_000 }).status === 0;
}

async function untilHealthy(given: Record<string, string>, server: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}: ${said()}`);
    if (isHealthy(given)) return;
    await sleep(250);
  }
  throw new Error(`not healthy: ${said()}`);
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(child.exitCode)));
