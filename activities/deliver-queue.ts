/** One line of notifications: its acts one after the other, up to the first that a vendor does not take for now. */
import { log } from '@temporalio/activity';
import type { Delivery } from '../domain/kernel/incident.ts';
import { DeliveryError, isRejectedByVendor } from '../runtime/failures.ts';
import type { Refs } from './ports.ts';
import type { OutboxQueueName } from './types.ts';

/** What a call has done so far: kept by heartbeat, so that its next attempt goes on from there. */
export interface DeliveryProgress {
  /** Numbers of the orders that are delivered, or given up. */
  readonly deliveredEntries: readonly number[];
  readonly deliveries: readonly Delivery[];
  readonly refs: Refs;
  /** Orders among `done` that a vendor will never take, and why. */
  readonly rejected: readonly { readonly queue: OutboxQueueName; readonly reason: string }[];
  /** Stakeholder updates in the words in which they went out, of orders among `done`. */
  readonly stakeholderUpdates?: readonly { readonly n: number; readonly text: string }[];
}

/** Order `n` of a line, and how it is told. */
export interface QueueTask {
  readonly n: number;
  readonly deliver: () => Promise<void>;
}

export interface QueueOutcome {
  readonly queue: OutboxQueueName;
  /** What holds the line up, and how long the vendor wants to be left alone. */
  readonly failure: { readonly reason: string; readonly retryAfterMs: number | null } | null;
  /** Why orders were given up: a vendor will never take them. */
  readonly rejected: readonly string[];
}

/** Tells the line's acts in order; adds each to `done`. Never rejects. */
export async function deliverQueue(
  queue: OutboxQueueName,
  tasks: readonly QueueTask[],
  done: Set<number>,
): Promise<QueueOutcome> {
  const rejected: string[] = [];
  for (const { n, deliver } of tasks) {
    if (done.has(n)) continue;
    try {
      await deliver();
    } catch (err) {
      const failure = failureOf(queue, err);
      if (!isRejectedByVendor(err)) return { queue, failure, rejected };
      rejected.push(failure.reason);
    }
    // An act without a number comes after the orders, and is made in every call.
    if (n > 0) done.add(n);
  }
  return { queue, failure: null, rejected };
}

/** `act` as the outcome of a line. Never rejects. */
export async function outcomeOrFailure(queue: OutboxQueueName, work: Promise<unknown>): Promise<QueueOutcome> {
  return work.then(
    () => ({ queue, failure: null, rejected: [] }),
    (err: unknown) => ({ queue, failure: failureOf(queue, err), rejected: [] }),
  );
}

/** `act`, or undefined when it takes longer than `withinMs`. */
export async function orUndefinedAfter<T>(work: Promise<T>, withinMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((give) => {
    timer = setTimeout(give, withinMs, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A vendor may name tomorrow; whether it is well again is worth a look before. */
const LONGEST_WAIT_MS = 2 * 60_000;

/** Only what our own errors say goes into the record: anybody else's words may hold addresses, and secrets. */
export function failureOf(queue: OutboxQueueName, err: unknown): { reason: string; retryAfterMs: number | null } {
  if (err instanceof DeliveryError) {
    const { message, retryAfterMs } = err;
    return { reason: message, retryAfterMs: retryAfterMs === null ? null : Math.min(retryAfterMs, LONGEST_WAIT_MS) };
  }
  log.warn(`${queue} could not be told`, { error: err });
  return { reason: `${queue}: ${err instanceof Error ? err.name : 'failed'}`, retryAfterMs: null };
}
