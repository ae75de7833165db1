/**
 * One process at a time. The lock is a file that names its holder by pid and start time, so that a killed holder frees
 * it at once, and neither a reused pid nor a reboot keeps it. A holder on another machine (a shared volume) cannot be
 * checked: its lock is valid for as long as it is being touched.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

interface LockHolder extends ProcessIdentity {
  readonly host: string;
}

const TOUCH_EVERY_MS = 5000;
const FOREIGN_STALE_MS = 20_000;

/** Another live process holds the lock of that directory, or of a file in it. */
export class DirectoryLocked extends Error {
  constructor(path: string, holder: LockHolder) {
    super(`${dirname(path)} is in use by process ${holder.pid} on ${holder.host}`);
    this.name = 'DirectoryLocked';
  }
}

export interface LockOptions {
  /** How long to wait for another holder; 0 unless given. */
  readonly waitMs?: number;
  /** Called once, when there is another holder to wait for. */
  readonly onWait?: () => void;
}

const LOOK_EVERY_MS = 50;
/** Of a wait that may last minutes. */
const LOOK_SELDOM_MS = 500;

/** Makes the file `path` for as long as the lock is held; its directory must exist. The answer releases it. Throws `DirectoryLocked`. */
export async function lockFile(path: string, { waitMs = 0, onWait }: LockOptions = {}): Promise<() => Promise<void>> {
  const deadline = Date.now() + waitMs;
  const me = await lockHolder();
  let waiting = false;
  for (;;) {
    try {
      return await lockNow(path, me);
    } catch (error) {
      if (!(error instanceof DirectoryLocked) || Date.now() >= deadline) throw error;
      if (!waiting) onWait?.();
      waiting = true;
      await sleep(waitMs > 60_000 ? LOOK_SELDOM_MS : LOOK_EVERY_MS);
    }
  }
}

/** The whole directory, by the file `lock` in it. */
export const lockDirectory = (directory: string): Promise<() => Promise<void>> => lockFile(join(directory, 'lock'));

async function lockHolder(): Promise<LockHolder> {
  return { ...(identify(process.pid) ?? { pid: process.pid, startedAt: '' }), host: await hostName() };
}

/** Containers of one host name may share a volume and still not see each other's processes. */
async function hostName(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => null);
  return namespace === null ? hostname() : `${hostname()} ${namespace}`;
}

async function lockNow(path: string, me: LockHolder): Promise<() => Promise<void>> {
  // Two holders of one process are told apart as well.
  const mine = JSON.stringify({ ...me, lock: randomUUID() });
  const temporaryPath = `${path}.${randomUUID()}`;
  await writeFile(temporaryPath, mine);
  try {
    while (!(await linked(temporaryPath, path))) {
      const text = await readFile(path, 'utf8').catch((err: NodeJS.ErrnoException) => {
        if (err.code === 'ENOENT') return null; // released in this very moment
        if (err.code === 'EISDIR') return ''; // no lock of ours: nobody holds it
        throw err;
      });
      if (text === null) continue;
      const holder = parseLockHolder(text);
      if (holder !== null && (await isHeld(holder, path))) throw new DirectoryLocked(path, holder);
      await removeStaleLock(path, text);
    }
  } finally {
    await rm(temporaryPath, { force: true });
  }
  const touching = setInterval(() => {
    utimes(path, new Date(), new Date()).catch(() => undefined); // a lost touch matters to other machines only
  }, TOUCH_EVERY_MS);
  touching.unref();
  return async () => {
    clearInterval(touching);
    if ((await readFile(path, 'utf8').catch(() => null)) === mine) await rm(path, { force: true });
  };
}

/** `link` fails when the name exists, so of two processes one wins, and nobody ever reads a half-written lock. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw err;
  }
}

/** Removes a dead holder's lock; puts it back if another process took it over in between. */
async function removeStaleLock(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch((err: NodeJS.ErrnoException) => {
    if (err.code !== 'ENOENT') throw err;
  });
  const moved = await readFile(aside, 'utf8').catch(() => null);
  if (moved !== null && moved !== text) await linked(aside, path);
  await rm(aside, { force: true, recursive: true });
}

async function isHeld(holder: LockHolder, path: string): Promise<boolean> {
  if (holder.host === (await hostName())) return holder.startedAt === '' ? isRunning(holder.pid) : isAlive(holder);
  const touched = await stat(path).catch(() => null);
  return touched !== null && Date.now() - touched.mtimeMs < FOREIGN_STALE_MS;
}

/** For systems that do not reveal when a process started. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function parseLockHolder(text: string): LockHolder | null {
  try {
    const { pid, startedAt, host } = JSON.parse(text) as Partial<LockHolder>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof host !== 'string') return null;
    return { pid, startedAt, host };
  } catch {
    return null; // not ours: nobody holds it
  }
}
