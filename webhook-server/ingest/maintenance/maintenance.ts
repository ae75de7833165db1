/** Maintenance as a server knows it: the windows of its configuration, and those that people have declared. */
import type { Config } from '../../../config/config.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { createDeclaredWindows, type DeclaredWindowsParts, type DeclaredWindows } from './declared-windows.ts';
import { activeWindows, suppressAlerts } from './suppress.ts';

export interface Maintenance {
  /** The routed alerts as it goes on: what of it is held back now has its marks. Never waits, never throws. */
  readonly suppress: (routed: RoutedAlerts) => RoutedAlerts;
  readonly declared: DeclaredWindows;
  close(): void;
}

export interface MaintenanceParts extends DeclaredWindowsParts {
  readonly config: () => Config;
}

export function createMaintenance(parts: MaintenanceParts): Maintenance {
  const { config, log, now = Date.now } = parts;
  const declared = createDeclaredWindows(parts);
  const configured = cachedBriefly(
    (at) => activeWindows({ configured: config().maintenance, declared: [] }, at),
    config,
  );
  return {
    declared,
    suppress(routed) {
      try {
        const at = now();
        const declaredWindows = declared.all();
        const activeDeclared =
          declaredWindows.length === 0 ? [] : activeWindows({ configured: [], declared: declaredWindows }, at);
        return suppressAlerts(routed, [...configured(at), ...activeDeclared]);
      } catch (err) {
        // When in doubt it pages.
        log.warn({ err }, 'maintenance could not be judged: the alerts go on as if there were none');
        return routed;
      }
    },
    close: () => declared.close(),
  };
}

/** Calendars cost some microseconds, on every alert's way. */
const REMEMBERED_MS = 200;

function cachedBriefly<T>(find: (at: number) => T, config: () => Config): (at: number) => T {
  let last: { readonly at: number; readonly config: Config; readonly found: T } | null = null;
  return (at) => {
    const isFresh = last !== null && last.config === config() && Math.abs(at - last.at) < REMEMBERED_MS;
    last = isFresh && last !== null ? last : { at, config: config(), found: find(at) };
    return last.found;
  };
}
