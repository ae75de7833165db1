/** The records as the worker's activities know them. */
import type { Ports } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';
import { tellingOf } from '../records/documents/telling.ts';
import type { Records } from '../records/records.ts';

/**
 * What is written while the records are starting waits for them, so that an incident has its number as soon as they are
 * there, and not when the activity is next tried. The activity bounds the waiting; records that are away refuse at once.
 */
export function recordsPort(records: Records, config: Config): Ports['records'] {
  return {
    ...records,
    async write(batch) {
      if (records.state() === 'starting') await records.ready();
      return records.write(batch);
    },
    prepare: (episode) => records.prepare(episode, tellingOf(config)),
  };
}
