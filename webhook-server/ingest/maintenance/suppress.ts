/**
 * The suppress stage: alerts that fire in a maintenance window are marked with its end. Windows come from the
 * configuration, and from people who declared one. Tests are never suppressed, and neither are alerts that Tocsin
 * raises about itself.
 */
import type { Config } from '../../../config/config.ts';
import type { MaintenanceSetting } from '../../../config/sections/maintenance.ts';
import { firstUnmatchedLabel } from '../../../config/routing.ts';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { SuppressedBy, MaintenanceWindow } from '../../../domain/kernel/maintenance.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { worstOf } from '../../../domain/kernel/severity.ts';
import { maintenanceWindowEnd } from '../../../schedules/maintenance-windows.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { DeclaredWindows, type DeclaredWindowsParts } from './declared-windows.ts';

export interface MaintenanceParts extends DeclaredWindowsParts {
  readonly config: () => Config;
}

/** Finding a calendar's active windows costs some microseconds for every alert. */
const CACHED_MS = 200;

export class Maintenance {
  readonly declared: DeclaredWindows;
  private readonly config: () => Config;
  private readonly log: MaintenanceParts['log'];
  private readonly now: () => number;
  private cached: { readonly at: number; readonly config: Config; readonly windows: readonly ActiveWindow[] } | null =
    null;

  constructor(parts: MaintenanceParts) {
    this.config = parts.config;
    this.log = parts.log;
    this.now = parts.now ?? Date.now;
    this.declared = new DeclaredWindows(parts);
  }

  /** The routed alerts, marked where they are suppressed now. Never waits, never throws. */
  suppress(routed: RoutedAlerts): RoutedAlerts {
    try {
      const at = this.now();
      const declared = this.declared.all();
      return markSuppressed(routed, [
        ...this.configuredWindows(at),
        ...(declared.length === 0 ? [] : activeWindows({ configured: [], declared }, at)),
      ]);
    } catch (err) {
      // When in doubt, page.
      this.log.warn({ err }, 'maintenance could not be checked: alerts are not suppressed');
      return routed;
    }
  }

  close(): void {
    this.declared.close();
  }

  private configuredWindows(at: number): readonly ActiveWindow[] {
    const config = this.config();
    const { cached } = this;
    if (cached !== null && cached.config === config && Math.abs(at - cached.at) < CACHED_MS) return cached.windows;
    const windows = activeWindows({ configured: config.maintenance, declared: [] }, at);
    this.cached = { at, config, windows };
    return windows;
  }
}

interface Windows {
  /** From the configuration. */
  readonly configured: readonly MaintenanceSetting[];
  /** Declared by people. */
  readonly declared: readonly MaintenanceWindow[];
}

/** A window that is active at some time, and its end. */
interface ActiveWindow {
  readonly match: ReadonlyMap<string, string>;
  readonly suppression: SuppressedBy;
}

/** An alert names at most this many windows, those that last longest. */
const NAMED_AT_MOST = 8;

/** The windows that are active at `at`. */
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
  return { ...declaration, severity, severityGuessed: false, title: worst?.title ?? declaration.title };
}

/** No firing alert would open an incident now. */
export const isSuppressed = ({ declaration }: Pick<RoutedAlerts, 'declaration'>): boolean =>
  declaration.suppressed === true;
