/** Alerts that maintenance holds back while Temporal is away: nobody is paged about them before their windows end. Pure. */
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';

/** The routed alerts in parts, each with the time before which nobody is paged about it (epoch ms; 0: it is not held back). */
export function splitBySuppressionEnd(
  routed: RoutedAlerts,
): readonly (readonly [notBefore: number, part: RoutedAlerts])[] {
  if (routed.alerts.every(({ suppressedBy }) => suppressedBy === undefined)) return [[0, routed]];
  const parts = new Map<number, AlertReport[]>();
  for (const alert of routed.alerts) {
    const until = Math.max(0, ...(alert.suppressedBy ?? []).map((one) => one.until));
    parts.set(until, [...(parts.get(until) ?? []), alert]);
  }
  return [...parts].map(([until, alerts]) => [until, { ...routed, alerts }]);
}
