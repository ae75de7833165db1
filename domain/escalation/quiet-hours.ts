/**
 * Pages that may make no noise yet: a SEV3 or milder outside the team's hours, or in a person's quiet hours. The level
 * waits with its audible page, and so does the next level, until people may be disturbed. RUNBOOK §2.2. Pure.
 */
import { levelLengthMs } from './escalation.ts';
import type { EscalationState, Incident } from '../kernel/incident.ts';
import type { PageRequest, PageReason } from '../kernel/outbox.ts';
import { isMajor } from '../kernel/severity.ts';
import type { Severity } from '../kernel/severity.ts';

/** True when the outcome of `request` at `at` makes the current level wait until `audibleFrom`. */
export function waitsForAudibleHours(
  { escalation, severity }: Incident,
  { cycle, targets }: PageRequest,
  at: number,
  audibleFrom: number | null = null,
): audibleFrom is number {
  // If the severity was raised while the quiet page was being sent, that has paged audibly already.
  if (audibleFrom === null || audibleFrom <= at || isMajor(severity) || !escalation.open || escalation.level === 0)
    return false;
  return cycle === escalation.cycle && targets.some(({ level }) => level === escalation.level);
}

/** The level's notification rules start when people may be disturbed, and it has its full length from then. */
export function postponedUntilAudible(
  incident: Incident,
  request: PageRequest,
  { at, audibleFrom }: { readonly at: number; readonly audibleFrom?: number },
): Partial<EscalationState> {
  if (!waitsForAudibleHours(incident, request, at, audibleFrom)) return {};
  return {
    rulesStartedAt: audibleFrom,
    attemptsMade: 0,
    nextLevelAt: audibleFrom + levelLengthMs(incident, incident.escalation),
  };
}

/** Pages that name a person go out at once. */
const NEVER_QUIET: readonly PageReason[] = ['by-hand', 'leadership', 'rollback-failed', 'fallback'];

/** How many times to look for a moment that suits both the team's hours and the person's quiet hours. */
const TRIES = 7;

export interface AudibleHours {
  /** The first moment from `at` on at which the team may be disturbed; `at` itself if it may be then. */
  readonly teamFrom: (at: number) => number;
  /** When the person's quiet hours end that `at` falls into; null when it falls into none. */
  readonly quietUntil: (at: number) => number | null;
}

/** When a person may first be disturbed by a page made at `at`, epoch ms; null: at once. */
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
  // The team's hours lie within the person's quiet hours, so the team's hours alone decide.
  const open = teamFrom(at);
  return open > at ? open : null;
}
