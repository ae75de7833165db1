/**
 * Alerts by which monitoring watches itself, under their kube-prometheus names: `Watchdog` always fires, so an incident
 * opens when it stops; `InfoInhibitor` exists to inhibit others. Neither ever opens an incident itself.
 */
import type { SourceName } from '../../../config/sections/sources.ts';
import type { SourceMessage, RawAlert } from './message.ts';

/** The label `alertname` of the alert that always fires, and the name of its heartbeat. */
const WATCHDOG = 'Watchdog';
const INHIBITOR = 'InfoInhibitor';

/** The source whose `Watchdog` counts: no other sender's token may hide a dead Prometheus. */
const WATCHDOG_SOURCES: readonly SourceName[] = ['alertmanager', 'grafana'];

/** One message's report of an alert that must never stop firing. */
export interface WatchdogBeat {
  readonly name: string;
  /** When the message arrived, epoch ms. */
  readonly at: number;
  /** Only `firing` counts as a beat. */
  readonly status: RawAlert['status'];
}

/** Why an alert that only serves monitoring itself opens no incident; null for all others. */
export function selfMonitoringReason({ labels }: Pick<RawAlert, 'labels'>): string | null {
  if (labels['alertname'] === WATCHDOG) return 'Watchdog only feeds the heartbeat of that name';
  return labels['alertname'] === INHIBITOR ? 'InfoInhibitor only inhibits other alerts' : null;
}

/** At most one for each name: of several watchdogs in one message, one that fires is enough. */
export function watchdogBeats(
  messages: readonly SourceMessage[],
  { source, receivedAt }: { readonly source: SourceName; readonly receivedAt: number },
): readonly WatchdogBeat[] {
  if (!WATCHDOG_SOURCES.includes(source)) return [];
  const watchdogs = messages.flatMap(({ alerts }) => alerts).filter(({ labels }) => labels['alertname'] === WATCHDOG);
  if (watchdogs.length === 0) return [];
  const status = watchdogs.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
  return [{ name: WATCHDOG, at: receivedAt, status }];
}
