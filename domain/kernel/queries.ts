/** What several features ask of an incident. Pure. */
import type { AlertDetails, AlertState, StormGroup } from './alert.ts';
import type { Incident } from './incident.ts';
import { isMajor } from './severity.ts';

/** What a record has under a name that a sender chose: it may be `__proto__` or `constructor`. */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Assigning would lose a fingerprint that a sender called `__proto__`. */
export function putOwnValue<T>(record: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(record, name, { value, enumerable: true, writable: true });
}

/** What people call it in commands: its reference, or its workflow id until it has one. */
export const referenceOf = ({ reference, workflowId }: Pick<Incident, 'reference' | 'workflowId'>): string =>
  reference ?? workflowId;

export function alertOf({ alerts }: Pick<Incident, 'alerts'>, fingerprint: string): AlertState | undefined {
  return ownValue(alerts.states, fingerprint);
}

/** Undefined for an alert whose labels were not kept. */
export function alertDetailsOf({ alerts }: Pick<Incident, 'alerts'>, fingerprint: string): AlertDetails | undefined {
  return ownValue(alerts.details, fingerprint);
}

/** Its name and instance; the fingerprint when its labels were not kept. */
export function alertName(incident: Incident, fingerprint: string): string {
  const labels = alertDetailsOf(incident, fingerprint)?.labels;
  const name = labels?.['alertname'] ?? fingerprint;
  return labels?.['instance'] === undefined ? name : `${name} on ${labels['instance']}`;
}

/** Alerts that keep an incident from being over: firing, and not ignored by name. */
export function firingAlerts(incident: Incident): readonly AlertState[] {
  return Object.values(incident.alerts.states).filter((alert) => alert.status === 'firing' && !alert.ignored);
}

/**
 * True while the escalation of an incident that nobody has acknowledged waits, because a person was asked about what its
 * source does not have: every firing alert is missing there, or only alerts that were never sent may still fire.
 */
export function waitsForPeople(incident: Incident): boolean {
  const { phase, acknowledgedAt, alerts } = incident;
  if (phase !== 'declared' || acknowledgedAt !== null) return false;
  const firing = firingAlerts(incident);
  return firing.length > 0 ? firing.every(isMissing) : (alerts.leftOut?.askedAt ?? null) !== null;
}

/** Its source does not have it, or could not be asked and no longer lists it. What 0.2 knew keeps the escalation going. */
function isMissing({ stale, receivedAt }: AlertState): boolean {
  if (stale === undefined || receivedAt === undefined) return false;
  return stale.answer === 'gone' || (stale.answer === 'unknown' && stale.absent === true);
}

/** True when monitoring itself says that all is well: it spoke of alerts, and every one has cleared. */
export function allClear(incident: Incident): boolean {
  const isWhole =
    incident.alerts.truncated === 0 && (incident.merge.mergedFrom ?? []).every(({ truncated }) => truncated === 0);
  return isWhole && alertCount(incident) > 0 && firingAlerts(incident).length === 0;
}

/** All alerts it has had, with those that it has forgotten since they resolved. */
export function alertCount({ alerts }: Incident): number {
  return Object.keys(alerts.states).length + (alerts.forgotten ?? 0);
}

/** After an alert has resolved, a late duplicate of it must not open anything for this long. */
const AWAIT_LATE_ALERTS_MS = 10 * 60_000;

/** Until when a run remembers an alert that is not reported again. */
export function rememberedUntil({ status, lastReportedAt, staleAfterMs }: AlertState): number {
  return lastReportedAt + (status === 'firing' ? staleAfterMs : AWAIT_LATE_ALERTS_MS);
}

/** Cleared alerts are no proof for an acknowledged SEV1/2, nor for a flapping incident: a person must confirm. */
export function needsConfirmation({ severity, acknowledgedAt, alerts, mitigation }: Incident): boolean {
  return (
    mitigation.monitoringWindow?.confirmed === false &&
    acknowledgedAt !== null &&
    (isMajor(severity) || alerts.flapping)
  );
}

/** True when the monitoring window cannot end on time as things stand: something fires, or nobody has confirmed yet. */
export function monitoringIsBlocked(incident: Incident): boolean {
  return firingAlerts(incident).length > 0 || needsConfirmation(incident);
}

/** Restricted and test incidents never reach the public. */
export function mayGoPublic(incident: Incident): boolean {
  return !incident.restricted && !incident.test;
}

export function wantsChannel({ policy, highestSeverity, acknowledgedAt, test }: Incident): boolean {
  if (test) return false;
  const { channel } = policy.severities[highestSeverity];
  return channel === 'at-once' || (channel === 'on-acknowledgement' && acknowledgedAt !== null);
}

/** People who work on it, or were paged for it. */
export function responders({ roles, escalation }: Incident): readonly string[] {
  const people = [...Object.values(roles), ...escalation.paged, ...escalation.leadershipPaged];
  return [...new Set(people.filter((person) => person !== null))];
}

/** The most names in one page; the rest go into the next, which follows at once. */
export const NAMES_IN_A_PAGE = 1_000;

/** The groups that a page of the storm names: the next unnamed ones, or the first for people newly paged. */
export function namesFor({ alerts }: Incident, which: 'new' | 'first'): readonly StormGroup[] {
  if (alerts.storm === undefined) return [];
  const from = which === 'new' ? alerts.storm.groupsNamed : 0;
  return alerts.storm.groups.slice(from, from + NAMES_IN_A_PAGE);
}

const DAY_MS = 86_400_000;

/** An alert that has fired for longer was not detected late: it was there before anybody listened, or its start is wrong. */
export const LONGEST_DETECTION_MS = 7 * DAY_MS;

export const isPlausibleStart = (startsAt: number, at: number): boolean => at - startsAt <= LONGEST_DETECTION_MS;

/**
 * When the first of its alerts began, if that led to the declaration: what a person declared before any alert was not
 * detected by monitoring. Null: not known.
 */
export function detectedAt({ alerts, declaredAt, declaredBy }: Incident): number | null {
  const began = alerts.detectedAt;
  if (began === null || !isPlausibleStart(began, declaredAt)) return null;
  if (began <= declaredAt) return began;
  // The server's clock may be ahead of Temporal's.
  return declaredBy === null ? declaredAt : null;
}
