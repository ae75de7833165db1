/** Which pages an event causes, settles or makes void. RUNBOOK §§1–3. Pure. */
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { AlarmEntry, PageReason, PageRequest } from '../kernel/outbox.ts';
import { OUTSIDE_ESCALATION } from '../kernel/outbox.ts';
import { isOpen } from '../kernel/phase.ts';
import { namesFor } from '../kernel/queries.ts';
import { holderOrOnCall } from '../kernel/roles.ts';
import { isMajor, isWorse } from '../kernel/severity.ts';
import { methodOfAttempt } from './escalation.ts';
import { nextLevelByHand } from './escalation-state.ts';
import { outlivesEscalation } from './page-requests.ts';
import { afterCall, outlivingPages } from './unsettled-pages.ts';

/** A page request without its number and attempts. */
interface PageDraft {
  readonly reason: PageReason;
  readonly levels: readonly { readonly level: number; readonly names: readonly string[] }[];
  readonly method: number | 'all';
  readonly except?: readonly string[];
  readonly dueAt: number;
  readonly startsLevel?: boolean;
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
  const action = settlementOf(before, after);
  if (action === null) return { outbox, escalation };
  const n = outbox.lastNumber + 1;
  return { escalation, outbox: { ...outbox, lastNumber: n, alarms: [...outbox.alarms, { n, at: event.at, action }] } };
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
      return leadership(after, event.at);
    case 'level-started':
      return [levelPage(before, after, event)];
    case 'notification-rule-due':
      return [rulePage(before, after, event)];
    case 'storm-groups-named':
      return [namingPage(after, event)];
    case 'severity-changed':
      return [...raisedPage(before, after, event), ...leadership(after, event.at)];
    // A team's name stands for its on-call.
    case 'service-joined':
      return event.teams.length === 0 ? [] : [pageOutsideEscalation('on-call', event.teams, event.at)];
    case 'recurred':
      return recurrencePage(before, after, event.at);
    case 'escalated':
      return byHand(before, after, event);
    case 'inactivity-paged':
      return [pageOutsideEscalation('inactive', holderOrOnCall(after), event.at)];
    case 'mitigation-reported':
      return event.outcome === 'failed' && after.mitigation.decision === 'rollback'
        ? [pageOutsideEscalation('rollback-failed', after.policy.rollbackFailed, event.at)]
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
    levels: levelsOf(after, event.together ? 1 : event.level, event.level),
    // A test is to show whether every method works.
    method: after.test ? 'all' : methodOfAttempt(after, 0),
    except: [...after.escalation.excludedAtLevel, ...pagedByFallback],
    dueAt: event.dueAt,
    startsLevel: true,
  };
}

function rulePage(before: Incident, after: Incident, { dueAt }: EventOf<'notification-rule-due'>): PageDraft {
  const method = methodOfAttempt(before, before.escalation.attemptsMade);
  return { reason: 'repeat', levels: levelsNow(after), method, except: after.escalation.excludedAtLevel, dueAt };
}

/** Names the groups that joined a storm since its last page, to the people being paged for it. */
function namingPage(after: Incident, { dueAt }: EventOf<'storm-groups-named'>): PageDraft {
  const method = methodOfAttempt(after, 0);
  const levels = levelsNow(after);
  return { reason: 'storm', levels, method, except: after.escalation.excludedAtLevel, dueAt };
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
  const pagesNow = after.policy.severities[after.severity].pageAfterMs === 0;
  if (before.escalation.open && before.escalation.level > 0 && pagesNow) {
    return [{ reason: 'severity-raised', levels: levelsOf(after, 1, 1), method: methodOfAttempt(after, 0), dueAt: at }];
  }
  const { ic } = after.roles;
  if (by !== null) return [];
  // While nobody commands an answered incident, the on-call is paged.
  if (alertWorsened && !before.escalation.open)
    return [pageOutsideEscalation('severity-raised', ic === null ? (after.policy.levels[0] ?? []) : [ic], at)];
  // In the monitoring window the alert is a recurrence, which has its own page for the IC.
  return ic !== null && before.phase !== 'monitoring' ? [pageOutsideEscalation('severity-raised', [ic], at)] : [];
}

/** Leadership is paged once, when the incident is or becomes SEV1, except people being paged as on-call anyway. */
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
  // While the escalation runs, `decide` starts the next level in an event of its own.
  if (before.escalation.open) return [];
  const level = nextLevelByHand(before);
  return [{ reason: 'by-hand', levels: levelsOf(after, level, level), method: 'all', dueAt: at }];
}

/** A page outside the escalation uses every method at once, because no notification rules follow it. */
function pageOutsideEscalation(reason: PageReason, names: readonly string[], dueAt: number): PageDraft {
  return { reason, levels: [{ level: OUTSIDE_ESCALATION, names }], method: 'all', dueAt };
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
  const { reason, method, except = [], dueAt, startsLevel = false } = wanted;
  const request: PageRequest = { n, reason, cycle, targets, method, except, dueAt, startsLevel, accepted: [] };
  const page = groups.length === 0 ? request : { ...request, groups };
  const leadershipPageRequested = escalation.leadershipPageRequested || reason === 'leadership';
  return {
    ...incident,
    escalation: { ...escalation, attempts, leadershipPageRequested },
    outbox: { ...outbox, lastNumber: n, pages: [...outbox.pages, page] },
  };
}

/**
 * Vendors that escalate by themselves stop when somebody acknowledges, and close their alarm when the incident ends.
 */
function settlementOf(before: Incident, after: Incident): AlarmEntry['action'] | null {
  if (isOpen(before.phase) && !isOpen(after.phase)) return 'resolve';
  if (!before.escalation.open || after.escalation.open) return null;
  // All alerts cleared before anybody acknowledged. If they come back, the vendor must raise a new alarm.
  return after.acknowledgedAt === null ? 'resolve' : 'acknowledge';
}
