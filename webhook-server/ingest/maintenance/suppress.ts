/**
 * Which windows of maintenance an alert lies in, and the marks that it gets for them. A test is never held back, and
 * neither is what Tocsin says of itself. Pure.
 */
import type { MaintenanceSetting } from '../../../config/sections/maintenance.ts';
import { firstUnmatchedLabel } from '../../../config/routing.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { SuppressedBy } from '../../../domain/kernel/suppressed-by.ts';
import type { MaintenanceWindow } from '../../../domain/kernel/maintenance.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { worstOf } from '../../../domain/kernel/severity.ts';
import { maintenanceWindowEnd } from '../../../schedules/maintenance-windows.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';

export interface Windows {
  /** Of the configuration. */
  readonly configured: readonly MaintenanceSetting[];
  /** Those that people have declared. */
  readonly declared: readonly MaintenanceWindow[];
}

/** A window that lasts at some moment, and until when. */
interface ActiveWindow {
  readonly match: ReadonlyMap<string, string>;
  readonly suppression: SuppressedBy;
}

/** More windows than this need not be named on one alert: those that last longest are. */
const NAMED_AT_MOST = 8;

/** The windows that last at `at`. */
export function activeWindows({ configured, declared }: Windows, at: number): readonly ActiveWindow[] {
  const fromConfig = configured.flatMap(({ name, match, times }) => {
    const until = maintenanceWindowEnd(times, at);
    return until === null ? [] : [{ match, suppression: { window: name, windowWorkflowId: null, until } }];
  });
  const fromPeople = declared
    .filter(({ from, until }) => from <= at && at < until)
    .map(({ id, match, reason, until }) => ({
      match: new Map(Object.entries(match)),
      suppression: { window: reason, windowWorkflowId: id, until },
    }));
  return [...fromConfig, ...fromPeople];
}

const SELF_SOURCE = 'tocsin';

/** The routed alerts with its marks; the same object when nothing of it is held back. */
export function suppressAlerts(routed: RoutedAlerts, windows: readonly ActiveWindow[]): RoutedAlerts {
  const { declaration, alerts, source } = routed;
  if (windows.length === 0 || declaration.test || source === SELF_SOURCE) return routed;
  const suppressed = alerts.map((alert) => suppressAlert(alert, windows));
  if (suppressed.every((alert, index) => alert === alerts[index])) return routed;
  return { ...routed, alerts: suppressed, declaration: openingWithoutSuppressed(declaration, suppressed) };
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

/** What is held back does not make an incident worse that begins for something else. */
function openingWithoutSuppressed(opening: Declaration, alerts: readonly AlertReport[]): Declaration {
  const notSuppressed = alerts.filter((alert) => alert.status === 'firing' && alert.suppressedBy === undefined);
  const severity = worstOf(notSuppressed.map((alert) => alert.severity));
  if (severity === null) return { ...opening, suppressed: true };
  if (severity === opening.severity) return opening;
  const worst = notSuppressed.find((alert) => alert.severity === severity);
  return { ...opening, severity, severityGuessed: false, title: worst?.title ?? opening.title };
}

/** Nothing of what fires would begin an incident now. */
export const isSuppressed = ({ declaration }: Pick<RoutedAlerts, 'declaration'>): boolean =>
  declaration.suppressed === true;
