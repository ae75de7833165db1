/** Compares a report with what the incident knows of the alert. Pure. */
import type { AlertReport, AlertState } from '../kernel/alert.ts';
import type { Incident } from '../kernel/incident.ts';

export interface Sorted {
  readonly fired: AlertReport[];
  readonly cleared: AlertReport[];
  readonly seen: string[];
}

/** The alert of that fingerprint, which a sender may have called `__proto__`. */
function alertOf({ alerts }: Incident, fingerprint: string): AlertState | undefined {
  return Object.hasOwn(alerts.states, fingerprint) ? alerts.states[fingerprint] : undefined;
}

/** What a report changes for `incident`. */
export function changeOf(incident: Incident, report: AlertReport): ReturnType<typeof compareReport> {
  return compareReport(alertOf(incident, report.fingerprint), report);
}

/** What a report changes for an alert in state `known`. */
export function compareReport(
  known: AlertState | undefined,
  report: AlertReport,
): 'fired' | 'cleared' | 'seen' | 'old' {
  const isFiring = report.status === 'firing';
  if (known === undefined) return isFiring ? 'fired' : 'cleared';
  const sameFiring = sentStart(report) === sentStart(known) || (report.startGuessed && known.status === 'firing');
  if (sameFiring) {
    if (known.status === 'resolved') return 'old';
    return isFiring ? 'seen' : 'cleared';
  }
  if (report.startsAt < known.startsAt) return 'old';
  // Without a start of its own, a repeat of the end would look like the end of something new.
  if (report.startGuessed && !isFiring) return 'old';
  return isFiring ? 'fired' : 'cleared';
}

/** What the sender calls the start: it stays the same while our clock catches up with it. */
export function sentStart({ startsAt, sentStartsAt }: Pick<AlertState, 'startsAt' | 'sentStartsAt'>): number {
  return sentStartsAt ?? startsAt;
}
