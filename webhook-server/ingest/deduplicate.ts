/**
 * The deduplicate stage: what was delivered to Temporal within the last minute. Senders repeat a firing alert again and
 * again; a repeat only confirms that it still fires, which an incident need not hear twice in a minute.
 *
 * Only what Temporal acknowledged counts, never what waits in the spool. A firing is `(fingerprint, startsAt)`: once it
 * has resolved it never fires again, whichever server delivered that, so nothing that matters is dropped. Alerts
 * without a start of their own are never dropped: their next firing looks like a repeat of the last. In memory: after a
 * restart the next repeat is delivered.
 */
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';

interface DeliveredAlert {
  readonly workflowId: string;
  readonly severity: AlertReport['severity'];
  readonly truncated: number;
  readonly until: number;
}

const DROP_REPEATS_MS = 60_000;
/** However soon an alert would count as stale, it is delivered this many times before. */
const DELIVERIES_BEFORE_STALE = 10;
const KEPT_AT_MOST = 50_000;

export class AlertDeduplication {
  /** In the sequence of their deliveries. */
  private readonly lastDelivered = new Map<string, DeliveredAlert>();
  private readonly now: () => number;
  private readonly limit: number;

  constructor(now: () => number = Date.now, limit = KEPT_AT_MOST) {
    this.now = now;
    this.limit = limit;
  }

  /** Temporal has acknowledged these. */
  delivered(routedAlerts: readonly RoutedAlerts[]): void {
    const truncated = Math.max(...routedAlerts.map((routed) => routed.truncated));
    for (const { declaration, alerts, staleAfterMs } of routedAlerts) {
      const until = this.now() + Math.min(DROP_REPEATS_MS, staleAfterMs / DELIVERIES_BEFORE_STALE);
      for (const alert of alerts.filter(isRepeatable)) {
        const key = keyOf(declaration.workflowId, alert);
        this.lastDelivered.delete(key); // moves the key to the end
        this.lastDelivered.set(key, { workflowId: declaration.workflowId, severity: alert.severity, truncated, until });
      }
    }
    for (const key of this.lastDelivered.keys()) {
      if (this.lastDelivered.size <= this.limit) return;
      this.lastDelivered.delete(key);
    }
  }

  /** Ids of the workflows that already have all of the routed alerts; null when any of them is new. */
  workflowsThatKnow({ declaration, alerts, truncated }: RoutedAlerts): readonly string[] | null {
    const at = this.now();
    const targets = new Set<string>();
    for (const alert of alerts) {
      const delivered = isRepeatable(alert) ? this.lastDelivered.get(keyOf(declaration.workflowId, alert)) : undefined;
      if (delivered === undefined || delivered.until <= at) return null;
      if (delivered.severity !== alert.severity || delivered.truncated !== truncated) return null;
      targets.add(delivered.workflowId);
    }
    return alerts.length === 0 ? null : [...targets];
  }
}

const keyOf = (workflowId: string, { group, startsAt, fingerprint }: AlertReport): string =>
  `${group ?? workflowId} ${startsAt} ${fingerprint}`;

/** While maintenance suppresses an alert, its next repeat may be the first one that is not suppressed. */
const isRepeatable = ({ status, startGuessed, suppressedBy }: AlertReport): boolean =>
  status === 'firing' && !startGuessed && suppressedBy === undefined;
