/**
 * One sending at a time for each key; what arrives meanwhile goes together in the next. A storm on one incident thus
 * costs a few large signals instead of thousands of small ones, and order within the incident is kept.
 */
export interface Lanes<T> {
  join(key: string, item: T): void;
}

export interface LaneLimit<T> {
  /** Of everything that goes together, unless one item alone weighs more. */
  readonly most: number;
  readonly weigh: (item: T) => number;
}

/** `send` settles its items itself and never rejects. */
export function createLanes<T>(send: (items: readonly T[]) => Promise<void>, limit?: LaneLimit<T>): Lanes<T> {
  /** What waits behind the sending under way; a key is here exactly while its lane is busy. */
  const lanes = new Map<string, T[]>();

  async function drive(key: string): Promise<void> {
    for (;;) {
      const waiting = lanes.get(key) ?? [];
      const items = waiting.splice(0, howMany(waiting, limit));
      if (items.length === 0) break;
      await send(items);
    }
    lanes.delete(key);
  }

  return {
    join(key, item) {
      const waiting = lanes.get(key);
      if (waiting) {
        waiting.push(item);
        return;
      }
      lanes.set(key, [item]);
      void drive(key);
    },
  };
}

function howMany<T>(waiting: readonly T[], limit: LaneLimit<T> | undefined): number {
  if (limit === undefined) return waiting.length;
  let weight = 0;
  const end = waiting.findIndex((item) => (weight += limit.weigh(item)) > limit.most);
  return end === -1 ? waiting.length : Math.max(1, end);
}
