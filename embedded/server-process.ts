/** One run of the development server as a process: spawned apart from us, or found again after we were killed. */
import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from '../runtime/process-identity.ts';
import { finishesWithin } from '../runtime/process.ts';

export interface ServerProcess {
  readonly identity: ProcessIdentity;
  /** Resolves when it has ended, however it ended. */
  readonly ended: Promise<void>;
  /** SIGTERM, and after `graceMs` SIGKILL. */
  stop(graceMs: number): Promise<void>;
}

const LOG_BYTES = 20_000_000;
const LOOK_MS = 250;

/**
 * A group of its own keeps Ctrl-C of the terminal from it: it must serve while the rest drains. Its output goes
 * straight to the file, since a pipe would end with us.
 */
export function spawnServer(path: string, args: readonly string[], logFile: string): ServerProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  boundLog(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(path, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const identity = child.pid === undefined ? null : identify(child.pid);
  // Gone already: nothing has this pid, so `isAlive` returns false.
  return asProcess(identity ?? { pid: child.pid ?? -1, startedAt: 'never' }, ended);
}

/** A process that is not our child ends without an event, so it is polled. */
export function adoptServer(identity: ProcessIdentity): ServerProcess {
  const watch = async (): Promise<void> => {
    while (isAlive(identity)) await sleep(LOOK_MS, undefined, { ref: false });
  };
  return asProcess(identity, watch());
}

function asProcess(identity: ProcessIdentity, ended: Promise<void>): ServerProcess {
  const signal = (name: NodeJS.Signals): void => {
    // Asked again each time, for a pid may have been given to somebody else by now.
    if (isAlive(identity)) process.kill(identity.pid, name);
  };
  return {
    identity,
    ended,
    async stop(graceMs) {
      signal('SIGTERM');
      if (await finishesWithin(ended, graceMs)) return;
      signal('SIGKILL');
      await ended;
    },
  };
}

/** At its limit the log is copied aside and truncated; the server appends, so it continues from the start. */
export function boundLog(path: string): void {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= LOG_BYTES) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}

/** The last lines, for the message when it does not start. */
export function lastLines(path: string, count = 3): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n').slice(-1000);
  } catch {
    return '';
  }
}

export interface ServerRecord extends ProcessIdentity {
  readonly port: number;
  readonly uiPort: number | null;
  readonly serverVersion: string;
}

export const databaseFile = (home: string): string => join(home, 'temporal', 'temporal.sqlite');
export const temporalLogFile = (home: string): string => join(home, 'logs', 'temporal.log');
const recordFile = (home: string): string => join(home, 'temporal', 'server.json');
const versionFile = (home: string): string => join(home, 'temporal', 'database.json');

export function readServerRecord(home: string): ServerRecord | null {
  const found = readJson<Partial<ServerRecord>>(recordFile(home));
  if (typeof found?.pid !== 'number' || typeof found.startedAt !== 'string' || typeof found.port !== 'number')
    return null;
  const { pid, startedAt, port, uiPort = null, serverVersion = '' } = found;
  return { pid, startedAt, port, uiPort, serverVersion };
}

export function writeServerRecord(home: string, record: ServerRecord): void {
  writeJson(recordFile(home), record);
}

export function forgetServer(home: string): void {
  rmSync(recordFile(home), { force: true });
}

/** The version of the server that made the database; null when there is none yet, or none is noted. */
export function databaseVersion(home: string): string | null {
  if (!existsSync(databaseFile(home))) return null;
  return readJson<{ serverVersion?: string }>(versionFile(home))?.serverVersion ?? null;
}

export function writeDatabaseVersion(home: string, serverVersion: string): void {
  writeJson(versionFile(home), { serverVersion });
}

function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return null;
  }
}

function writeJson(path: string, value: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}
