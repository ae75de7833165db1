/**
 * How much of senders' messages may be in work at once, so that a flood costs a 503 (which senders repeat) and never
 * the process. A body counts by its declared length before a byte of it is read, and by what really came beyond that.
 * Two accounts: a signature can only be checked on the whole body, so whoever merely claims to sign spends another
 * account than senders who have shown their token.
 */
import { HttpProblem } from './problem.ts';

export type Account = 'proved' | 'claimed';

interface Limit {
  readonly requests: number;
  readonly bytes: number;
}

export type Limits = Readonly<Record<Account, Limit>>;

const MIB = 1024 * 1024;

/** Four, and two, messages of the largest size. Parsed they take several times as much. */
export const LOAD_LIMITS: Limits = {
  proved: { requests: 1000, bytes: 64 * MIB },
  claimed: { requests: 200, bytes: 32 * MIB },
};

export interface Place {
  /** Tells how many bytes have come so far. Throws 503 when that is more than there is room for. */
  readonly grow: (bytes: number) => void;
  /** Gives the room back; once is enough. */
  readonly leave: () => void;
}

export interface Load {
  /** `declared`: the Content-Length, 0 when there is none. Throws 503 when there is no room. */
  enter(declared: number, account: Account): Place;
}

export function createLoad(limits: Limits = LOAD_LIMITS): Load {
  const used = { proved: { requests: 0, bytes: 0 }, claimed: { requests: 0, bytes: 0 } };
  return {
    enter(declared, account) {
      const mine = used[account];
      const { requests, bytes } = limits[account];
      if (mine.requests >= requests || mine.bytes + declared > bytes) throw overloaded();
      mine.requests += 1;
      mine.bytes += declared;
      let charged = declared;
      let left = false;
      return {
        grow(total) {
          if (left || total <= charged) return;
          if (mine.bytes + total - charged > bytes) throw overloaded();
          mine.bytes += total - charged;
          charged = total;
        },
        leave() {
          if (left) return;
          left = true;
          mine.requests -= 1;
          mine.bytes -= charged;
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
