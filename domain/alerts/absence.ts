/**
 * A whole message is the complete state of its group: an alert of the group that it does not list is silenced or gone.
 * Its source is asked at once; a second such message, or one after which the group is empty, counts by itself where
 * nobody can be asked. Absence never counts as clear. RUNBOOK §3. Pure.
 */
import type { AlertBatch, AlertState } from '../kernel/alert.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { firingAlerts } from '../kernel/queries.ts';

/** Copies of one message by the members of a cluster count once. */
const SAME_MESSAGE_MS = 2_000;

/** Alerts of the message's group that `batch`, which is part of it, says it does not list. */
export function absenceEvents(incident: Incident, batch: AlertBatch, at: number): readonly IncidentEvent[] {
  const { byReceipt, messageGroup, listed, receivedAt, lateCopyMs = 0 } = batch;
  if (byReceipt !== true || messageGroup === undefined || listed === undefined) return [];
  const there = new Set(listed);
  const apartMs = Math.max(SAME_MESSAGE_MS, lateCopyMs);
  const absent = firingAlerts(incident).filter(
    (alert) =>
      alert.messageGroups?.includes(messageGroup) === true &&
      !there.has(alert.fingerprint) &&
      receivedAt > (alert.receivedAt ?? alert.lastReportedAt) &&
      (alert.absent?.groups.includes(messageGroup) !== true || receivedAt > alert.absent.receivedAt + apartMs),
  );
  if (absent.length === 0) return [];
  const fingerprints = absent.map(({ fingerprint }) => fingerprint);
  return [{ type: 'alerts-absent', at, messageGroup, receivedAt, fingerprints, isLast: leavesEmpty(batch, there) }];
}

/** Every alert that the message lists has resolved, so that the sender sends no other about its group. */
function leavesEmpty({ alerts }: AlertBatch, listed: ReadonlySet<string>): boolean {
  const resolved = new Set(alerts.filter(({ status }) => status === 'resolved').map(({ fingerprint }) => fingerprint));
  return listed.size > 0 && [...listed].every((fingerprint) => resolved.has(fingerprint));
}

export function absentState(alert: AlertState, event: EventOf<'alerts-absent'>): AlertState {
  const { at, messageGroup, receivedAt, isLast } = event;
  const { groups = [], since = at, times = 0, ...known } = alert.absent ?? {};
  const counted = groups.includes(messageGroup) || times === 0 ? times + 1 : times;
  const absent = {
    ...known,
    groups: [...new Set([...groups, messageGroup])],
    since,
    receivedAt,
    times: isLast ? Math.max(counted, ENOUGH_MESSAGES) : counted,
  };
  return { ...alert, absent };
}

/** After so many messages without it, a person is asked where the source cannot be. */
export const ENOUGH_MESSAGES = 2;

/** None of the groups that listed it lists it any more. */
export function isAbsent({ absent, messageGroups = [] }: AlertState): boolean {
  return absent !== undefined && messageGroups.every((group) => absent.groups.includes(group));
}

/** It is absent, and nobody was asked since the last message without it. */
export function wantsQuestion(alert: AlertState): boolean {
  const { absent, stale } = alert;
  return absent !== undefined && stale === undefined && isAbsent(alert) && (absent.askedTimes ?? 0) < absent.times;
}
