/**
 * Alerts that were reported resolved before anyone heard them fire, remembered for ten minutes: messages overtake each
 * other, and a firing that comes late must wake nobody. In memory: after a restart the worst is one page too many.
 */
import type { AlertReport } from '../../domain/kernel/alert.ts';

export interface ResolvedBeforeFiring {
  add(workflowId: string, alert: AlertReport): void;
  has(workflowId: string, alert: AlertReport): boolean;
}

const KEPT_MS = 10 * 60 * 1000;
const KEPT_AT_MOST = 50_000;

export function createResolvedBeforeFiring(now: () => number = Date.now, limit = KEPT_AT_MOST): ResolvedBeforeFiring {
  /** Key → when to forget, in the order of forgetting. */
  const kept = new Map<string, number>();

  const keyOf = (workflowId: string, { fingerprint, startsAt }: AlertReport): string =>
    JSON.stringify([workflowId, fingerprint, startsAt]);

  function dropExpired(): void {
    for (const [key, until] of kept) {
      if (until > now() && kept.size <= limit) return;
      kept.delete(key);
    }
  }

  return {
    add(workflowId, alert) {
      const key = keyOf(workflowId, alert);
      kept.delete(key); // to the end of the order
      kept.set(key, now() + KEPT_MS);
      dropExpired();
    },
    has: (workflowId, alert) => (kept.get(keyOf(workflowId, alert)) ?? -Infinity) > now(),
  };
}
