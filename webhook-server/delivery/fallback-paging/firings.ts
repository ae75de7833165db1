/** One firing of one alert of a group, the key of the page about it (the same on every server), and which Temporal has. */
import { createHash } from 'node:crypto';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';

/** JSON of `[workflowId, fingerprint, startsAt]`. */
export type FiringId = string;

export function firingId(workflowId: string, alert: Pick<AlertReport, 'fingerprint' | 'startsAt'>): FiringId {
  return JSON.stringify([workflowId, alert.fingerprint, alert.startsAt]);
}

/** `bg/` and 32 hex digits of the SHA-256 of `[workflowId, fingerprint, startsAt, person]`. */
export function fallbackPageKey(firing: FiringId, person: string): string {
  const parts = JSON.parse(firing) as unknown[];
  const hash = createHash('sha256').update(JSON.stringify([...parts, person]));
  return `bg/${hash.digest('hex').slice(0, 32)}`;
}

/** A fallback page links to this very group, so the group must become an incident of its own. */
export function hasFallbackPageLink({ declaration, alerts, alreadyPaged = [] }: RoutedAlerts): boolean {
  if (alreadyPaged.length === 0) return false;
  const keys = new Set(alreadyPaged.map(({ key }) => key));
  const people = [...new Set(alreadyPaged.map(({ to }) => to))];
  return alerts.some((alert) =>
    people.some((person) => keys.has(fallbackPageKey(firingId(declaration.workflowId, alert), person))),
  );
}

/**
 * Firings that Temporal has taken since this process started: their incident has paged on-call about them, so a repeat
 * while Temporal is away pages nobody. In memory: after a restart the worst is one page too many.
 */
export interface DeliveredFirings {
  add(routed: RoutedAlerts): void;
  has(firing: FiringId): boolean;
  /** An alert without a start of its own was firing before. */
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
