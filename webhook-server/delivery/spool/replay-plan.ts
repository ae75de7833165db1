/**
 * The sequence in which the spool is replayed, and what can be skipped: an alert whose last report in the spool is its
 * end is not worth a page, unless somebody has been paged already. Pure.
 */
import { SEVERITIES } from '../../../domain/kernel/severity.ts';
import { firingId } from '../fallback-paging/firings.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';

/** What the plan needs to know about routed alerts; the rest stays on the disk. */
export interface SpooledDigest {
  readonly workflowId: string;
  readonly rank: number;
  readonly receivedAt: number;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** After everything that fires: a resolution can wait, a page cannot. */
const CLEARED_RANK = SEVERITIES.length;

/** One firing of one alert, wherever it is reported. */
const keyOf = ({ declaration }: RoutedAlerts, alert: RoutedAlerts['alerts'][number]): string =>
  firingId(declaration.workflowId, alert);

export function spooledDigestOf(routed: RoutedAlerts): SpooledDigest {
  const last = new Map(routed.alerts.map((alert) => [keyOf(routed, alert), alert]));
  const keysOf = (status: 'firing' | 'resolved'): readonly string[] =>
    [...last].filter(([, alert]) => alert.status === status).map(([key]) => key);
  const firing = [...last.values()].filter(({ status }) => status === 'firing');
  const ranks = firing.map(({ severity }) => SEVERITIES.indexOf(severity));
  return {
    workflowId: routed.declaration.workflowId,
    rank: ranks.reduce((best, rank) => Math.min(best, rank), CLEARED_RANK),
    receivedAt: routed.receivedAt,
    firing: keysOf('firing'),
    resolved: keysOf('resolved'),
  };
}

export interface ReplayPlan<T extends SpooledDigest> {
  /** By workflow id, in the order of receipt; the workflow with the most severe alert first, then the oldest. */
  readonly deliver: readonly (readonly T[])[];
  /** Nothing in these is left to deliver. */
  readonly drop: readonly T[];
  /** Removes the alerts of `routed` that need not be delivered. */
  readonly withoutCleared: (routed: RoutedAlerts) => RoutedAlerts;
}

/** `isPaged`: fallback paging has paged about it, so an incident must show it, and its resolution right afterwards. */
export function planReplay<T extends SpooledDigest>(
  digests: readonly T[],
  isPaged: (key: string) => boolean = () => false,
): ReplayPlan<T> {
  const byReceipt = [...digests].sort((a, b) => a.receivedAt - b.receivedAt);
  const cleared = clearedIn(byReceipt, isPaged);
  const isFullyCleared = ({ firing, resolved }: T): boolean =>
    resolved.length === 0 && firing.every((key) => cleared.has(key));
  return {
    deliver: inOrder(
      byReceipt.filter((digest) => !isFullyCleared(digest)),
      isPaged,
    ),
    drop: digests.filter(isFullyCleared),
    withoutCleared: (routed) => ({
      ...routed,
      alerts: routed.alerts.filter((alert) => alert.status === 'resolved' || !cleared.has(keyOf(routed, alert))),
    }),
  };
}

/** Firings that ended and did not fire again. */
function clearedIn(byReceipt: readonly SpooledDigest[], isPaged: (key: string) => boolean): ReadonlySet<string> {
  const cleared = new Set<string>();
  for (const { firing, resolved } of byReceipt) {
    for (const key of firing) cleared.delete(key);
    for (const key of resolved) if (!isPaged(key)) cleared.add(key);
  }
  return cleared;
}

function inOrder<T extends SpooledDigest>(
  byReceipt: readonly T[],
  isPaged: (key: string) => boolean,
): readonly (readonly T[])[] {
  const rankOfPaged = new Map<string, number>();
  for (const { firing, rank } of byReceipt) for (const key of firing) if (isPaged(key)) rankOfPaged.set(key, rank);
  const rankOf = ({ resolved, rank }: T): number =>
    resolved.reduce((best, key) => Math.min(best, rankOfPaged.get(key) ?? best), rank);
  const workflows = new Map<string, { readonly digests: T[]; rank: number }>();
  for (const digest of byReceipt) {
    const workflow = workflows.get(digest.workflowId) ?? { digests: [], rank: CLEARED_RANK };
    workflows.set(digest.workflowId, workflow);
    workflow.digests.push(digest);
    workflow.rank = Math.min(workflow.rank, rankOf(digest));
  }
  // The sort keeps the oldest first among equals.
  return [...workflows.values()].sort((a, b) => a.rank - b.rank).map(({ digests }) => digests);
}
