/** How events move the escalation and the response targets. Pure. */
import {
  levelLengthMs,
  nextLevelWhenRaised,
  nextLevelWhenVacant,
  attemptsMadeBy,
  escalationAfterInactivity,
  startedAnew,
} from './escalation.ts';
import { callsAfterPage } from './calls.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Escalation, Incident, ResponseTargets } from '../kernel/incident.ts';
import { OUTSIDE_ESCALATION, type PageRequest } from '../kernel/outbox.ts';
import { postponedUntilAudible } from './quiet-hours.ts';
import type { Reducers } from '../kernel/reduce.ts';
import { actorOf, reduceSlice } from '../kernel/reduce.ts';
import type { Severity } from '../kernel/severity.ts';
import { isWorse } from '../kernel/severity.ts';
import { withActivity } from './inactivity.ts';
import { withNextCause } from './page-causes.ts';

export function reduceEscalation(before: Incident, event: IncidentEvent, after: Incident): Escalation {
  const reduced = reduceSlice(REDUCERS, before.escalation, before, event, after);
  // Whatever a person does ends the inactivity.
  const active = actorOf(event) === null ? reduced : withActivity(before, after, reduced, event);
  const escalation = withNextCause(before, active, event);
  const responseTargets = responseTargetsAfter(before, event);
  return responseTargets === escalation.responseTargets ? escalation : { ...escalation, responseTargets };
}

const stopped = ({ escalation }: Incident): Escalation => ({ ...escalation, open: false });
const levelVacant = (incident: Incident, { at }: { readonly at: number }): Escalation => ({
  ...incident.escalation,
  nextLevelAt: nextLevelWhenVacant(incident, at),
});

const REDUCERS: Reducers<Escalation> = {
  'level-started': levelStarted,
  'level-extended': ({ escalation }, { at, nextLevelAt }) => ({
    ...escalation,
    nextLevelAt,
    rulesStartedAt: at,
    attemptsMade: 1,
  }),
  'notification-rule-due': (before, { at }) => ({
    ...before.escalation,
    attemptsMade: attemptsMadeBy(before, at),
  }),
  paged,
  'fallback-paged': fallbackPaged,
  'level-unreachable': levelVacant,
  declined: levelVacant,
  'escalation-exhausted': ({ escalation }, { last }) => ({ ...escalation, exhausted: last }),
  'severity-changed': severityChanged,
  recurred,
  escalated: (before, { to }) => {
    const { escalation } = before;
    return to === null && !escalation.open ? { ...escalation, level: nextLevelByHand(before) } : escalation;
  },
  'policy-moved': policyMoved,
  // A page to the previous IC does not count against a new one.
  'role-assigned': ({ escalation }, { role }) =>
    role === 'ic' ? { ...escalation, commanderPaged: false } : escalation,
  'inactivity-nudged': ({ escalation }, { at }) => ({ ...escalation, inactivity: { stage: 'asked', at } }),
  'inactivity-paged': ({ escalation }, { at }) => ({
    ...escalation,
    inactivity: { stage: 'paged', at },
    commanderPaged: true,
  }),
  'inactivity-escalated': (before, { at }) => ({
    ...escalationAfterInactivity(before, at),
    askedSince: at,
    inactivity: { stage: 'escalated', at },
  }),
  'business-day-set': ({ escalation }, { dueAt }) => ({ ...escalation, businessDay: { dueAt, remindedAt: null } }),
  'ticket-reminded': ({ escalation }, { at, dueAt }) => ({ ...escalation, businessDay: { dueAt, remindedAt: at } }),
  'incident-merged-in': incidentMergedIn,
  'acknowledgement-required': ({ escalation }, { escalateFrom }) => startedAnew(escalation, escalateFrom),
  'monitoring-started': ({ escalation }) => ({ ...escalation, open: false, inactivity: null }),
  acknowledged: stopped,
  resolved: stopped,
  'mitigation-decided': stopped,
  'mitigation-reported': stopped,
  'false-alarm-declared': stopped,
  merged: stopped,
  closed: stopped,
  'test-ended': stopped,
};

/** The level that `escalate` pages when the escalation has stopped: the next one, or the last again. */
export function nextLevelByHand({ escalation, policy }: Incident): number {
  return Math.min(escalation.level + 1, policy.levels.length);
}

function levelStarted({ escalation }: Incident, event: EventOf<'level-started'>): Escalation {
  // Before the first level only the server's fallback pages can have gone out; they count for this cycle.
  const sameCycle = escalation.cycle === event.cycle || escalation.cycle === 0;
  const isFirst = event.cycleInRun === 1 && event.level === 1;
  return {
    ...escalation,
    askedSince: isFirst ? event.at : (escalation.askedSince ?? event.at),
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
  const isNobody = event.deliveries.length === 0 && !event.again;
  const known: Escalation = {
    ...escalation,
    [list]: [...new Set([...escalation[list], ...reached])],
    ...calledFor(escalation, request, event),
    ...(request === undefined ? {} : callsAfterPage(escalation, request, { people: reached, isNobody, at: event.at })),
  };
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

/** Why each person was paged beside the escalation, as their page says: the link in it says the same. */
function calledFor(
  { calledFor: known }: Escalation,
  request: PageRequest | undefined,
  { at, deliveries }: EventOf<'paged'>,
): Pick<Escalation, 'calledFor'> {
  if (request?.cause === undefined) return {};
  const { reason, cause } = request;
  const called = deliveries.filter(({ level }) => level === OUTSIDE_ESCALATION);
  if (called.length === 0) return {};
  const why = { at, reason, why: cause.why };
  return { calledFor: { ...known, ...Object.fromEntries(called.map(({ to }) => [to, why])) } };
}

const ALIASES_KEPT = 100;

/** People whom the server paged while Temporal was away are not paged twice; its links mean this incident. */
function fallbackPaged({ escalation }: Incident, { deliveries, incidentIds }: EventOf<'fallback-paged'>): Escalation {
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
function recurred(incident: Incident, { at }: EventOf<'recurred'>): Escalation {
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

/**
 * When it must be acknowledged and the public informed. Raising the severity sets both again; lowering it leaves them.
 */
function responseTargetsAfter(before: Incident, event: IncidentEvent): ResponseTargets {
  const { declaredAt, severity, acknowledgedAt } = before;
  const known = before.escalation.responseTargets ?? targetsFrom(before, severity, declaredAt);
  if (
    event.type === 'paged' &&
    event.audibleFrom !== undefined &&
    acknowledgedAt === null &&
    known.acknowledgeDueAt !== null
  ) {
    // People who may not be disturbed yet have the full time from when they may.
    const within = before.policy.severities[severity].acknowledgeWithinMs ?? 0;
    return { ...known, acknowledgeDueAt: Math.max(known.acknowledgeDueAt, event.audibleFrom + within) };
  }
  if (event.type !== 'severity-changed' || !isWorse(event.to, severity)) return known;
  const made = targetsFrom(before, event.to, event.at);
  return { ...made, acknowledgeDueAt: acknowledgedAt === null ? made.acknowledgeDueAt : known.acknowledgeDueAt };
}

/** The later of _declaration + its time_ and _change + the acknowledgement time_. */
function targetsFrom(
  { declaredAt, policy, test, restricted }: Incident,
  severity: Severity,
  changedAt: number,
): ResponseTargets {
  const { acknowledgeWithinMs, statusPageWithinMs } = policy.severities[severity];
  const grantedAt = changedAt === declaredAt ? 0 : changedAt + (acknowledgeWithinMs ?? 0);
  const due = (within: number | null): number | null =>
    within === null ? null : Math.max(declaredAt + within, grantedAt);
  return {
    acknowledgeDueAt: test ? null : due(acknowledgeWithinMs),
    publicDueAt: test || restricted ? null : due(statusPageWithinMs),
  };
}
