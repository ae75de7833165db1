/** How events move the escalation. Pure. */
import {
  levelLengthMs,
  nextLevelWhenRaised,
  nextLevelWhenVacant,
  attemptsMadeBy,
  escalationAfterInactivity,
  startedAnew,
} from './escalation.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Escalation, Incident } from '../kernel/incident.ts';
import { OUTSIDE_ESCALATION } from '../kernel/outbox.ts';
import { postponedUntilAudible } from './quiet-hours.ts';
import { isWorse } from '../kernel/severity.ts';
import { withActivity } from './inactivity.ts';
import { responseTargetsAfter } from './response-targets.ts';

export function reduceEscalation(before: Incident, after: Incident, event: IncidentEvent): Escalation {
  const escalation = withActivity(before, after, reduceByType(before, event), event);
  return { ...escalation, responseTargets: responseTargetsAfter(before, event) };
}

function reduceByType(incident: Incident, event: IncidentEvent): Escalation {
  const { escalation } = incident;
  switch (event.type) {
    case 'level-started':
      return withLevelStarted(escalation, event);
    case 'level-extended':
      return { ...escalation, nextLevelAt: event.nextLevelAt, rulesStartedAt: event.at, attemptsMade: 1 };
    case 'notification-rule-due':
      return { ...escalation, attemptsMade: attemptsMadeBy(incident, event.at) };
    case 'paged':
      return paged(incident, event);
    case 'fallback-paged':
      return fallbackPaged(escalation, event);
    case 'level-unreachable':
    case 'declined':
      return { ...escalation, nextLevelAt: nextLevelWhenVacant(incident, event.at) };
    case 'escalation-exhausted':
      return { ...escalation, exhausted: event.last };
    case 'severity-changed':
      return severityChanged(incident, event);
    case 'recurred':
      return recurred(incident, event.at);
    case 'escalated':
      return event.to === null && !escalation.open ? { ...escalation, level: nextLevelByHand(incident) } : escalation;
    case 'policy-moved':
      return policyMoved(incident, event);
    case 'role-assigned':
      // A page to the previous IC does not count against a new one.
      return event.role === 'ic' ? { ...escalation, commanderPaged: false } : escalation;
    case 'inactivity-nudged':
      return { ...escalation, inactivity: { stage: 'asked', at: event.at } };
    case 'inactivity-paged':
      return { ...escalation, inactivity: { stage: 'paged', at: event.at }, commanderPaged: true };
    case 'inactivity-escalated':
      return { ...escalationAfterInactivity(incident, event.at), inactivity: { stage: 'escalated', at: event.at } };
    case 'business-day-set':
      return { ...escalation, businessDay: { dueAt: event.dueAt, remindedAt: null } };
    case 'ticket-reminded':
      return { ...escalation, businessDay: { dueAt: event.dueAt, remindedAt: event.at } };
    case 'incident-merged-in':
      return incidentMergedIn(incident, event);
    case 'acknowledgement-required':
      return startedAnew(escalation, event.escalateFrom);
    case 'monitoring-started':
      return { ...escalation, open: false, inactivity: null };
    case 'acknowledged':
    case 'resolved':
    case 'mitigation-decided':
    case 'mitigation-reported':
    case 'false-alarm-declared':
    case 'merged':
    case 'closed':
    case 'test-ended':
      return { ...escalation, open: false };
    default:
      return escalation;
  }
}

/** The level that `escalate` pages when the escalation has stopped: the next one, or the last again. */
export function nextLevelByHand({ escalation, policy }: Incident): number {
  return Math.min(escalation.level + 1, policy.levels.length);
}

function withLevelStarted(escalation: Escalation, event: EventOf<'level-started'>): Escalation {
  // Before the first level only the server's fallback pages can have gone out; they count for this cycle.
  const sameCycle = escalation.cycle === event.cycle || escalation.cycle === 0;
  return {
    ...escalation,
    cycleInRun: event.cycleInRun,
    cycle: event.cycle,
    level: event.level,
    nextLevelAt: event.nextLevelAt,
    cycleStartedAt: sameCycle && escalation.level > 0 ? escalation.cycleStartedAt : event.at,
    rulesStartedAt: event.at,
    attemptsMade: 1,
    methods: null,
    pagedInCycle: sameCycle ? escalation.pagedInCycle : [],
    // People paged by the server are left out of the first page only; the notification rules then include them.
    excludedAtLevel: sameCycle && escalation.level > 0 ? escalation.pagedInCycle : [],
  };
}

/** A page that is requested again keeps its number, and so its keys. */
function paged(incident: Incident, event: EventOf<'paged'>): Escalation {
  const { escalation, outbox } = incident;
  const request = outbox.pages.find(({ n }) => n === event.requestNumber);
  const accepted = event.deliveries.filter(({ state }) => state === 'accepted');
  const reached = accepted.map(({ to }) => to);
  const list = request?.reason === 'leadership' ? 'leadershipPaged' : 'paged';
  const known: Escalation = { ...escalation, [list]: [...new Set([...escalation[list], ...reached])] };
  if (request === undefined || request.cycle !== escalation.cycle) return known;
  const startsThis = request.startsLevel && request.targets.some(({ level }) => level === escalation.level);
  const inside = accepted.filter(({ level }) => level !== OUTSIDE_ESCALATION).map(({ to }) => to);
  return {
    ...known,
    methods: startsThis ? Math.max(event.methods, 1) : escalation.methods,
    pagedInCycle: [...new Set([...escalation.pagedInCycle, ...inside])],
    ...postponedUntilAudible(incident, request, event),
  };
}

const ALIASES_KEPT = 100;

/** People whom the server paged while Temporal was away are not paged twice; its links mean this incident. */
function fallbackPaged(escalation: Escalation, { deliveries, incidentIds }: EventOf<'fallback-paged'>): Escalation {
  const people = deliveries.map(({ to }) => to);
  return {
    ...escalation,
    pagedInCycle: [...new Set([...escalation.pagedInCycle, ...people])],
    paged: [...new Set([...escalation.paged, ...people])],
    aliases: [...new Set([...(escalation.aliases ?? []), ...incidentIds])].slice(-ALIASES_KEPT),
  };
}

/** The merged incident's pages count as ours, and so do those to leadership when it is the same team's. */
function incidentMergedIn({ escalation, team }: Incident, { standing }: EventOf<'incident-merged-in'>): Escalation {
  return {
    ...escalation,
    paged: [...new Set([...escalation.paged, ...standing.paged])],
    leadershipPageRequested: escalation.leadershipPageRequested || standing.leadershipOf === team,
  };
}

/**
 * Today's policy may page where the previous one did not, or start the next level sooner; it never postpones a level.
 */
function policyMoved(incident: Incident, { at, policy }: EventOf<'policy-moved'>): Escalation {
  const { escalation, severity, declaredAt, test } = incident;
  if (!escalation.open || test) return escalation;
  const { pageAfterMs } = policy.severities[severity];
  if (escalation.level === 0) {
    if (escalation.nextLevelAt !== null || pageAfterMs === null) return escalation;
    return { ...escalation, nextLevelAt: Math.max(at, declaredAt + pageAfterMs) };
  }
  const shorterMs = levelLengthMs(incident, escalation) - levelLengthMs({ policy, severity }, escalation);
  if (escalation.nextLevelAt === null || shorterMs <= 0) return escalation;
  return {
    ...escalation,
    nextLevelAt: Math.min(escalation.nextLevelAt, Math.max(at, escalation.nextLevelAt - shorterMs)),
  };
}

function severityChanged(incident: Incident, { at, to }: EventOf<'severity-changed'>): Escalation {
  const { escalation } = incident;
  const rule = incident.policy.severities[to];
  if (!isWorse(to, incident.severity)) return escalation;
  if (escalation.level === 0) {
    return { ...escalation, nextLevelAt: rule.pageAfterMs === null ? null : at + rule.pageAfterMs };
  }
  if (!escalation.open) return escalation;
  const raised = { ...incident, severity: to };
  return {
    ...escalation,
    exhausted: false,
    nextLevelAt: nextLevelWhenRaised(raised, at),
    rulesStartedAt: at,
    attemptsMade: 1,
  };
}

/**
 * On a recurrence an unacknowledged incident continues at the level it had reached. An acknowledged one pages the IC,
 * and restarts its escalation if the IC does not answer.
 */
function recurred(incident: Incident, at: number): Escalation {
  const commanderPaged = incident.acknowledgedAt !== null && incident.roles.ic !== null && !incident.alerts.flapping;
  return { ...escalationAfterRecurrence(incident, at), commanderPaged, businessDay: null };
}

function escalationAfterRecurrence(incident: Incident, at: number): Escalation {
  const { escalation, policy, severity, roles } = incident;
  const rule = policy.severities[severity];
  const acknowledgeWithinMs = rule.acknowledgeWithinMs ?? 0;
  if (incident.acknowledgedAt === null) {
    if (escalation.level === 0) {
      return { ...escalation, open: true, nextLevelAt: escalation.nextLevelAt && Math.max(escalation.nextLevelAt, at) };
    }
    return {
      ...escalation,
      open: true,
      exhausted: false,
      nextLevelAt: at + acknowledgeWithinMs,
      rulesStartedAt: at,
      attemptsMade: 1,
    };
  }
  if (incident.alerts.flapping) return escalation;
  const beginsAt = rule.pageAfterMs === null ? null : roles.ic === null ? at : at + acknowledgeWithinMs;
  return startedAnew(escalation, beginsAt);
}

/**
 * The server's fallback pages have reached level 1 already, so having nobody else to page does not start the next
 * level.
 */
export function fallbackCoversLevelOne({ escalation }: Incident): boolean {
  return escalation.level === 1 && escalation.cycleInRun === 1 && (escalation.aliases ?? []).length > 0;
}
