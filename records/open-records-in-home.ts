/** The records of a process: where in the state directory what belongs to them lies. */
import { join } from 'node:path';
import { openRecords } from './open-records.ts';
import type { Records, RecordsLog } from './records.ts';

export interface HomeSettings {
  /** The state directory. */
  readonly home: string;
  /** Null: embedded, in the state directory. */
  readonly databaseUrl: string | null;
  /** IANA zone of the organization; asked each time. */
  readonly timeZone: () => string;
  readonly log: RecordsLog;
}

/** At once, as `openRecords`. */
export function openRecordsInHome({ home, databaseUrl, timeZone, log }: HomeSettings): Records {
  const database = databaseUrl === null ? { directory: join(home, 'database') } : { databaseUrl };
  return openRecords({
    ...database,
    archiveDirectory: join(home, 'records'),
    exportDirectory: join(home, 'exports'),
    timeZone,
    log,
  });
}
