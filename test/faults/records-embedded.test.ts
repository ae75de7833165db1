/** The embedded database: one process has it, and neither a kill nor the loss of its thread loses a line. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { jest } from '@jest/globals';
import { build } from 'esbuild';
import { openRecords, RecordsDown, type Records } from '../../records/open-records.ts';
import { aRecordBatch, aRecordedEntry, anIncidentId } from '../records/record-builders.ts';
import { aLog } from '../records/test-databases.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('PGlite', () => {
  let home: string;
  const opened: Records[] = [];
  const open = () => {
    const log = aLog();
    const records = openRecords({
      directory: join(home, 'r'),
      archiveDirectory: home,
      exportDirectory: home,
      timeZone: 'UTC',
      log,
    });
    opened.push(records);
    return { records, log };
  };
  beforeAll(() => (home = mkdtempSync(join(tmpdir(), 'tocsin-records-'))));
  afterEach(async () => {
    for (const records of opened.splice(0)) await records.close();
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test('its start holds up nobody: the loop of the process keeps turning', async () => {
    const started = performance.now();
    let worst = 0;
    let last = started;
    const beat = setInterval(() => {
      const now = performance.now();
      worst = Math.max(worst, now - last);
      last = now;
    }, 10);
    const { records } = open();
    expect(records.state()).toBe('starting');
    await expect(records.list({})).rejects.toBeInstanceOf(RecordsDown);
    await records.ready();
    clearInterval(beat);
    expect(worst).toBeLessThan((performance.now() - started) / 3); // in this thread it would be nearly all of it
  });

  test('a second one stays out, says so once, and comes in when the first has closed', async () => {
    const first = open();
    await first.records.ready();
    const second = open();
    await until(async () => second.log.lines.length > 0, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(second.log.lines).toHaveLength(1);
    expect(JSON.stringify(second.log.lines[0])).toContain('in use by process');
    expect((await first.records.project(aRecordBatch({ entries: [aRecordedEntry(1)] }))).reference).toBe(
      'INC-2026-001',
    );
    await first.records.close();
    await second.records.ready();
    expect(await second.records.incident(anIncidentId(1))).toMatchObject({ reference: 'INC-2026-001' });
  });

  test('the loss of its thread is noticed, and the records come back with everything', async () => {
    const calls = jest.spyOn(Worker.prototype, 'postMessage'); // only looks on: it tells the thread
    const { records, log } = open();
    await records.ready();
    await records.project(aRecordBatch({ incidentId: anIncidentId(2), entries: [aRecordedEntry(1)] }));
    const threads = (): Set<Worker> => new Set(calls.mock.contexts as Worker[]);
    for (const thread of threads()) await thread.terminate();
    await until(async () => records.state() === 'down', 5000);
    await until(async () => records.state() === 'up', 20_000);
    expect(await records.seqOf(anIncidentId(2))).toBe(1);
    expect(threads().size).toBe(2);
    calls.mockRestore();
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });

  test('compiled, and killed in the middle of writing, again and again: every line that was acknowledged is there', async () => {
    const out = join(ROOT, 'node_modules/.cache', `tocsin-test-${process.pid}`);
    const directory = join(home, 'killed');
    try {
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, 'package.json'), '{ "type": "module" }\n');
      await build({
        absWorkingDir: ROOT,
        entryPoints: { writer: 'test/faults/records-writer.ts', 'records/pglite-thread': 'records/pglite-thread.js' },
        ...{ outdir: out, bundle: true, packages: 'external', format: 'esm', platform: 'node', target: 'node20' },
      });
      let acknowledged = 0;
      for (let kill = 0; kill < 3; kill += 1) acknowledged = Math.max(acknowledged, await killedWriter(out, directory));
      expect(acknowledged).toBeGreaterThan(10);
      const log = aLog();
      const records = openRecords({ directory, archiveDirectory: home, exportDirectory: home, timeZone: 'UTC', log });
      opened.push(records);
      await records.ready();
      const kept = (await records.timeline(anIncidentId(1)))?.timeline.map(({ seq }) => seq) ?? [];
      expect(kept.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, i) => i + 1));
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });
});

/** The last line it said was taken, before it was killed. */
async function killedWriter(out: string, directory: string): Promise<number> {
  const child = spawn(process.execPath, [join(out, 'writer.js'), directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const gone = new Promise((resolve) => child.once('close', resolve));
  try {
    await until(async () => said.split('\n').length > 30, 40_000).catch((error: unknown) => {
      throw new Error(complaints, { cause: error });
    });
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
}
