/**
 * One alert that fires in two open incidents of a team: the records see it, and the younger incident asks to be merged
 * into the older, once for each pair. Whichever of the two learns it last tells the other. RUNBOOK §3. Pure.
 */
import type { IncidentEvent } from '../kernel/events.ts';
import { TOCSIN } from '../kernel/events.ts';
import type { Incident, Merge } from '../kernel/incident.ts';
import { isOpen } from '../kernel/phase.ts';
import type { DuplicateIncident, ProjectionAnswer } from '../kernel/projection.ts';
import { firingAlerts } from '../kernel/queries.ts';
import { isMergedIn, queueMergeMessage } from './merge.ts';

/** False: merging it now would be refused, or would end it on what was said before. */
export function takesDuplicates({ phase, test, alerts, merge }: Incident): boolean {
  return isOpen(phase) && phase !== 'monitoring' && !test && alerts.storm === undefined && !merge.pendingMerge;
}

/** What the records' answer causes: a merge request to the oldest, or else a word to the younger ones. */
export function duplicateEvents(
  incident: Incident,
  { duplicates = [] }: ProjectionAnswer,
  at: number,
): readonly IncidentEvent[] {
  if (!takesDuplicates(incident)) return [];
  const news = duplicates.filter((other) => isNews(incident, other));
  const oldest = news.find(({ isOlder }) => isOlder);
  if (oldest !== undefined) return mergeIntoOlder(incident, oldest, at);
  const { workflowId, incidentId, reference } = incident;
  return news.map((younger) => {
    const of = { workflowId, incidentId, reference, fingerprint: younger.fingerprint };
    return queueMergeMessage(younger, { kind: 'duplicate', incidentId: younger.incidentId, of }, at);
  });
}

/** The merge request of the younger incident. */
export function mergeIntoOlder(incident: Incident, older: DuplicateIncident, at: number): readonly IncidentEvent[] {
  if (!takesDuplicates(incident) || !isNews(incident, older)) return [];
  const { workflowId: into, incidentId, reference, fingerprint } = older;
  const duplicate = { workflowId: into, incidentId, reference, fingerprint };
  return [{ type: 'merge-requested', at, by: TOCSIN, into, requestNumber: incident.stateVersion + 1, duplicate }];
}

/** The alert still counts here, and nothing has been decided about the two incidents. */
function isNews(incident: Incident, other: DuplicateIncident): boolean {
  const isSettled = incident.merge.duplicatesSettled?.includes(other.incidentId) ?? false;
  return (
    !isSettled &&
    other.workflowId !== incident.workflowId &&
    !isMergedIn(incident, other) &&
    firingAlerts(incident).some(({ fingerprint }) => fingerprint === other.fingerprint)
  );
}

const SETTLED_KEPT = 100;

/** `merge` after `event`: a pair that was asked about, merged or taken apart again is left to people. */
export function withSettledDuplicates(merge: Merge, event: IncidentEvent): Merge {
  const settled = settledBy(event);
  const { duplicatesSettled: known = [] } = merge;
  if (settled === null || known.includes(settled)) return merge;
  return { ...merge, duplicatesSettled: [...known, settled].slice(-SETTLED_KEPT) };
}

function settledBy(event: IncidentEvent): string | null {
  switch (event.type) {
    case 'merge-requested':
      return event.duplicate?.incidentId ?? null;
    case 'merged':
    case 'merge-target-changed':
      return event.into.incidentId;
    case 'incident-merged-in':
    case 'merged-incident-released':
      return event.from.incidentId;
    case 'merge-message-queued':
      return event.message.kind === 'duplicate' ? event.message.incidentId : null;
    default:
      return null;
  }
}
