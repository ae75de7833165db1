/**
 * What is left to do once an incident is over, and by when: the export and the draft of the post-mortem, evidence, the
 * post-mortem itself, action items. What falls into the team's hours is in `reviews.ts`. RUNBOOK §3. Pure.
 */
import { openItems, postmortemDueAt } from './action-items.ts';

import type { Incident } from '../kernel/incident.ts';
import { holderOf } from '../kernel/roles.ts';
import type { FollowUps } from '../kernel/post-incident.ts';

/** The target for the export and the draft, and how long a failing evidence hook is retried. */
const READY_WITHIN_MS = 2 * 3_600_000;

/** The follow-ups of a resolution; they replace those of an earlier one. */
export function followUpsOf(resolved: Incident): FollowUps {
  const { policy, highestSeverity, postIncident } = resolved;
  const hooks = (policy.evidence ?? []).filter(({ severities }) => severities.includes(highestSeverity));
  return {
    resolutionCount: (postIncident.followUps?.resolutionCount ?? 0) + 1,
    draft: owesPostmortem(resolved) ? 'pending' : null,
    evidence: hooks.map(({ name }) => name),
    postmortemAnnounced: false,
    review: null,
    reviewedAt: null,
    remindedAt: {},
  };
}

/** True while a post-mortem is owed and not done. */
export function owesPostmortem(incident: Incident): boolean {
  return incident.postIncident.postmortem === null && postmortemDueAt(incident) !== null;
}

/** Who writes the post-mortem, and answers for items that nobody owns: the IC, else the first person involved. */
export function postmortemOwner(incident: Incident): string | null {
  const { involved, declaredBy } = incident;
  return holderOf(incident) ?? involved.find((person) => person !== declaredBy) ?? involved[0] ?? null;
}

/** When export and draft are late; null while that cannot be, or has been said. */
export function draftLateAt({ postIncident, resolvedAt }: Incident): number | null {
  return postIncident.followUps?.draft === 'pending' && resolvedAt !== null ? resolvedAt + READY_WITHIN_MS : null;
}

export function owesDraft({ postIncident }: Incident): boolean {
  return postIncident.followUps?.draft === 'pending' || postIncident.followUps?.draft === 'late';
}

/** A failed hook is tried until then. */
export function evidenceEndsAt({ resolvedAt, closedAt }: Incident): number {
  return (resolvedAt ?? closedAt ?? 0) + READY_WITHIN_MS;
}

/** True when nothing is left to do for a resolved incident. The draft matters only while the post-mortem is to come. */
export function followUpsAreDone(incident: Incident): boolean {
  if (incident.phase !== 'resolved' || owesPostmortem(incident)) return false;
  return openItems(incident).length === 0 && (incident.postIncident.followUps?.evidence ?? []).length === 0;
}

/** After its end an incident still takes notes and items for so long; a test does not. */
const NOTES_TAKEN_MS = 7 * 24 * 3_600_000;

/** Until when a closed incident's post-incident flow stays; null while it is not closed. */
export function postIncidentEndsAt({ phase, closedAt, test }: Incident): number | null {
  return phase === 'closed' && closedAt !== null ? closedAt + (test ? 0 : NOTES_TAKEN_MS) : null;
}
