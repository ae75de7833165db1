/** The record of a closed incident as a file of its own, which outlives the database. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WholeRecord } from './records.ts';

/** Writes `<directory>/<number or episode>.json` whole or not at all, and through to the disk. Again: the same file. */
export async function writeArchive(directory: string, record: WholeRecord): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const name = record.incident.id ?? record.incident.episode.replace(/[^\w-]/g, '_');
  const draft = join(directory, `.${name}.${randomUUID()}`);
  try {
    await writeThrough(draft, `${JSON.stringify(record, null, 2)}\n`);
    await rename(draft, join(directory, `${name}.json`));
  } finally {
    await rm(draft, { force: true });
  }
  await syncDirectory(directory);
}

async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
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
