/** How alerts change what an incident remembers of them. Pure; only `evolve` calls it. */
import type { AlertDetails, AlertReport, AlertState } from '../kernel/alert.ts';
import { DETAILED_ALERTS } from '../kernel/alert.ts';
import type { EventOf } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';

export function withAlertsFired(
  incident: Incident,
  { at, alerts, staleAfterMs, source = incident.source }: EventOf<'alerts-fired'>,
): Incident {
  const states: Record<string, AlertState> = { ...incident.alerts.states };
  const details: Record<string, AlertDetails> = { ...incident.alerts.details };
  let room = DETAILED_ALERTS - Object.keys(details).length;
  let detectedAt = incident.alerts.detectedAt;
  for (const { fingerprint, startsAt, labels, annotations, links, group } of alerts) {
    const state = {
      fingerprint,
      status: 'firing',
      startsAt,
      endsAt: null,
      lastReportedAt: at,
      staleAfterMs,
      ignored: false,
      ...(source === incident.source ? {} : { source }),
      ...(group === undefined ? {} : { group }),
    } as const;
    put(states, fingerprint, state);
    if (Object.hasOwn(details, fingerprint) || room > 0) {
      if (!Object.hasOwn(details, fingerprint)) room -= 1;
      put(details, fingerprint, { labels, annotations, links });
    }
    detectedAt = Math.min(detectedAt ?? startsAt, startsAt);
  }
  return { ...incident, alerts: { ...incident.alerts, states, details, detectedAt } };
}

export function withAlertsCleared(incident: Incident, { at, alerts }: EventOf<'alerts-cleared'>): Incident {
  const states: Record<string, AlertState> = { ...incident.alerts.states };
  for (const { fingerprint, startsAt, endsAt } of alerts) {
    const known = Object.hasOwn(states, fingerprint) ? states[fingerprint] : undefined;
    put(states, fingerprint, {
      ...(known === undefined ? { fingerprint, staleAfterMs: 0, ignored: false } : heardOf(known)),
      startsAt: Math.max(known?.startsAt ?? startsAt, startsAt),
      status: 'resolved',
      endsAt: endsAt ?? at,
      lastReportedAt: at,
    });
  }
  return { ...incident, alerts: { ...incident.alerts, states } };
}

export function withAlertsSeen(incident: Incident, { at, fingerprints, truncated }: EventOf<'alerts-seen'>): Incident {
  const states: Record<string, AlertState> = { ...incident.alerts.states };
  for (const fingerprint of fingerprints) {
    const known = Object.hasOwn(states, fingerprint) ? states[fingerprint] : undefined;
    if (known) put(states, fingerprint, { ...heardOf(known), lastReportedAt: at });
  }
  return { ...incident, alerts: { ...incident.alerts, states, truncated } };
}

export function withAlertsStale(incident: Incident, { at, fingerprints, answer }: EventOf<'alerts-stale'>): Incident {
  const states: Record<string, AlertState> = { ...incident.alerts.states };
  for (const fingerprint of fingerprints) {
    const known = Object.hasOwn(states, fingerprint) ? states[fingerprint] : undefined;
    if (known) put(states, fingerprint, { ...known, stale: { askedAt: at, answer } });
  }
  return { ...incident, alerts: { ...incident.alerts, states } };
}

function heardOf({ stale: _stale, ...known }: AlertState): AlertState {
  return known;
}

export function withAlertsIgnored(incident: Incident, { fingerprints }: EventOf<'alerts-ignored'>): Incident {
  const states: Record<string, AlertState> = { ...incident.alerts.states };
  for (const fingerprint of fingerprints) {
    const known = Object.hasOwn(states, fingerprint) ? states[fingerprint] : undefined;
    if (known) put(states, fingerprint, { ...known, ignored: true });
  }
  return { ...incident, alerts: { ...incident.alerts, states } };
}

/** Alerts that another incident has now. */
export function withAlertsGone(incident: Incident, fingerprints: readonly string[]): Incident {
  const gone = new Set(fingerprints);
  const left = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([fingerprint]) => !gone.has(fingerprint)));
  return {
    ...incident,
    alerts: { ...incident.alerts, states: left(incident.alerts.states), details: left(incident.alerts.details) },
  };
}

/** Assigning would lose a fingerprint that a sender called `__proto__`. */
export function put<T>(record: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(record, name, { value, enumerable: true, writable: true });
}

export interface Sorted {
  readonly fired: AlertReport[];
  readonly cleared: AlertReport[];
  readonly seen: string[];
}

/** The alert of that fingerprint, which a sender may have called `__proto__`. */
export function alertOf({ alerts }: Incident, fingerprint: string): AlertState | undefined {
  return Object.hasOwn(alerts.states, fingerprint) ? alerts.states[fingerprint] : undefined;
}

/** What a report says that `incident` did not know. */
export function changeOf(incident: Incident, report: AlertReport): ReturnType<typeof compareReport> {
  return compareReport(alertOf(incident, report.fingerprint), report);
}

/** What one report says that we did not know. */
export function compareReport(
  known: AlertState | undefined,
  report: AlertReport,
): 'fired' | 'cleared' | 'seen' | 'old' {
  const isFiring = report.status === 'firing';
  if (known === undefined) return isFiring ? 'fired' : 'cleared';
  const sameFiring = report.startsAt === known.startsAt || (report.startGuessed && known.status === 'firing');
  if (sameFiring) {
    if (known.status === 'resolved') return 'old';
    return isFiring ? 'seen' : 'cleared';
  }
  if (report.startsAt < known.startsAt) return 'old';
  // Without a start of its own, a repeat of the end would look like the end of something new.
  if (report.startGuessed && !isFiring) return 'old';
  return isFiring ? 'fired' : 'cleared';
}
