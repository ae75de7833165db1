/** Files that are there whole or not at all, and through to the disk when the call has ended. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes `<directory>/<name>`, readable by its owner alone unless `mode` says otherwise, and makes the directory. */
export async function writeFileAtomically(directory: string, name: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporaryPath = join(directory, `.${name}.${randomUUID()}`);
  try {
    await writeThrough(temporaryPath, text, mode);
    await rename(temporaryPath, join(directory, name));
  } finally {
    await rm(temporaryPath, { force: true });
  }
  await syncDirectory(directory);
}

async function writeThrough(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A name is on the disk when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
