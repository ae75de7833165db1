/**
 * Firings whose end arrived first, remembered for ten minutes: messages can arrive out of sequence, and a late firing
 * must not page. A firing that was received after the end is new, even with the same start, unless it may be the late
 * copy of a cluster peer. In memory: after a restart the worst case is one page too many.
 */
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';

const KEPT_MS = 10 * 60 * 1000;
const KEPT_AT_MOST = 50_000;

type Received = Pick<AlertBatch, 'receivedAt' | 'lateCopyMs'>;

interface End {
  readonly receivedAt: number;
  readonly forgetAt: number;
}

export class EndedFirings {
  /** Soonest to be forgotten first. */
  private readonly ends = new Map<string, End>();
  private readonly now: () => number;
  private readonly limit: number;

  constructor(now: () => number = Date.now, limit = KEPT_AT_MOST) {
    this.now = now;
    this.limit = limit;
  }

  /** An end that reached no run of that id. */
  add(workflowId: string, alert: AlertReport, { receivedAt }: Received): void {
    const key = keyOf(workflowId, alert);
    this.ends.delete(key); // moves the key to the end
    this.ends.set(key, { receivedAt: alert.receivedAt ?? receivedAt, forgetAt: this.now() + KEPT_MS });
    for (const [oldest, { forgetAt }] of this.ends) {
      if (forgetAt > this.now() && this.ends.size <= this.limit) return;
      this.ends.delete(oldest);
    }
  }

  /** A firing that need not open anything: its end is known, and it is not newer. */
  hasEnded(workflowId: string, alert: AlertReport, { receivedAt, lateCopyMs = 0 }: Received): boolean {
    const end = this.ends.get(keyOf(workflowId, alert));
    if (end === undefined || end.forgetAt <= this.now()) return false;
    return (alert.receivedAt ?? receivedAt) <= end.receivedAt + lateCopyMs;
  }
}

const keyOf = (workflowId: string, { group, fingerprint, startsAt }: AlertReport): string =>
  JSON.stringify([group ?? workflowId, fingerprint, startsAt]);
