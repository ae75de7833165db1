/**
 * What an event owes the outside: the orders it adds, drops or settles. RUNBOOK §§1–3. Pure; only `evolve` calls it.
 */
import type { StormGroup } from '../kernel/alert.ts';
import { methodOfAttempt } from '../escalation/escalation.ts';
import { mergeMessagesAfter } from '../merge/merge-state.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Delivery, Incident } from '../kernel/incident.ts';
import { withStakeholderUpdates } from '../communications/stakeholder-updates.ts';
import { messagesFor } from '../communications/messages.ts';
import type { AlarmEntry, Outbox, PageRequest, PageReason } from '../kernel/outbox.ts';
import { OUTSIDE_ESCALATION } from '../kernel/outbox.ts';
import { outlivesEscalation } from '../escalation/page-requests.ts';
import { nextLevelByHand } from '../escalation/escalation-state.ts';
import { isOpen } from '../kernel/phase.ts';
import { holderOf } from '../kernel/roles.ts';
import { isMajor, isWorse } from '../kernel/severity.ts';
import { namesFor, splitEntry } from '../alerts/storm.ts';

/** A page before it has a number and its attempts. */
interface PageDraft {
  readonly reason: PageReason;
  readonly levels: readonly { readonly level: number; readonly names: readonly string[] }[];
  readonly method: number | 'all';
  readonly except?: readonly string[];
  readonly dueAt: number;
  readonly startsLevel?: boolean;
  /** Of a storm: the groups to name; the first, unless said otherwise. */
  readonly names?: 'new' | 'first';
}

/** `after` with the orders that follow from `event`, which led there from `before`. */
export function withOutboxEffects(before: Incident, after: Incident, event: IncidentEvent): Incident {
  const settled = { ...after, outbox: settle(after, event), deliveries: withDeliveries(after, event) };
  const paging = pagesFor(before, settled, event).reduce(addPageRequest, settled);
  const telling = withStakeholderUpdates(before, { ...paging, outbox: withMessages(before, paging, event) }, event);
  const mergeMessages = mergeMessagesAfter(before, telling, event);
  return mergeMessages === telling.outbox.mergeMessages ||
    (mergeMessages.length === 0 && telling.outbox.mergeMessages === undefined)
    ? telling
    : { ...telling, outbox: { ...telling.outbox, mergeMessages } };
}

/** Removes what has been done, or is no longer wanted. */
function settle({ outbox, escalation }: Incident, event: IncidentEvent): Outbox {
  switch (event.type) {
    case 'notification-accepted': {
      const left = (order: { readonly n: number }): boolean => !event.acceptedEntries.includes(order.n);
      return {
        ...outbox,
        posts: outbox.posts.filter(left),
        publicEntries: outbox.publicEntries.filter(left),
        notices: outbox.notices.filter(left),
        tickets: outbox.tickets.filter(left),
        alarms: outbox.alarms.filter(left),
        ...(outbox.stakeholderUpdates === undefined
          ? {}
          : { stakeholderUpdates: outbox.stakeholderUpdates.filter(left) }),
      };
    }
    case 'split-done':
      return { ...outbox, splits: (outbox.splits ?? []).filter(({ n }) => n !== event.splitNumber) };
    case 'page-failed':
      return event.again ? outbox : { ...outbox, pages: outbox.pages.filter(({ n }) => n !== event.requestNumber) };
    default: {
      const spoken =
        escalation.inactivity === null ? outbox.pages.filter(({ reason }) => reason !== 'inactive') : outbox.pages;
      return { ...outbox, pages: escalation.open ? spoken : spoken.filter(outlivesEscalation) };
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

function pagesFor(before: Incident, after: Incident, event: IncidentEvent): readonly PageDraft[] {
  // A test pages the on-call level, and nobody for any other reason.
  if (after.test && event.type !== 'level-started') return [];
  switch (event.type) {
    case 'declared':
      return leadership(after, event.at);
    case 'level-started':
      return [levelPage(before, after, event)];
    case 'notification-rule-due':
      return [rulePage(before, after, event)];
    case 'storm-groups-named':
      return [namingPage(after, event)];
    case 'severity-changed':
      return [...raisedPage(before, after, event), ...leadership(after, event.at)];
    case 'recurred':
      return recurrencePage(before, after, event.at);
    case 'escalated':
      return byHand(before, after, event);
    case 'inactivity-paged':
      return [
        pageOutsideEscalation(
          'inactive',
          [holderOf(after)].filter((person) => person !== null),
          event.at,
        ),
      ];
    case 'mitigation-reported':
      return event.outcome === 'failed' && after.mitigation.decision === 'rollback'
        ? [pageOutsideEscalation('rollback-failed', after.policy.rollbackFailed, event.at)]
        : [];
    default:
      return [];
  }
}

function levelPage(before: Incident, after: Incident, event: EventOf<'level-started'>): PageDraft {
  // A storm names more than the edge can have named.
  const byTheEdge =
    before.escalation.level === 0 && after.alerts.storm === undefined ? before.escalation.pagedInCycle : [];
  return {
    reason: event.reason,
    levels: levelsOf(after, event.together ? 1 : event.level, event.level),
    method: methodOfAttempt(after, 0),
    except: [...after.escalation.excludedAtLevel, ...byTheEdge],
    dueAt: event.dueAt,
    startsLevel: true,
  };
}

function rulePage(before: Incident, after: Incident, { dueAt }: EventOf<'notification-rule-due'>): PageDraft {
  const method = methodOfAttempt(before, before.escalation.attemptsMade);
  return { reason: 'repeat', levels: levelsNow(after), method, except: after.escalation.excludedAtLevel, dueAt };
}

/** Those who joined a storm since its last page, for whoever is being paged for it. */
function namingPage(after: Incident, { dueAt }: EventOf<'storm-groups-named'>): PageDraft {
  const method = methodOfAttempt(after, 0);
  const levels = levelsNow(after);
  return { reason: 'storm', levels, method, except: after.escalation.excludedAtLevel, dueAt, names: 'new' };
}

/** The levels that are being paged now: the one reached, or all of them together. */
function levelsNow(incident: Incident): PageDraft['levels'] {
  const { escalation, severity } = incident;
  return levelsOf(incident, escalation.cycleInRun > 1 && isMajor(severity) ? 1 : escalation.level, escalation.level);
}

function levelsOf({ policy }: Incident, from: number, to: number): PageDraft['levels'] {
  return policy.levels.slice(from - 1, to).map((names, i) => ({ level: from + i, names }));
}

/** The severity went up. Unanswered: level 1 is paged at the change. Answered: the IC, if an alert raised it. */
function raisedPage(before: Incident, after: Incident, { at, by }: EventOf<'severity-changed'>): readonly PageDraft[] {
  if (!isWorse(after.severity, before.severity)) return [];
  const pagesNow = after.policy.severities[after.severity].pageAfterMs === 0;
  if (before.escalation.open && before.escalation.level > 0 && pagesNow) {
    return [{ reason: 'severity-raised', levels: levelsOf(after, 1, 1), method: methodOfAttempt(after, 0), dueAt: at }];
  }
  const { ic } = after.roles;
  // In the watch the same alert is a recurrence, which pages the IC itself.
  return by === null && ic !== null && before.phase !== 'monitoring'
    ? [pageOutsideEscalation('severity-raised', [ic], at)]
    : [];
}

/** Leadership is paged once, when the incident is or becomes SEV1; whoever is paged as on-call need not hear twice. */
function leadership(after: Incident, at: number): readonly PageDraft[] {
  const { policy, severity, escalation } = after;
  if (after.escalation.leadershipPageRequested || !policy.severities[severity].leadershipAtOnce) return [];
  const except = escalation.open ? (policy.levels[0] ?? []) : [];
  return [{ ...pageOutsideEscalation('leadership', policy.leadership, at), except }];
}

function recurrencePage(before: Incident, after: Incident, at: number): readonly PageDraft[] {
  const { escalation, roles } = after;
  if (before.acknowledgedAt === null) {
    if (escalation.level === 0) return [];
    const method = methodOfAttempt(after, 0);
    return [{ reason: 'recurrence', levels: levelsNow(after), method, except: escalation.excludedAtLevel, dueAt: at }];
  }
  return before.alerts.flapping || roles.ic === null ? [] : [pageOutsideEscalation('recurrence', [roles.ic], at)];
}

function byHand(before: Incident, after: Incident, { at, to }: EventOf<'escalated'>): readonly PageDraft[] {
  if (to !== null) return [pageOutsideEscalation('by-hand', [to], at)];
  // With the chain running, the next level begins by itself: `decide` says so in an event of its own.
  if (before.escalation.open) return [];
  const level = nextLevelByHand(before);
  return [{ reason: 'by-hand', levels: levelsOf(after, level, level), method: 'all', dueAt: at }];
}

/** A page outside the chain: every method at once, for there is no notification rules behind it. */
function pageOutsideEscalation(reason: PageReason, names: readonly string[], dueAt: number): PageDraft {
  return { reason, levels: [{ level: OUTSIDE_ESCALATION, names }], method: 'all', dueAt };
}

/** Gives the order its number and each target its attempt: together they make every key unique. */
function addPageRequest(incident: Incident, wanted: PageDraft): Incident {
  const cycle = Math.max(1, incident.escalation.cycle);
  const attempts = { ...incident.escalation.attempts };
  const targets = wanted.levels.map(({ level, names }) => {
    const attempt = (attempts[`${cycle}.${level}`] ?? 0) + 1;
    attempts[`${cycle}.${level}`] = attempt;
    return { level, names, attempt };
  });
  const n = incident.outbox.lastNumber + 1;
  const groups = namesFor(incident, wanted.names ?? 'first');
  const order: PageRequest = {
    n,
    reason: wanted.reason,
    cycle,
    targets,
    method: wanted.method,
    except: wanted.except ?? [],
    dueAt: wanted.dueAt,
    startsLevel: wanted.startsLevel ?? false,
    accepted: [],
    ...(groups.length === 0 ? {} : { groups }),
  };
  return {
    ...withNamed(incident, groups, wanted),
    escalation: {
      ...incident.escalation,
      attempts,
      leadershipPageRequested: incident.escalation.leadershipPageRequested || wanted.reason === 'leadership',
    },
    outbox: { ...incident.outbox, lastNumber: n, pages: [...incident.outbox.pages, order] },
  };
}

function withNamed(incident: Incident, groups: readonly StormGroup[], { names, dueAt }: PageDraft): Incident {
  const { alerts } = incident;
  if (alerts.storm === undefined) return incident;
  const groupsNamed =
    names === 'new' ? alerts.storm.groupsNamed + groups.length : Math.max(alerts.storm.groupsNamed, groups.length);
  // Names that did not fit are still due.
  const isLeft = names === 'new' && groupsNamed < alerts.storm.groups.length;
  const namedAt = isLeft ? alerts.storm.namedAt : Math.max(alerts.storm.namedAt ?? dueAt, dueAt);
  return { ...incident, alerts: { ...incident.alerts, storm: { ...alerts.storm, groupsNamed, namedAt } } };
}

function withMessages(before: Incident, after: Incident, event: IncidentEvent): Outbox {
  const { at, type: about } = event;
  let { lastNumber, posts, publicEntries, notices, tickets, alarms } = after.outbox;
  const { splits } = after.outbox;
  const { post, publicEntry, notices: newNotices, ticket } = messagesFor(before, after, event);
  if (post !== null) posts = [...posts, { n: (lastNumber += 1), at, about, ...post }];
  if (publicEntry !== null) publicEntries = [...publicEntries, { n: (lastNumber += 1), at, ...publicEntry }];
  for (const notice of newNotices) notices = [...notices, { n: (lastNumber += 1), at, about, ...notice }];
  if (ticket !== null) tickets = [...tickets, { n: (lastNumber += 1), at, ...ticket }];
  const settled = settlementOf(before, after);
  if (settled !== null) alarms = [...alarms, { n: (lastNumber += 1), at, action: settled }];
  const split = event.type === 'split-off' ? [splitEntry(before, event, (lastNumber += 1))] : [];
  const leaving = splits === undefined && split.length === 0 ? {} : { splits: [...(splits ?? []), ...split] };
  return { ...after.outbox, posts, publicEntries, notices, tickets, alarms, ...leaving, lastNumber };
}

/** Whoever escalates by himself for us stops when somebody has it, and forgets it when it is over. */
function settlementOf(before: Incident, after: Incident): AlarmEntry['action'] | null {
  if (isOpen(before.phase) && !isOpen(after.phase)) return 'resolve';
  if (!before.escalation.open || after.escalation.open) return null;
  // Cleared by itself: over for now. Should it come back, a new alarm must ring.
  return after.acknowledgedAt === null ? 'resolve' : 'acknowledge';
}
