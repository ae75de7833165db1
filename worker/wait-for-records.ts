/** The records as a worker writes them. */
import type { Records } from '../records/records.ts';

/**
 * The same records; what is written while they are starting waits for them, so that an incident has its number as soon as
 * they are there, and not when the activity is next tried. The activity bounds the waiting; records that are away refuse
 * at once.
 */
export function waitForRecordsWhileStarting(records: Records): Records {
  return {
    ...records,
    async project(batch) {
      if (records.state() === 'starting') await records.ready();
      return records.project(batch);
    },
  };
}
