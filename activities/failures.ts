/**
 * Retryable and final told apart, in one place. A provider says what happened (`DeliveryError`); what it means for
 * the retry is decided here.
 */

/**
 * `later`: it may pass by itself. `settings`: nothing goes through until a person mends a token, a right or an
 * address. `refused`: the vendor will never take this very message.
 */
export type Trouble = 'later' | 'settings' | 'refused';

interface WhatHappened {
  /** The vendor's HTTP (or SMTP) status. */
  readonly status?: number;
  /** What it was, where there is no status or it says too little: `ECONNREFUSED`, `channel_not_found`. */
  readonly code?: string;
  /** The vendor asks to wait this long, ms. */
  readonly retryAfterMs?: number | null;
  /** What it means, where the HTTP status does not say. */
  readonly trouble?: Trouble;
}

/** A provider could not deliver. `status` is the vendor's HTTP status, or null when there was no answer. */
export class DeliveryError extends Error {
  readonly vendor: string;
  readonly status: number | null;
  readonly trouble: Trouble;
  readonly retryAfterMs: number | null;

  constructor(vendor: string, { status, code, retryAfterMs, trouble }: WhatHappened) {
    // Never the vendor's own text: it may hold addresses and secrets, and Temporal keeps failures.
    super(`${vendor}: ${code ?? (status === undefined ? 'no answer' : `HTTP ${status}`)}`);
    this.name = 'DeliveryError';
    this.vendor = vendor;
    this.status = status ?? null;
    this.trouble = trouble ?? meaningOf(status);
    this.retryAfterMs = retryAfterMs ?? null;
  }
}

const MEANS_LATER = [408, 420, 425, 429];
const MEANS_REFUSED = [400, 413, 422];

/** What an HTTP status means where the vendor says nothing better. Redirects are somebody's wrong address. */
function meaningOf(status: number | undefined): Trouble {
  if (status === undefined || status >= 500 || status < 300 || MEANS_LATER.includes(status)) return 'later';
  return MEANS_REFUSED.includes(status) ? 'refused' : 'settings';
}

/** For a page: trying the same again within the minute is no use, so the person's next method is tried. */
export function isFinal(err: unknown): boolean {
  return err instanceof DeliveryError && err.trouble !== 'later';
}

/** For a notification: this message will never be taken, so it must not hold up those behind it. */
export function isRefused(err: unknown): boolean {
  return err instanceof DeliveryError && err.trouble === 'refused';
}
