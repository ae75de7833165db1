/**
 * What an event owes the outside: the orders it adds, drops or settles. RUNBOOK §§1–3. Pure; only `evolve` calls it.
 */
import type { StormGroup } from './alert.ts';
import { methodOfStep } from './escalation.ts';
import { withWords } from './merge-state.ts';
import type { EventOf, IncidentEvent } from './events.ts';
import type { Delivery, Incident } from './incident.ts';
import { draftsFor, withStakeholderUpdates } from './stakeholder-updates.ts';
import { entryWords, noticeWords, postWords } from './message-values.ts';
import { postFor, releasesFor } from './messages.ts';
import { noticeFor } from './notices.ts';
import type { AlarmOrder, NoticeOrder, Orders, PageOrder, PageReason } from './orders.ts';
import { BESIDE_THE_CHAIN } from './orders.ts';
import { outlivesTheChain } from './page-orders.ts';
import { nextLevelByHand } from './paging.ts';
import { isOpen } from './phase.ts';
import { holderOf } from './roles.ts';
import { isMajor, isWorse } from './severity.ts';
import { entryFor } from './public-entries.ts';
import { splitOrder } from './split.ts';
import { namesFor } from './storm.ts';
import { ticketFor } from './tickets.ts';

/** A page before it has a number and its attempts. */
interface Wanted {
  readonly reason: PageReason;
  readonly levels: readonly { readonly level: number; readonly names: readonly string[] }[];
  readonly method: number | 'all';
  readonly except?: readonly string[];
  readonly dueAt: number;
  readonly opensLevel?: boolean;
  /** Of a storm: the groups to name; the first, unless said otherwise. */
  readonly names?: 'new' | 'first';
}

/** `after` with the orders that follow from `event`, which led there from `before`. */
export function effectsOf(before: Incident, after: Incident, event: IncidentEvent): Incident {
  const settled = { ...after, orders: settle(after, event), deliveries: withDeliveries(after, event) };
  const paging = pagesFor(before, settled, event).reduce(givePage, settled);
  const telling = withStakeholderUpdates(before, { ...paging, orders: withMessages(before, paging, event) }, event);
  const words = withWords(before, telling, event);
  return words === telling.orders.words || (words.length === 0 && telling.orders.words === undefined)
    ? telling
    : { ...telling, orders: { ...telling.orders, words } };
}

/** Removes what has been done, or is no longer wanted. */
function settle({ orders, chain, inactivity }: Incident, event: IncidentEvent): Orders {
  switch (event.type) {
    case 'notification-accepted': {
      const left = (order: { readonly n: number }): boolean => !event.orders.includes(order.n);
      return {
        ...orders,
        posts: orders.posts.filter(left),
        entries: orders.entries.filter(left),
        notices: orders.notices.filter(left),
        tickets: orders.tickets.filter(left),
        alarms: orders.alarms.filter(left),
        ...(orders.stakeholderUpdates === undefined
          ? {}
          : { stakeholderUpdates: orders.stakeholderUpdates.filter(left) }),
      };
    }
    case 'split-done':
      return { ...orders, splits: (orders.splits ?? []).filter(({ n }) => n !== event.order) };
    case 'page-failed':
      return event.again ? orders : { ...orders, pages: orders.pages.filter(({ n }) => n !== event.order) };
    default: {
      const spoken = inactivity === null ? orders.pages.filter(({ reason }) => reason !== 'inactive') : orders.pages;
      return { ...orders, pages: chain.open ? spoken : spoken.filter(outlivesTheChain) };
    }
  }
}

const DELIVERIES_KEPT = 500;

function withDeliveries({ deliveries }: Incident, event: IncidentEvent): readonly Delivery[] {
  if (event.type !== 'paged' && event.type !== 'notification-accepted' && event.type !== 'fallback-paged')
    return deliveries;
  const news = event.deliveries.map(({ at, to, method, key, state, reason }) => ({
    at,
    to,
    method,
    key,
    state,
    reason,
  }));
  return [...deliveries, ...news].slice(-DELIVERIES_KEPT);
}

function pagesFor(before: Incident, after: Incident, event: IncidentEvent): readonly Wanted[] {
  // A test pages the on-call level, and nobody for any other reason.
  if (after.test && event.type !== 'level-begun') return [];
  switch (event.type) {
    case 'declared':
      return leadership(after, event.at);
    case 'level-begun':
      return [levelPage(before, after, event)];
    case 'notification-rule-due':
      return [rulePage(before, after, event)];
    case 'storm-named':
      return [namingPage(after, event)];
    case 'severity-changed':
      return [...raisedPage(before, after, event), ...leadership(after, event.at)];
    case 'recurred':
      return recurrencePage(before, after, event.at);
    case 'escalated':
      return byHand(before, after, event);
    case 'inactivity-paged':
      return [
        beside(
          'inactive',
          [holderOf(after)].filter((person) => person !== null),
          event.at,
        ),
      ];
    case 'mitigation-reported':
      return event.outcome === 'failed' && after.decision === 'rollback'
        ? [beside('rollback-failed', after.policy.rollbackFailed, event.at)]
        : [];
    default:
      return [];
  }
}

function levelPage(before: Incident, after: Incident, event: EventOf<'level-begun'>): Wanted {
  // A storm names more than the edge can have named.
  const byTheEdge = before.chain.level === 0 && after.storm === undefined ? before.chain.pagedInCycle : [];
  return {
    reason: event.reason,
    levels: levelsOf(after, event.together ? 1 : event.level, event.level),
    method: methodOfStep(after, 0),
    except: [...after.chain.exceptHere, ...byTheEdge],
    dueAt: event.dueAt,
    opensLevel: true,
  };
}

function rulePage(before: Incident, after: Incident, { dueAt }: EventOf<'notification-rule-due'>): Wanted {
  const method = methodOfStep(before, before.chain.stepsTaken);
  return { reason: 'repeat', levels: levelsNow(after), method, except: after.chain.exceptHere, dueAt };
}

/** Those who joined a storm since its last page, for whoever is being paged for it. */
function namingPage(after: Incident, { dueAt }: EventOf<'storm-named'>): Wanted {
  const method = methodOfStep(after, 0);
  const levels = levelsNow(after);
  return { reason: 'storm', levels, method, except: after.chain.exceptHere, dueAt, names: 'new' };
}

/** The levels that are being paged now: the one reached, or all of them together. */
function levelsNow(incident: Incident): Wanted['levels'] {
  const { chain, severity } = incident;
  return levelsOf(incident, chain.cycleInRun > 1 && isMajor(severity) ? 1 : chain.level, chain.level);
}

function levelsOf({ policy }: Incident, from: number, to: number): Wanted['levels'] {
  return policy.levels.slice(from - 1, to).map((names, i) => ({ level: from + i, names }));
}

/** The severity went up. Unanswered: level 1 is paged at the change. Answered: the IC, if an alert raised it. */
function raisedPage(before: Incident, after: Incident, { at, by }: EventOf<'severity-changed'>): readonly Wanted[] {
  if (!isWorse(after.severity, before.severity)) return [];
  const pagesNow = after.policy.severities[after.severity].pageAfterMs === 0;
  if (before.chain.open && before.chain.level > 0 && pagesNow) {
    return [{ reason: 'severity-raised', levels: levelsOf(after, 1, 1), method: methodOfStep(after, 0), dueAt: at }];
  }
  const { ic } = after.roles;
  // In the watch the same alert is a recurrence, which pages the IC itself.
  return by === null && ic !== null && before.phase !== 'monitoring' ? [beside('severity-raised', [ic], at)] : [];
}

/** Leadership is paged once, when the incident is or becomes SEV1; whoever is paged as on-call need not hear twice. */
function leadership(after: Incident, at: number): readonly Wanted[] {
  const { policy, severity, chain } = after;
  if (after.leadershipCalled || !policy.severities[severity].leadershipAtOnce) return [];
  const except = chain.open ? (policy.levels[0] ?? []) : [];
  return [{ ...beside('leadership', policy.leadership, at), except }];
}

function recurrencePage(before: Incident, after: Incident, at: number): readonly Wanted[] {
  const { chain, roles } = after;
  if (before.acknowledgedAt === null) {
    if (chain.level === 0) return [];
    const method = methodOfStep(after, 0);
    return [{ reason: 'recurrence', levels: levelsNow(after), method, except: chain.exceptHere, dueAt: at }];
  }
  return before.flapping || roles.ic === null ? [] : [beside('recurrence', [roles.ic], at)];
}

function byHand(before: Incident, after: Incident, { at, to }: EventOf<'escalated'>): readonly Wanted[] {
  if (to !== null) return [beside('by-hand', [to], at)];
  // With the chain running, the next level begins by itself: `decide` says so in an event of its own.
  if (before.chain.open) return [];
  const level = nextLevelByHand(before);
  return [{ reason: 'by-hand', levels: levelsOf(after, level, level), method: 'all', dueAt: at }];
}

/** A page outside the chain: every method at once, for there is no notification rules behind it. */
function beside(reason: PageReason, names: readonly string[], dueAt: number): Wanted {
  return { reason, levels: [{ level: BESIDE_THE_CHAIN, names }], method: 'all', dueAt };
}

/** Gives the order its number and each target its attempt: together they make every key unique. */
function givePage(incident: Incident, wanted: Wanted): Incident {
  const cycle = Math.max(1, incident.chain.cycle);
  const attempts = { ...incident.attempts };
  const targets = wanted.levels.map(({ level, names }) => {
    const attempt = (attempts[`${cycle}.${level}`] ?? 0) + 1;
    attempts[`${cycle}.${level}`] = attempt;
    return { level, names, attempt };
  });
  const n = incident.orders.given + 1;
  const groups = namesFor(incident, wanted.names ?? 'first');
  const order: PageOrder = {
    n,
    reason: wanted.reason,
    cycle,
    targets,
    method: wanted.method,
    except: wanted.except ?? [],
    dueAt: wanted.dueAt,
    opensLevel: wanted.opensLevel ?? false,
    accepted: [],
    ...(groups.length === 0 ? {} : { groups }),
  };
  return {
    ...withNamed(incident, groups, wanted),
    attempts,
    leadershipCalled: incident.leadershipCalled || wanted.reason === 'leadership',
    orders: { ...incident.orders, given: n, pages: [...incident.orders.pages, order] },
  };
}

function withNamed(incident: Incident, groups: readonly StormGroup[], { names, dueAt }: Wanted): Incident {
  const { storm } = incident;
  if (storm === undefined) return incident;
  const named = names === 'new' ? storm.named + groups.length : Math.max(storm.named, groups.length);
  // Names that did not fit are still due.
  const isLeft = names === 'new' && named < storm.groups.length;
  const namedAt = isLeft ? storm.namedAt : Math.max(storm.namedAt ?? dueAt, dueAt);
  return { ...incident, storm: { ...storm, named, namedAt } };
}

function withMessages(before: Incident, after: Incident, event: IncidentEvent): Orders {
  const { at } = event;
  let { given, posts, entries, notices, tickets, alarms } = after.orders;
  const { splits } = after.orders;
  const text = postFor(before, after, event);
  if (text !== null) {
    const releases = releasesFor(after, event);
    posts = [...posts, { n: (given += 1), at, about: event.type, text, releases, ...postWords(after, event) }];
  }
  const entry = entryFor(before, after, event);
  if (entry !== null) entries = [...entries, { n: (given += 1), at, ...entry, ...entryWords(after, event) }];
  for (const notice of noticesOf(before, after, event)) {
    notices = [...notices, { n: (given += 1), at, about: event.type, ...notice }];
  }
  const ticketed = ticketFor(after, event, text);
  if (ticketed !== null) tickets = [...tickets, { n: (given += 1), at, ...ticketed, ...postWords(after, event) }];
  const settled = settlementOf(before, after);
  if (settled !== null) alarms = [...alarms, { n: (given += 1), at, act: settled }];
  const split = event.type === 'split-off' ? [splitOrder(before, event, (given += 1))] : [];
  const leaving = splits === undefined && split.length === 0 ? {} : { splits: [...(splits ?? []), ...split] };
  return { ...after.orders, posts, entries, notices, tickets, alarms, ...leaving, given };
}

function noticesOf(before: Incident, after: Incident, event: IncidentEvent): readonly Omit<NoticeOrder, Numbering>[] {
  const notices = noticeFor(before, after, event).map((notice) => ({ ...notice, ...noticeWords(after, event) }));
  return [...notices, ...draftsFor(before, after, event)];
}

type Numbering = 'n' | 'at' | 'about';

/** Whoever escalates by himself for us stops when somebody has it, and forgets it when it is over. */
function settlementOf(before: Incident, after: Incident): AlarmOrder['act'] | null {
  if (isOpen(before.phase) && !isOpen(after.phase)) return 'resolve';
  if (!before.chain.open || after.chain.open) return null;
  // Cleared by itself: over for now. Should it come back, a new alarm must ring.
  return after.acknowledgedAt === null ? 'resolve' : 'acknowledge';
}
