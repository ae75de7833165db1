/**
 * The order in which a spool is told to Temporal, and what need not be told: an alert whose resolution waits beside it
 * is not worth waking anyone. Pure.
 */
import { SEVERITIES } from '../../domain/severity.ts';
import type { Sighting } from '../gateway.ts';

/** What the plan must know of a sighting; the rest stays on the disk. */
export interface Digest {
  readonly rank: number;
  readonly receivedAt: number;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** After everything that fires: an all-clear can wait, a page cannot. */
const RANK_OF_CLEARED = SEVERITIES.length;

/** One firing of one alert, wherever it is reported. */
function keyOf(sighting: Sighting, { fingerprint, startsAt }: Sighting['alerts'][number]): string {
  return JSON.stringify([sighting.opening.workflowId, fingerprint, startsAt]);
}

export function digestOf(sighting: Sighting): Digest {
  const firing = sighting.alerts.filter(({ status }) => status === 'firing');
  const ranks = firing.map(({ severity }) => SEVERITIES.indexOf(severity));
  return {
    rank: Math.min(RANK_OF_CLEARED, ...ranks),
    receivedAt: sighting.receivedAt,
    firing: firing.map((alert) => keyOf(sighting, alert)),
    resolved: sighting.alerts.filter(({ status }) => status === 'resolved').map((alert) => keyOf(sighting, alert)),
  };
}

export interface Plan<T extends Digest> {
  /** Most severe first, then oldest first. */
  readonly tell: readonly T[];
  /** Nothing of these is left to tell. */
  readonly drop: readonly T[];
  /** Removes the alerts of `sighting` that need not be told. */
  readonly trim: (sighting: Sighting) => Sighting;
}

export function planReplay<T extends Digest>(digests: readonly T[]): Plan<T> {
  const cleared = new Set(digests.flatMap(({ resolved }) => resolved));
  const isMoot = ({ firing, resolved }: T): boolean => resolved.length === 0 && firing.every((key) => cleared.has(key));
  return {
    tell: digests.filter((digest) => !isMoot(digest)).sort((a, b) => a.rank - b.rank || a.receivedAt - b.receivedAt),
    drop: digests.filter(isMoot),
    trim: (sighting) => ({
      ...sighting,
      alerts: sighting.alerts.filter((alert) => alert.status === 'resolved' || !cleared.has(keyOf(sighting, alert))),
    }),
  };
}
