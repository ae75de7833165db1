/**
 * One sending at a time for each key; what arrives meanwhile goes together in the next. A storm on one incident thus
 * costs a few large signals instead of thousands of small ones, and order within the incident is kept.
 */
export interface Lanes<T> {
  join(key: string, item: T): void;
}

/** `send` settles its items itself and never rejects. */
export function createLanes<T>(send: (items: readonly T[]) => Promise<void>): Lanes<T> {
  /** What waits behind the sending under way; a key is here exactly while its lane is busy. */
  const lanes = new Map<string, T[]>();

  async function drive(key: string): Promise<void> {
    for (;;) {
      const items = lanes.get(key) ?? [];
      if (items.length === 0) break;
      lanes.set(key, []);
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
