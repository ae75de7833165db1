/**
 * Which windows of maintenance an alert lies in, and the marks that it gets for them. A test is never held back, and
 * neither is what Tocsin says of itself. Pure.
 */
import type { MaintenanceSetting } from '../../config/config.ts';
import { misfitOf } from '../../config/routing.ts';
import type { AlertReport } from '../../domain/alert.ts';
import type { HeldBy } from '../../domain/held-by.ts';
import type { MaintenanceWindow } from '../../domain/maintenance.ts';
import type { Opening } from '../../domain/opening.ts';
import { worstOf } from '../../domain/severity.ts';
import { windowEnd } from '../../schedules/windows.ts';
import type { RoutedAlerts } from '../gateway.ts';

export interface Windows {
  /** Of the configuration. */
  readonly configured: readonly MaintenanceSetting[];
  /** Those that people have declared. */
  readonly declared: readonly MaintenanceWindow[];
}

/** A window that lasts at some moment, and until when. */
interface Lasting {
  readonly match: ReadonlyMap<string, string>;
  readonly held: HeldBy;
}

/** More windows than this need not be named on one alert: those that last longest are. */
const NAMED_AT_MOST = 8;

/** The windows that last at `at`. */
export function lasting({ configured, declared }: Windows, at: number): readonly Lasting[] {
  const known = configured.flatMap(({ name, match, times }) => {
    const until = windowEnd(times, at);
    return until === null ? [] : [{ match, held: { window: name, windowWorkflowId: null, until } }];
  });
  const people = declared
    .filter(({ from, until }) => from <= at && at < until)
    .map(({ id, match, reason, until }) => ({
      match: new Map(Object.entries(match)),
      held: { window: reason, windowWorkflowId: id, until },
    }));
  return [...known, ...people];
}

const OURSELVES = 'tocsin';

/** The routed alerts with its marks; the same object when nothing of it is held back. */
export function marked(routed: RoutedAlerts, windows: readonly Lasting[]): RoutedAlerts {
  const { opening, alerts, source } = routed;
  if (windows.length === 0 || opening.test || source === OURSELVES) return routed;
  const held = alerts.map((alert) => markedAlert(alert, windows));
  if (held.every((alert, index) => alert === alerts[index])) return routed;
  return { ...routed, alerts: held, opening: openingFor(opening, held) };
}

function markedAlert(alert: AlertReport, windows: readonly Lasting[]): AlertReport {
  if (alert.status !== 'firing') return alert;
  const matching = windows.filter((window) => misfitOf(window, alert.labels) === null);
  return matching.length === 0 ? alert : { ...alert, held: longest(matching) };
}

function longest(matching: readonly Lasting[]): readonly HeldBy[] {
  const windows = matching.map(({ held }) => held);
  return windows.sort((a, b) => b.until - a.until).slice(0, NAMED_AT_MOST);
}

/** What is held back does not make an incident worse that begins for something else. */
function openingFor(opening: Opening, alerts: readonly AlertReport[]): Opening {
  const free = alerts.filter((alert) => alert.status === 'firing' && alert.held === undefined);
  const severity = worstOf(free.map((alert) => alert.severity));
  if (severity === null) return { ...opening, held: true };
  if (severity === opening.severity) return opening;
  const worst = free.find((alert) => alert.severity === severity);
  return { ...opening, severity, severityGuessed: false, title: worst?.title ?? opening.title };
}

/** Nothing of what fires would begin an incident now. */
export const isHeldBack = ({ opening }: Pick<RoutedAlerts, 'opening'>): boolean => opening.held === true;
