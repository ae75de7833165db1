/**
 * Who would be paged, and when, if nobody acknowledged: the runbook played through its first pass with every page
 * taken. The rules are the domain's own; only the clock and the people's answers are made up. Pure.
 */
import type { Config } from '../../../config/config.ts';
import { contactMethodsOf, resolvePeople } from '../../../config/policy.ts';
import { PAGERDUTY_OWNER_PREFIX } from '../../../config/sections/people.ts';
import { blankIncident, evolve } from '../../../domain/engine/evolve.ts';
import { escalationEvents, nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { PageRequest, PageReason } from '../../../domain/kernel/outbox.ts';
import { isMajor } from '../../../domain/kernel/severity.ts';
import { waitsForAudibleHours, quietUntil as disturbedFrom } from '../../../domain/escalation/quiet-hours.ts';
import { QUIET_CONTACTS, type ContactKind } from '../../../providers/vendors.ts';
import { quietHoursEnd } from '../../../schedules/hours.ts';
import { nextOpening } from '../../../schedules/team-calendar.ts';

export interface PlannedPage {
  /** After the declaration, ms. */
  readonly afterMs: number;
  readonly at: string;
  readonly reason: PageReason;
  /** 0: outside the escalation. */
  readonly level: number;
  readonly people: readonly PlannedPerson[];
  /** Nobody of them may be disturbed before this: quiet methods only, and the level waits. Null: they may. */
  readonly quietUntil: string | null;
  /** Names of whom nobody is paged by this, and why. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

export interface PlannedPerson {
  readonly person: string;
  readonly name: string;
  readonly methods: readonly string[];
  /** It is the person's quiet time then; a page about a SEV1 or SEV2 comes all the same. */
  readonly quiet: boolean;
}

export interface PagingPlan {
  readonly policy: string;
  readonly pages: readonly PlannedPage[];
  /** What comes after the last of them, or why there are none. */
  readonly then: string;
}

/** More steps than any sane notification rules have in one cycle. */
const PAGES_AT_MOST = 60;

export function pagingPlan(config: Config, declaration: Declaration, at: number): PagingPlan {
  const declared: IncidentEvent = { type: 'declared', at, declaration };
  let incident = evolve(blankIncident(declaration, at), declared);
  const pages: PlannedPage[] = [];
  const send = (now: number): void => {
    for (const request of incident.outbox.pages) {
      const page = planPage(config, incident, { request, now, since: at });
      pages.push(page);
      incident = withAcceptedPage(incident, request, { page, now, config });
    }
  };
  send(at);
  for (;;) {
    const due = nextEscalationStep(incident);
    if (due === null || pages.length >= PAGES_AT_MOST)
      return { policy: declaration.policy.digest, pages, then: whatFollows(incident) };
    const next = escalationEvents(incident, due, due.at).reduce(evolve, incident);
    if (next.escalation.cycleInRun > 1)
      return { policy: declaration.policy.digest, pages, then: whatFollows(incident) };
    incident = next;
    send(due.at);
  }
}

interface PlannedRequest {
  readonly request: PageRequest;
  readonly now: number;
  readonly since: number;
}

function planPage(config: Config, incident: Incident, { request, now, since }: PlannedRequest): PlannedPage {
  const { team, test } = incident;
  const behind = (name: string): readonly string[] => resolvePeople(config, name, team) ?? [];
  const left = new Set(request.except.flatMap(behind));
  const people: PlannedPerson[] = [];
  const times: number[] = [];
  const skipped: { name: string; why: string }[] = [];
  for (const name of request.targets.flatMap(({ names }) => names)) {
    const found = resolvePeople(config, name, team);
    if (found === null) skipped.push({ name, why: 'the configuration has no such name' });
    else if (found.length === 0) skipped.push({ name, why: 'nobody is on call there' });
    for (const person of found ?? []) {
      const methods = contactMethodsOf(config, person);
      const audibleAt = audibleFrom(config, incident, request, { person, at: now });
      const used = methodsFor(config, person, request, audibleAt !== null);
      const quiet = inQuietHours(config, person, now) !== null;
      const why = left.has(person)
        ? ALREADY_PAGED
        : whyNotPaged({ methods, used, audibleAt, isQuietTest: test && quiet });
      if (!left.has(person) && methods.length > 0) times.push(audibleAt ?? now);
      if (why === null) people.push({ person, name: nameOf(config, person), methods: used, quiet });
      else skipped.push({ name: person, why });
      left.add(person);
    }
  }
  const { reason, targets } = request;
  const level = targets.at(-1)?.level ?? 0;
  const first = times.length === 0 ? now : Math.min(...times);
  const quietUntil = first > now ? new Date(first).toISOString() : null;
  return { afterMs: now - since, at: new Date(now).toISOString(), reason, level, people, quietUntil, skipped };
}

const ALREADY_PAGED = 'was paged in this cycle, or is paged as on-call anyway';

function whyNotPaged(of: {
  readonly methods: readonly string[];
  readonly used: readonly string[];
  readonly audibleAt: number | null;
  readonly isQuietTest: boolean;
}): string | null {
  if (of.methods.length === 0) return 'has no method that can be used';
  if (of.isQuietTest) return 'quiet hours: a test disturbs nobody';
  if (of.used.length === 0 && of.audibleAt !== null)
    return 'has no method that makes no noise, and may not be disturbed';
  return of.used.length === 0 ? 'has no further method: this step is for others' : null;
}

interface PlannedOutcome {
  readonly page: PlannedPage;
  readonly now: number;
  readonly config: Config;
}

/** As if every vendor had taken it at once; a level in which nobody is there gives way to the next, as it does. */
function withAcceptedPage(incident: Incident, request: PageRequest, { page, now, config }: PlannedOutcome): Incident {
  const deliveries = page.people.flatMap(({ person, methods }) =>
    methods.map((method) => ({
      at: now,
      to: person,
      method,
      key: `${person}.${method}`,
      reason: null,
      level: page.level,
      state: 'accepted' as const,
    })),
  );
  const everyone = request.targets
    .flatMap(({ names }) => names)
    .flatMap((n) => resolvePeople(config, n, incident.team) ?? []);
  const methods = Math.max(0, ...everyone.map((person) => contactMethodsOf(config, person).length));
  const audibleAt = page.quietUntil === null ? null : Date.parse(page.quietUntil);
  const paged = evolve(incident, {
    type: 'paged',
    at: now,
    requestNumber: request.n,
    deliveries,
    methods,
    unknown: [],
    again: false,
    ...(audibleAt === null ? {} : { audibleFrom: audibleAt }),
  });
  if (waitsForAudibleHours(incident, request, now, audibleAt)) return paged;
  if (!request.startsLevel || deliveries.length > 0 || !paged.escalation.open || paged.test) return paged;
  return evolve(paged, { type: 'level-unreachable', at: now, level: paged.escalation.level, reason: 'nobody there' });
}

function whatFollows(incident: Incident): string {
  const { escalation, policy, severity, test } = incident;
  const { passes, pageAfterMs } = policy.severities[severity];
  if (test) return 'a test pages once, never escalates, and ends by itself';
  if (pageAfterMs === null) return `a ${severity} pages nobody: it is a line in the team's chat, and a ticket`;
  if (policy.owner !== null && escalation.level <= 1)
    return `PagerDuty (${policy.owner}) escalates from there; the team's own escalation takes over only when it cannot be reached`;
  if (passes === null || isMajor(severity)) return 'all levels together, again and again, until somebody acknowledges';
  return passes > 1
    ? `the escalation runs ${passes} times in all, then stops with an alarm`
    : 'the escalation stops with an alarm';
}

function nameOf({ people }: Config, person: string): string {
  return person.startsWith(PAGERDUTY_OWNER_PREFIX)
    ? `PagerDuty (${person.slice(PAGERDUTY_OWNER_PREFIX.length)})`
    : (people.get(person)?.name ?? person);
}

/** Until when `person` is in quiet hours, epoch ms; null: not at `at`. */
function inQuietHours({ people }: Config, person: string, at: number): number | null {
  const found = people.get(person);
  return found?.quietHours ? quietHoursEnd(found.quietHours, found.timeZone, at) : null;
}

/** The earliest time at which the page may make noise at `person`, epoch ms; null: at once. */
function audibleFrom(
  config: Config,
  { team, severity, test }: Incident,
  { reason }: PageRequest,
  { person, at }: { readonly person: string; readonly at: number },
): number | null {
  const calendar = config.teams.get(team)?.calendar;
  const quietTimes = {
    teamFrom: (then: number) => (calendar?.hours ? nextOpening(calendar, then) : then),
    quietUntil: (then: number) => inQuietHours(config, person, then),
  };
  return disturbedFrom({ severity, reason, test }, quietTimes, at);
}

/** The methods of `person` that a page uses: those of its attempt in the notification rules, or all quiet ones. */
function methodsFor(config: Config, person: string, { method }: PageRequest, isHeld: boolean): readonly string[] {
  const methods = contactMethodsOf(config, person);
  if (isHeld) return methods.filter((name) => QUIET_CONTACTS.has(name.replace(/-\d+$/, '') as ContactKind));
  return method === 'all' ? methods : methods.slice(method, method + 1);
}
