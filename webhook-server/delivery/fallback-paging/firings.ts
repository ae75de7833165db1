/**
 * A firing of an alert of a group, the key of its page (the same on every server), and the firings that Temporal has.
 */
import { createHash } from 'node:crypto';
import type { AlertReport, FallbackPage } from '../../../domain/kernel/alert.ts';
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
export function hasFallbackPageLink(
  { declaration, alerts }: RoutedAlerts,
  alreadyPaged: readonly FallbackPage[],
): boolean {
  const keys = new Set(alreadyPaged.map(({ key }) => key));
  const people = [...new Set(alreadyPaged.map(({ to }) => to))];
  return alerts.some((alert) =>
    people.some((person) => keys.has(fallbackPageKey(firingId(declaration.workflowId, alert), person))),
  );
}

/** A firing with the same start as one that ended is new if it was received later, unless it may be a late copy. */
export function isAfterEnd(
  endReceivedAt: number,
  { receivedAt, lateCopyMs = 0 }: Pick<RoutedAlerts, 'receivedAt' | 'lateCopyMs'>,
): boolean {
  return receivedAt > endReceivedAt + lateCopyMs;
}

/**
 * Firings that Temporal has taken since this process started: their incident has paged on-call about them, so a repeat
 * while Temporal is down pages nobody. In memory: after a restart the worst case is one page too many.
 */
export class DeliveredFirings {
  /** When the end of it was received; null: it fires. */
  private readonly kept = new Map<string, number | null>();

  add({ declaration: { workflowId }, alerts, receivedAt }: RoutedAlerts): void {
    for (const alert of alerts) {
      if (alert.status === 'resolved') {
        this.kept.delete(startlessKey(workflowId, alert));
        if (!alert.startGuessed) this.keep(firingId(workflowId, alert), alert.receivedAt ?? receivedAt);
      } else {
        this.keep(alert.startGuessed ? startlessKey(workflowId, alert) : firingId(workflowId, alert), null);
      }
    }
  }

  /** Temporal knows this firing, as it is in `routed`. */
  has(firing: FiringId, routed: Pick<RoutedAlerts, 'receivedAt' | 'lateCopyMs'>): boolean {
    const endedAt = this.kept.get(firing);
    return endedAt !== undefined && (endedAt === null || !isAfterEnd(endedAt, routed));
  }

  /** An alert without a start of its own was firing before. */
  hasBegun(workflowId: string, alert: AlertReport): boolean {
    return alert.startGuessed && this.kept.has(startlessKey(workflowId, alert));
  }

  private keep(id: string, endedAt: number | null): void {
    this.kept.delete(id); // moves the key to the end
    this.kept.set(id, endedAt);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT_AT_MOST) return;
      this.kept.delete(oldest);
    }
  }
}

const KEPT_AT_MOST = 100_000;

const startlessKey = (workflowId: string, { fingerprint }: AlertReport): string =>
  JSON.stringify([workflowId, fingerprint]);
