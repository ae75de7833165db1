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
  Pick<IncidentView, 'rolesWanted' | 'wentPublic' | 'decision' | 'updateEveryMs' | 'monitoring'> &
  Pick<IncidentView, 'resolvedAt' | 'postmortem'>;

export function checklistOf(incident: Known): Checklist {
  return {
    during: [
      { item: 'Take command, announce in channel', done: incident.roles.ic !== null },
      { item: 'Assign roles (Tech Lead, Comms, Scribe)', done: rolesAssigned(incident) },
      { item: 'Set update cadence', done: cadenceSet(incident) },
      { item: 'Keep focus on resolution, not blame', done: null },
      { item: 'Make decisive calls on rollback vs fix', done: decided(incident) },
      { item: 'Ensure customer communication', done: customersTold(incident) },
      // Every incident has a timeline.
      { item: 'Track timeline of events', done: true },
    ],
    resolution: resolution(incident),
  };
}

/** Those that the severity asks for; null when it asks for none of them. */
function rolesAssigned({ roles, rolesWanted }: Known): boolean | null {
  const held = [roles.technicalLead, roles.communicationsLead, roles.scribe].filter((person) => person !== null);
  if (held.length === 3) return true;
  if (rolesWanted === undefined || rolesWanted.some((role) => role !== 'ic')) return false;
  return held.length > 0 ? true : null;
}

/** Update schedules run by themselves, if the severity has any. */
function cadenceSet({ updateEveryMs = null }: Known): boolean | null {
  return updateEveryMs === null ? null : true;
}

function decided({ decision, outcome }: Known): boolean | null {
  if ((decision ?? null) !== null) return true;
  return outcome === null || outcome === 'resolved' ? false : null;
}

/** Incidents that are not for the public need no public update. */
function customersTold({ highestSeverity, outcome, test, restricted, wentPublic }: Known): boolean | null {
  if (test || restricted) return null;
  if (wentPublic === true) return true;
  const isInternal = highestSeverity === 'SEV3' || highestSeverity === 'SEV4';
  return isInternal || (outcome !== null && outcome !== 'resolved') ? null : false;
}

function resolution(incident: Known): readonly ChecklistItem[] {
  const { outcome, test, phase, resolvedAt, monitoring } = incident;
  const isResolved = resolvedAt !== null;
  const isPublic = customersTold(incident);
  const isOver = isResolved || phase === 'monitoring';
  const items: readonly ChecklistItem[] = [
    { item: 'Verify issue resolved', done: isOver && monitoring?.confirmed === true },
    { item: 'Monitor for 30 minutes', done: monitoredFor(incident) },
    // Nobody was called to what recovered before anybody acknowledged it.
    { item: 'Stand down incident team', done: outcome === 'auto-recovered' ? null : isResolved },
    { item: 'Update status page', done: isPublic === null ? null : isPublic && isResolved },
    { item: 'Send all-clear message', done: isResolved },
    { item: 'Schedule post-mortem', done: postmortemScheduled(incident) },
  ];
  // There was nothing to resolve, or another incident resolves it.
  const isMoot = test || outcome === 'false-alarm' || outcome === 'merged';
  return isMoot ? items.map(({ item }) => ({ item, done: null })) : items;
}

const MONITORED_MS = 30 * 60_000;

/** The configured window may be shorter. Null where a server of before did not say when it began. */
function monitoredFor({ resolvedAt, monitoring }: Known): boolean | null {
  if (resolvedAt === null) return false;
  if (monitoring == null) return null;
  return Date.parse(resolvedAt) - Date.parse(monitoring.since) >= MONITORED_MS;
}

function postmortemScheduled({ postmortem, resolvedAt }: Known): boolean | null {
  // Incidents from before this was kept have none.
  if ((postmortem ?? null) !== null) return true;
  return resolvedAt === null ? false : null;
}
