/** The database dies, hangs and comes back: callers hear so at once, and nobody has to help. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecords, RecordsDown, type Records } from '../../records/open-records.ts';
import { aRecordBatch, aRecordedEntry, anIncidentId } from '../records/record-builders.ts';
import { aLog } from '../records/test-databases.ts';
import { isPostgresInstalled, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const storyOf = isPostgresInstalled() ? describe : describe.skip;

storyOf('Postgres', () => {
  const archiveDirectory = mkdtempSync(join(tmpdir(), 'tocsin-records-'));
  let server: TestPostgres;
  const opened: Records[] = [];
  const open = (databaseUrl: string) => {
    const log = aLog();
    const records = openRecords({
      databaseUrl,
      archiveDirectory,
      exportDirectory: archiveDirectory,
      timeZone: 'UTC',
      log,
    });
    opened.push(records);
    return { records, log };
  };
  const isUp = (records: Records) => () => Promise.resolve(records.state() === 'up');
  beforeAll(async () => (server = await startPostgres()), 60_000);
  afterEach(async () => {
    for (const records of opened.splice(0)) await records.close();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(archiveDirectory, { recursive: true, force: true });
  });

  test('opening waits for nothing: without a database every call is refused at once, and when it comes all is well', async () => {
    await server.kill();
    const started = Date.now();
    const { records, log } = open(server.url);
    expect(records.state()).toBe('starting');
    await expect(records.project(aRecordBatch())).rejects.toBeInstanceOf(RecordsDown);
    expect(Date.now() - started).toBeLessThan(500);
    await until(async () => log.lines.length > 0, 10_000);
    expect(records.state()).toBe('down');
    await expect(records.list({})).rejects.toBeInstanceOf(RecordsDown);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(log.lines.map(({ level }) => level)).toEqual(['error']);
    await server.restart();
    await records.ready();
    expect((await records.project(aRecordBatch())).reference).toBe('INC-2026-001');
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });

  test('two start at once on an empty database: both come up, and give different numbers', async () => {
    const url = await server.database();
    const all = [open(url), open(url), open(url)].map(({ records }) => records);
    await Promise.all(all.map((records) => records.ready()));
    const write = (records: Records, i: number) =>
      records.project(aRecordBatch({ incidentId: anIncidentId(i), workflowId: `w-${i}` }));
    const numbers = await Promise.all(
      [...all, ...all, ...all].map(async (records, i) => (await write(records, i)).reference),
    );
    expect(new Set(numbers).size).toBe(9);
  });

  test('a killed database refuses, and after its return everything that was acknowledged is there', async () => {
    const { records, log } = open(await server.database());
    await records.ready();
    const acknowledged: number[] = [];
    let seq = 0;
    let over = false;
    const writing = (async () => {
      while (!over) {
        seq += 1;
        const mine = seq;
        await records.project(aRecordBatch({ entries: [aRecordedEntry(mine)], stateVersion: mine })).then(
          () => acknowledged.push(mine),
          (error: unknown) => {
            expect(error).toBeInstanceOf(RecordsDown);
            return new Promise((resolve) => setTimeout(resolve, 20));
          },
        );
      }
    })();
    await until(async () => acknowledged.length > 20, 10_000);
    await server.kill();
    await until(async () => records.state() === 'down', 10_000);
    await server.restart();
    const before = acknowledged.length;
    await until(async () => acknowledged.length > before + 20, 20_000);
    over = true;
    await writing;
    const kept = new Set((await records.timeline(anIncidentId(1)))?.timeline.map((line) => line.seq));
    expect(acknowledged.filter((line) => !kept.has(line))).toEqual([]);
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });

  test('a database that hangs is an error within seconds, and is used again when it goes on', async () => {
    const { records } = open(await server.database());
    await records.ready();
    server.pause();
    try {
      const started = Date.now();
      await expect(records.project(aRecordBatch())).rejects.toBeInstanceOf(RecordsDown);
      expect(Date.now() - started).toBeLessThan(11_000);
    } finally {
      server.resume();
    }
    await until(isUp(records), 15_000);
    expect((await records.project(aRecordBatch())).reference).toBe('INC-2026-001');
  });

  test('closing is bounded, even while the database hangs', async () => {
    const { records } = open(await server.database());
    await records.ready();
    server.pause();
    try {
      const call = records.list({}).catch((error: unknown) => error);
      const started = Date.now();
      await records.close();
      expect(Date.now() - started).toBeLessThan(6_000);
      expect(await call).toBeInstanceOf(RecordsDown);
    } finally {
      server.resume();
    }
    await expect(records.list({})).rejects.toBeInstanceOf(RecordsDown);
  });
});
