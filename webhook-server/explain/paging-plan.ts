/**
 * Who would be paged, and when, if nobody acknowledged: the runbook played through its first pass with every page
 * taken. The rules are the domain's own; only the clock and the people's answers are made up. Pure.
 */
import type { Config } from '../../config/config.ts';
import { methodsOf } from '../../config/methods.ts';
import { OWNER, peopleBehind } from '../../config/on-call.ts';
import { blankIncident } from '../../domain/begin.ts';
import { chainEvents, nextInChain } from '../../domain/escalation.ts';
import type { IncidentEvent } from '../../domain/events.ts';
import { evolve } from '../../domain/evolve.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import type { PageOrder, PageReason } from '../../domain/orders.ts';
import { isMajor } from '../../domain/severity.ts';
import { isHeld } from '../../domain/quiet.ts';
import { inQuietHours, loudFrom, methodsFor } from './disturbing.ts';

export interface PlannedPage {
  /** After the declaration, ms. */
  readonly afterMs: number;
  readonly at: string;
  readonly reason: PageReason;
  /** 0: beside the chain. */
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

export function pagingPlan(config: Config, opening: Opening, at: number): PagingPlan {
  const declared: IncidentEvent = { type: 'declared', at, opening };
  let incident = evolve(blankIncident(opening, at), declared);
  const pages: PlannedPage[] = [];
  const send = (now: number): void => {
    for (const order of incident.orders.pages) {
      const page = planned(config, incident, { order, now, since: at });
      pages.push(page);
      incident = answered(incident, order, { page, now, config });
    }
  };
  send(at);
  for (;;) {
    const due = nextInChain(incident);
    if (due === null || pages.length >= PAGES_AT_MOST)
      return { policy: opening.policy.digest, pages, then: after(incident) };
    const next = chainEvents(incident, due, due.at).reduce(evolve, incident);
    if (next.chain.cycleInRun > 1) return { policy: opening.policy.digest, pages, then: after(incident) };
    incident = next;
    send(due.at);
  }
}

interface Moment {
  readonly order: PageOrder;
  readonly now: number;
  readonly since: number;
}

function planned(config: Config, incident: Incident, { order, now, since }: Moment): PlannedPage {
  const { team, test } = incident;
  const behind = (name: string): readonly string[] => peopleBehind(config, name, team) ?? [];
  const left = new Set(order.except.flatMap(behind));
  const people: PlannedPerson[] = [];
  const times: number[] = [];
  const skipped: { name: string; why: string }[] = [];
  for (const name of order.targets.flatMap(({ names }) => names)) {
    const found = peopleBehind(config, name, team);
    if (found === null) skipped.push({ name, why: 'the configuration has no such name' });
    else if (found.length === 0) skipped.push({ name, why: 'nobody is on call there' });
    for (const person of found ?? []) {
      const methods = methodsOf(config, person);
      const loudAt = loudFrom(config, incident, order, { person, at: now });
      const used = methodsFor(config, person, order, loudAt !== null);
      const quiet = inQuietHours(config, person, now) !== null;
      const why = left.has(person) ? ALREADY : whyNot({ methods, used, loudAt, hushed: test && quiet });
      if (!left.has(person) && methods.length > 0) times.push(loudAt ?? now);
      if (why === null) people.push({ person, name: nameOf(config, person), methods: used, quiet });
      else skipped.push({ name: person, why });
      left.add(person);
    }
  }
  const { reason, targets } = order;
  const level = targets.at(-1)?.level ?? 0;
  const first = times.length === 0 ? now : Math.min(...times);
  const quietUntil = first > now ? new Date(first).toISOString() : null;
  return { afterMs: now - since, at: new Date(now).toISOString(), reason, level, people, quietUntil, skipped };
}

const ALREADY = 'was paged in this pass, or is paged as on-call anyway';

function whyNot(of: {
  readonly methods: readonly string[];
  readonly used: readonly string[];
  readonly loudAt: number | null;
  readonly hushed: boolean;
}): string | null {
  if (of.methods.length === 0) return 'has no method that can be used';
  if (of.hushed) return 'quiet hours: a test disturbs nobody';
  if (of.used.length === 0 && of.loudAt !== null) return 'has no method that makes no noise, and may not be disturbed';
  return of.used.length === 0 ? 'has no further method: this step is for others' : null;
}

interface Outcome {
  readonly page: PlannedPage;
  readonly now: number;
  readonly config: Config;
}

/** As if every vendor had taken it at once; a level in which nobody is there gives way to the next, as it does. */
function answered(incident: Incident, order: PageOrder, { page, now, config }: Outcome): Incident {
  const deliveries = page.people.flatMap(({ person, methods }) =>
    methods.map((method) => ({
      ...{ at: now, to: person, method, key: `${person}.${method}`, reason: null, level: page.level },
      state: 'accepted' as const,
    })),
  );
  const everyone = order.targets
    .flatMap(({ names }) => names)
    .flatMap((n) => peopleBehind(config, n, incident.team) ?? []);
  const methods = Math.max(0, ...everyone.map((person) => methodsOf(config, person).length));
  const loudAt = page.quietUntil === null ? null : Date.parse(page.quietUntil);
  const paged = evolve(incident, {
    ...{ type: 'paged', at: now, order: order.n, deliveries, methods, unknown: [], again: false },
    ...(loudAt === null ? {} : { loudAt }),
  });
  if (isHeld(incident, order, now, loudAt)) return paged;
  if (!order.opensLevel || deliveries.length > 0 || !paged.chain.open || paged.test) return paged;
  return evolve(paged, { type: 'level-unreachable', at: now, level: paged.chain.level, why: 'nobody there' });
}

function after(incident: Incident): string {
  const { chain, policy, severity, test } = incident;
  const { passes, pageAfterMs } = policy.severities[severity];
  if (test) return 'a test pages once, never escalates, and ends by itself';
  if (pageAfterMs === null) return `a ${severity} pages nobody: it is a line in the team's chat, and a ticket`;
  if (policy.owner !== null && chain.level <= 1)
    return `PagerDuty (${policy.owner}) escalates from there; the team's own chain stands in only when it cannot be reached`;
  if (passes === null || isMajor(severity)) return 'all levels together, again and again, until somebody acknowledges';
  return passes > 1 ? `the chain is walked ${passes} times in all, then it stops loudly` : 'the chain stops loudly';
}

function nameOf({ people }: Config, person: string): string {
  return person.startsWith(OWNER) ? `PagerDuty (${person.slice(OWNER.length)})` : (people.get(person)?.name ?? person);
}
