/** Which pages an event causes, settles or makes void. RUNBOOK §§1–3. Pure. */
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { AlarmEntry, PageCause, PageReason, PageRequest } from '../kernel/outbox.ts';
import { OUTSIDE_ESCALATION } from '../kernel/outbox.ts';
import { isOpen } from '../kernel/phase.ts';
import { namesFor } from '../kernel/queries.ts';
import { holderOrOnCall } from '../kernel/roles.ts';
import { actorOf } from '../kernel/reduce.ts';
import { isMajor, isWorse } from '../kernel/severity.ts';
import { callOf, withCalls } from './calls.ts';
import { methodOfAttempt } from './escalation.ts';
import { nextLevelByHand } from './escalation-state.ts';
import {
  byHandCause,
  calledAgainCause,
  joinedCause,
  leadershipCause,
  levelCause,
  quietCause,
  raisedCause,
  recurrenceCause,
  repeatCause,
  rollbackFailedCause,
  stormCause,
} from './page-causes.ts';
import { outlivesEscalation } from './page-requests.ts';
import { afterCall, outlivingPages } from './unsettled-pages.ts';

/** A page request without its number and attempts. */
interface PageDraft {
  readonly reason: PageReason;
  readonly cause: PageCause;
  readonly levels: readonly { readonly level: number; readonly names: readonly string[] }[];
  readonly method: number | 'all';
  readonly except?: readonly string[];
  readonly dueAt: number;
  readonly startsLevel?: boolean;
  /** Number of the call that it repeats. */
  readonly call?: number;
}

/**
 * The outbox with the page requests and the vendors' alarms to settle, and the escalation with its attempts counted.
 */
export function escalationOutbox(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): Pick<Incident, 'outbox' | 'escalation'> {
  const wanted = { ...after, outbox: { ...after.outbox, pages: stillWanted(after, event) } };
  const { outbox, escalation } = pagesFor(before, wanted, event).reduce(addPageRequest, wanted);
  const called = withCalls(escalation, after, event);
  const action = settlementOf(before, { ...after, escalation: called }, event);
  if (action === null) return { outbox, escalation: called };
  const n = outbox.lastNumber + 1;
  return {
    escalation: called,
    outbox: { ...outbox, lastNumber: n, alarms: [...outbox.alarms, { n, at: event.at, action }] },
  };
}

function stillWanted(after: Incident, event: IncidentEvent): readonly PageRequest[] {
  const { outbox, escalation } = after;
  const { pages } = outbox;
  if (event.type === 'notification-accepted' || event.type === 'split-done') return pages;
  if (event.type === 'page-failed') return event.again ? pages : pages.filter(({ n }) => n !== event.requestNumber);
  const left = outlivingPages(event.type === 'paged' ? afterCall(pages, event) : pages, after, event);
  const asked = escalation.inactivity === null ? left.filter(({ reason }) => reason !== 'inactive') : left;
  return escalation.open ? asked : asked.filter(outlivesEscalation);
}

function pagesFor(before: Incident, after: Incident, event: IncidentEvent): readonly PageDraft[] {
  // A test pages the on-call level, and nobody for any other reason.
  if (after.test && event.type !== 'level-started') return [];
  switch (event.type) {
    case 'declared':
      return leadership(after, event.at, null);
    case 'level-started':
      return [levelPage(before, after, event)];
    case 'notification-rule-due':
      return [rulePage(before, after, event)];
    case 'storm-groups-named':
      return [namingPage(after, event)];
    case 'severity-changed':
      return [...raisedPage(before, after, event), ...leadership(after, event.at, event)];
    // A team's name stands for its on-call.
    case 'service-joined':
      return event.teams.length === 0
        ? []
        : [pageOutsideEscalation('on-call', joinedCause(event), event.teams, event.at)];
    case 'recurred':
      return recurrencePage(before, after, event);
    case 'escalated':
      return byHand(before, after, event);
    case 'inactivity-paged':
      return [pageOutsideEscalation('inactive', quietCause(before, event.at), holderOrOnCall(after), event.at)];
    case 'call-repeated':
      return [repeatedCall(after, event)];
    case 'mitigation-reported':
      return event.outcome === 'failed' && after.mitigation.decision === 'rollback'
        ? [pageOutsideEscalation('rollback-failed', rollbackFailedCause(event), after.policy.rollbackFailed, event.at)]
        : [];
    default:
      return [];
  }
}

function levelPage(before: Incident, after: Incident, event: EventOf<'level-started'>): PageDraft {
  // A storm names more groups than the server's fallback pages did, so its people are paged again.
  const pagedByFallback =
    before.escalation.level === 0 && after.alerts.storm === undefined ? before.escalation.pagedInCycle : [];
  return {
    reason: event.reason,
    cause: levelCause(before, event),
    levels: levelsOf(after, event.together ? 1 : event.level, event.level),
    // A test is to show whether every method works.
    method: after.test ? 'all' : methodOfAttempt(after, 0),
    except: [...after.escalation.excludedAtLevel, ...pagedByFallback],
    dueAt: event.dueAt,
    startsLevel: true,
  };
}

function rulePage(before: Incident, after: Incident, { at, dueAt }: EventOf<'notification-rule-due'>): PageDraft {
  const method = methodOfAttempt(before, before.escalation.attemptsMade);
  const { attempts, cycle, level, excludedAtLevel } = after.escalation;
  const cause = repeatCause(after, (attempts[`${cycle}.${level}`] ?? 0) + 1, at);
  return { reason: 'repeat', cause, levels: levelsNow(after), method, except: excludedAtLevel, dueAt };
}

/** Names the groups that joined a storm since its last page, to the people being paged for it. */
function namingPage(after: Incident, { dueAt }: EventOf<'storm-groups-named'>): PageDraft {
  const method = methodOfAttempt(after, 0);
  const levels = levelsNow(after);
  return { reason: 'storm', cause: stormCause(), levels, method, except: after.escalation.excludedAtLevel, dueAt };
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
function raisedPage(before: Incident, after: Incident, event: EventOf<'severity-changed'>): readonly PageDraft[] {
  const { at, by, alertWorsened } = event;
  if (!isWorse(after.severity, before.severity)) return [];
  const cause = raisedCause(after, event);
  const pagesNow = after.policy.severities[after.severity].pageAfterMs === 0;
  if (before.escalation.open && before.escalation.level > 0 && pagesNow) {
    const levels = levelsOf(after, 1, 1);
    return [{ reason: 'severity-raised', cause, levels, method: methodOfAttempt(after, 0), dueAt: at }];
  }
  const { ic } = after.roles;
  if (by !== null) return [];
  // While nobody commands an answered incident, the on-call is paged.
  if (alertWorsened && !before.escalation.open)
    return [pageOutsideEscalation('severity-raised', cause, ic === null ? (after.policy.levels[0] ?? []) : [ic], at)];
  // In the monitoring window the alert is a recurrence, which has its own page for the IC.
  return ic !== null && before.phase !== 'monitoring'
    ? [pageOutsideEscalation('severity-raised', cause, [ic], at)]
    : [];
}

/** Leadership is paged once, when the incident is or becomes SEV1, except people being paged as on-call anyway. */
function leadership(after: Incident, at: number, raised: EventOf<'severity-changed'> | null): readonly PageDraft[] {
  const { policy, severity, escalation } = after;
  if (after.escalation.leadershipPageRequested || !policy.severities[severity].leadershipAtOnce) return [];
  const except = escalation.open ? (policy.levels[0] ?? []) : [];
  return [{ ...pageOutsideEscalation('leadership', leadershipCause(after, raised), policy.leadership, at), except }];
}

function recurrencePage(before: Incident, after: Incident, event: EventOf<'recurred'>): readonly PageDraft[] {
  const { escalation, roles } = after;
  const { at } = event;
  const reason = 'recurrence';
  const cause = recurrenceCause(after, event);
  if (before.acknowledgedAt === null) {
    if (escalation.level === 0) return [];
    const method = methodOfAttempt(after, 0);
    return [{ reason, cause, levels: levelsNow(after), method, except: escalation.excludedAtLevel, dueAt: at }];
  }
  return before.alerts.flapping || roles.ic === null ? [] : [pageOutsideEscalation(reason, cause, [roles.ic], at)];
}

function byHand(before: Incident, after: Incident, event: EventOf<'escalated'>): readonly PageDraft[] {
  const { at, to } = event;
  const cause = byHandCause(event);
  if (to !== null) return [pageOutsideEscalation('by-hand', cause, [to], at)];
  // While the escalation runs, `decide` starts the next level in an event of its own.
  if (before.escalation.open) return [];
  const level = nextLevelByHand(before);
  return [{ reason: 'by-hand', cause, levels: levelsOf(after, level, level), method: 'all', dueAt: at }];
}

function repeatedCall(after: Incident, { at, dueAt, call }: EventOf<'call-repeated'>): PageDraft {
  const { n, reason, names, except, times } = call;
  // Who has the incident may have changed since leadership was called.
  const { why } = reason === 'leadership' ? leadershipCause(after, null) : call.cause;
  const cause = calledAgainCause({ ...call, cause: { ...call.cause, why } }, times + 1, at);
  return { ...pageOutsideEscalation(reason, cause, names, dueAt), except, call: n };
}

/** A page outside the escalation uses every method at once: only some are called again. */
function pageOutsideEscalation(
  reason: PageReason,
  cause: PageCause,
  names: readonly string[],
  dueAt: number,
): PageDraft {
  return { reason, cause, levels: [{ level: OUTSIDE_ESCALATION, names }], method: 'all', dueAt };
}

/** Gives the page its number and each target its attempt; together they make every key unique. */
function addPageRequest(incident: Incident, wanted: PageDraft): Incident {
  const { escalation, outbox } = incident;
  const cycle = Math.max(1, escalation.cycle);
  const attempts = { ...escalation.attempts };
  const targets = wanted.levels.map(({ level, names }) => {
    const attempt = (attempts[`${cycle}.${level}`] ?? 0) + 1;
    attempts[`${cycle}.${level}`] = attempt;
    return { level, names, attempt };
  });
  const n = outbox.lastNumber + 1;
  const groups = namesFor(incident, wanted.reason === 'storm' ? 'new' : 'first');
  const { reason, cause, method, except = [], dueAt, startsLevel = false } = wanted;
  const request: PageRequest = { n, reason, cause, cycle, targets, method, except, dueAt, startsLevel, accepted: [] };
  const called = wanted.levels.flatMap(({ level, names }) => (level === OUTSIDE_ESCALATION ? names : []));
  const newCall = wanted.call === undefined && called.length > 0 ? callOf(incident, request, called) : null;
  const call = wanted.call ?? newCall?.n;
  const page = {
    ...request,
    ...(groups.length === 0 ? {} : { groups }),
    ...(call === undefined ? {} : { call }),
  };
  const leadershipPageRequested = escalation.leadershipPageRequested || reason === 'leadership';
  const calls = newCall === null ? {} : { calls: [...(escalation.calls ?? []), newCall] };
  return {
    ...incident,
    escalation: { ...escalation, attempts, leadershipPageRequested, ...calls },
    outbox: { ...outbox, lastNumber: n, pages: [...outbox.pages, page] },
  };
}

function answersCall(before: Incident, after: Incident, event: IncidentEvent): boolean {
  const { calls: then = [] } = before.escalation;
  const { calls: now = [] } = after.escalation;
  return actorOf(event) !== null && then.some(({ n }) => !now.some((call) => call.n === n));
}

/**
 * Vendors that escalate by themselves stop when somebody acknowledges, and close their alarm when the incident ends.
 */
function settlementOf(before: Incident, after: Incident, event: IncidentEvent): AlarmEntry['action'] | null {
  if (isOpen(before.phase) && !isOpen(after.phase)) return 'resolve';
  if (after.escalation.open) return null;
  if (!before.escalation.open) return answersCall(before, after, event) ? 'acknowledge' : null;
  // All alerts cleared before anybody acknowledged. If they come back, the vendor must raise a new alarm.
  return after.acknowledgedAt === null ? 'resolve' : 'acknowledge';
}
