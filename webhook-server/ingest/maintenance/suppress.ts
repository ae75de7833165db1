/**
 * The suppress stage, where windows are active: alerts that fire in one are marked with its end. Tests are never
 * suppressed, and neither are alerts that Tocsin raises about itself. Pure.
 */
import { firstUnmatchedLabel } from '../../../config/routing.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { SuppressedBy } from '../../../domain/kernel/maintenance.ts';
import { worstOf } from '../../../domain/kernel/severity.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';

/** A window that is active at some time, and its end. */
export interface ActiveWindow {
  readonly match: ReadonlyMap<string, string>;
  readonly suppression: SuppressedBy;
}

/** An alert names at most this many windows, those that last longest. */
const NAMED_AT_MOST = 8;

const SELF_SOURCE = 'tocsin';

/** Returns the same object when nothing is suppressed. */
export function markSuppressed(routed: RoutedAlerts, windows: readonly ActiveWindow[]): RoutedAlerts {
  const { declaration, alerts, source } = routed;
  if (windows.length === 0 || declaration.test || source === SELF_SOURCE) return routed;
  const suppressed = alerts.map((alert) => suppressAlert(alert, windows));
  if (suppressed.every((alert, index) => alert === alerts[index])) return routed;
  return { ...routed, alerts: suppressed, declaration: declarationWithoutSuppressed(declaration, suppressed) };
}

function suppressAlert(alert: AlertReport, windows: readonly ActiveWindow[]): AlertReport {
  if (alert.status !== 'firing') return alert;
  const matching = windows.filter((window) => firstUnmatchedLabel(window, alert.labels) === null);
  return matching.length === 0 ? alert : { ...alert, suppressedBy: longestWindows(matching) };
}

function longestWindows(matching: readonly ActiveWindow[]): readonly SuppressedBy[] {
  const windows = matching.map(({ suppression }) => suppression);
  return windows.sort((a, b) => b.until - a.until).slice(0, NAMED_AT_MOST);
}

/** A suppressed alert must not raise the severity of an incident declared for other alerts. */
function declarationWithoutSuppressed(declaration: Declaration, alerts: readonly AlertReport[]): Declaration {
  const notSuppressed = alerts.filter((alert) => alert.status === 'firing' && alert.suppressedBy === undefined);
  const severity = worstOf(notSuppressed.map((alert) => alert.severity));
  if (severity === null) return { ...declaration, suppressed: true };
  if (severity === declaration.severity) return declaration;
  const worst = notSuppressed.find((alert) => alert.severity === severity);
  return {
    ...declaration,
    severity,
    severityGuessed: worst?.severityGuessed === true,
    title: worst?.title ?? declaration.title,
  };
}
