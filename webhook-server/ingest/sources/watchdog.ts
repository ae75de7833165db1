/**
 * Alerts by which monitoring watches itself, by the names that kube-prometheus gave them: `Watchdog` always fires, so
 * its silence is the alarm; `InfoInhibitor` exists to hold back others. Neither ever opens an incident.
 */
import type { SourceMessage, RawAlert } from './message.ts';

/** The label `alertname` of the alert that always fires, and the name of its heartbeat. */
export const WATCHDOG = 'Watchdog';
const INHIBITOR = 'InfoInhibitor';

/** What a message says of an alert that must never stop firing. */
export interface WatchdogBeat {
  readonly name: string;
  /** When the message arrived, epoch ms. */
  readonly at: number;
  /** Only `firing` is a sign of life. */
  readonly status: RawAlert['status'];
}

export function isMonitoringSelfAlert({ labels }: Pick<RawAlert, 'labels'>): boolean {
  return labels['alertname'] === WATCHDOG || labels['alertname'] === INHIBITOR;
}

/** At most one a name: of several watchdogs in one message, one that fires is enough. */
export function watchdogBeats(messages: readonly SourceMessage[], receivedAt: number): readonly WatchdogBeat[] {
  const watchdogs = messages.flatMap(({ alerts }) => alerts).filter(({ labels }) => labels['alertname'] === WATCHDOG);
  if (watchdogs.length === 0) return [];
  const status = watchdogs.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
  return [{ name: WATCHDOG, at: receivedAt, status }];
}
