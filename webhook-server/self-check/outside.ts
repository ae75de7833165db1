/**
 * The monitor outside that waits for our beats. It hears of success only, or of failure at its `/fail`; whatever it
 * answers, and however long it takes, holds up nothing here.
 */
import type { Logger } from 'pino';
import { call } from '../../providers/http.ts';
import { failUrl } from '../../providers/outside-monitor.ts';

export interface Outside {
  /** The whole way works. */
  readonly well: () => void;
  readonly fail: (reason: string) => void;
  /** Pings that nobody heard, since the start. */
  readonly missed: () => number;
  close(): void;
}

/** Each of them waits ten seconds, by the outbound client's own clock. */
const TRIES = 3;

/** `pingUrl` is asked each time; null: there is no such monitor. */
export function createOutside(pingUrl: () => string | null, log: Pick<Logger, 'warn'>): Outside {
  const ended = new AbortController();
  let missed = 0;
  let underWay = Promise.resolve();

  async function ping(request: Parameters<typeof call>[1]): Promise<void> {
    for (let left = TRIES; left > 0; left -= 1) {
      try {
        await call('outside monitor', request, ended.signal);
        return;
      } catch (err) {
        if (ended.signal.aborted) return;
        if (left === 1) {
          missed += 1;
          log.warn({ err }, 'the monitor outside did not hear us');
        }
      }
    }
  }

  /** One after the other, so that a late success does not follow a failure. */
  const send = (request: Parameters<typeof call>[1]): void => {
    underWay = underWay.then(() => ping(request));
  };

  return {
    well: () => {
      const url = pingUrl();
      if (url !== null) send({ method: 'GET', url });
    },
    fail: (reason) => {
      const url = pingUrl();
      if (url !== null) send({ method: 'POST', url: failUrl(url), body: { reason } });
    },
    missed: () => missed,
    close: () => ended.abort(),
  };
}
