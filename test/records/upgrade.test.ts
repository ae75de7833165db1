/** A database of an earlier version: what is open there is found by its alerts at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openRecords, type Records } from '../../records/open-records.ts';
import { isPostgresInstalled, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { aRecordBatch, aRecordedAlert, anIncidentId } from './record-builders.ts';
import { aLog } from './test-databases.ts';

/** Undoes what came after 0.2.0. */
const BACK_TO_0_2_0 = [
  'alter table timeline drop column subjects',
  'drop table alert_owner',
  'alter table incidents drop column takes_duplicates',
  "delete from tocsin_migration where name >= '0008'",
];

const onPostgres = isPostgresInstalled() ? describe : describe.skip;

onPostgres('a database of 0.2.0', () => {
  let postgres: TestPostgres;
  let home: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    home = mkdtempSync(join(tmpdir(), 'tocsin-upgrade-'));
  });
  afterAll(async () => {
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  });

  async function opened(): Promise<Records> {
    const directories = { archiveDirectory: home, exportDirectory: home };
    const records = openRecords({ ...directories, databaseUrl: postgres.url, timeZone: 'UTC', log: aLog() });
    await records.ready();
    return records;
  }

  test('knows the runs of alerts that fire in open incidents, and takes what comes next', async () => {
    const [open, over] = [1, 2].map((n) => ({ incidentId: anIncidentId(n), workflowId: `inc-p-${n}` }));
    const alerts = [aRecordedAlert('f1'), aRecordedAlert('f2', { status: 'resolved' })];
    const before = await opened();
    await before.project(aRecordBatch({ ...open, alerts }));
    await before.project(aRecordBatch({ ...over, alerts, head: { phase: 'resolved' } }));
    await before.close();
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    for (const statement of BACK_TO_0_2_0) await client.query(statement);
    await client.end();
    const after = await opened();
    const query = { source: 'alertmanager', fingerprints: ['f1', 'f2'], messageGroup: null };
    expect(await after.findAlertOwners(query)).toEqual([{ fingerprint: 'f1', workflowId: 'inc-p-1', name: 'Down' }]);
    await after.project(aRecordBatch({ ...open, stateVersion: 2, removedAlerts: ['f1'] }));
    expect(await after.findAlertOwners(query)).toEqual([]);
    await after.close();
  });
});
