/**
 * The sequence in which the spool is replayed, and what can be skipped: an alert that has resolved in the spool is not
 * worth a page, unless somebody has been paged already. Pure.
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
  const firing = routed.alerts.filter(({ status }) => status === 'firing');
  const ranks = firing.map(({ severity }) => SEVERITIES.indexOf(severity));
  return {
    workflowId: routed.declaration.workflowId,
    rank: ranks.reduce((best, rank) => Math.min(best, rank), CLEARED_RANK),
    receivedAt: routed.receivedAt,
    firing: firing.map((alert) => keyOf(routed, alert)),
    resolved: routed.alerts.filter(({ status }) => status === 'resolved').map((alert) => keyOf(routed, alert)),
  };
}

export interface ReplayPlan<T extends SpooledDigest> {
  /** Most severe first, then oldest first. */
  readonly deliver: readonly T[];
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
  const cleared = new Set(digests.flatMap(({ resolved }) => resolved.filter((key) => !isPaged(key))));
  const isFullyCleared = ({ firing, resolved }: T): boolean =>
    resolved.length === 0 && firing.every((key) => cleared.has(key));
  const rankOfPaged = new Map<string, number>();
  for (const { firing, rank } of digests) for (const key of firing) if (isPaged(key)) rankOfPaged.set(key, rank);
  const ranked = digests.map((digest) => {
    const rank = digest.resolved.reduce((best, key) => Math.min(best, rankOfPaged.get(key) ?? best), digest.rank);
    return { digest, rank };
  });
  const inOrder = ranked.sort((a, b) => a.rank - b.rank || a.digest.receivedAt - b.digest.receivedAt);
  return {
    deliver: inOrder.map(({ digest }) => digest).filter((digest) => !isFullyCleared(digest)),
    drop: digests.filter(isFullyCleared),
    withoutCleared: (routed) => ({
      ...routed,
      alerts: routed.alerts.filter((alert) => alert.status === 'resolved' || !cleared.has(keyOf(routed, alert))),
    }),
  };
}
