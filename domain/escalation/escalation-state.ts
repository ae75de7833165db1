/** How events move the chain, and what a page's return teaches. Pure; only `evolve` calls it. */
import {
  levelLengthMs,
  nextLevelWhenRaised,
  nextLevelWhenVacant,
  attemptsMadeBy,
  newEscalation,
} from './escalation.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { EscalationState, Incident } from '../kernel/incident.ts';
import { OUTSIDE_ESCALATION } from '../kernel/outbox.ts';
import { postponedUntilAudible } from './quiet-hours.ts';
import { isWorse } from '../kernel/severity.ts';
import { escalationAfterInactivity } from './inactivity.ts';

export function escalationAfter(incident: Incident, event: IncidentEvent): EscalationState {
  const { escalation } = incident;
  switch (event.type) {
    case 'level-started':
      return levelStarted(escalation, event);
    case 'level-extended':
      return { ...escalation, nextLevelAt: event.nextLevelAt, rulesStartedAt: event.at, attemptsMade: 1 };
    case 'notification-rule-due':
      return { ...escalation, attemptsMade: attemptsMadeBy(incident, event.at) };
    case 'paged':
      return paged(incident, event);
    case 'fallback-paged':
      return {
        ...escalation,
        pagedInCycle: [...new Set([...escalation.pagedInCycle, ...event.deliveries.map(({ to }) => to)])],
      };
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
    case 'inactivity-escalated':
      return escalationAfterInactivity(incident, event.at);
    case 'acknowledgement-required':
      return { ...newEscalation(event.escalateFrom), cycle: escalation.cycle + 1 };
    case 'acknowledged':
    case 'monitoring-started':
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

/** The level that `escalate` pages when the chain has stopped: the next one, or the last again. */
export function nextLevelByHand({ escalation, policy }: Incident): number {
  return Math.min(escalation.level + 1, policy.levels.length);
}

function levelStarted(chain: EscalationState, event: EventOf<'level-started'>): EscalationState {
  // Before the first level only the edge can have paged: it stood in for this pass.
  const sameCycle = chain.cycle === event.cycle || chain.cycle === 0;
  return {
    ...chain,
    cycleInRun: event.cycleInRun,
    cycle: event.cycle,
    level: event.level,
    nextLevelAt: event.nextLevelAt,
    cycleStartedAt: sameCycle && chain.level > 0 ? chain.cycleStartedAt : event.at,
    rulesStartedAt: event.at,
    attemptsMade: 1,
    methods: null,
    pagedInCycle: sameCycle ? chain.pagedInCycle : [],
    // Who was paged by the edge is left out of the first page only: the notification rules go on with them.
    excludedAtLevel: sameCycle && chain.level > 0 ? chain.pagedInCycle : [],
  };
}

function paged(incident: Incident, event: EventOf<'paged'>): EscalationState {
  const { escalation, outbox } = incident;
  const order = outbox.pages.find(({ n }) => n === event.requestNumber);
  if (order === undefined || order.cycle !== escalation.cycle) return escalation;
  const opensThis = order.startsLevel && order.targets.some(({ level }) => level === escalation.level);
  const reached = event.deliveries
    .filter(({ state, level }) => state === 'accepted' && level !== OUTSIDE_ESCALATION)
    .map(({ to }) => to);
  return {
    ...escalation,
    methods: opensThis ? Math.max(event.methods, 1) : escalation.methods,
    pagedInCycle: [...new Set([...escalation.pagedInCycle, ...reached])],
    ...postponedUntilAudible(incident, order, event),
  };
}

/** Today's policy may page where the one before did not, or call the next level sooner; it puts no level off. */
function policyMoved(incident: Incident, { at, policy }: EventOf<'policy-moved'>): EscalationState {
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

function severityChanged(incident: Incident, { at, to }: EventOf<'severity-changed'>): EscalationState {
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
 * It came back. Nobody had it: the chain goes on at the level it had reached. Somebody had it: the IC is paged, and if
 * that brings no answer the chain begins anew.
 */
function recurred(incident: Incident, at: number): EscalationState {
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
  return { ...newEscalation(beginsAt), cycle: escalation.cycle + 1 };
}

/** People whom the edge paged while Temporal was away hear nothing twice; its links speak of this incident. */
export function withFallbackPages(
  incident: Incident,
  { deliveries, incidentIds }: EventOf<'fallback-paged'>,
): Incident {
  return {
    ...incident,
    escalation: {
      ...incident.escalation,
      paged: [...new Set([...incident.escalation.paged, ...deliveries.map(({ to }) => to)])],
      aliases: [...new Set([...(incident.escalation.aliases ?? []), ...incidentIds])].slice(-ALIASES_KEPT),
    },
  };
}

const ALIASES_KEPT = 100;

/** Level 1 begins with people whom the edge has paged: that nobody new is there is no reason to go on. */
export function fallbackCoversLevelOne({ escalation }: Incident): boolean {
  return escalation.level === 1 && escalation.cycleInRun === 1 && (escalation.aliases ?? []).length > 0;
}

/** Takes in what came of a page. An order that is issued again keeps its number and so its keys. */
export function withPaged(incident: Incident, event: EventOf<'paged'>): Incident {
  const order = incident.outbox.pages.find(({ n }) => n === event.requestNumber);
  const accepted = event.deliveries.filter(({ state }) => state === 'accepted');
  const reached = accepted.map(({ to }) => to);
  const beside = order?.reason === 'leadership';
  return {
    ...incident,
    escalation: {
      ...incident.escalation,
      paged: beside ? incident.escalation.paged : [...new Set([...incident.escalation.paged, ...reached])],
      leadershipPaged: beside
        ? [...new Set([...incident.escalation.leadershipPaged, ...reached])]
        : incident.escalation.leadershipPaged,
    },
    outbox: {
      ...incident.outbox,
      pages: incident.outbox.pages.flatMap((page) => {
        if (page.n !== event.requestNumber) return [page];
        return event.again ? [{ ...page, accepted: [...page.accepted, ...accepted.map(({ key }) => key)] }] : [];
      }),
    },
  };
}
