/**
 * the alerts of one message for one incident's way to durability: to Temporal through its incident's lane; when Temporal is away or late, to the
 * spool; when Temporal refuses it for good, aside. Every way ends within five seconds.
 */
import type { Logger } from 'pino';
import { NotDurable, type RoutedAlerts } from '../incidents/gateway.ts';
import type { Spool } from './spool/spool.ts';
import type { Storms } from '../ingest/storm/storms.ts';
import { createConcurrencyLimit, withTimeout } from './timeout.ts';
import type { DeliverToTemporal, DeliveryMode } from './deliver-to-temporal.ts';
import { classifyTemporalError, RejectedByTemporal } from './temporal-errors.ts';
import { createKeyedQueue } from './keyed-queue.ts';
import type { IngestCounts } from './ingest-counts.ts';

export interface DurableDelivery {
  /** The workflow ids that were (or, from the spool, will be) opened or told; none when nobody had to be. */
  readonly makeDurable: (routed: RoutedAlerts) => Promise<readonly string[]>;
  /** To Temporal only, however long its turn takes. Throws `TemporalAway` or `Poison`. */
  readonly deliverToTemporal: (routed: RoutedAlerts) => Promise<readonly string[]>;
  /** Keeps the alerts of one message for one incident that Temporal refuses where a person finds it. */
  readonly deadLetter: (routed: RoutedAlerts, refusal: RejectedByTemporal) => Promise<void>;
}

export interface DurableDeliveryParts {
  readonly deliver: DeliverToTemporal;
  readonly storms: Storms;
  readonly spool: Spool;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly counts: IngestCounts;
  /** Called when something went to the spool. */
  readonly onSpooled: (routed: RoutedAlerts) => void;
  /** Called when Temporal has taken something at once. */
  readonly onDelivered: (routed: RoutedAlerts) => void;
}

/** The way of one incident's routed alerts, in one lane after another. */
interface QueueTicket {
  /** It went to the spool meanwhile. */
  spooled: boolean;
}

interface QueuedDelivery {
  readonly routed: RoutedAlerts;
  readonly mode: DeliveryMode;
  readonly ticket: QueueTicket;
  readonly resolve: (delivered: boolean) => void;
  readonly reject: (err: unknown) => void;
}

/** With the client's own 2 s for a call, the alerts of one message for one incident may have waited behind another. */
const DELIVERY_TIMEOUT_MS = 2500;
const DISK_MS = 1500;
/** More calls at once make each slower, until all of them are late. */
const CALLS_AT_ONCE = 48;
/** More alerts merged at once would hold up everything else: this is about 10 ms. */
const ALERTS_AT_ONCE = 1000;

export function createDurableDelivery(parts: DurableDeliveryParts): DurableDelivery {
  const { deliver, storms, spool, log, counts, onSpooled, onDelivered } = parts;
  const limitConcurrency = createConcurrencyLimit(CALLS_AT_ONCE);
  const keyedQueue = createKeyedQueue<QueuedDelivery>((items) => limitConcurrency(() => send(items)), {
    maxWeight: ALERTS_AT_ONCE,
    weigh: ({ routed }) => routed.alerts.length,
  });

  async function send(items: readonly QueuedDelivery[]): Promise<void> {
    const stillWanted = items.filter(({ ticket }) => !ticket.spooled);
    if (stillWanted.length === 0) return;
    try {
      const delivered = await deliver(
        stillWanted.map(({ routed }) => routed),
        stillWanted.some(({ mode }) => mode === 'start') ? 'start' : 'signal',
      );
      counts.batches += 1;
      for (const { resolve } of stillWanted) resolve(delivered);
    } catch (err) {
      // One sender's broken message must not take the others' with it.
      if (classifyTemporalError(err) instanceof RejectedByTemporal && stillWanted.length > 1)
        for (const item of stillWanted) await send([item]);
      else for (const { reject } of stillWanted) reject(err);
    }
  }

  function enqueue(routed: RoutedAlerts, { mode, ticket }: Pick<QueuedDelivery, 'mode' | 'ticket'>): Promise<boolean> {
    const { promise, resolve, reject } = withResolvers();
    keyedQueue.enqueue(routed.declaration.workflowId, { routed, mode, ticket, resolve, reject });
    return promise;
  }

  const throughStorms = (routed: RoutedAlerts, ticket: QueueTicket): Promise<readonly string[]> =>
    storms.route(routed, (one, mode) => enqueue(one, { mode, ticket }));

  async function deadLetter(routed: RoutedAlerts, refusal: RejectedByTemporal): Promise<void> {
    counts.rejectedByTemporal += 1;
    log.error(
      { err: refusal, workflowId: routed.declaration.workflowId },
      'Temporal refuses an alert; it is set aside',
    );
    await spool.deadLetter(refusal.message, routed);
  }

  /** On the disk in time, or the sender must come again. */
  async function writeInTime(write: Promise<void>): Promise<void> {
    try {
      await withTimeout(DISK_MS, write, () => new Error(`the disk did not answer within ${DISK_MS} ms`));
    } catch (err) {
      counts.notDurable += 1;
      log.error({ err }, 'an alert is neither with Temporal nor on the disk; the sender is told to try again');
      throw new NotDurable('neither Temporal nor the disk took the alerts');
    }
  }

  return {
    deadLetter,
    deliverToTemporal: (routed) => throughStorms(routed, { spooled: false }),
    async makeDurable(routed) {
      const ticket = { spooled: false };
      try {
        const delivered = await withTimeout(DELIVERY_TIMEOUT_MS, throughStorms(routed, ticket));
        onDelivered(routed);
        return delivered;
      } catch (err) {
        ticket.spooled = true;
        const error = classifyTemporalError(err);
        if (error instanceof RejectedByTemporal) {
          await writeInTime(deadLetter(routed, error));
          return [];
        }
        await writeInTime(spool.append(routed));
        counts.spooled += 1;
        onSpooled(routed);
        const expected = storms.expectedWorkflowId(routed);
        return expected === null ? [] : [expected];
      }
    },
  };
}

function withResolvers(): { promise: Promise<boolean> } & Pick<QueuedDelivery, 'resolve' | 'reject'> {
  let resolve: QueuedDelivery['resolve'] = () => undefined;
  let reject: QueuedDelivery['reject'] = () => undefined;
  const promise = new Promise<boolean>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
