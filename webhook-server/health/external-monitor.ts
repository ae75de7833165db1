/**
 * The external monitor (a dead man's switch) that expects our pings: success at its URL, failure at `/fail`. Neither
 * its answers nor its delays hold up anything here.
 */
import type { Logger } from 'pino';
import { callVendor, failUrl } from '../../providers/shared/http.ts';

/** Each ping may take ten seconds, the outbound client's own limit. */
const TRIES = 3;

type Ping = Parameters<typeof callVendor>[1];

export class ExternalMonitor {
  private readonly pingUrl: () => string | null;
  private readonly log: Pick<Logger, 'warn'>;
  private readonly ended = new AbortController();
  private underWay = Promise.resolve();

  /** `pingUrl` is called each time; null: no external monitor is configured. */
  constructor(pingUrl: () => string | null, log: Pick<Logger, 'warn'>) {
    this.pingUrl = pingUrl;
    this.log = log;
  }

  /** The self-check succeeded end to end. */
  pingSuccess(): void {
    this.send((url) => ({ method: 'GET', url }));
  }

  pingFailure(reason: string): void {
    this.send((url) => ({ method: 'POST', url: failUrl(url), body: { reason } }));
  }

  close(): void {
    this.ended.abort();
  }

  /** One after another, so that a late success cannot follow a failure. */
  private send(pingTo: (url: string) => Ping): void {
    const url = this.pingUrl();
    if (url !== null) this.underWay = this.underWay.then(() => this.ping(pingTo(url)));
  }

  private async ping(request: Ping): Promise<void> {
    for (let left = TRIES; left > 0; left -= 1) {
      try {
        await callVendor('outside monitor', request, this.ended.signal);
        return;
      } catch (err) {
        if (this.ended.signal.aborted) return;
        if (left === 1) this.log.warn({ err }, 'the monitor outside did not hear us');
      }
    }
  }
}
