/** What is remembered in the state directory about the Temporal server: the process, and whose database it is. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

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
