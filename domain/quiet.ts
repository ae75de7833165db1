/**
 * Pages that may make no noise yet: a SEV3 or milder outside the team's hours, or in a person's quiet hours. The level
 * waits with its loud page, and with the next level, until people may be disturbed. RUNBOOK §2.2. Pure.
 */
import { levelLengthMs } from './escalation.ts';
import type { Chain, Incident } from './incident.ts';
import type { PageOrder, PageReason } from './orders.ts';
import { isMajor } from './severity.ts';
import type { Severity } from './severity.ts';

/** True when `order`, answered at `at`, leaves the level that the chain has reached to wait until `loudAt`. */
export function isHeld(
  { chain, severity }: Incident,
  { cycle, targets }: PageOrder,
  at: number,
  loudAt: number | null = null,
): loudAt is number {
  // A severity that was raised while the quiet page was under way has paged already.
  if (loudAt === null || loudAt <= at || isMajor(severity) || !chain.open || chain.level === 0) return false;
  return cycle === chain.cycle && targets.some(({ level }) => level === chain.level);
}

/** When people may be disturbed, the notification rules of the level begin, and the level has its full time from then. */
export function untilLoud(
  incident: Incident,
  order: PageOrder,
  { at, loudAt }: { readonly at: number; readonly loudAt?: number },
): Partial<Chain> {
  if (!isHeld(incident, order, at, loudAt)) return {};
  return { rulesFrom: loudAt, stepsTaken: 0, nextLevelAt: loudAt + levelLengthMs(incident, incident.chain) };
}

/** Whoever is asked for by name is asked at once. */
const NEVER_QUIET: readonly PageReason[] = ['by-hand', 'leadership', 'rollback-failed', 'fallback'];

/** The team's hours and a person's quiet hours are tried against each other this often. */
const TRIES = 7;

export interface Disturbing {
  /** The first moment from `at` on at which the team may be disturbed; `at` itself if it may be then. */
  readonly teamFrom: (at: number) => number;
  /** When the person's quiet hours end that `at` falls into; null when it falls into none. */
  readonly quietUntil: (at: number) => number | null;
}

/** From when on a person may be disturbed by a page made at `at`, epoch ms; null: then. */
export function quietUntil(
  page: { readonly severity: Severity; readonly reason: PageReason; readonly test: boolean },
  { teamFrom, quietUntil: personUntil }: Disturbing,
  at: number,
): number | null {
  if (page.test || isMajor(page.severity) || NEVER_QUIET.includes(page.reason)) return null;
  let loudAt = at;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const open = teamFrom(loudAt);
    const awake = personUntil(open) ?? open;
    if (awake === loudAt) return loudAt > at ? loudAt : null;
    loudAt = awake;
  }
  // They never work while they may be disturbed: the team's hours alone decide.
  const open = teamFrom(at);
  return open > at ? open : null;
}

export function quietText(loudAt: number): string {
  return `by quiet methods only until ${new Date(loudAt).toISOString()}: outside working hours`;
}
