/**
 * The one place that distinguishes retryable from final failures. A provider reports what happened (`DeliveryError`);
 * this file decides whether to retry.
 */

/**
 * `retryable`: it may pass by itself. `misconfigured`: nothing gets through until a person fixes a token, a permission
 * or an address. `rejected`: the vendor will never accept this message.
 */
export type FailureKind = 'retryable' | 'misconfigured' | 'rejected';

interface DeliveryFailureDetails {
  /** The vendor's HTTP (or SMTP) status. */
  readonly status?: number;
  /** An error code where there is no status or it is too vague: `ECONNREFUSED`, `channel_not_found`. */
  readonly code?: string;
  /** The delay that the vendor requests, ms. */
  readonly retryAfterMs?: number | null;
  /** Overrides what the status would mean. */
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

/** What an HTTP status means unless the vendor is more specific. A redirect means a wrong address. */
function failureKindOfStatus(status: number | undefined): FailureKind {
  if (status === undefined || status >= 500 || status < 300 || RETRYABLE_STATUSES.includes(status)) return 'retryable';
  return REJECTED_STATUSES.includes(status) ? 'rejected' : 'misconfigured';
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/** How often a page has failed by one method, this time included. */
export interface PageFailures {
  readonly failures: number;
  /** How many of the last failures, in a row, were no `retryable` ones. */
  readonly refusals: number;
}

/**
 * For a page: how long to wait before it is tried again by the same method, ms; null: the method is given up. A method
 * that looks misconfigured gets a second try: a receiver that is being deployed answers 401, 403, 404 or 410 for a moment
 * (its proxy does), and so does one whose token is just being replaced. A message that was rejected would be rejected
 * again, byte for byte.
 */
export function pageRetryDelayMs(err: unknown, { failures, refusals }: PageFailures): number | null {
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
  if (!(err instanceof DeliveryError)) return delayMs;
  if (err.kind === 'rejected' || refusals > 1) return null;
  return Math.max(delayMs, err.retryAfterMs ?? 0);
}

/** For everything but pages: a retry within the minute would not help. */
export function isFinalFailure(err: unknown): boolean {
  return err instanceof DeliveryError && err.kind !== 'retryable';
}

/** For a notification: it will never be accepted, so it must not hold up those behind it. */
export function isRejectedByVendor(err: unknown): boolean {
  return err instanceof DeliveryError && err.kind === 'rejected';
}
