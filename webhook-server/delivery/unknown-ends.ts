/**
 * Ends of alerts that no run is known to hold. The firing may be in Temporal without this server knowing where: started
 * by another server, or before a restart while the records are away. So they wait on the disk and are tried again for
 * ten minutes; then they are counted and dropped.
 */
import type { Logger } from 'pino';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { withTimeout } from './circuit-breaker.ts';
import { NotDurable, type IngestCounts } from './durable-delivery.ts';
import type { SpooledAlerts, Spool } from './spool/spool.ts';

export interface UnknownEndsParts {
  /** Of their own: what waits here is no sign of trouble. */
  readonly spool: Pick<Spool, 'append' | 'backlog' | 'pendingCount'>;
  /** Tells them to every run that may hold them; true when one took them. Rejects while Temporal is away. */
  readonly deliver: (routed: RoutedAlerts) => Promise<boolean>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly counts: Pick<IngestCounts, 'endsDropped'>;
  readonly now: () => number;
  readonly firstRetryMs?: number;
}

const TRIED_FOR_MS = 10 * 60_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
const DISK_MS = 1500;

export class UnknownEnds {
  private readonly parts: UnknownEndsParts;
  private retryMs: number;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private ended = false;

  constructor(parts: UnknownEndsParts) {
    this.parts = parts;
    this.retryMs = this.firstRetryMs();
    if (parts.spool.pendingCount() > 0) this.schedule();
  }

  /** Rejects with `NotDurable` when the disk does not take them. */
  async keep(routed: RoutedAlerts): Promise<void> {
    const { spool, now, log } = this.parts;
    const kept = { ...routed, declaration: { ...routed.declaration, spooledAt: now() } };
    try {
      await withTimeout(DISK_MS, spool.append(kept));
    } catch (err) {
      log.error({ err }, 'an end that no incident is known for could not be kept: the sender is told to try again');
      throw new NotDurable('the disk did not take the end of an alert');
    }
    this.retryMs = this.firstRetryMs();
    this.schedule();
  }

  /** Resolves when nothing is under way. What waits stays on the disk. */
  async close(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private firstRetryMs(): number {
    return this.parts.firstRetryMs ?? FIRST_RETRY_MS;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.ended || this.running !== null) return;
    this.timer = setTimeout(() => this.trigger(), this.retryMs);
    this.timer.unref();
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
  }

  private trigger(): void {
    this.running = this.tryAll()
      .catch((err: unknown) => this.parts.log.error({ err }, 'ends of alerts could not be tried again'))
      .then(() => {
        this.running = null;
        if (this.parts.spool.pendingCount() > 0) this.schedule();
      });
  }

  /** One after another: nobody waits for them. */
  private async tryAll(): Promise<void> {
    const { alerts } = await this.parts.spool.backlog();
    for (const entry of alerts) {
      if (this.ended) return;
      await this.tryAgain(entry);
    }
  }

  private async tryAgain(entry: SpooledAlerts): Promise<void> {
    const { deliver, now, counts, log } = this.parts;
    const routed = await entry.read();
    const isReached = await deliver(routed).catch(() => null);
    const isTooOld = now() - (routed.declaration.spooledAt ?? routed.receivedAt) >= TRIED_FOR_MS;
    // Temporal is away: nothing is known about it.
    if (isReached === null || (!isReached && !isTooOld)) return;
    if (!isReached && routed.isToldToGroup !== true) {
      counts.endsDropped += routed.alerts.length;
      const fingerprints = routed.alerts.map(({ fingerprint }) => fingerprint).slice(0, 10);
      log.warn(
        { source: routed.source, fingerprints },
        'dropped the end of an alert that no incident has had for ten minutes',
      );
    }
    await entry.done();
  }
}
