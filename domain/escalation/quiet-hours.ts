/**
 * Pages that may make no noise yet: a SEV3 or milder outside the team's hours, or in a person's quiet hours. The level
 * waits with its loud page, and with the next level, until people may be disturbed. RUNBOOK §2.2. Pure.
 */
import { levelLengthMs } from './escalation.ts';
import type { EscalationState, Incident } from '../kernel/incident.ts';
import type { PageRequest, PageReason } from '../kernel/outbox.ts';
import { isMajor } from '../kernel/severity.ts';
import type { Severity } from '../kernel/severity.ts';

/** True when `order`, answered at `at`, leaves the level that the chain has reached to wait until `loudAt`. */
export function waitsForAudibleHours(
  { escalation, severity }: Incident,
  { cycle, targets }: PageRequest,
  at: number,
  audibleFrom: number | null = null,
): audibleFrom is number {
  // A severity that was raised while the quiet page was under way has paged already.
  if (audibleFrom === null || audibleFrom <= at || isMajor(severity) || !escalation.open || escalation.level === 0)
    return false;
  return cycle === escalation.cycle && targets.some(({ level }) => level === escalation.level);
}

/** When people may be disturbed, the notification rules of the level begin, and the level has its full time from then. */
export function postponedUntilAudible(
  incident: Incident,
  order: PageRequest,
  { at, audibleFrom }: { readonly at: number; readonly audibleFrom?: number },
): Partial<EscalationState> {
  if (!waitsForAudibleHours(incident, order, at, audibleFrom)) return {};
  return {
    rulesStartedAt: audibleFrom,
    attemptsMade: 0,
    nextLevelAt: audibleFrom + levelLengthMs(incident, incident.escalation),
  };
}

/** Whoever is asked for by name is asked at once. */
const NEVER_QUIET: readonly PageReason[] = ['by-hand', 'leadership', 'rollback-failed', 'fallback'];

/** The team's hours and a person's quiet hours are tried against each other this often. */
const TRIES = 7;

export interface AudibleHours {
  /** The first moment from `at` on at which the team may be disturbed; `at` itself if it may be then. */
  readonly teamFrom: (at: number) => number;
  /** When the person's quiet hours end that `at` falls into; null when it falls into none. */
  readonly quietUntil: (at: number) => number | null;
}

/** From when on a person may be disturbed by a page made at `at`, epoch ms; null: then. */
export function quietUntil(
  page: { readonly severity: Severity; readonly reason: PageReason; readonly test: boolean },
  { teamFrom, quietUntil: personUntil }: AudibleHours,
  at: number,
): number | null {
  if (page.test || isMajor(page.severity) || NEVER_QUIET.includes(page.reason)) return null;
  let audibleFrom = at;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const open = teamFrom(audibleFrom);
    const awake = personUntil(open) ?? open;
    if (awake === audibleFrom) return audibleFrom > at ? audibleFrom : null;
    audibleFrom = awake;
  }
  // They never work while they may be disturbed: the team's hours alone decide.
  const open = teamFrom(at);
  return open > at ? open : null;
}
