/**
 * Limits how many bytes of senders' messages are in progress at once, so that a flood costs a 503 (which senders retry)
 * and never the process. A body counts by its declared length before a byte is read, and by its real length beyond
 * that. Two budgets: a signature can only be checked on the whole body, so clients that merely claim to sign use a
 * different budget from senders that have presented a token.
 */
import { HttpProblem } from './problem.ts';

export type LoadPool = 'authenticated' | 'unverified';

interface PoolLimit {
  readonly requests: number;
  readonly bytes: number;
}

export type LoadLimits = Readonly<Record<LoadPool, PoolLimit>>;

const MIB = 1024 * 1024;

/** Four, and two, messages of the largest size. Parsed, they take several times as much. */
export const DEFAULT_LOAD_LIMITS: LoadLimits = {
  authenticated: { requests: 1000, bytes: 64 * MIB },
  unverified: { requests: 200, bytes: 32 * MIB },
};

export type LoadLimiter = ReturnType<typeof createLoadLimiter>;

export function createLoadLimiter(limits: LoadLimits = DEFAULT_LOAD_LIMITS) {
  const used = { authenticated: { requests: 0, bytes: 0 }, unverified: { requests: 0, bytes: 0 } };
  return {
    /** `declared`: the Content-Length, 0 when there is none. Throws 503 when the budget is used up. */
    admit(declared: number, pool: LoadPool) {
      const usage = used[pool];
      const { requests, bytes } = limits[pool];
      if (usage.requests >= requests || usage.bytes + declared > bytes) throw overloaded();
      usage.requests += 1;
      usage.bytes += declared;
      let charged = declared;
      let released = false;
      return {
        /** Reports how many bytes have arrived so far. Throws 503 when that exceeds the budget. */
        reportBytes: (total: number): void => {
          if (released || total <= charged) return;
          if (usage.bytes + total - charged > bytes) throw overloaded();
          usage.bytes += total - charged;
          charged = total;
        },
        /** Calling it again does nothing. */
        release: (): void => {
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

/** Never a 429, which senders do not retry. Spread over seconds, so that they do not all return at once. */
function overloaded(): HttpProblem {
  const seconds = 1 + Math.floor(Math.random() * RETRY_WITHIN_S);
  const headers = { 'Retry-After': String(seconds), Connection: 'close' };
  return new HttpProblem(503, 'too much at once: send it again', { headers, reason: 'overload' });
}
