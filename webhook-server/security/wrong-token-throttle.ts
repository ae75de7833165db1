/**
 * Counts wrong tokens by address, so that guessing is slow and quiet. A right token is never held back: callers ask
 * only after a token has proved wrong. IPv6 counts by /64, which one guest usually has to itself.
 */
const WINDOW_MS = 60_000;
/** Far above a mistake in a script, far below what guessing would need. */
const WRONG_TOKENS_LIMIT = 200;
const ADDRESSES_LIMIT = 10_000;

export interface WrongTokenThrottle {
  /** Counts one; returns the seconds to wait when the address has been wrong too often, else 0. */
  countWrongToken(address: string | undefined): number;
}

export function createWrongTokenThrottle(now: () => number = Date.now): WrongTokenThrottle {
  const counted = new Map<string, { count: number; until: number }>();
  return {
    countWrongToken(address) {
      const at = now();
      const key = networkOf(address ?? '');
      const entry = counted.get(key);
      if (!entry || entry.until <= at) {
        counted.delete(key);
        if (counted.size >= ADDRESSES_LIMIT) dropOldest(counted);
        counted.set(key, { count: 1, until: at + WINDOW_MS });
        return 0;
      }
      entry.count += 1;
      return entry.count > WRONG_TOKENS_LIMIT ? Math.ceil((entry.until - at) / 1000) : 0;
    },
  };
}

/** Maps keep the order of insertion, and every window is equally long. */
function dropOldest(counted: Map<string, unknown>): void {
  for (const key of counted.keys()) {
    counted.delete(key);
    return;
  }
}

function networkOf(address: string): string {
  if (address.startsWith('::ffff:')) return address.slice(7);
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0')].slice(0, 4).join(':');
}
