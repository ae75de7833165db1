/**
 * A real Postgres for tests: Debian's binaries, or those on the PATH, on a free port of the loopback and in a directory
 * of its own. It refuses to run as root, so as root it is run as `nobody`.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { choosePorts } from './ports.ts';

const NOBODY = 65_534;
const READY_MS = 30_000;

export interface TestPostgres {
  /** Of its database `postgres`. */
  readonly url: string;
  /** A new empty database; resolves with its address. */
  database(): Promise<string>;
  /** It answers nothing, but its connections stay open. */
  pause(): void;
  resume(): void;
  /** SIGKILL of all of it; resolves when it is gone. */
  kill(): Promise<void>;
  /** On the same port and data. */
  restart(): Promise<void>;
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>;
}

/** Where `initdb` and `postgres` are; null when they are not installed. */
function findBinaries(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const places = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return places.find((place) => ['initdb', 'postgres'].every((name) => existsSync(join(place, name)))) ?? null;
}

/** False, with a word why, when Postgres is not installed; with `CI=true` that is an error. */
export function isPostgresInstalled(): boolean {
  if (findBinaries() !== null) return true;
  if (process.env['CI'] === 'true') throw new Error('missing: postgres; CI skips nothing');
  console.warn('skipped, because it is not installed: postgres (Debian: postgresql)');
  return false;
}

export async function startPostgres(): Promise<TestPostgres> {
  const bin = findBinaries();
  if (bin === null) throw new Error('Postgres is not installed (Debian: postgresql)');
  const asRoot = process.getuid?.() === 0;
  const owner = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const home = mkdtempSync(join(tmpdir(), 'tocsin-postgres-'));
  const data = join(home, 'data');
  chmodSync(home, 0o755);
  mkdirSync(data, { mode: 0o700 });
  if (asRoot) chownSync(data, NOBODY, NOBODY);
  const env = { PATH: bin, LC_ALL: 'C', TZ: 'UTC' };
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...owner,
    ...{ env, cwd: data, stdio: 'ignore' },
  });
  const [port = 0] = await choosePorts(1);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=60'];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const spawnServer = (): ChildProcess =>
    spawn(join(bin, 'postgres'), args, { ...owner, env, cwd: data, detached: true, stdio: 'ignore' });

  let server = spawnServer();
  // The group: its helpers outlive a killed postmaster for a moment.
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of [server.pid ?? 0, ...childrenOf(server.pid ?? 0)]) {
      try {
        process.kill(pid, name);
      } catch {
        // gone already
      }
    }
  };
  const end = async (name: NodeJS.Signals): Promise<void> => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode !== null || server.signalCode !== null) return;
    if (name === 'SIGKILL') signal(name);
    else server.kill(name);
    await gone;
  };
  const onExit = (): void => signal('SIGKILL');
  process.once('exit', onExit);
  await untilReady(url);

  let databases = 0;
  return {
    url,
    async database() {
      const name = `test_${(databases += 1)}`;
      await ask(url, `create database ${name}`);
      return url.replace(/postgres$/, name);
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGINT');
      server = spawnServer();
      await untilReady(url);
    },
    async stop() {
      signal('SIGCONT');
      await end('SIGINT');
      process.off('exit', onExit);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Backends are groups of their own: a signal to the group of the postmaster would miss them. */
function childrenOf(pid: number): readonly number[] {
  try {
    const out = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
    return out
      .split('\n')
      .map(Number)
      .filter((child) => child > 0);
  } catch {
    return [];
  }
}

async function untilReady(url: string): Promise<void> {
  const end = Date.now() + READY_MS;
  for (;;) {
    try {
      await ask(url, 'select 1');
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function ask(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}
