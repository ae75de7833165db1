/**
 * The only place an incident changes: `evolve(incident, event)` moves the state, adds what the event owes the outside
 * to the orders, writes the line, and keeps it for the records. Pure; never throws.
 */
import {
  withAlertsCleared,
  withAlertsFired,
  withAlertsIgnored,
  withAlertsSeen,
  withAlertsStale,
} from '../alerts/alert-states.ts';
import { withItemAdded, withItemDone } from '../post-incident/action-items.ts';
import { PUBLIC_HOLDING_LIMIT, startUpdateSchedule } from '../communications/update-schedule.ts';
import { withChangedFollowUps, withFollowUps, withEvidence } from '../post-incident/follow-ups.ts';
import { withOutboxEffects } from './outbox-effects.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import { EVENTS_WITHOUT_ENTRY } from '../kernel/events.ts';
import { withUndeliveredAlerts } from '../merge/forwarding.ts';
import type { AnsweredRequest, UpdateSchedule, Incident } from '../kernel/incident.ts';
import { escalationAfter, withPaged, withFallbackPages } from '../escalation/escalation-state.ts';
import {
  withMergedIncident,
  alertsJoined,
  mergeRequested,
  mergedInto,
  mergeRedirected,
  withReleasedIncident,
  withoutPendingMerge,
} from '../merge/merge-state.ts';
import type { Phase } from '../kernel/phase.ts';
import { isOpen } from '../kernel/phase.ts';
import { responseTargetsAfter } from '../escalation/response-targets.ts';
import { withReview, withReviewPlanned } from '../post-incident/reviews.ts';
import { isWorse } from '../kernel/severity.ts';
import { withActivity } from '../escalation/inactivity.ts';
import { withSplitOff } from '../alerts/storm-split.ts';
import { NO_STORM } from '../alerts/storm.ts';
import { addTimelineEntry } from './timeline.ts';
import { withPendingProjection } from './pending-projection.ts';
import { monitoringLengthMs } from '../mitigation/monitoring-window.ts';

export function evolve(incident: Incident, event: IncidentEvent): Incident {
  const revision = incident.stateVersion + 1;
  const promised = responseTargetsAfter(incident, event);
  const changed = {
    ...apply(incident, event),
    stateVersion: revision,
    responseTargets: promised,
    escalation: escalationAfter(incident, event),
  };
  const lived = withActivity(incident, changed, event);
  const moved = withUndeliveredAlerts(withoutPendingMerge(incident, lived), event);
  const owing = withOutboxEffects(incident, moved, event);
  return withPendingProjection(incident, isSilent(incident, event) ? owing : addTimelineEntry(owing, event), event);
}

/**
 * Once an incident is over, its run only remembers alerts: the lines belong to its post-incident flow, but for a refusal that
 * came too late even for that.
 */
function isSilent({ phase, postIncident, mergedTo }: Incident, event: IncidentEvent): boolean {
  if (postIncident) return event.type !== 'command-refused';
  if (event.type === 'alerts-stale') return event.newlyStale.length === 0;
  if (event.type === 'follow-ups-reviewed') return event.postmortem === null && event.items.length === 0;
  // What it is a part of has the lines.
  if (mergedTo && event.type.startsWith('alerts-')) return true;
  return EVENTS_WITHOUT_ENTRY.includes(event.type) || (event.type === 'alerts-cleared' && !isOpen(phase));
}

function apply(incident: Incident, event: IncidentEvent): Incident {
  switch (event.type) {
    case 'alerts-fired':
      return withAlertsFired(incident, event);
    case 'alerts-cleared':
      return withAlertsCleared(incident, event);
    case 'alerts-seen':
      return withAlertsSeen(incident, event);
    case 'alerts-stale':
      return withAlertsStale(incident, event);
    case 'alerts-ignored':
      return withAlertsIgnored(incident, event);
    case 'paged':
      return withPaged(incident, event);
    case 'fallback-paged':
      return withFallbackPages(incident, event);
    case 'groups-joined':
      return withGroups(incident, event);
    case 'split-off':
      return withSplitOff(incident, event);
    case 'acknowledged':
      return acknowledged(incident, event);
    case 'role-assigned':
      return roleAssigned(incident, event);
    case 'severity-changed':
      return severityChanged(incident, event);
    case 'impact-assessed':
      return { ...incident, impact: event.impact };
    case 'update-posted':
      return spoken(incident, event);
    case 'update-reminded':
      return withClocks(incident, event.audiences, (clock) => ({ ...clock, reminded: true }));
    case 'update-missed':
      return withClocks(incident, event.audiences, (clock) => ({
        restartedAt: event.dueAt,
        notBefore: 0,
        reminded: false,
        holdingUpdates: Math.min(clock.holdingUpdates + 1, PUBLIC_HOLDING_LIMIT + 1),
      }));
    case 'public-communication-started':
      return { ...incident, publicSchedule: startUpdateSchedule(event.at) };
    case 'mitigation-decided':
      return {
        ...enter(incident, 'mitigating', event.at),
        decision: event.decision,
        mitigationStartedAt: incident.mitigationStartedAt ?? event.at,
      };
    case 'mitigation-reported':
      return event.outcome === 'worked' ? { ...incident, mitigatedAt: event.at } : incident;
    case 'monitoring-started':
      return watchOpened(incident, event);
    case 'resolve-confirmed':
      return {
        ...incident,
        resolution: event.resolution,
        monitoringWindow: incident.monitoringWindow && { ...incident.monitoringWindow, confirmed: true },
      };
    case 'confirmation-requested':
      return {
        ...incident,
        monitoringWindow: incident.monitoringWindow && { ...incident.monitoringWindow, confirmationRequested: true },
      };
    case 'recurred':
      return recurred(incident, event.at);
    case 'reopened':
      return {
        ...enter(incident, 'mitigating', event.at),
        monitoringWindow: null,
        outcome: null,
        resolvedAt: null,
        closedAt: null,
        mitigatedAt: null,
        mergedInto: null,
        mergedTo: null,
        postmortem: null,
        ...(incident.followUps
          ? { followUps: { ...incident.followUps, draft: null, evidence: [], review: null } }
          : {}),
      };
    case 'resolved':
      return withFollowUps(resolved(incident, event.at));
    case 'false-alarm-declared':
      return { ...enter(incident, 'closed', event.at), outcome: 'false-alarm', closedAt: event.at };
    case 'closed':
      return { ...enter(incident, 'closed', event.at), closedAt: event.at };
    case 'test-ended':
      return { ...enter(incident, 'closed', event.at), outcome: 'resolved', resolvedAt: event.at, closedAt: event.at };
    case 'answered':
      return { ...incident, answeredRequests: remembered(incident.answeredRequests, event) };
    case 'action-item-added':
      return withItemAdded(incident, event);
    case 'action-item-completed':
      return withItemDone(incident, event);
    case 'postmortem-completed':
      return { ...incident, postmortem: { doneAt: event.at, doneBy: event.by, url: event.url } };
    case 'draft-ready':
      return withChangedFollowUps(incident, () => ({ draft: 'ready' }));
    case 'draft-late':
      return withChangedFollowUps(incident, () => ({ draft: 'late' }));
    case 'evidence-settled':
      return withEvidence(incident, event);
    case 'review-planned':
      return withReviewPlanned(incident, event);
    case 'follow-ups-reviewed':
      return withReview(incident, event);
    case 'policy-move-requested':
      return { ...incident, policyMoveRequestedBy: event.by };
    case 'policy-kept':
      return { ...incident, policyMoveRequestedBy: null };
    case 'policy-moved':
      return { ...incident, policy: event.policy, policyMoveRequestedBy: null };
    case 'inactivity-paged':
      return { ...incident, commanderPaged: true };
    case 'merge-requested':
      return mergeRequested(incident, event);
    case 'merge-redirected':
      return mergeRedirected(incident, event);
    case 'merge-refused':
      return {
        ...incident,
        pendingMerge: null,
        mergeRefused: { requestNumber: event.requestNumber, reason: event.reason },
      };
    case 'merged':
      return mergedInto({ ...enter(incident, 'closed', event.at), outcome: 'merged', closedAt: event.at }, event.into);
    case 'merge-target-changed':
      return mergedInto(incident, event.into);
    case 'merge-target-closed':
      return { ...incident, mergedTo: incident.mergedTo ? { ...incident.mergedTo, isOver: true } : null };
    case 'incident-merged-in':
      return withMergedIncident(incident, event);
    case 'merged-incident-released':
      return withReleasedIncident(incident, event);
    case 'alerts-joined':
      return alertsJoined(incident, event);
    case 'business-day-set':
      return { ...incident, businessDay: { dueAt: event.dueAt, remindedAt: null } };
    case 'ticket-reminded':
      return { ...incident, businessDay: { dueAt: event.dueAt, remindedAt: event.at } };
    case 'notification-accepted':
      return told(incident, event);
    case 'declared':
    case 'alerts-suppressed':
    case 'level-started':
    case 'level-extended':
    case 'notification-rule-due':
    case 'storm-groups-named':
    case 'split-done':
    case 'page-failed':
    case 'level-unreachable':
    case 'escalation-exhausted':
    case 'still-on-it':
    case 'inactivity-nudged':
    case 'inactivity-escalated':
    case 'seen':
    case 'declined':
    case 'escalated':
    case 'note-added':
    case 'acknowledgement-required':
    case 'alerts-forwarded':
    case 'alerts-returned':
    case 'merge-message-queued':
    case 'merge-message-sent':
    case 'notification-failed':
    case 'command-refused':
      return incident;
  }
}

function withGroups(incident: Incident, { groups }: EventOf<'groups-joined'>): Incident {
  const { storm = NO_STORM } = incident;
  return { ...incident, storm: { ...storm, groups: [...storm.groups, ...groups] } };
}

/** Enters a phase. A change of phase is itself an update, so it restarts both clocks. */
function enter(incident: Incident, phase: Phase, at: number): Incident {
  if (incident.phase === phase) return incident;
  return {
    ...incident,
    phase,
    internalSchedule: startUpdateSchedule(at),
    publicSchedule: incident.publicSchedule && startUpdateSchedule(at),
    publicState: null,
  };
}

function acknowledged(incident: Incident, { at, by }: EventOf<'acknowledged'>): Incident {
  return {
    ...(incident.phase === 'declared' ? enter(incident, 'investigating', at) : incident),
    acknowledgedAt: incident.acknowledgedAt ?? at,
    acknowledgedBy: incident.acknowledgedBy ?? by,
    roles: takesCommand(incident) ? { ...incident.roles, ic: by } : incident.roles,
  };
}

function roleAssigned(incident: Incident, { role, person }: EventOf<'role-assigned'>): Incident {
  const roles = { ...incident.roles, [role]: person };
  // A new commander has not been called in vain.
  return role === 'ic' ? { ...incident, roles, commanderPaged: false } : { ...incident, roles };
}

/** The first to answer; and whoever answers in place of a commander who was paged and did not. */
function takesCommand({ acknowledgedAt, roles, escalation, commanderPaged }: Incident): boolean {
  return acknowledgedAt === null ? roles.ic === null : escalation.open && commanderPaged;
}

function severityChanged(incident: Incident, { at, to }: EventOf<'severity-changed'>): Incident {
  const raised = isWorse(to, incident.severity);
  const grantedMs = incident.policy.severities[to].acknowledgeWithinMs ?? 0;
  const granted = (clock: UpdateSchedule): UpdateSchedule =>
    raised ? { ...clock, notBefore: at + grantedMs, reminded: false } : { ...clock, reminded: false };
  return {
    ...incident,
    severity: to,
    severityGuessed: false,
    severityChangedAt: at,
    highestSeverity: isWorse(to, incident.highestSeverity) ? to : incident.highestSeverity,
    internalSchedule: granted(incident.internalSchedule),
    publicSchedule: incident.publicSchedule && granted(incident.publicSchedule),
  };
}

function spoken(incident: Incident, { at, audience, status }: EventOf<'update-posted'>): Incident {
  const restarted = { ...incident, internalSchedule: startUpdateSchedule(at) };
  if (audience === 'internal') return restarted;
  return { ...restarted, publicSchedule: startUpdateSchedule(at), publicState: status ?? incident.publicState };
}

function withClocks(
  incident: Incident,
  audiences: EventOf<'update-missed'>['audiences'],
  change: (clock: UpdateSchedule) => UpdateSchedule,
): Incident {
  return {
    ...incident,
    internalSchedule: audiences.includes('internal') ? change(incident.internalSchedule) : incident.internalSchedule,
    publicSchedule:
      audiences.includes('public') && incident.publicSchedule
        ? change(incident.publicSchedule)
        : incident.publicSchedule,
  };
}

function watchOpened(incident: Incident, { at, by, resolution }: EventOf<'monitoring-started'>): Incident {
  return {
    ...enter(incident, 'monitoring', at),
    mitigatedAt: incident.mitigatedAt ?? at,
    resolution: resolution ?? incident.resolution,
    monitoringWindow: {
      startedAt: at,
      endsAt: at + monitoringLengthMs(incident),
      confirmed: by !== null,
      confirmationRequested: false,
    },
  };
}

/** Four reopenings within an hour: it flaps. */
const FLAPPING = { times: 4, withinMs: 3_600_000 };

function recurred(incident: Incident, at: number): Incident {
  const recurredAt = [...incident.recurredAt.filter((then) => at - then < FLAPPING.withinMs), at];
  return {
    ...enter(incident, incident.acknowledgedAt === null ? 'declared' : 'mitigating', at),
    monitoringWindow: null,
    mitigatedAt: null,
    commanderPaged: incident.acknowledgedAt !== null && incident.roles.ic !== null && !incident.flapping,
    businessDay: null,
    recurredAt,
    flapping: incident.flapping || recurredAt.length >= FLAPPING.times,
  };
}

function resolved(incident: Incident, at: number): Incident {
  const byItself = incident.acknowledgedAt === null && incident.monitoringWindow?.confirmed !== true;
  return {
    ...enter(incident, 'resolved', at),
    outcome: byItself ? 'auto-recovered' : 'resolved',
    resolvedAt: at,
  };
}

function told(incident: Incident, { refs, assignedReference }: EventOf<'notification-accepted'>): Incident {
  return {
    ...incident,
    refs: { ...incident.refs, ...refs },
    reference: assignedReference?.reference ?? incident.reference,
    recurrenceOf: assignedReference?.recurrenceOf ?? incident.recurrenceOf,
  };
}

const ANSWERS_KEPT = 256;

function remembered(
  answered: readonly AnsweredRequest[],
  { requestId, command, changed, text }: EventOf<'answered'>,
): readonly AnsweredRequest[] {
  return [...answered, { requestId, command, changed, text }].slice(-ANSWERS_KEPT);
}
