/**
 * The external monitor (a dead man's switch) that expects our pings: success at its URL, failure at `/fail`. Neither
 * its answers nor its delays hold up anything here.
 */
import type { Logger } from 'pino';
import { callVendor, failUrl } from '../../providers/shared/http.ts';

export interface ExternalMonitor {
  /** The self-check succeeded end to end. */
  readonly pingSuccess: () => void;
  readonly pingFailure: (reason: string) => void;
  /** Pings that failed, since the start. */
  readonly missedPings: () => number;
  close(): void;
}

/** Each ping may take ten seconds, the outbound client's own limit. */
const TRIES = 3;

/** `pingUrl` is called each time; null: no external monitor is configured. */
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

  /** One after another, so that a late success cannot follow a failure. */
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
