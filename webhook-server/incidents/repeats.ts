/**
 * What Temporal has heard within the last minute. Senders repeat a firing alert again and again; a repeat of the same
 * firing says nothing but that it still fires, and an incident that heard so a moment ago need not hear it again.
 *
 * Only what Temporal acknowledged counts, never what waits in the spool. A firing is `(fingerprint, startsAt)`: once it
 * has resolved it never fires again, whichever server heard of its end, so nothing that matters is held back. A sender
 * without starts is never held back: its next firing looks like a repeat of the last. In memory: after a restart the
 * next repeat is told.
 */
import type { AlertReport } from '../../domain/alert.ts';
import type { RoutedAlerts } from '../gateway.ts';

export interface Repeats {
  /** Temporal has acknowledged these. */
  told(routedAlerts: readonly RoutedAlerts[]): void;
  /** Workflow ids that know all of the routed alerts already; null when any of it is news. */
  knownTo(routed: RoutedAlerts): readonly string[] | null;
}

interface Told {
  readonly workflowId: string;
  readonly severity: AlertReport['severity'];
  readonly truncated: number;
  readonly until: number;
}

const QUIET_MS = 60_000;
/** However soon an alert would be taken for stale, it is told this many times before. */
const TOLD_BEFORE_STALE = 10;
const KEPT_AT_MOST = 50_000;

export function createRepeats(now: () => number = Date.now, limit = KEPT_AT_MOST): Repeats {
  /** In the order in which they were told. */
  const kept = new Map<string, Told>();

  const keyOf = (workflowId: string, { group, startsAt, fingerprint }: AlertReport): string =>
    `${group ?? workflowId} ${startsAt} ${fingerprint}`;
  /** While maintenance holds an alert back, its next repeat may be the one that nothing holds back. */
  const isRepeatable = ({ status, startGuessed, held }: AlertReport): boolean =>
    status === 'firing' && !startGuessed && held === undefined;

  function forget(): void {
    for (const key of kept.keys()) {
      if (kept.size <= limit) return;
      kept.delete(key);
    }
  }

  return {
    told(routedAlerts) {
      const truncated = Math.max(...routedAlerts.map((routed) => routed.truncated));
      for (const { opening, alerts, staleAfterMs } of routedAlerts) {
        const until = now() + Math.min(QUIET_MS, staleAfterMs / TOLD_BEFORE_STALE);
        for (const alert of alerts.filter(isRepeatable)) {
          const key = keyOf(opening.workflowId, alert);
          kept.delete(key); // to the end of the order
          kept.set(key, { workflowId: opening.workflowId, severity: alert.severity, truncated, until });
        }
      }
      forget();
    },
    knownTo({ opening, alerts, truncated }) {
      const at = now();
      const targets = new Set<string>();
      for (const alert of alerts) {
        const told = isRepeatable(alert) ? kept.get(keyOf(opening.workflowId, alert)) : undefined;
        if (told === undefined || told.until <= at) return null;
        if (told.severity !== alert.severity || told.truncated !== truncated) return null;
        targets.add(told.workflowId);
      }
      return alerts.length === 0 ? null : [...targets];
    },
  };
}
