/** Alerts that maintenance holds back while Temporal is away: nobody is paged about them before their windows end. Pure. */
import type { AlertReport } from '../../domain/alert.ts';
import type { Sighting } from '../gateway.ts';

/** The sighting in parts, each with the time before which nobody is paged about it (epoch ms; 0: it is not held back). */
export function byEndOfHold(sighting: Sighting): readonly (readonly [notBefore: number, part: Sighting])[] {
  if (sighting.alerts.every(({ held }) => held === undefined)) return [[0, sighting]];
  const parts = new Map<number, AlertReport[]>();
  for (const alert of sighting.alerts) {
    const until = Math.max(0, ...(alert.held ?? []).map((one) => one.until));
    parts.set(until, [...(parts.get(until) ?? []), alert]);
  }
  return [...parts].map(([until, alerts]) => [until, { ...sighting, alerts }]);
}
