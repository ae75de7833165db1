/** Records for tests of the edge: real ones in a directory of their own, ones that are away, and ones that hang. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecords, RecordsDown, type Records } from '../../../records/open-records.ts';
import { silentLog } from './routed-alerts.ts';

export interface RealRecords {
  readonly records: Records;
  stop(): Promise<void>;
}

/** Ready: the first start takes seconds, so have one for a whole file. */
export async function realRecords(): Promise<RealRecords> {
  const home = mkdtempSync(join(tmpdir(), 'edge-records-'));
  const records = openRecords({
    directory: join(home, 'db'),
    timeZone: 'Europe/Berlin',
    archiveDirectory: join(home, 'records'),
    exportDirectory: join(home, 'exports'),
    log: silentLog(),
  });
  await records.ready();
  return {
    // Ready for long: nobody doubts that they have every incident.
    records: { ...records, upSince: () => 0 },
    async stop() {
      await records.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Records of which every call does the same. */
function recordsAnswering(state: ReturnType<Records['state']>, answer: () => Promise<never>): Records {
  const calls = {
    project: answer,
    projectEarly: answer,
    archive: answer,
    wipeDerived: answer,
    findIncident: answer,
    findAlertOwners: answer,
    allAlertOwners: answer,
    incident: answer,
  };
  const reads = { seqOf: answer, timeline: answer, messages: answer, record: answer, list: answer };
  const audit = { writeAudit: answer, readAudit: answer, metrics: answer };
  const documents = { prepare: answer, writePostmortem: answer, postmortem: answer };
  const publicReads = { publish: answer, publicEntries: answer, publicPage: answer, registerServer: answer };
  return {
    ready: () => Promise.resolve(),
    state: () => state,
    upSince: () => (state === 'up' ? 0 : null),
    close: () => Promise.resolve(),
    ...calls,
    ...reads,
    ...publicReads,
    ...audit,
    ...documents,
  };
}

export const unavailableRecords = (): Records =>
  recordsAnswering('down', () => Promise.reject(new RecordsDown('away')));

/** They say that they are up, and never answer. */
export const hangingRecords = (): Records => recordsAnswering('up', () => new Promise<never>(() => undefined));
