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
} from './alert-states.ts';
import { withItemAdded, withItemDone } from './action-items.ts';
import { PUBLIC_HOLDING_LIMIT, startClock } from './clocks.ts';
import { withChangedDuties, withDuties, withEvidence } from './duties.ts';
import { effectsOf } from './effects.ts';
import type { EventOf, IncidentEvent } from './events.ts';
import { SILENT } from './events.ts';
import { withUnforwarded } from './forwarding.ts';
import type { Answered, Clock, Incident } from './incident.ts';
import { chainAfter, withPaged, withPagedByEdge } from './paging.ts';
import {
  absorbed,
  alertsJoined,
  mergeAsked,
  mergedInto,
  mergeFollowed,
  released,
  withoutMerging,
} from './merge-state.ts';
import type { Phase } from './phase.ts';
import { isOpen } from './phase.ts';
import { promisedAfter } from './promises.ts';
import { withReview, withReviewPlanned } from './reviews.ts';
import { isWorse } from './severity.ts';
import { withSignOfLife } from './inactivity.ts';
import { withSplitOff } from './split.ts';
import { NO_STORM } from './storm.ts';
import { addLine } from './timeline.ts';
import { withTail } from './unrecorded.ts';
import { watchLengthMs } from './watch.ts';

export function evolve(incident: Incident, event: IncidentEvent): Incident {
  const revision = incident.revision + 1;
  const promised = promisedAfter(incident, event);
  const changed = { ...apply(incident, event), revision, promised, chain: chainAfter(incident, event) };
  const lived = withSignOfLife(incident, changed, event);
  const moved = withUnforwarded(withoutMerging(incident, lived), event);
  const owing = effectsOf(incident, moved, event);
  return withTail(incident, isSilent(incident, event) ? owing : addLine(owing, event), event);
}

/**
 * Once an incident is over, its run only remembers alerts: the lines belong to its post-incident flow, but for a refusal that
 * came too late even for that.
 */
function isSilent({ phase, postIncident, mergedTo }: Incident, event: IncidentEvent): boolean {
  if (postIncident) return event.type !== 'command-refused';
  if (event.type === 'alerts-stale') return event.news.length === 0;
  if (event.type === 'duties-reviewed') return event.postmortem === null && event.items.length === 0;
  // What it is a part of has the lines.
  if (mergedTo && event.type.startsWith('alerts-')) return true;
  return SILENT.includes(event.type) || (event.type === 'alerts-cleared' && !isOpen(phase));
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
      return withPagedByEdge(incident, event);
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
        held: Math.min(clock.held + 1, PUBLIC_HOLDING_LIMIT + 1),
      }));
    case 'public-begun':
      return { ...incident, publicClock: startClock(event.at) };
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
        watch: incident.watch && { ...incident.watch, confirmed: true },
      };
    case 'confirmation-asked':
      return { ...incident, watch: incident.watch && { ...incident.watch, asked: true } };
    case 'recurred':
      return recurred(incident, event.at);
    case 'reopened':
      return {
        ...enter(incident, 'mitigating', event.at),
        watch: null,
        outcome: null,
        resolvedAt: null,
        closedAt: null,
        mitigatedAt: null,
        mergedInto: null,
        mergedTo: null,
        postmortem: null,
        ...(incident.duties ? { duties: { ...incident.duties, draft: null, evidence: [], review: null } } : {}),
      };
    case 'resolved':
      return withDuties(resolved(incident, event.at));
    case 'false-alarm-declared':
      return { ...enter(incident, 'closed', event.at), outcome: 'false-alarm', closedAt: event.at };
    case 'closed':
      return { ...enter(incident, 'closed', event.at), closedAt: event.at };
    case 'test-ended':
      return { ...enter(incident, 'closed', event.at), outcome: 'resolved', resolvedAt: event.at, closedAt: event.at };
    case 'answered':
      return { ...incident, answered: remembered(incident.answered, event) };
    case 'action-item-added':
      return withItemAdded(incident, event);
    case 'action-item-completed':
      return withItemDone(incident, event);
    case 'postmortem-completed':
      return { ...incident, postmortem: { doneAt: event.at, doneBy: event.by, url: event.url } };
    case 'draft-ready':
      return withChangedDuties(incident, () => ({ draft: 'ready' }));
    case 'draft-late':
      return withChangedDuties(incident, () => ({ draft: 'late' }));
    case 'evidence-settled':
      return withEvidence(incident, event);
    case 'review-planned':
      return withReviewPlanned(incident, event);
    case 'duties-reviewed':
      return withReview(incident, event);
    case 'policy-asked':
      return { ...incident, policyAskedBy: event.by };
    case 'policy-kept':
      return { ...incident, policyAskedBy: null };
    case 'policy-moved':
      return { ...incident, policy: event.policy, policyAskedBy: null };
    case 'inactivity-paged':
      return { ...incident, commanderCalled: true };
    case 'merge-asked':
      return mergeAsked(incident, event);
    case 'merge-followed':
      return mergeFollowed(incident, event);
    case 'merge-refused':
      return { ...incident, merging: null, mergeRefused: { ask: event.ask, reason: event.reason } };
    case 'merged':
      return mergedInto({ ...enter(incident, 'closed', event.at), outcome: 'merged', closedAt: event.at }, event.into);
    case 'merge-moved':
      return mergedInto(incident, event.into);
    case 'merge-ended':
      return { ...incident, mergedTo: incident.mergedTo ? { ...incident.mergedTo, isOver: true } : null };
    case 'incident-absorbed':
      return absorbed(incident, event);
    case 'absorbed-released':
      return released(incident, event);
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
    case 'level-begun':
    case 'level-extended':
    case 'notification-rule-due':
    case 'storm-named':
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
    case 'answer-wanted':
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
    internalClock: startClock(at),
    publicClock: incident.publicClock && startClock(at),
    publicWord: null,
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
  return role === 'ic' ? { ...incident, roles, commanderCalled: false } : { ...incident, roles };
}

/** The first to answer; and whoever answers in place of a commander who was paged and did not. */
function takesCommand({ acknowledgedAt, roles, chain, commanderCalled }: Incident): boolean {
  return acknowledgedAt === null ? roles.ic === null : chain.open && commanderCalled;
}

function severityChanged(incident: Incident, { at, to }: EventOf<'severity-changed'>): Incident {
  const raised = isWorse(to, incident.severity);
  const grantedMs = incident.policy.severities[to].acknowledgeWithinMs ?? 0;
  const granted = (clock: Clock): Clock =>
    raised ? { ...clock, notBefore: at + grantedMs, reminded: false } : { ...clock, reminded: false };
  return {
    ...incident,
    severity: to,
    severityGuessed: false,
    severityChangedAt: at,
    highestSeverity: isWorse(to, incident.highestSeverity) ? to : incident.highestSeverity,
    internalClock: granted(incident.internalClock),
    publicClock: incident.publicClock && granted(incident.publicClock),
  };
}

function spoken(incident: Incident, { at, audience, status }: EventOf<'update-posted'>): Incident {
  const restarted = { ...incident, internalClock: startClock(at) };
  if (audience === 'internal') return restarted;
  return { ...restarted, publicClock: startClock(at), publicWord: status ?? incident.publicWord };
}

function withClocks(
  incident: Incident,
  audiences: EventOf<'update-missed'>['audiences'],
  change: (clock: Clock) => Clock,
): Incident {
  return {
    ...incident,
    internalClock: audiences.includes('internal') ? change(incident.internalClock) : incident.internalClock,
    publicClock:
      audiences.includes('public') && incident.publicClock ? change(incident.publicClock) : incident.publicClock,
  };
}

function watchOpened(incident: Incident, { at, by, resolution }: EventOf<'monitoring-started'>): Incident {
  return {
    ...enter(incident, 'monitoring', at),
    mitigatedAt: incident.mitigatedAt ?? at,
    resolution: resolution ?? incident.resolution,
    watch: { openedAt: at, endsAt: at + watchLengthMs(incident), confirmed: by !== null, asked: false },
  };
}

/** Four reopenings within an hour: it flaps. */
const FLAPPING = { times: 4, withinMs: 3_600_000 };

function recurred(incident: Incident, at: number): Incident {
  const recurredAt = [...incident.recurredAt.filter((then) => at - then < FLAPPING.withinMs), at];
  return {
    ...enter(incident, incident.acknowledgedAt === null ? 'declared' : 'mitigating', at),
    watch: null,
    mitigatedAt: null,
    commanderCalled: incident.acknowledgedAt !== null && incident.roles.ic !== null && !incident.flapping,
    businessDay: null,
    recurredAt,
    flapping: incident.flapping || recurredAt.length >= FLAPPING.times,
  };
}

function resolved(incident: Incident, at: number): Incident {
  const byItself = incident.acknowledgedAt === null && incident.watch?.confirmed !== true;
  return {
    ...enter(incident, 'resolved', at),
    outcome: byItself ? 'auto-recovered' : 'resolved',
    resolvedAt: at,
  };
}

function told(incident: Incident, { refs, numbered }: EventOf<'notification-accepted'>): Incident {
  return {
    ...incident,
    refs: { ...incident.refs, ...refs },
    reference: numbered?.reference ?? incident.reference,
    recurrenceOf: numbered?.recurrenceOf ?? incident.recurrenceOf,
  };
}

const ANSWERS_KEPT = 256;

function remembered(
  answered: readonly Answered[],
  { requestId, command, changed, text }: EventOf<'answered'>,
): readonly Answered[] {
  return [...answered, { requestId, command, changed, text }].slice(-ANSWERS_KEPT);
}
