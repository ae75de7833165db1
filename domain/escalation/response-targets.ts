/**
 * The response targets of an incident: when it must be acknowledged and when the public must be informed. Raising the
 * severity sets them again; lowering it leaves them. Pure.
 */
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident, ResponseTargets } from '../kernel/incident.ts';
import type { Severity } from '../kernel/severity.ts';
import { isWorse } from '../kernel/severity.ts';

/** `before`: the incident as it was when `event` happened. */
export function responseTargetsAfter(before: Incident, event: IncidentEvent): ResponseTargets {
  const { declaredAt, severity, acknowledgedAt } = before;
  const known = before.escalation.responseTargets ?? targetsFrom(before, severity, declaredAt);
  if (
    event.type === 'paged' &&
    event.audibleFrom !== undefined &&
    acknowledgedAt === null &&
    known.acknowledgeDueAt !== null
  ) {
    // People who may not be disturbed yet have the full time from when they may.
    const within = before.policy.severities[severity].acknowledgeWithinMs ?? 0;
    return { ...known, acknowledgeDueAt: Math.max(known.acknowledgeDueAt, event.audibleFrom + within) };
  }
  if (event.type !== 'severity-changed' || !isWorse(event.to, severity)) return known;
  const made = targetsFrom(before, event.to, event.at);
  return { ...made, acknowledgeDueAt: acknowledgedAt === null ? made.acknowledgeDueAt : known.acknowledgeDueAt };
}

/** The later of _declaration + its time_ and _change + the acknowledgement time_. */
function targetsFrom(
  { declaredAt, policy, test, restricted }: Incident,
  severity: Severity,
  changedAt: number,
): ResponseTargets {
  const { acknowledgeWithinMs, statusPageWithinMs } = policy.severities[severity];
  const grantedAt = changedAt === declaredAt ? 0 : changedAt + (acknowledgeWithinMs ?? 0);
  const due = (within: number | null): number | null =>
    within === null ? null : Math.max(declaredAt + within, grantedAt);
  return {
    acknowledgeDueAt: test ? null : due(acknowledgeWithinMs),
    publicDueAt: test || restricted ? null : due(statusPageWithinMs),
  };
}
