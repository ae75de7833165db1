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
import { withUndeliveredAlerts } from '../merge/forwarding.ts';
import type { AnsweredRequest, Escalation, EscalationState, UpdateSchedule, Incident } from '../kernel/incident.ts';
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
import { withSplitOff } from '../alerts/storm.ts';
import { NO_STORM } from '../kernel/alert.ts';
import { withPendingProjection } from './projection.ts';
import { addTimelineEntry, hasTimelineEntry } from './timeline.ts';
import { monitoringLengthMs } from '../mitigation/monitoring-window.ts';

export function evolve(incident: Incident, event: IncidentEvent): Incident {
  const revision = incident.stateVersion + 1;
  const promised = responseTargetsAfter(incident, event);
  const applied = apply(incident, event);
  const changed = {
    ...applied,
    stateVersion: revision,
    escalation: { ...escalationAfter(incident, event), ...memoryOf(applied.escalation), responseTargets: promised },
  };
  const lived = withActivity(incident, changed, event);
  const moved = withUndeliveredAlerts(withoutPendingMerge(incident, lived), event);
  const owing = withOutboxEffects(incident, moved, event);
  return withPendingProjection(
    incident,
    isSilent(incident, event) ? owing : addTimelineEntry(incident, owing, event),
    event,
  );
}

/** What the escalation remembers beside where it stands. */
function memoryOf(escalation: Escalation): Omit<Escalation, keyof EscalationState | 'responseTargets'> {
  const { attempts, paged, leadershipPaged, leadershipPageRequested } = escalation;
  const { businessDay, lastActivityAt, inactivity, commanderPaged, aliases } = escalation;
  return {
    attempts,
    paged,
    leadershipPaged,
    leadershipPageRequested,
    businessDay,
    lastActivityAt,
    inactivity,
    commanderPaged,
    ...(aliases === undefined ? {} : { aliases }),
  };
}

/**
 * Once an incident is over, its run only remembers alerts: the lines belong to its post-incident flow, but for a refusal that
 * came too late even for that.
 */
function isSilent({ phase, postIncident, merge }: Incident, event: IncidentEvent): boolean {
  if (postIncident.handedOver) return event.type !== 'command-refused';
  if (event.type === 'alerts-stale') return event.newlyStale.length === 0;
  if (event.type === 'follow-ups-reviewed') return event.postmortem === null && event.items.length === 0;
  // What it is a part of has the lines.
  if (merge.mergedTo && event.type.startsWith('alerts-')) return true;
  return !hasTimelineEntry(event.type) || (event.type === 'alerts-cleared' && !isOpen(phase));
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
      return {
        ...incident,
        communications: { ...incident.communications, publicSchedule: startUpdateSchedule(event.at) },
      };
    case 'mitigation-decided':
      return {
        ...enter(incident, 'mitigating', event.at),
        mitigation: {
          ...incident.mitigation,
          decision: event.decision,
          startedAt: incident.mitigation.startedAt ?? event.at,
        },
      };
    case 'mitigation-reported':
      return event.outcome === 'worked'
        ? { ...incident, mitigation: { ...incident.mitigation, mitigatedAt: event.at } }
        : incident;
    case 'monitoring-started':
      return watchOpened(incident, event);
    case 'resolve-confirmed':
      return {
        ...incident,
        mitigation: {
          ...incident.mitigation,
          resolution: event.resolution,
          monitoringWindow: incident.mitigation.monitoringWindow && {
            ...incident.mitigation.monitoringWindow,
            confirmed: true,
          },
        },
      };
    case 'confirmation-requested':
      return {
        ...incident,
        mitigation: {
          ...incident.mitigation,
          monitoringWindow: incident.mitigation.monitoringWindow && {
            ...incident.mitigation.monitoringWindow,
            confirmationRequested: true,
          },
        },
      };
    case 'recurred':
      return recurred(incident, event.at);
    case 'reopened':
      return {
        ...enter(incident, 'mitigating', event.at),
        mitigation: { ...incident.mitigation, monitoringWindow: null, mitigatedAt: null },
        outcome: null,
        resolvedAt: null,
        closedAt: null,
        merge: { ...incident.merge, mergedInto: null, mergedTo: null },
        postIncident: {
          ...incident.postIncident,
          postmortem: null,
          ...(incident.postIncident.followUps
            ? { followUps: { ...incident.postIncident.followUps, draft: null, evidence: [], review: null } }
            : {}),
        },
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
      return {
        ...incident,
        postIncident: { ...incident.postIncident, postmortem: { doneAt: event.at, doneBy: event.by, url: event.url } },
      };
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
      return { ...incident, escalation: { ...incident.escalation, commanderPaged: true } };
    case 'merge-requested':
      return mergeRequested(incident, event);
    case 'merge-redirected':
      return mergeRedirected(incident, event);
    case 'merge-refused':
      return {
        ...incident,
        merge: {
          ...incident.merge,
          pendingMerge: null,
          mergeRefused: { requestNumber: event.requestNumber, reason: event.reason },
        },
      };
    case 'merged':
      return mergedInto({ ...enter(incident, 'closed', event.at), outcome: 'merged', closedAt: event.at }, event.into);
    case 'merge-target-changed':
      return mergedInto(incident, event.into);
    case 'merge-target-closed':
      return {
        ...incident,
        merge: {
          ...incident.merge,
          mergedTo: incident.merge.mergedTo ? { ...incident.merge.mergedTo, isOver: true } : null,
        },
      };
    case 'incident-merged-in':
      return withMergedIncident(incident, event);
    case 'merged-incident-released':
      return withReleasedIncident(incident, event);
    case 'alerts-joined':
      return alertsJoined(incident, event);
    case 'business-day-set':
      return {
        ...incident,
        escalation: { ...incident.escalation, businessDay: { dueAt: event.dueAt, remindedAt: null } },
      };
    case 'ticket-reminded':
      return {
        ...incident,
        escalation: { ...incident.escalation, businessDay: { dueAt: event.dueAt, remindedAt: event.at } },
      };
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
  const storm = incident.alerts.storm ?? NO_STORM;
  return { ...incident, alerts: { ...incident.alerts, storm: { ...storm, groups: [...storm.groups, ...groups] } } };
}

/** Enters a phase. A change of phase is itself an update, so it restarts both clocks. */
function enter(incident: Incident, phase: Phase, at: number): Incident {
  if (incident.phase === phase) return incident;
  return {
    ...incident,
    phase,
    communications: {
      ...incident.communications,
      internalSchedule: startUpdateSchedule(at),
      publicSchedule: incident.communications.publicSchedule && startUpdateSchedule(at),
      publicState: null,
    },
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
  return role === 'ic'
    ? { ...incident, roles, escalation: { ...incident.escalation, commanderPaged: false } }
    : { ...incident, roles };
}

/** The first to answer; and whoever answers in place of a commander who was paged and did not. */
function takesCommand({ acknowledgedAt, roles, escalation }: Incident): boolean {
  return acknowledgedAt === null ? roles.ic === null : escalation.open && escalation.commanderPaged;
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
    communications: {
      ...incident.communications,
      internalSchedule: granted(incident.communications.internalSchedule),
      publicSchedule: incident.communications.publicSchedule && granted(incident.communications.publicSchedule),
    },
  };
}

function spoken(incident: Incident, { at, audience, status }: EventOf<'update-posted'>): Incident {
  const restarted = {
    ...incident,
    communications: { ...incident.communications, internalSchedule: startUpdateSchedule(at) },
  };
  if (audience === 'internal') return restarted;
  return {
    ...restarted,
    communications: {
      ...restarted.communications,
      publicSchedule: startUpdateSchedule(at),
      publicState: status ?? incident.communications.publicState,
    },
  };
}

function withClocks(
  incident: Incident,
  audiences: EventOf<'update-missed'>['audiences'],
  change: (clock: UpdateSchedule) => UpdateSchedule,
): Incident {
  return {
    ...incident,
    communications: {
      ...incident.communications,
      internalSchedule: audiences.includes('internal')
        ? change(incident.communications.internalSchedule)
        : incident.communications.internalSchedule,
      publicSchedule:
        audiences.includes('public') && incident.communications.publicSchedule
          ? change(incident.communications.publicSchedule)
          : incident.communications.publicSchedule,
    },
  };
}

function watchOpened(incident: Incident, { at, by, resolution }: EventOf<'monitoring-started'>): Incident {
  return {
    ...enter(incident, 'monitoring', at),
    mitigation: {
      ...incident.mitigation,
      mitigatedAt: incident.mitigation.mitigatedAt ?? at,
      resolution: resolution ?? incident.mitigation.resolution,
      monitoringWindow: {
        startedAt: at,
        endsAt: at + monitoringLengthMs(incident),
        confirmed: by !== null,
        confirmationRequested: false,
      },
    },
  };
}

/** Four reopenings within an hour: it flaps. */
const FLAPPING = { times: 4, withinMs: 3_600_000 };

function recurred(incident: Incident, at: number): Incident {
  const recurredAt = [...incident.alerts.recurredAt.filter((then) => at - then < FLAPPING.withinMs), at];
  return {
    ...enter(incident, incident.acknowledgedAt === null ? 'declared' : 'mitigating', at),
    mitigation: { ...incident.mitigation, monitoringWindow: null, mitigatedAt: null },
    escalation: {
      ...incident.escalation,
      commanderPaged: incident.acknowledgedAt !== null && incident.roles.ic !== null && !incident.alerts.flapping,
      businessDay: null,
    },
    alerts: {
      ...incident.alerts,
      recurredAt,
      flapping: incident.alerts.flapping || recurredAt.length >= FLAPPING.times,
    },
  };
}

function resolved(incident: Incident, at: number): Incident {
  const byItself = incident.acknowledgedAt === null && incident.mitigation.monitoringWindow?.confirmed !== true;
  return {
    ...enter(incident, 'resolved', at),
    outcome: byItself ? 'auto-recovered' : 'resolved',
    resolvedAt: at,
  };
}

function told(incident: Incident, { refs, assignedReference }: EventOf<'notification-accepted'>): Incident {
  return {
    ...incident,
    communications: { ...incident.communications, refs: { ...incident.communications.refs, ...refs } },
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
