/** How events move the chain, and what a page's return teaches. Pure; only `evolve` calls it. */
import { levelLengthMs, nextLevelWhenRaised, nextLevelWhenVacant, stepsTakenBy, unbegunChain } from './escalation.ts';
import type { EventOf, IncidentEvent } from './events.ts';
import type { Chain, Incident } from './incident.ts';
import { BESIDE_THE_CHAIN } from './orders.ts';
import { untilLoud } from './quiet.ts';
import { isWorse } from './severity.ts';
import { chainAfterInactivity } from './inactivity.ts';

export function chainAfter(incident: Incident, event: IncidentEvent): Chain {
  const { chain } = incident;
  switch (event.type) {
    case 'level-begun':
      return levelBegun(chain, event);
    case 'level-extended':
      return { ...chain, nextLevelAt: event.nextLevelAt, rulesFrom: event.at, stepsTaken: 1 };
    case 'notification-rule-due':
      return { ...chain, stepsTaken: stepsTakenBy(incident, event.at) };
    case 'paged':
      return paged(incident, event);
    case 'fallback-paged':
      return { ...chain, pagedInCycle: [...new Set([...chain.pagedInCycle, ...event.deliveries.map(({ to }) => to)])] };
    case 'level-unreachable':
    case 'declined':
      return { ...chain, nextLevelAt: nextLevelWhenVacant(incident, event.at) };
    case 'escalation-exhausted':
      return { ...chain, exhausted: event.last };
    case 'severity-changed':
      return severityChanged(incident, event);
    case 'recurred':
      return recurred(incident, event.at);
    case 'escalated':
      return event.to === null && !chain.open ? { ...chain, level: nextLevelByHand(incident) } : chain;
    case 'policy-moved':
      return policyMoved(incident, event);
    case 'inactivity-escalated':
      return chainAfterInactivity(incident, event.at);
    case 'answer-wanted':
      return { ...unbegunChain(event.beginsAt), cycle: chain.cycle + 1 };
    case 'acknowledged':
    case 'monitoring-started':
    case 'resolved':
    case 'mitigation-decided':
    case 'mitigation-reported':
    case 'false-alarm-declared':
    case 'merged':
    case 'closed':
    case 'test-ended':
      return { ...chain, open: false };
    default:
      return chain;
  }
}

/** The level that `escalate` pages when the chain has stopped: the next one, or the last again. */
export function nextLevelByHand({ chain, policy }: Incident): number {
  return Math.min(chain.level + 1, policy.levels.length);
}

function levelBegun(chain: Chain, event: EventOf<'level-begun'>): Chain {
  // Before the first level only the edge can have paged: it stood in for this pass.
  const sameCycle = chain.cycle === event.cycle || chain.cycle === 0;
  return {
    ...chain,
    cycleInRun: event.cycleInRun,
    cycle: event.cycle,
    level: event.level,
    nextLevelAt: event.nextLevelAt,
    passStartedAt: sameCycle && chain.level > 0 ? chain.passStartedAt : event.at,
    rulesFrom: event.at,
    stepsTaken: 1,
    methods: null,
    pagedInCycle: sameCycle ? chain.pagedInCycle : [],
    // Who was paged by the edge is left out of the first page only: the notification rules go on with them.
    exceptHere: sameCycle && chain.level > 0 ? chain.pagedInCycle : [],
  };
}

function paged(incident: Incident, event: EventOf<'paged'>): Chain {
  const { chain, orders } = incident;
  const order = orders.pages.find(({ n }) => n === event.order);
  if (order === undefined || order.cycle !== chain.cycle) return chain;
  const opensThis = order.opensLevel && order.targets.some(({ level }) => level === chain.level);
  const reached = event.deliveries
    .filter(({ state, level }) => state === 'accepted' && level !== BESIDE_THE_CHAIN)
    .map(({ to }) => to);
  return {
    ...chain,
    methods: opensThis ? Math.max(event.methods, 1) : chain.methods,
    pagedInCycle: [...new Set([...chain.pagedInCycle, ...reached])],
    ...untilLoud(incident, order, event),
  };
}

/** Today's policy may page where the one before did not, or call the next level sooner; it puts no level off. */
function policyMoved(incident: Incident, { at, policy }: EventOf<'policy-moved'>): Chain {
  const { chain, severity, declaredAt, test } = incident;
  if (!chain.open || test) return chain;
  const { pageAfterMs } = policy.severities[severity];
  if (chain.level === 0) {
    if (chain.nextLevelAt !== null || pageAfterMs === null) return chain;
    return { ...chain, nextLevelAt: Math.max(at, declaredAt + pageAfterMs) };
  }
  const shorterMs = levelLengthMs(incident, chain) - levelLengthMs({ policy, severity }, chain);
  if (chain.nextLevelAt === null || shorterMs <= 0) return chain;
  return { ...chain, nextLevelAt: Math.min(chain.nextLevelAt, Math.max(at, chain.nextLevelAt - shorterMs)) };
}

function severityChanged(incident: Incident, { at, to }: EventOf<'severity-changed'>): Chain {
  const { chain } = incident;
  const rule = incident.policy.severities[to];
  if (!isWorse(to, incident.severity)) return chain;
  if (chain.level === 0) {
    return { ...chain, nextLevelAt: rule.pageAfterMs === null ? null : at + rule.pageAfterMs };
  }
  if (!chain.open) return chain;
  const raised = { ...incident, severity: to };
  return { ...chain, exhausted: false, nextLevelAt: nextLevelWhenRaised(raised, at), rulesFrom: at, stepsTaken: 1 };
}

/**
 * It came back. Nobody had it: the chain goes on at the level it had reached. Somebody had it: the IC is paged, and if
 * that brings no answer the chain begins anew.
 */
function recurred(incident: Incident, at: number): Chain {
  const { chain, policy, severity, roles } = incident;
  const rule = policy.severities[severity];
  const acknowledgeWithinMs = rule.acknowledgeWithinMs ?? 0;
  if (incident.acknowledgedAt === null) {
    if (chain.level === 0) {
      return { ...chain, open: true, nextLevelAt: chain.nextLevelAt && Math.max(chain.nextLevelAt, at) };
    }
    return {
      ...chain,
      open: true,
      exhausted: false,
      nextLevelAt: at + acknowledgeWithinMs,
      rulesFrom: at,
      stepsTaken: 1,
    };
  }
  if (incident.flapping) return chain;
  const beginsAt = rule.pageAfterMs === null ? null : roles.ic === null ? at : at + acknowledgeWithinMs;
  return { ...unbegunChain(beginsAt), cycle: chain.cycle + 1 };
}

/** People whom the edge paged while Temporal was away hear nothing twice; its links speak of this incident. */
export function withPagedByEdge(incident: Incident, { deliveries, incidentIds }: EventOf<'fallback-paged'>): Incident {
  return {
    ...incident,
    paged: [...new Set([...incident.paged, ...deliveries.map(({ to }) => to)])],
    aliases: [...new Set([...(incident.aliases ?? []), ...incidentIds])].slice(-ALIASES_KEPT),
  };
}

const ALIASES_KEPT = 100;

/** Level 1 begins with people whom the edge has paged: that nobody new is there is no reason to go on. */
export function edgeStoodIn({ chain, aliases = [] }: Incident): boolean {
  return chain.level === 1 && chain.cycleInRun === 1 && aliases.length > 0;
}

/** Takes in what came of a page. An order that is issued again keeps its number and so its keys. */
export function withPaged(incident: Incident, event: EventOf<'paged'>): Incident {
  const order = incident.orders.pages.find(({ n }) => n === event.order);
  const accepted = event.deliveries.filter(({ state }) => state === 'accepted');
  const reached = accepted.map(({ to }) => to);
  const beside = order?.reason === 'leadership';
  return {
    ...incident,
    paged: beside ? incident.paged : [...new Set([...incident.paged, ...reached])],
    leadershipPaged: beside ? [...new Set([...incident.leadershipPaged, ...reached])] : incident.leadershipPaged,
    orders: {
      ...incident.orders,
      pages: incident.orders.pages.flatMap((page) => {
        if (page.n !== event.order) return [page];
        return event.again ? [{ ...page, accepted: [...page.accepted, ...accepted.map(({ key }) => key)] }] : [];
      }),
    },
  };
}
