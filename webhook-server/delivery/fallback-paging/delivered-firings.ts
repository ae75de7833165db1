/**
 * Firings that Temporal has taken since this process began: repeated while it is away they are no news, since whoever is
 * on call has been paged about them by their incident. In memory: after a restart the worst is one page too many.
 */
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { firingId, type FiringId } from './firing-id.ts';

export interface DeliveredFirings {
  add(routed: RoutedAlerts): void;
  has(firing: FiringId): boolean;
  /** An alert without a start of its own fires since before. */
  hasBegun(workflowId: string, alert: AlertReport): boolean;
}

const KEPT_AT_MOST = 100_000;

export function createDeliveredFirings(limit = KEPT_AT_MOST): DeliveredFirings {
  const kept = new Set<string>();
  const startlessKey = (workflowId: string, { fingerprint }: AlertReport): string =>
    JSON.stringify([workflowId, fingerprint]);

  function keep(id: string): void {
    kept.delete(id); // to the end of the order
    kept.add(id);
    for (const oldest of kept) {
      if (kept.size <= limit) return;
      kept.delete(oldest);
    }
  }

  return {
    add({ declaration: { workflowId }, alerts }) {
      for (const alert of alerts) {
        if (alert.status === 'resolved') kept.delete(startlessKey(workflowId, alert));
        else keep(alert.startGuessed ? startlessKey(workflowId, alert) : firingId(workflowId, alert));
      }
    },
    has: (firing) => kept.has(firing),
    hasBegun: (workflowId, alert) => alert.startGuessed && kept.has(startlessKey(workflowId, alert)),
  };
}
