/**
 * The incident commander's checklist, ticked by what is known of the incident. Pure. `done` is null where only people
 * can tell, or where the item does not apply.
 */
import type { IncidentView } from './view.ts';

export interface ChecklistItem {
  readonly item: string;
  readonly done: boolean | null;
}

export interface Checklist {
  readonly during: readonly ChecklistItem[];
  readonly resolution: readonly ChecklistItem[];
}

/** The fields that the checklist reads; those that older servers did not write may be absent. */
type Known = Pick<
  IncidentView,
  'severity' | 'highestSeverity' | 'phase' | 'outcome' | 'test' | 'restricted' | 'roles'
> &
  Pick<IncidentView, 'rolesWanted' | 'wentPublic' | 'decision' | 'deadlines' | 'resolution'> &
  Pick<IncidentView, 'resolvedAt' | 'postmortem'>;

export function checklistOf(incident: Known): Checklist {
  return {
    during: [
      { item: 'Take command, announce in channel', done: incident.roles.ic !== null },
      { item: 'Assign roles (Tech Lead, Comms, Scribe)', done: incident.rolesWanted?.length === 0 },
      { item: 'Set update cadence', done: cadence(incident) },
      { item: 'Keep focus on resolution, not blame', done: null },
      { item: 'Make decisive calls on rollback vs fix', done: (incident.decision ?? null) !== null },
      { item: 'Ensure customer communication', done: customersTold(incident) },
      // Every incident has a timeline.
      { item: 'Track timeline of events', done: true },
    ],
    resolution: resolution(incident),
  };
}

/** Update schedules run by themselves, if the severity has any. */
function cadence({ phase, severity, deadlines }: Known): boolean | null {
  if (severity === 'SEV4') return null;
  // Near the end of the monitoring window no update is due: the all-clear takes its place.
  const isOpen = phase === 'declared' || phase === 'investigating' || phase === 'mitigating';
  return !isOpen || deadlines.some(({ kind }) => kind === 'internal-update') ? true : null;
}

/** Incidents that are not for the public need no public update. */
function customersTold({ highestSeverity, test, restricted, wentPublic }: Known): boolean {
  const isInternal = highestSeverity === 'SEV3' || highestSeverity === 'SEV4';
  return test || restricted || isInternal || wentPublic === true;
}

function resolution(incident: Known): readonly ChecklistItem[] {
  const { outcome, phase, resolvedAt } = incident;
  const isWatched = phase === 'monitoring' || phase === 'resolved' || phase === 'closed';
  const isResolved = resolvedAt !== null;
  const items: readonly ChecklistItem[] = [
    { item: 'Verify issue resolved', done: isWatched && incident.resolution !== null },
    { item: 'Monitor for 30 minutes', done: isResolved },
    { item: 'Stand down incident team', done: isResolved },
    { item: 'Update status page', done: isResolved },
    { item: 'Send all-clear message', done: isResolved },
    { item: 'Schedule post-mortem', done: postmortemScheduled(incident) },
  ];
  // There was nothing to resolve, or another incident resolves it.
  const isMoot = outcome === 'false-alarm' || outcome === 'merged';
  return isMoot ? items.map(({ item }) => ({ item, done: null })) : items;
}

function postmortemScheduled({ postmortem, resolvedAt }: Known): boolean | null {
  // Incidents from before this was kept have none.
  if ((postmortem ?? null) !== null) return true;
  return resolvedAt === null ? false : null;
}
