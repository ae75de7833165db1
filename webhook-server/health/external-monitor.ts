/**
 * The monitor outside that waits for our beats. It hears of success only, or of failure at its `/fail`; whatever it
 * answers, and however long it takes, holds up nothing here.
 */
import type { Logger } from 'pino';
import { callVendor, failUrl } from '../../providers/shared/http.ts';

export interface ExternalMonitor {
  /** The whole way works. */
  readonly pingSuccess: () => void;
  readonly pingFailure: (reason: string) => void;
  /** Pings that nobody heard, since the start. */
  readonly missedPings: () => number;
  close(): void;
}

/** Each of them waits ten seconds, by the outbound client's own clock. */
const TRIES = 3;

/** `pingUrl` is asked each time; null: there is no such monitor. */
export function createExternalMonitor(pingUrl: () => string | null, log: Pick<Logger, 'warn'>): ExternalMonitor {
  const ended = new AbortController();
  let missed = 0;
  let underWay = Promise.resolve();

  async function ping(request: Parameters<typeof callVendor>[1]): Promise<void> {
    for (let left = TRIES; left > 0; left -= 1) {
      try {
        await callVendor('outside monitor', request, ended.signal);
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
  const send = (request: Parameters<typeof callVendor>[1]): void => {
    underWay = underWay.then(() => ping(request));
  };

  return {
    pingSuccess: () => {
      const url = pingUrl();
      if (url !== null) send({ method: 'GET', url });
    },
    pingFailure: (reason) => {
      const url = pingUrl();
      if (url !== null) send({ method: 'POST', url: failUrl(url), body: { reason } });
    },
    missedPings: () => missed,
    close: () => ended.abort(),
  };
}
