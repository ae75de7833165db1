/** What this process has done lately, by key: a repeat needs no question to the vendor. */

const REMEMBERED = 1_000;

export interface RecentCache<T> {
  get(key: string): T | undefined;
  add(key: string, value: T): void;
}

/** Keeps the last thousand. */
export function recentCache<T>(): RecentCache<T> {
  const known = new Map<string, T>();
  return {
    get: (key) => known.get(key),
    add: (key, value) => {
      known.delete(key);
      known.set(key, value);
      const oldest = known.keys().next();
      if (known.size > REMEMBERED && !oldest.done) known.delete(oldest.value);
    },
  };
}
