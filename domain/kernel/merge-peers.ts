/** How an incident is named to others, and what others it stands for. Pure. */
import type { Incident } from './incident.ts';
import type { MergedTo, MergePeer, MergeStanding } from './merge-messages.ts';
import { truncate } from './text.ts';

const TITLE_LENGTH = 100;

export function mergePeerOf({ workflowId, incidentId, reference, title, restricted, component }: Incident): MergePeer {
  const name = reference ?? (restricted ? 'a restricted incident' : `"${truncate(title, TITLE_LENGTH)}"`);
  return { workflowId, incidentId, reference, name, component: restricted ? null : component };
}

export function standingOf(incident: Incident): MergeStanding {
  const { severity, highestSeverity, escalation, communications, team, alerts } = incident;
  return {
    severity,
    highestSeverity,
    mustAnswer: escalation.open,
    answerFrom: escalation.level === 0 ? escalation.nextLevelAt : null,
    isPublic: communications.publicSchedule !== null,
    paged: escalation.paged,
    leadershipOf: escalation.leadershipPageRequested ? team : null,
    truncated: alerts.truncated,
  };
}

/** Every incident id in an acknowledge link that means this incident. */
export function incidentIdsOf({ incidentId, escalation: { aliases = [] }, merge }: Incident): readonly string[] {
  return [...new Set([incidentId, ...aliases, ...(merge.mergedFrom ?? []).flatMap(({ incidentIds }) => incidentIds)])];
}

/** The incident that this one is a part of and that goes on: alerts are forwarded there. Null: none. */
export function mergeTarget({ merge }: Pick<Incident, 'merge'>): MergedTo | null {
  return merge.mergedTo !== undefined && merge.mergedTo !== null && !merge.mergedTo.isOver ? merge.mergedTo : null;
}
