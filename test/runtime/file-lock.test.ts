import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DirectoryLocked, lockFile } from '../../runtime/file-lock.ts';
import { rewriteFileAtomically } from '../../runtime/files.ts';

const directory = (): string => mkdtempSync(join(tmpdir(), 'tocsin-files-'));

test('a second holder is refused, and may wait until the first lets go', async () => {
  const path = join(directory(), 'tokens.lock');
  const release = await lockFile(path);
  await expect(lockFile(path)).rejects.toThrow(DirectoryLocked);
  let waits = 0;
  const waiting = lockFile(path, { waitMs: 5_000, onWait: () => (waits += 1) });
  await new Promise((resolve) => setTimeout(resolve, 120));
  await release();
  await (
    await waiting
  )();
  expect(waits).toBe(1);
});

test('a directory in the place of the lock is no holder, and does not stop anybody', async () => {
  const path = join(directory(), 'cache.lock');
  mkdirSync(path);
  const release = await lockFile(path);
  expect(statSync(path).isFile()).toBe(true);
  await release();
});

test('a rewritten file keeps its owner, has exactly its mode, and stays where a link leads', async () => {
  const home = directory();
  const file = join(home, 'status.json');
  writeFileSync(file, 'old');
  chmodSync(file, 0o600);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(file, 1234, 1234);
  const linked = join(home, 'linked.json');
  symlinkSync(file, linked);
  const umask = process.umask(0o077);
  try {
    await rewriteFileAtomically(linked, 'new', 0o644);
  } finally {
    process.umask(umask);
  }
  expect(readFileSync(file, 'utf8')).toBe('new');
  const { mode, uid } = statSync(file);
  expect([mode & 0o777, uid]).toEqual([0o644, isRoot ? 1234 : process.getuid?.()]);
});
