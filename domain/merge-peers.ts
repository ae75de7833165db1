/** How an incident is named to others, and what others it stands for. Pure. */
import type { Incident } from './incident.ts';
import type { MergedTo, MergePeer, Standing } from './merge-messages.ts';
import { clip } from './text.ts';

const TITLE_LENGTH = 100;

export function mergePeerOf({ workflowId, incidentId, reference, title, restricted, component }: Incident): MergePeer {
  const name = reference ?? (restricted ? 'a restricted incident' : `"${clip(title, TITLE_LENGTH)}"`);
  return { workflowId, incidentId, reference, name, component: restricted ? null : component };
}

export function standingOf(incident: Incident): Standing {
  const { severity, highestSeverity, chain, publicClock, paged, leadershipCalled, team, truncated } = incident;
  return {
    severity,
    highestSeverity,
    mustAnswer: chain.open,
    answerFrom: chain.level === 0 ? chain.nextLevelAt : null,
    isPublic: publicClock !== null,
    paged,
    leadershipOf: leadershipCalled ? team : null,
    truncated,
  };
}

/** Every incident id in an acknowledge link that means this incident. */
export function incidentIdsOf({ incidentId, aliases = [], absorbed }: Incident): readonly string[] {
  return [...new Set([incidentId, ...aliases, ...(absorbed ?? []).flatMap(({ incidentIds }) => incidentIds)])];
}

/** The incident that this one is a part of and that goes on: alerts are forwarded there. Null: none. */
export function mergeTarget({ mergedTo }: Pick<Incident, 'mergedTo'>): MergedTo | null {
  return mergedTo !== undefined && mergedTo !== null && !mergedTo.isOver ? mergedTo : null;
}
