/**
 * What is owed once an incident is over, and by when: the export and the draft of the post-mortem, evidence, the
 * post-mortem itself, action items. What falls into the team's hours is in `reviews.ts`. RUNBOOK §3. Pure.
 */
import { openItems, postmortemDueAt } from './action-items.ts';
import type { EventOf } from './events.ts';
import type { Incident } from './incident.ts';
import type { Review } from './reviews.ts';
import { holderOf } from './roles.ts';

/** Since the last resolution. Times are epoch ms. */
export interface Duties {
  /** Counts the resolutions of the incident, from 1: keys of what is done once for each are made of it. */
  readonly round: number;
  /** Export and draft; null: no post-mortem is owed, so none is drafted before somebody asks. */
  readonly draft: 'owed' | 'late' | 'ready' | null;
  /** Hooks that have not gathered their evidence yet. */
  readonly evidence: readonly string[];
  /** The owner of the post-mortem has heard of it. */
  readonly begun: boolean;
  /** When people are reminded next; null: the calendar was not asked yet. */
  readonly review: Review | null;
  readonly reviewedAt: number | null;
  /** Items without a day, and when they were spoken of last. */
  readonly reminded: Readonly<Record<string, number>>;
}

/** Export and draft are promised this soon, and for so long a hook is tried. */
const READY_WITHIN_MS = 2 * 3_600_000;

/** The duties of an incident that was resolved just now: what was left of an earlier resolution is void. */
export function withDuties(incident: Incident): Incident {
  const { policy, highestSeverity, test } = incident;
  if (test) return incident;
  const hooks = (policy.evidence ?? []).filter(({ severities }) => severities.includes(highestSeverity));
  const duties: Duties = {
    round: (incident.duties?.round ?? 0) + 1,
    draft: owesPostmortem(incident) ? 'owed' : null,
    evidence: hooks.map(({ name }) => name),
    ...{ begun: false, review: null, reviewedAt: null, reminded: {} },
  };
  return { ...incident, duties };
}

/** `change` applied to the duties, when there are any. */
export function withChangedDuties(incident: Incident, change: (duties: Duties) => Partial<Duties>): Incident {
  const { duties } = incident;
  return duties === undefined ? incident : { ...incident, duties: { ...duties, ...change(duties) } };
}

export function withEvidence(incident: Incident, { hook }: EventOf<'evidence-settled'>): Incident {
  return withChangedDuties(incident, ({ evidence }) => ({ evidence: evidence.filter((name) => name !== hook) }));
}

/** True while a post-mortem is owed and not done. */
export function owesPostmortem(incident: Incident): boolean {
  return incident.postmortem === null && postmortemDueAt(incident) !== null;
}

/** Who writes the post-mortem, and answers for items that nobody owns: the IC, else whoever had to do with it first. */
export function ownerOf(incident: Incident): string | null {
  const { involved, declaredBy } = incident;
  return holderOf(incident) ?? involved.find((person) => person !== declaredBy) ?? declaredBy;
}

/** When export and draft are late; null while that cannot be, or has been said. */
export function draftLateAt({ duties, resolvedAt }: Incident): number | null {
  return duties?.draft === 'owed' && resolvedAt !== null ? resolvedAt + READY_WITHIN_MS : null;
}

export function owesDraft({ duties }: Incident): boolean {
  return duties?.draft === 'owed' || duties?.draft === 'late';
}

/** A failed hook is tried until then. */
export function evidenceEndsAt({ resolvedAt, closedAt }: Incident): number {
  return (resolvedAt ?? closedAt ?? 0) + READY_WITHIN_MS;
}

/** True when nobody owes a resolved incident anything any more. The draft is for a post-mortem that is still to come. */
export function isCaredFor(incident: Incident): boolean {
  if (incident.phase !== 'resolved' || owesPostmortem(incident)) return false;
  return openItems(incident).length === 0 && (incident.duties?.evidence ?? []).length === 0;
}

/** After its end an incident still takes notes and items for so long; a test does not. */
const REMEMBERED_MS = 7 * 24 * 3_600_000;

/** Until when a closed incident's post-incident flow stays; null while it is not closed. */
export function caredForUntil({ phase, closedAt, test }: Incident): number | null {
  return phase === 'closed' && closedAt !== null ? closedAt + (test ? 0 : REMEMBERED_MS) : null;
}
