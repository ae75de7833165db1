/**
 * What the runbook promised for this incident, as moments that are kept: by when somebody was to acknowledge it, and by
 * when the public was to hear of it. A severity that is raised makes them anew; lowering it takes no promise back. Pure.
 */
import type { IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import type { Severity } from './severity.ts';
import { isWorse } from './severity.ts';

/** Epoch ms; null: nothing was promised. */
export interface Promised {
  readonly acknowledgeBy: number | null;
  readonly publicBy: number | null;
}

/** `before`: the incident as it was when `event` happened. */
export function promisedAfter(before: Incident, event: IncidentEvent): Promised {
  const { declaredAt, severity, acknowledgedAt } = before;
  const known = before.promised ?? madeAt(before, severity, declaredAt);
  if (event.type === 'paged' && event.loudAt !== undefined && acknowledgedAt === null && known.acknowledgeBy !== null) {
    // Whoever may not be disturbed yet has the whole time from when they may.
    const within = before.policy.severities[severity].acknowledgeWithinMs ?? 0;
    return { ...known, acknowledgeBy: Math.max(known.acknowledgeBy, event.loudAt + within) };
  }
  if (event.type !== 'severity-changed' || !isWorse(event.to, severity)) return known;
  const made = madeAt(before, event.to, event.at);
  return { ...made, acknowledgeBy: acknowledgedAt === null ? made.acknowledgeBy : known.acknowledgeBy };
}

/** The later of _declaration + its time_ and _change + the acknowledgement time_. */
function madeAt({ declaredAt, policy, test, restricted }: Incident, severity: Severity, changedAt: number): Promised {
  const { acknowledgeWithinMs, statusPageWithinMs } = policy.severities[severity];
  const grantedAt = changedAt === declaredAt ? 0 : changedAt + (acknowledgeWithinMs ?? 0);
  const due = (within: number | null): number | null =>
    within === null ? null : Math.max(declaredAt + within, grantedAt);
  return {
    acknowledgeBy: test ? null : due(acknowledgeWithinMs),
    publicBy: test || restricted ? null : due(statusPageWithinMs),
  };
}
