/**
 * One process at a time in a directory. The lock is a file that names its holder by process id and start time, so
 * that a killed holder frees it at once and a reused process id does not keep it. A holder on another machine (a
 * shared volume) cannot be looked up: its lock counts for as long as it is being touched.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

interface LockHolder {
  readonly pid: number;
  /** Boot and start of the process; null where the system does not say. */
  readonly startedAt: string | null;
  readonly host: string;
}

const TOUCH_EVERY_MS = 5000;
const FOREIGN_STALE_MS = 20_000;

/** The directory is in use by another live process. */
export class DirectoryLocked extends Error {
  constructor(directory: string, holder: LockHolder) {
    super(`${directory} is in use by process ${holder.pid} on ${holder.host}`);
    this.name = 'Locked';
  }
}

/** Takes the lock or throws `Locked`. The answer releases it. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  const mine = JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid), host: hostname() });
  const temporaryPath = join(directory, `lock.${randomUUID()}`);
  await writeFile(temporaryPath, mine);
  try {
    while (!(await linked(temporaryPath, path))) {
      const text = await readFile(path, 'utf8').catch(() => null);
      if (text === null) continue;
      const holder = parseLockHolder(text);
      if (holder !== null && (await isAlive(holder, path))) throw new DirectoryLocked(directory, holder);
      await removeStaleLock({ path, text, directory });
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

/** `link` fails when the name exists, so of two processes one wins, and no one ever reads a half-written lock. */
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
async function removeStaleLock({
  path,
  text,
  directory,
}: {
  path: string;
  text: string;
  directory: string;
}): Promise<void> {
  const aside = join(directory, `lock.${randomUUID()}`);
  await rename(path, aside).catch((err: NodeJS.ErrnoException) => {
    if (err.code !== 'ENOENT') throw err;
  });
  const moved = await readFile(aside, 'utf8').catch(() => null);
  if (moved !== null && moved !== text) await linked(aside, path);
  await rm(aside, { force: true });
}

async function isAlive(holder: LockHolder, path: string): Promise<boolean> {
  if (holder.host !== hostname()) {
    const touched = await stat(path).catch(() => null);
    return touched !== null && Date.now() - touched.mtimeMs < FOREIGN_STALE_MS;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return holder.startedAt === null || holder.startedAt === (await startOf(holder.pid));
}

/**
 * Boot and start time of a live process; null where the system does not say, and for a zombie. Fields of
 * `/proc/<pid>/stat` are counted from its last bracket: the name before it may hold blanks and brackets.
 */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return fields[0] === undefined || 'ZX'.includes(fields[0]) ? null : `${boot.trim()}/${fields[19]}`;
}

function parseLockHolder(text: string): LockHolder | null {
  try {
    const { pid, startedAt, host } = JSON.parse(text) as Partial<LockHolder>;
    return typeof pid === 'number' && typeof host === 'string' ? { pid, startedAt: startedAt ?? null, host } : null;
  } catch {
    return null; // not ours: nobody holds it
  }
}
