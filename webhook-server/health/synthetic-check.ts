/**
 * One check of the whole way, as a sender and a person would go it: an alert to the address that the server listens on,
 * through Temporal to the workers, a page on the queue of pages, and its acknowledgement back by HTTP.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DeliveryError } from '../../runtime/failures.ts';
import { callVendor } from '../../providers/shared/http.ts';

export interface SyntheticCheckRequest {
  /** Where the server listens, as `http://host:port`. */
  readonly url: string;
  readonly secret: string;
  /** A ULID: this one check. */
  readonly check: string;
  readonly signal: AbortSignal;
  /** It must be over by then, ms. */
  readonly withinMs: number;
}

const RETRY_AFTER_MS = 1_000;

/** Where on the way it ended, in a few words for people. */
export class SyntheticCheckFailed extends Error {
  constructor(step: string, options: ErrorOptions) {
    super(step, options);
    this.name = 'SyntheticCheckFailed';
  }
}

/** Throws `WayBroken`. What passes within the time, such as a restart, breaks nothing. */
export async function runSyntheticCheck({
  url,
  secret,
  check,
  signal,
  withinMs,
}: SyntheticCheckRequest): Promise<void> {
  const time = AbortSignal.timeout(withinMs);
  const bounded = AbortSignal.any([signal, time]);
  const post = (path: string, step: string): Promise<void> =>
    retryStep(step, bounded, async () => {
      const headers = { authorization: `Bearer ${secret}` };
      await callVendor('self-check', { method: 'POST', url: url + path, body: { check }, headers }, bounded);
    });
  await post('/webhooks/self-check', 'an alert was not taken');
  await post('/webhooks/self-check/acknowledge', 'the page of an alert did not leave, or could not be acknowledged');
}

async function retryStep(step: string, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await act();
    } catch (err) {
      const mayPass = err instanceof DeliveryError && err.kind === 'retryable';
      if (!mayPass || signal.aborted) throw new SyntheticCheckFailed(step, { cause: err });
    }
    await sleep(RETRY_AFTER_MS, undefined, { signal }).catch((err: unknown) => {
      throw new SyntheticCheckFailed(step, { cause: err });
    });
  }
}
