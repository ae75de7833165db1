/** The databases that every promise of the records is tried on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecords, type Records, type RecordsLog } from '../../records/open-records.ts';
import { isPostgresInstalled, startPostgres } from '../support/postgres.ts';

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: object;
}

export function aLog(): RecordsLog & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, message, fields });
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

export interface RecordsFixture {
  readonly records: Records;
  readonly archiveDirectory: string;
  readonly exportDirectory: string;
  /** Closes it and removes what it wrote. */
  stop(): Promise<void>;
}

interface Database {
  readonly name: string;
  /** Ready, empty, its own. */
  readonly open: () => Promise<RecordsFixture>;
}

async function opened(where: { databaseUrl: string } | { directory: string }, home: string, end: () => Promise<void>) {
  const archiveDirectory = join(home, 'archive');
  const exportDirectory = join(home, 'exports');
  const records = openRecords({ ...where, archiveDirectory, exportDirectory, timeZone: 'Europe/Berlin', log: aLog() });
  await records.ready();
  return {
    ...{ records, archiveDirectory, exportDirectory },
    async stop() {
      await records.close();
      await end();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const pglite: Database = {
  name: 'PGlite',
  async open() {
    const home = mkdtempSync(join(tmpdir(), 'tocsin-records-'));
    return opened({ directory: join(home, 'records') }, home, () => Promise.resolve());
  },
};

const postgres: Database = {
  name: 'Postgres',
  async open() {
    const server = await startPostgres();
    const home = mkdtempSync(join(tmpdir(), 'tocsin-records-'));
    return opened({ databaseUrl: server.url }, home, () => server.stop());
  },
};

export const DATABASES: readonly Database[] = isPostgresInstalled() ? [pglite, postgres] : [pglite];
