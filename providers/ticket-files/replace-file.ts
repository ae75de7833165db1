/**
 * Reads and replaces a file so that it is there whole or as it was before, whatever happens. Not write-file-atomic:
 * that one takes a write cut short by a full disk for a whole one, and follows links out of the directory.
 */
import { constants } from 'node:fs';
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** UTF-8; null when there is no such file. Never follows a link. */
export async function readRegularFile(file: string): Promise<string | null> {
  try {
    return await using(await open(file, constants.O_RDONLY | constants.O_NOFOLLOW), (handle) =>
      handle.readFile('utf8'),
    );
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw err;
  }
}

/** On disk when it resolves. Not for two callers of one process and file at once. */
export async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const directory = dirname(file);
  const whole = join(directory, `.${basename(file)}.${process.pid}.tmp`);
  try {
    await using(await open(whole, 'w', mode), async (handle) => {
      await handle.writeFile(text);
      await handle.sync();
    });
    await rename(whole, file);
  } catch (err) {
    await unlink(whole).catch(() => undefined);
    throw err;
  }
  await using(await open(directory, 'r'), (handle) => handle.sync());
}

async function using<T>(handle: FileHandle, act: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await act(handle);
  } finally {
    await handle.close();
  }
}
