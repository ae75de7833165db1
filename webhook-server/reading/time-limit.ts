/**
 * Records with a time limit for one request: all its calls together take no longer than that, whatever the
 * database does. Whatever goes wrong with them is `RecordsDown`, so that a caller has one thing to expect.
 */
import { BadCursor, RecordsDown, type Records } from '../../records/index.ts';
import type { AppDeps } from '../deps.ts';
import { within } from '../incidents/deadline.ts';

export interface TimeLimit {
  /** Throws `RecordsDown` or `BadCursor`. */
  ask<T>(work: (records: Records) => Promise<T>): Promise<T>;
}

/** For a whole request. Queries come on top, where there is one to fall back on. */
const TIMEOUT_MS = 2000;

export function timeLimitOf({ records, log }: Pick<AppDeps, 'records' | 'log'>, ms = TIMEOUT_MS): TimeLimit {
  const end = performance.now() + ms;
  const late = (): Error => new RecordsDown('no answer in time');
  return {
    async ask(work) {
      const left = end - performance.now();
      if (left <= 0) throw late();
      try {
        return await within(left, work(records), late);
      } catch (error) {
        if (error instanceof RecordsDown || error instanceof BadCursor) throw error;
        log.error({ err: error }, 'the records failed in a way nobody foresaw');
        throw new RecordsDown('failed', { cause: error });
      }
    },
  };
}

/** Null instead of `RecordsDown`: for those who can do without. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RecordsDown) return null;
    throw error;
  }
}
