/**
 * One batch in flight for each key; what arrives meanwhile goes together in the next. A storm on one incident thus
 * costs a few large signals instead of thousands of small ones, and messages of one incident stay in sequence.
 */
export interface BatchLimit<T> {
  /** The total weight of a batch, unless one item alone weighs more. */
  readonly maxWeight: number;
  readonly weigh: (item: T) => number;
}

export class KeyedQueue<T> {
  /** What waits behind the batch in flight; a key is present exactly while it has one. */
  private readonly queues = new Map<string, T[]>();
  private readonly send: (items: readonly T[]) => Promise<void>;
  private readonly limit: BatchLimit<T> | undefined;

  /** `send` settles its items itself and never rejects. */
  constructor(send: (items: readonly T[]) => Promise<void>, limit?: BatchLimit<T>) {
    this.send = send;
    this.limit = limit;
  }

  enqueue(key: string, item: T): void {
    const waiting = this.queues.get(key);
    if (waiting) {
      waiting.push(item);
      return;
    }
    this.queues.set(key, [item]);
    void this.drain(key);
  }

  private async drain(key: string): Promise<void> {
    for (;;) {
      const waiting = this.queues.get(key) ?? [];
      const items = waiting.splice(0, this.batchSize(waiting));
      if (items.length === 0) break;
      await this.send(items);
    }
    this.queues.delete(key);
  }

  private batchSize(waiting: readonly T[]): number {
    if (this.limit === undefined) return waiting.length;
    const { weigh, maxWeight } = this.limit;
    let weight = 0;
    const end = waiting.findIndex((item) => (weight += weigh(item)) > maxWeight);
    return end === -1 ? waiting.length : Math.max(1, end);
  }
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
