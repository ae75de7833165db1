/** Whether the runbook wants a chat channel of its own for an incident. RUNBOOK §1. Pure. */
import type { Incident } from '../kernel/incident.ts';

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
