/**
 * One check of the whole way, as a sender and a person would go it: an alert to the address that the server listens on,
 * through Temporal to the workers, a page on the queue of pages, and its acknowledgement back by HTTP.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DeliveryError } from '../../activities/failures.ts';
import { call } from '../../providers/http.ts';

export interface Walk {
  /** Where the server listens, as `http://host:port`. */
  readonly url: string;
  readonly secret: string;
  /** A ULID: this one check. */
  readonly check: string;
  readonly signal: AbortSignal;
  /** It must be over by then, ms. */
  readonly withinMs: number;
}

const AGAIN_AFTER_MS = 1_000;

/** Where on the way it ended, in a few words for people. */
export class WayBroken extends Error {
  constructor(step: string, options: ErrorOptions) {
    super(step, options);
    this.name = 'WayBroken';
  }
}

/** Throws `WayBroken`. What passes within the time, such as a restart, breaks nothing. */
export async function walk({ url, secret, check, signal, withinMs }: Walk): Promise<void> {
  const time = AbortSignal.timeout(withinMs);
  const bounded = AbortSignal.any([signal, time]);
  const post = (path: string, step: string): Promise<void> =>
    insist(step, bounded, async () => {
      const headers = { authorization: `Bearer ${secret}` };
      await call('self-check', { method: 'POST', url: url + path, body: { check }, headers }, bounded);
    });
  await post('/webhooks/self-check', 'an alert was not taken');
  await post('/webhooks/self-check/acknowledge', 'the page of an alert did not leave, or could not be acknowledged');
}

async function insist(step: string, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await act();
    } catch (err) {
      const mayPass = err instanceof DeliveryError && err.trouble === 'later';
      if (!mayPass || signal.aborted) throw new WayBroken(step, { cause: err });
    }
    await sleep(AGAIN_AFTER_MS, undefined, { signal }).catch((err: unknown) => {
      throw new WayBroken(step, { cause: err });
    });
  }
}
