/**
 * The only place where an incident changes. The kernel reduces first, then each feature its own slice; then each says
 * what must go out. The timeline gets its entry, and the records what they do not have yet. Pure; never throws.
 */
import { namingDue } from '../alerts/storm.ts';
import { alertsOutbox, reduceAlerts } from '../alerts/alerts.ts';
import { communicationsOutbox, reduceCommunications } from '../communications/communications.ts';
import { updateDue } from '../communications/update-schedule.ts';
import { levelDue } from '../escalation/escalation.ts';
import { inactivityDue } from '../escalation/inactivity.ts';
import { reduceEscalation } from '../escalation/escalation-state.ts';
import { escalationOutbox } from '../escalation/pages.ts';
import type { Due, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { isOpen } from '../kernel/phase.ts';
import { reduceKernel } from '../kernel/reduce.ts';
import { mergeOutbox, reduceMerge } from '../merge/merge-state.ts';
import { monitoringDue } from '../mitigation/monitoring-window.ts';
import { reduceMitigation } from '../mitigation/mitigation.ts';
import { reducePostIncident } from '../post-incident/post-incident.ts';
import { withPendingProjection } from './projection.ts';
import { addTimelineEntry, hasTimelineEntry } from './timeline.ts';

/** Each sees what the previous ones have put into the outbox; pages come first. */
const OUTBOXES = [escalationOutbox, communicationsOutbox, alertsOutbox, mergeOutbox] as const;

export function evolve(before: Incident, event: IncidentEvent): Incident {
  const kernel = reduceKernel(before, event);
  const reduced: Incident = {
    ...kernel,
    alerts: reduceAlerts(before, kernel, event),
    escalation: reduceEscalation(before, kernel, event),
    communications: reduceCommunications(before, kernel, event),
    mitigation: reduceMitigation(before, kernel, event),
    merge: reduceMerge(before, kernel, event),
    postIncident: reducePostIncident(before, kernel, event),
  };
  const after = OUTBOXES.reduce<Incident>((so, outbox) => ({ ...so, ...outbox(before, so, event) }), reduced);
  const told = isSilent(before, event) ? after : addTimelineEntry(before, after, event);
  return withPendingProjection(before, told, event);
}

/**
 * Once an incident is over, its run only remembers alerts: the timeline belongs to the post-incident workflow, except
 * for a refusal that came too late even for that.
 */
function isSilent({ phase, postIncident, merge }: Incident, event: IncidentEvent): boolean {
  if (postIncident.handedOver) return event.type !== 'command-refused';
  if (event.type === 'alerts-stale') return event.newlyStale.length === 0;
  if (event.type === 'follow-ups-reviewed') return event.postmortem === null && event.items.length === 0;
  // The incident that it was merged into has the entries.
  if (merge.mergedTo && event.type.startsWith('alerts-')) return true;
  return !hasTimelineEntry(event.type) || (event.type === 'alerts-cleared' && !isOpen(phase));
}

/**
 * The features with deadlines, in this order: inactivity, escalation levels, naming a storm's new groups, the end of
 * the monitoring window, updates. Each returns the next thing that is due, or null.
 */
export const NEXT_DUE: readonly ((incident: Incident) => Due | null)[] = [
  inactivityDue,
  levelDue,
  namingDue,
  monitoringDue,
  updateDue,
];
