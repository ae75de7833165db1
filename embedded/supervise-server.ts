/** Keeps the development server running: an end that nobody asked for is followed by a new start. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../runtime/log.ts';
import type { ServerProcess } from './server-process.ts';

export interface Supervision {
  current(): ServerProcess;
  /** Ends the supervision and the server. */
  stop(graceMs: number): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** One that ran this long was well: the pauses begin anew. */
const HEALTHY_MS = 60_000;

/** `restart` resolves with a server that serves, or rejects; then it is asked again after a longer pause. */
export function superviseServer(parts: {
  readonly child: ServerProcess;
  readonly log: Log;
  readonly restart: () => Promise<ServerProcess>;
}): Supervision {
  const { log, restart } = parts;
  const stopping = new AbortController();
  let child = parts.child;
  let pauseMs = FIRST_PAUSE_MS;

  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const since = Date.now();
      await child.ended;
      if (stopping.signal.aborted) return;
      log.error({ pid: child.identity.pid }, 'the Temporal server ended by itself: starting it again');
      if (Date.now() - since > HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
      await again();
    }
  };
  const again = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      try {
        child = await restart();
        log.info({ pid: child.identity.pid }, 'the Temporal server serves again');
        return;
      } catch (error) {
        log.error({ err: error, againInMs: pauseMs }, 'the Temporal server does not start');
      }
    }
  };
  const watching = watch();

  return {
    current: () => child,
    async stop(graceMs) {
      stopping.abort();
      // First the one that runs, so that the watch ends; then one that a restart brought up in the meantime.
      await child.stop(graceMs);
      await watching;
      await child.stop(graceMs);
    },
  };
}
