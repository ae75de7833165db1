/**
 * What Temporal has heard within the last minute. Senders repeat a firing alert again and again; a repeat of the same
 * firing says nothing but that it still fires, and an incident that heard so a moment ago need not hear it again.
 *
 * Only what Temporal acknowledged counts, never what waits in the spool. A firing is `(fingerprint, startsAt)`: once it
 * has resolved it never fires again, whichever server heard of its end, so nothing that matters is held back. A sender
 * without starts is never held back: its next firing looks like a repeat of the last. In memory: after a restart the
 * next repeat is told.
 */
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';

export interface AlertDeduplication {
  /** Temporal has acknowledged these. */
  delivered(routedAlerts: readonly RoutedAlerts[]): void;
  /** Workflow ids that know all of the routed alerts already; null when any of it is news. */
  workflowsThatKnow(routed: RoutedAlerts): readonly string[] | null;
}

interface DeliveredAlert {
  readonly workflowId: string;
  readonly severity: AlertReport['severity'];
  readonly truncated: number;
  readonly until: number;
}

const SUPPRESS_REPEATS_MS = 60_000;
/** However soon an alert would be taken for stale, it is told this many times before. */
const DELIVERIES_BEFORE_STALE = 10;
const KEPT_AT_MOST = 50_000;

export function createAlertDeduplication(now: () => number = Date.now, limit = KEPT_AT_MOST): AlertDeduplication {
  /** In the order in which they were told. */
  const lastDelivered = new Map<string, DeliveredAlert>();

  const keyOf = (workflowId: string, { group, startsAt, fingerprint }: AlertReport): string =>
    `${group ?? workflowId} ${startsAt} ${fingerprint}`;
  /** While maintenance holds an alert back, its next repeat may be the one that nothing holds back. */
  const isRepeatable = ({ status, startGuessed, suppressedBy }: AlertReport): boolean =>
    status === 'firing' && !startGuessed && suppressedBy === undefined;

  function forget(): void {
    for (const key of lastDelivered.keys()) {
      if (lastDelivered.size <= limit) return;
      lastDelivered.delete(key);
    }
  }

  return {
    delivered(routedAlerts) {
      const truncated = Math.max(...routedAlerts.map((routed) => routed.truncated));
      for (const { declaration, alerts, staleAfterMs } of routedAlerts) {
        const until = now() + Math.min(SUPPRESS_REPEATS_MS, staleAfterMs / DELIVERIES_BEFORE_STALE);
        for (const alert of alerts.filter(isRepeatable)) {
          const key = keyOf(declaration.workflowId, alert);
          lastDelivered.delete(key); // to the end of the order
          lastDelivered.set(key, { workflowId: declaration.workflowId, severity: alert.severity, truncated, until });
        }
      }
      forget();
    },
    workflowsThatKnow({ declaration, alerts, truncated }) {
      const at = now();
      const targets = new Set<string>();
      for (const alert of alerts) {
        const delivered = isRepeatable(alert) ? lastDelivered.get(keyOf(declaration.workflowId, alert)) : undefined;
        if (delivered === undefined || delivered.until <= at) return null;
        if (delivered.severity !== alert.severity || delivered.truncated !== truncated) return null;
        targets.add(delivered.workflowId);
      }
      return alerts.length === 0 ? null : [...targets];
    },
  };
}
