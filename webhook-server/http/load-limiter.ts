/**
 * How much of senders' messages may be in work at once, so that a flood costs a 503 (which senders repeat) and never
 * the process. A body counts by its declared length before a byte of it is read, and by what really came beyond that.
 * Two accounts: a signature can only be checked on the whole body, so whoever merely claims to sign spends another
 * account than senders who have shown their token.
 */
import { HttpProblem } from './problem.ts';

export type LoadPool = 'authenticated' | 'unverified';

interface PoolLimit {
  readonly requests: number;
  readonly bytes: number;
}

export type LoadLimits = Readonly<Record<LoadPool, PoolLimit>>;

const MIB = 1024 * 1024;

/** Four, and two, messages of the largest size. Parsed they take several times as much. */
export const DEFAULT_LOAD_LIMITS: LoadLimits = {
  authenticated: { requests: 1000, bytes: 64 * MIB },
  unverified: { requests: 200, bytes: 32 * MIB },
};

export interface LoadSlot {
  /** Tells how many bytes have come so far. Throws 503 when that is more than there is room for. */
  readonly reportBytes: (bytes: number) => void;
  /** Gives the room back; once is enough. */
  readonly release: () => void;
}

export interface LoadLimiter {
  /** `declared`: the Content-Length, 0 when there is none. Throws 503 when there is no room. */
  admit(declared: number, pool: LoadPool): LoadSlot;
}

export function createLoadLimiter(limits: LoadLimits = DEFAULT_LOAD_LIMITS): LoadLimiter {
  const used = { authenticated: { requests: 0, bytes: 0 }, unverified: { requests: 0, bytes: 0 } };
  return {
    admit(declared, pool) {
      const usage = used[pool];
      const { requests, bytes } = limits[pool];
      if (usage.requests >= requests || usage.bytes + declared > bytes) throw overloaded();
      usage.requests += 1;
      usage.bytes += declared;
      let charged = declared;
      let released = false;
      return {
        reportBytes(total) {
          if (released || total <= charged) return;
          if (usage.bytes + total - charged > bytes) throw overloaded();
          usage.bytes += total - charged;
          charged = total;
        },
        release() {
          if (released) return;
          released = true;
          usage.requests -= 1;
          usage.bytes -= charged;
        },
      };
    },
  };
}

const RETRY_WITHIN_S = 5;

/** Never a 429, which senders do not repeat. Spread over seconds, so that they do not all come back at once. */
function overloaded(): HttpProblem {
  const seconds = 1 + Math.floor(Math.random() * RETRY_WITHIN_S);
  const headers = { 'Retry-After': String(seconds), Connection: 'close' };
  return new HttpProblem(503, 'too much at once: send it again', { headers, reason: 'overload' });
}
