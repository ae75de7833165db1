/**
 * The embedded database in a thread of its own: starting it and running statements is synchronous WebAssembly, which
 * would hold up the pages of the process. Plain JavaScript, because a thread is loaded from its own file.
 *
 * It receives `{ id, sql, parameters }` or `{ id, close: true }`, one at a time, and answers `{ id, rows, rowCount, command }`
 * or `{ id, error: { message, code } }`. The first answer, with id 0, says whether it started.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

const BIGINT = 20;
const JSON_TYPE = 114;

const options = {
  // Without `-F`, PGlite's default, which never syncs anything to the disk.
  startParams: PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  parsers: { [BIGINT]: Number, [JSON_TYPE]: (text) => text },
};

/** A new database gets its name only when it is complete, so a kill half-way leaves nothing that would be opened. */
async function open(directory) {
  const data = join(directory, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    const draft = join(directory, 'data.new');
    rmSync(draft, { recursive: true, force: true });
    const db = await PGlite.create(draft, options);
    await db.close();
    for (const entry of readdirSync(draft, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) sync(join(entry.parentPath, entry.name));
    }
    renameSync(draft, data);
    sync(directory);
  }
  return PGlite.create(data, options);
}

function sync(path) {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

async function answer(db, { sql, parameters, close }) {
  if (close) {
    await db.close();
    return {};
  }
  const { rows, affectedRows = 0 } = await db.query(sql, parameters);
  return { rows, rowCount: affectedRows, command: /\w+/.exec(sql)?.[0].toUpperCase() };
}

async function reply(id, work) {
  try {
    parentPort.postMessage({ id, ...(await work) });
    return true;
  } catch (error) {
    parentPort.postMessage({ id, error: { message: String(error?.message ?? error), code: error?.code ?? null } });
    return false;
  }
}

const opening = open(workerData.directory);
const started = opening.then(() => ({}));
if (!(await reply(0, started))) process.exit(1);
const db = await opening;
parentPort.on('message', async (call) => {
  await reply(call.id, answer(db, call));
  if (call.close) parentPort.close();
});
