/**
 * Records with a time limit for one request: all its calls together take no longer than that, whatever the
 * database does. Whatever goes wrong with them is `RecordsDown`, so that a caller has one thing to expect.
 */
import { BadCursor, RecordsDown, type Records } from '../../records/open-records.ts';
import type { AppDeps } from '../dependencies.ts';
import { withTimeout } from '../delivery/timeout.ts';

export interface RecordsTimeLimit {
  /** Throws `RecordsDown` or `BadCursor`. */
  ask<T>(work: (records: Records) => Promise<T>): Promise<T>;
}

/** For a whole request. Queries come on top, where there is one to fall back on. */
const TIMEOUT_MS = 2000;

export function recordsTimeLimit(
  { records, log }: Pick<AppDeps, 'records' | 'log'>,
  ms = TIMEOUT_MS,
): RecordsTimeLimit {
  const end = performance.now() + ms;
  const late = (): Error => new RecordsDown('no answer in time');
  return {
    async ask(work) {
      const left = end - performance.now();
      if (left <= 0) throw late();
      try {
        return await withTimeout(left, work(records), late);
      } catch (error) {
        if (error instanceof RecordsDown || error instanceof BadCursor) throw error;
        log.error({ err: error }, 'the records failed in a way nobody foresaw');
        throw new RecordsDown('failed', { cause: error });
      }
    },
  };
}

/** Null instead of `RecordsDown`: for those who can do without. */
export async function orNullWithoutRecords<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RecordsDown) return null;
    throw error;
  }
}
