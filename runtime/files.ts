/** Reads small text files that a user named: regular files only, bounded, never waiting on a pipe. */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The text, or why there is none; `missing` when the file does not exist. */
export type FileText = { readonly text: string } | { readonly reason: string; readonly missing: boolean };

/** Reads at most `limit` bytes of UTF-8 from `path`; a larger file, a directory, a FIFO or bad UTF-8 is a reason. */
export function readSmallFile(path: string, limit: number): FileText {
  let file: number | null = null;
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a writer that may never come.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile()) return refuse('is not a regular file: name a file');
    const bytes = readUpTo(file, limit + 1);
    if (bytes.length > limit) return refuse(`is larger than ${limit / 1024} KiB`);
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return explain(error);
  } finally {
    if (file !== null) closeSync(file);
  }
}

function readUpTo(file: number, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const count = readSync(file, buffer, length, size - length, null);
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

function explain(error: unknown): FileText {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'does not exist', missing: true };
  if (code === 'EACCES' || code === 'EPERM') return refuse('may not be read by this user: change its permissions');
  if (code === 'ENXIO') return refuse('is not a regular file: name a file');
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return refuse('is not UTF-8 text: save it as UTF-8');
  return refuse(`cannot be read (${code || String(error)})`);
}

const refuse = (reason: string): FileText => ({ reason, missing: false });

/**
 * Writes over the file that a symbolic link leads to, and leaves it to its owner: another user may have to read it still.
 * The rest is as for `writeFileAtomically`.
 */
export async function rewriteFileAtomically(path: string, text: string, mode = 0o600): Promise<void> {
  const target = await realpath(path).catch(() => path);
  await writeAtomically(dirname(target), basename(target), text, { mode, isExact: true });
}

/** Writes `<directory>/<name>`, readable by its owner alone unless `mode` says otherwise, and makes the directory. */
export async function writeFileAtomically(directory: string, name: string, text: string, mode = 0o600): Promise<void> {
  await writeAtomically(directory, name, text, { mode, isExact: false });
}

interface FileMode {
  readonly mode: number;
  /** Whatever the umask is. */
  readonly isExact: boolean;
}

async function writeAtomically(directory: string, name: string, text: string, mode: FileMode): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, name);
  const temporaryPath = join(directory, `.${name}.${randomUUID()}`);
  try {
    await writeThrough(temporaryPath, text, { ...mode, likeOwnerOf: path });
    await rename(temporaryPath, path);
  } finally {
    await rm(temporaryPath, { force: true });
  }
  await syncDirectory(directory);
}

async function writeThrough(
  path: string,
  text: string,
  { mode, isExact, likeOwnerOf }: FileMode & { readonly likeOwnerOf: string },
): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    if (isExact) await file.chmod(mode);
    await keepOwner(file, likeOwnerOf);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A command that root runs must not take a file away from the server's user. */
async function keepOwner(file: FileHandle, path: string): Promise<void> {
  const [before, now] = await Promise.all([stat(path).catch(() => null), file.stat()]);
  if (before === null || (before.uid === now.uid && before.gid === now.gid)) return;
  await file.chown(before.uid, before.gid).catch(() => undefined); // only root may
}

/** A name is on the disk when its directory is. Some network file systems cannot tell, and refuse. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync().catch((err: NodeJS.ErrnoException) => {
      if (err.code !== 'EINVAL' && err.code !== 'ENOTSUP') throw err;
    });
  } finally {
    await directory.close();
  }
}
