/**
 * The one place that tells retryable failures from final ones. A provider says what happened (`DeliveryError`); this file
 * decides what that means for the retry.
 */

/**
 * `retryable`: it may pass by itself. `misconfigured`: nothing goes through until a person mends a token, a right or an
 * address. `rejected`: the vendor will never take this very message.
 */
export type FailureKind = 'retryable' | 'misconfigured' | 'rejected';

interface DeliveryFailureDetails {
  /** The vendor's HTTP (or SMTP) status. */
  readonly status?: number;
  /** What it was, where there is no status or it says too little: `ECONNREFUSED`, `channel_not_found`. */
  readonly code?: string;
  /** The vendor asks to wait this long, ms. */
  readonly retryAfterMs?: number | null;
  /** What it means, where the HTTP status does not say. */
  readonly kind?: FailureKind;
}

/** A provider could not deliver. `status` is the vendor's HTTP status, or null when there was no answer. */
export class DeliveryError extends Error {
  readonly vendor: string;
  readonly status: number | null;
  readonly kind: FailureKind;
  readonly retryAfterMs: number | null;

  constructor(vendor: string, { status, code, retryAfterMs, kind }: DeliveryFailureDetails) {
    // Never the vendor's own text: it may hold addresses and secrets, and Temporal keeps failures.
    super(`${vendor}: ${code ?? (status === undefined ? 'no answer' : `HTTP ${status}`)}`);
    this.name = 'DeliveryError';
    this.vendor = vendor;
    this.status = status ?? null;
    this.kind = kind ?? failureKindOfStatus(status);
    this.retryAfterMs = retryAfterMs ?? null;
  }
}

const RETRYABLE_STATUSES = [408, 420, 425, 429];
const REJECTED_STATUSES = [400, 413, 422];

/** What an HTTP status means where the vendor says nothing better. Redirects are somebody's wrong address. */
function failureKindOfStatus(status: number | undefined): FailureKind {
  if (status === undefined || status >= 500 || status < 300 || RETRYABLE_STATUSES.includes(status)) return 'retryable';
  return REJECTED_STATUSES.includes(status) ? 'rejected' : 'misconfigured';
}

/** For a page: trying the same again within the minute is no use, so the person's next method is tried. */
export function isFinalFailure(err: unknown): boolean {
  return err instanceof DeliveryError && err.kind !== 'retryable';
}

/** For a notification: this message will never be taken, so it must not hold up those behind it. */
export function isRejectedByVendor(err: unknown): boolean {
  return err instanceof DeliveryError && err.kind === 'rejected';
}
