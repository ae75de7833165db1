/**
 * Counts wrong tokens by address, so that guessing is slow and quiet. A right token is never delayed: callers ask only
 * after a token has proved wrong. IPv6 counts by /64, which one host usually has to itself.
 */
import ipaddr from 'ipaddr.js';

const WINDOW_MS = 60_000;
/** Far above a script's mistake, far below what guessing would need. */
const WRONG_TOKENS_LIMIT = 200;
const ADDRESSES_LIMIT = 10_000;

export class WrongTokenThrottle {
  readonly #now: () => number;
  /** Oldest first, since all windows have the same length. */
  readonly #counted = new Map<string, { count: number; readonly until: number }>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Counts one; returns the seconds to wait if the address has sent too many, else 0. */
  countWrongToken(address = ''): number {
    const at = this.#now();
    const network = networkOf(address);
    const entry = this.#counted.get(network);
    if (entry !== undefined && entry.until > at) {
      entry.count += 1;
      return entry.count > WRONG_TOKENS_LIMIT ? Math.ceil((entry.until - at) / 1000) : 0;
    }
    this.#counted.delete(network);
    const [oldest] = this.#counted.keys();
    if (oldest !== undefined && this.#counted.size >= ADDRESSES_LIMIT) this.#counted.delete(oldest);
    this.#counted.set(network, { count: 1, until: at + WINDOW_MS });
    return 0;
  }
}

function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return 'parts' in parsed ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}
