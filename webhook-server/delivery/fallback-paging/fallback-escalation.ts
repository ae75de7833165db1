/**
 * Whom fallback paging must page about a group: the people of level 1, then the next level when nobody there could be
 * reached or nobody has acknowledged in time. It runs through the levels once: keys contain neither cycle nor attempt.
 * Pure.
 */
import { isWorse, type Severity } from '../../../domain/kernel/severity.ts';
import type { FallbackGroup, PagingAlerts } from './fallback-groups.ts';
import type { FiringId } from './firings.ts';
import type { SentPage } from './dedup-log.ts';

/** One message's alerts for one person. */
export interface PendingPage {
  readonly group: FallbackGroup;
  readonly message: PagingAlerts;
  readonly person: string;
  readonly level: number;
}

export interface FallbackContext {
  readonly now: number;
  readonly isOpen: (firing: FiringId) => boolean;
  readonly isReached: (firing: FiringId, person: string) => boolean;
  readonly acknowledged: Severity | null;
  /** The people behind a name of the policy today; none when the name no longer exists. */
  readonly peopleBehindName: (name: string, team: string) => readonly string[];
}

/** The delay before retrying a person whom no method reached. */
const RETRY_MS = 10_000;

/** The pages that are due now. Sets the group's level and its next check. */
export function duePages(group: FallbackGroup, context: FallbackContext): readonly PendingPage[] {
  const { now } = context;
  const news = group.messages.filter((message) => needsPage(message, context));
  const due = news.filter(({ dueAt }) => dueAt <= now);
  group.checkAt = Math.min(Infinity, ...news.filter(({ dueAt }) => dueAt > now).map(({ dueAt }) => dueAt));
  const worst = due.reduce<PagingAlerts | null>(
    (a, b) => (a === null || isWorse(b.severity, a.severity) ? b : a),
    null,
  );
  if (worst === null) return [];
  escalateIfDue(group, worst, context);
  const pending: PendingPage[] = [];
  for (const [person, level] of peopleUpTo(group.level, worst, context)) {
    const attempt = group.attempts.get(person);
    const notReached = due.filter(({ firings }) =>
      firings.some((id) => context.isOpen(id) && !context.isReached(id, person)),
    );
    const retryAt = attempt === undefined || attempt.reached ? now : attempt.at + RETRY_MS;
    if (notReached.length > 0 && retryAt > now) group.checkAt = Math.min(group.checkAt, retryAt);
    else pending.push(...notReached.map((message) => ({ group, message, person, level })));
  }
  return pending;
}

/** Once somebody has acknowledged the group, only worse alerts page. */
function needsPage({ firings, severity }: PagingAlerts, { isOpen, acknowledged }: FallbackContext): boolean {
  return (acknowledged === null || isWorse(severity, acknowledged)) && firings.some(isOpen);
}

function escalateIfDue(group: FallbackGroup, worst: PagingAlerts, context: FallbackContext): void {
  const { levels } = worst.declaration.policy;
  while (group.level < levels.length) {
    const endsAt = levelEndsAt(group, worst, context);
    if (endsAt > context.now) {
      group.checkAt = Math.min(group.checkAt, endsAt);
      return;
    }
    group.level += 1;
    group.levelSince = null;
  }
}

/** When the next level is paged; `Infinity` while somebody at this one may still be reached. */
function levelEndsAt(group: FallbackGroup, worst: PagingAlerts, context: FallbackContext): number {
  const here = [...peopleUpTo(group.level, worst, context)].filter(([, level]) => level === group.level);
  if (here.some(([person]) => group.attempts.get(person)?.reached)) {
    const { acknowledgeWithinMs, escalateEveryMs } = worst.declaration.policy.severities[worst.severity];
    const length = group.level === 1 ? acknowledgeWithinMs : escalateEveryMs;
    return length === null ? Infinity : (group.levelSince ?? context.now) + length;
  }
  return here.every(([person]) => group.attempts.has(person)) ? -Infinity : Infinity;
}

/** Everybody at the levels up to `level`, each at the first that names them. */
function peopleUpTo(
  level: number,
  { declaration }: PagingAlerts,
  { peopleBehindName }: FallbackContext,
): ReadonlyMap<string, number> {
  const people = new Map<string, number>();
  declaration.policy.levels.slice(0, level).forEach((names, index) => {
    for (const person of names.flatMap((name) => peopleBehindName(name, declaration.team))) {
      if (!people.has(person)) people.set(person, index + 1);
    }
  });
  return people;
}

export function recordPageResult(
  group: FallbackGroup,
  page: { to: string; level: number; reached: boolean; at: number },
): void {
  const { to, level, reached, at } = page;
  group.attempts.set(to, { reached, at });
  if (reached && level === group.level) group.levelSince ??= at;
}

/** After a restart: how far a group had escalated, as far as the log knows. */
export function restoreEscalation(group: FallbackGroup, sent: readonly SentPage[]): void {
  for (const { to, level, accepted } of sent) {
    const [first] = accepted;
    if (first === undefined) continue;
    const { at } = first;
    group.attempts.set(to, { reached: true, at });
    if (level > group.level) Object.assign(group, { level, levelSince: at });
    else if (level === group.level) group.levelSince = Math.min(group.levelSince ?? at, at);
  }
}
