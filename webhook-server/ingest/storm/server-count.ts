/**
 * How many webhook servers share the work, and so the limits: each announces itself in the records and hears how many
 * there are. While the records are away the last count holds; nobody waits for it.
 */
import type { Records } from '../../../records/open-records.ts';

export interface ServerCount {
  /** At least 1. */
  count(): number;
  close(): void;
}

const EVERY_MS = 20_000;
/** Until the first count, the records are asked more often: they may still be starting. */
const FIRST_EVERY_MS = 1000;

/** `server`: this one's name, the same after a restart. */
export function createServerCount(records: Pick<Records, 'registerServer' | 'state'>, server: string): ServerCount {
  let count = 1;
  let wasCounted = false;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;

  async function announce(): Promise<void> {
    try {
      if (records.state() === 'up') {
        count = await records.registerServer(server);
        wasCounted = true;
      }
    } catch {
      // Away: the last count holds.
    }
    if (ended) return;
    timer = setTimeout(() => void announce(), wasCounted ? EVERY_MS : FIRST_EVERY_MS);
    timer.unref();
  }

  void announce();
  return {
    count: () => count,
    close() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
