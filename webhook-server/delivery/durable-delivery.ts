/**
 * The deliver stage: makes routed alerts durable. They go to Temporal, with one signal in flight for each workflow id;
 * to the spool when Temporal is down or late; to the dead letters when Temporal refuses them for good. Each takes five
 * seconds at most.
 */
import type { Logger } from 'pino';
import { type RoutedAlerts } from '../incidents/gateway.ts';
import type { Destination, Storms } from '../ingest/storm/storms.ts';
import type { DeliverToTemporal, DeliveryMode } from './deliver-to-temporal.ts';
import type { Spool } from './spool/spool.ts';
import { classifyTemporalError, RejectedByTemporal, withTimeout } from './circuit-breaker.ts';

/** Neither Temporal nor the spool took it: the sender must try again. */
export class NotDurable extends Error {
  override name = 'NotDurable';
}

/** Counters of routed alerts since the start, for `/metrics`. */
export interface IngestCounts {
  /** Batches that Temporal acknowledged. */
  batches: number;
  /** Written to the spool. */
  spooled: number;
  /** Taken out of the spool again, delivered or moot. */
  replayed: number;
  /** Refused by Temporal for good, and kept in `rejected.jsonl`. */
  rejectedByTemporal: number;
  /** Could not be made durable: the sender got a 503. */
  notDurable: number;
  /** Joined a storm instead of opening an incident. */
  joinedStorm: number;
  /** Suppressed by maintenance. */
  suppressed: number;
  /** Ends of alerts that no incident has had for ten minutes. */
  endsDropped: number;
}

export const zeroIngestCounts = (): IngestCounts => ({
  batches: 0,
  spooled: 0,
  replayed: 0,
  rejectedByTemporal: 0,
  notDurable: 0,
  joinedStorm: 0,
  suppressed: 0,
  endsDropped: 0,
});

export interface DurableDeliveryParts {
  readonly temporal: Pick<DeliverToTemporal, 'deliver'>;
  readonly storms: Pick<Storms, 'route' | 'destinationOf'>;
  /** A run that was said to hold these does not exist. */
  readonly onNotHeld: (workflowId: string, routed: RoutedAlerts) => void;
  readonly spool: Pick<Spool, 'append' | 'deadLetter'>;
  readonly log: Pick<Logger, 'error'>;
  readonly counts: IngestCounts;
  readonly onSpooled: (routed: RoutedAlerts) => void;
  /** Temporal took them at once. */
  readonly onDelivered: (routed: RoutedAlerts) => void;
}

export interface Delivered {
  /** The workflows that have the alerts, or will have them from the spool. */
  readonly workflowIds: readonly string[];
  /** They are in the spool, or in the dead letters. */
  readonly isKept: boolean;
}

/** One message's alerts for one incident, on their way through the queues. */
interface QueueTicket {
  /** They were spooled meanwhile. */
  spooled: boolean;
}

interface QueuedDelivery {
  readonly routed: RoutedAlerts;
  readonly mode: DeliveryMode;
  readonly ticket: QueueTicket;
  readonly resolve: (delivered: boolean) => void;
  readonly reject: (err: unknown) => void;
}

/** With the client's own timeout of 2 s for a call, alerts may have waited behind one other call. */
const DELIVERY_TIMEOUT_MS = 2500;
const DISK_MS = 1500;
/** More concurrent calls slow each other down until all are late. */
const CALLS_AT_ONCE = 48;
/** Merging more alerts at once would block the event loop: this takes about 10 ms. */
const ALERTS_AT_ONCE = 1000;

export class DurableDelivery {
  private readonly parts: DurableDeliveryParts;
  private readonly concurrency = new ConcurrencyLimit(CALLS_AT_ONCE);
  private readonly queue = new KeyedQueue<QueuedDelivery>((items) => this.concurrency.run(() => this.send(items)), {
    maxWeight: ALERTS_AT_ONCE,
    weigh: ({ routed }) => routed.alerts.length,
  });

  constructor(parts: DurableDeliveryParts) {
    this.parts = parts;
  }

  /** Throws `NotDurable`. */
  async makeDurable(routed: RoutedAlerts, destination?: Destination): Promise<Delivered> {
    const { storms, spool, counts, onSpooled, onDelivered } = this.parts;
    const ticket = { spooled: false };
    try {
      const delivered = await withTimeout(DELIVERY_TIMEOUT_MS, this.toRuns(routed, ticket, destination));
      onDelivered(routed);
      return { workflowIds: delivered, isKept: false };
    } catch (err) {
      ticket.spooled = true;
      const error = classifyTemporalError(err);
      if (error instanceof RejectedByTemporal) {
        await this.writeInTime(this.deadLetter(routed, error));
        return { workflowIds: [], isKept: true };
      }
      await this.writeInTime(spool.append(routed));
      counts.spooled += 1;
      onSpooled(routed);
      const { workflowId } = storms.destinationOf(routed);
      if (routed.heldBy !== undefined) return { workflowIds: routed.heldBy, isKept: true };
      return { workflowIds: workflowId === null ? [] : [workflowId], isKept: true };
    }
  }

  /** To Temporal only, however long it waits in the queue. Throws `TemporalUnavailable`. */
  async deliverOrDeadLetter(routed: RoutedAlerts): Promise<Delivered> {
    try {
      return { workflowIds: await this.toRuns(routed, { spooled: false }), isKept: false };
    } catch (err) {
      const error = classifyTemporalError(err);
      if (!(error instanceof RejectedByTemporal)) throw error;
      await this.deadLetter(routed, error);
      return { workflowIds: [], isKept: true };
    }
  }

  /** To the runs that hold them, or to those of the group. An end that nobody holds reaches nobody. */
  private async toRuns(
    { heldBy, ...routed }: RoutedAlerts,
    ticket: QueueTicket,
    destination?: Destination,
  ): Promise<readonly string[]> {
    if (heldBy === undefined) return this.throughStorms(routed, ticket, destination);
    const signalled = heldBy.map(async (workflowId): Promise<string[]> => {
      const declaration = { ...routed.declaration, workflowId };
      if (await this.enqueue({ ...routed, declaration }, { mode: 'signal', ticket })) return [workflowId];
      this.parts.onNotHeld(workflowId, routed);
      return [];
    });
    const reached = (await Promise.all(signalled)).flat();
    const alerts = routed.alerts.filter(({ status }) => status === 'firing');
    if (reached.length > 0 || alerts.length === 0) return reached;
    return this.throughStorms({ ...routed, alerts }, ticket);
  }

  private throughStorms(
    routed: RoutedAlerts,
    ticket: QueueTicket,
    destination?: Destination,
  ): Promise<readonly string[]> {
    return this.parts.storms.route(routed, (one, mode) => this.enqueue(one, { mode, ticket }), destination);
  }

  private enqueue(routed: RoutedAlerts, options: Pick<QueuedDelivery, 'mode' | 'ticket'>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.queue.enqueue(routed.declaration.workflowId, { ...options, routed, resolve, reject });
    });
  }

  private async send(items: readonly QueuedDelivery[]): Promise<void> {
    const stillWanted = items.filter(({ ticket }) => !ticket.spooled);
    if (stillWanted.length === 0) return;
    try {
      const delivered = await this.parts.temporal.deliver(
        stillWanted.map(({ routed }) => routed),
        stillWanted.some(({ mode }) => mode === 'start') ? 'start' : 'signal',
      );
      if (delivered) this.parts.counts.batches += 1;
      for (const { resolve } of stillWanted) resolve(delivered);
    } catch (err) {
      // One sender's broken message must not take the others down with it.
      if (classifyTemporalError(err) instanceof RejectedByTemporal && stillWanted.length > 1)
        for (const item of stillWanted) await this.send([item]);
      else for (const { reject } of stillWanted) reject(err);
    }
  }

  /** Where a person finds what Temporal refused. */
  private async deadLetter(routed: RoutedAlerts, rejection: RejectedByTemporal): Promise<void> {
    const { counts, log, spool } = this.parts;
    const { workflowId } = routed.declaration;
    counts.rejectedByTemporal += 1;
    log.error({ err: rejection, workflowId }, 'Temporal rejected alerts: kept in rejected.jsonl');
    await spool.deadLetter(rejection.message, routed);
  }

  /** On the disk in time, or the sender must try again. */
  private async writeInTime(write: Promise<void>): Promise<void> {
    try {
      await withTimeout(DISK_MS, write, () => new Error(`the disk did not answer within ${DISK_MS} ms`));
    } catch (err) {
      this.parts.counts.notDurable += 1;
      this.parts.log.error({ err }, 'neither Temporal nor the disk took alerts: the sender is told to try again');
      throw new NotDurable('neither Temporal nor the disk took the alerts');
    }
  }
}

/**
 * One batch in flight for each key; what arrives meanwhile goes together in the next. A storm on one incident thus
 * costs a few large signals instead of thousands of small ones, and messages of one incident stay in sequence.
 */
export class KeyedQueue<T> {
  /** What waits behind the batch in flight; a key is present exactly while it has one. */
  private readonly queues = new Map<string, T[]>();
  private readonly send: (items: readonly T[]) => Promise<void>;
  private readonly limit: BatchLimit<T>;

  /** `send` settles its items itself and never rejects. */
  constructor(send: (items: readonly T[]) => Promise<void>, limit: BatchLimit<T>) {
    this.send = send;
    this.limit = limit;
  }

  enqueue(key: string, item: T): void {
    const waiting = this.queues.get(key);
    if (waiting) waiting.push(item);
    else void this.drain(key, [item]);
  }

  private async drain(key: string, waiting: T[]): Promise<void> {
    this.queues.set(key, waiting);
    while (waiting.length > 0) await this.send(waiting.splice(0, this.batchSize(waiting)));
    this.queues.delete(key);
  }

  private batchSize(waiting: readonly T[]): number {
    const { weigh, maxWeight } = this.limit;
    let weight = 0;
    const end = waiting.findIndex((item) => (weight += weigh(item)) > maxWeight);
    return end === -1 ? waiting.length : Math.max(1, end);
  }
}

interface BatchLimit<T> {
  /** The total weight of a batch, unless one item alone weighs more. */
  readonly maxWeight: number;
  readonly weigh: (item: T) => number;
}

/** Runs at most `count` pieces of work at a time, first come, first served. */
export class ConcurrencyLimit {
  private freeSlots: number;
  private readonly queue: (() => void)[] = [];

  constructor(count: number) {
    this.freeSlots = count;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.freeSlots > 0) this.freeSlots -= 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.freeSlots += 1;
    }
  }
}
