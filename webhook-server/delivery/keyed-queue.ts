/**
 * One sending at a time for each key; what arrives meanwhile goes together in the next. A storm on one incident thus
 * costs a few large signals instead of thousands of small ones, and order within the incident is kept.
 */
export interface KeyedQueue<T> {
  enqueue(key: string, item: T): void;
}

export interface BatchLimit<T> {
  /** Of everything that goes together, unless one item alone weighs more. */
  readonly maxWeight: number;
  readonly weigh: (item: T) => number;
}

/** `send` settles its items itself and never rejects. */
export function createKeyedQueue<T>(
  send: (items: readonly T[]) => Promise<void>,
  limit?: BatchLimit<T>,
): KeyedQueue<T> {
  /** What waits behind the sending under way; a key is here exactly while its lane is busy. */
  const queues = new Map<string, T[]>();

  async function drain(key: string): Promise<void> {
    for (;;) {
      const waiting = queues.get(key) ?? [];
      const items = waiting.splice(0, batchSize(waiting, limit));
      if (items.length === 0) break;
      await send(items);
    }
    queues.delete(key);
  }

  return {
    enqueue(key, item) {
      const waiting = queues.get(key);
      if (waiting) {
        waiting.push(item);
        return;
      }
      queues.set(key, [item]);
      void drain(key);
    },
  };
}

function batchSize<T>(waiting: readonly T[], limit: BatchLimit<T> | undefined): number {
  if (limit === undefined) return waiting.length;
  let weight = 0;
  const end = waiting.findIndex((item) => (weight += limit.weigh(item)) > limit.maxWeight);
  return end === -1 ? waiting.length : Math.max(1, end);
}
