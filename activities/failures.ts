/**
 * Retryable and final told apart, in one place. A provider says what happened (`DeliveryError`); what it means for
 * the retry is decided here.
 */

/** A provider could not deliver. `status` is the vendor's HTTP status, or null when there was no answer. */
export class DeliveryError extends Error {
  readonly vendor: string;
  readonly status: number | null;
  /** The vendor asks to wait this long, ms. */
  readonly retryAfterMs: number | null;

  constructor(vendor: string, what: { status?: number; code?: string; retryAfterMs?: number | null }) {
    // Never the vendor's own text: it may hold addresses and secrets, and Temporal keeps failures.
    super(`${vendor}: ${what.status === undefined ? (what.code ?? 'no answer') : `HTTP ${what.status}`}`);
    this.name = 'DeliveryError';
    this.vendor = vendor;
    this.status = what.status ?? null;
    this.retryAfterMs = what.retryAfterMs ?? null;
  }
}

/** Our mistake that will stay one: 4xx, but for those that mean "later" (408, 425, 429). Everything else is tried again. */
export function isFinal(err: unknown): boolean {
  if (!(err instanceof DeliveryError) || err.status === null) return false;
  return err.status >= 300 && err.status < 500 && ![408, 425, 429].includes(err.status);
}
