/**
 * The order in which a spool is told to Temporal, and what need not be told: an alert whose resolution waits beside it
 * is not worth waking anyone, unless somebody has been woken already. Pure.
 */
import { SEVERITIES } from '../../domain/severity.ts';
import { firingId } from '../fallback-paging/firing.ts';
import type { RoutedAlerts } from '../gateway.ts';

/** What the plan must know of the alerts of one message for one incident; the rest stays on the disk. */
export interface Digest {
  readonly workflowId: string;
  readonly rank: number;
  readonly receivedAt: number;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** After everything that fires: an all-clear can wait, a page cannot. */
const RANK_OF_CLEARED = SEVERITIES.length;

/** One firing of one alert, wherever it is reported. */
const keyOf = ({ opening }: RoutedAlerts, alert: RoutedAlerts['alerts'][number]): string =>
  firingId(opening.workflowId, alert);

export function digestOf(routed: RoutedAlerts): Digest {
  const firing = routed.alerts.filter(({ status }) => status === 'firing');
  const ranks = firing.map(({ severity }) => SEVERITIES.indexOf(severity));
  return {
    workflowId: routed.opening.workflowId,
    rank: ranks.reduce((best, rank) => Math.min(best, rank), RANK_OF_CLEARED),
    receivedAt: routed.receivedAt,
    firing: firing.map((alert) => keyOf(routed, alert)),
    resolved: routed.alerts.filter(({ status }) => status === 'resolved').map((alert) => keyOf(routed, alert)),
  };
}

export interface Plan<T extends Digest> {
  /** Most severe first, then oldest first. */
  readonly tell: readonly T[];
  /** Nothing of these is left to tell. */
  readonly drop: readonly T[];
  /** Removes the alerts of `routed` that need not be told. */
  readonly trim: (routed: RoutedAlerts) => RoutedAlerts;
}

/** `isPaged`: the edge has paged about it, so an incident must tell of it, and of its end right afterwards. */
export function planReplay<T extends Digest>(
  digests: readonly T[],
  isPaged: (key: string) => boolean = () => false,
): Plan<T> {
  const cleared = new Set(digests.flatMap(({ resolved }) => resolved.filter((key) => !isPaged(key))));
  const isMoot = ({ firing, resolved }: T): boolean => resolved.length === 0 && firing.every((key) => cleared.has(key));
  const rankOfPaged = new Map<string, number>();
  for (const { firing, rank } of digests) for (const key of firing) if (isPaged(key)) rankOfPaged.set(key, rank);
  const ranked = digests.map((digest) => {
    const rank = digest.resolved.reduce((best, key) => Math.min(best, rankOfPaged.get(key) ?? best), digest.rank);
    return { digest, rank };
  });
  const inOrder = ranked.sort((a, b) => a.rank - b.rank || a.digest.receivedAt - b.digest.receivedAt);
  return {
    tell: inOrder.map(({ digest }) => digest).filter((digest) => !isMoot(digest)),
    drop: digests.filter(isMoot),
    trim: (routed) => ({
      ...routed,
      alerts: routed.alerts.filter((alert) => alert.status === 'resolved' || !cleared.has(keyOf(routed, alert))),
    }),
  };
}
