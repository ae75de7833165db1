/**
 * Whom a group's alerts are owed to: the people of level 1, the next level when nobody there could be reached or
 * nobody has acknowledged in time. It does not begin again at its end: keys know neither pass nor attempt. Pure.
 */
import { isWorse, type Severity } from '../../domain/severity.ts';
import type { Case, Sighted } from './cases.ts';
import type { FiringId } from './firing.ts';
import type { Sent } from './seen.ts';

/** One message's alerts for one person. */
export interface Owed {
  readonly one: Case;
  readonly sighted: Sighted;
  readonly person: string;
  readonly level: number;
}

export interface ChainScene {
  readonly now: number;
  readonly isOpen: (firing: FiringId) => boolean;
  readonly isReached: (firing: FiringId, person: string) => boolean;
  readonly acknowledged: Severity | null;
  /** Today's people behind a name of the policy; none when the name is gone. */
  readonly behind: (name: string, team: string) => readonly string[];
}

/** Before a person whom no method reached is tried again. */
const RETRY_MS = 10_000;

/** What is owed now; sets the case's level, and when to look at it again. */
export function look(one: Case, scene: ChainScene): readonly Owed[] {
  const { now } = scene;
  const news = one.sighted.filter((sighted) => isNews(sighted, scene));
  const due = news.filter(({ dueAt }) => dueAt <= now);
  one.nextLook = Math.min(Infinity, ...news.filter(({ dueAt }) => dueAt > now).map(({ dueAt }) => dueAt));
  const worst = due.reduce<Sighted | null>((a, b) => (a === null || isWorse(b.severity, a.severity) ? b : a), null);
  if (worst === null) return [];
  climb(one, worst, scene);
  const owed: Owed[] = [];
  for (const [person, level] of peopleUpTo(one.level, worst, scene)) {
    const attempt = one.attempts.get(person);
    const unreached = due.filter(({ firings }) =>
      firings.some((id) => scene.isOpen(id) && !scene.isReached(id, person)),
    );
    const againAt = attempt === undefined || attempt.reached ? now : attempt.at + RETRY_MS;
    if (unreached.length > 0 && againAt > now) one.nextLook = Math.min(one.nextLook, againAt);
    else owed.push(...unreached.map((sighted) => ({ one, sighted, person, level })));
  }
  return owed;
}

/** Somebody has the group: only what is worse than what he has is news. */
function isNews({ firings, severity }: Sighted, { isOpen, acknowledged }: ChainScene): boolean {
  return (acknowledged === null || isWorse(severity, acknowledged)) && firings.some(isOpen);
}

function climb(one: Case, worst: Sighted, scene: ChainScene): void {
  const { levels } = worst.opening.policy;
  while (one.level < levels.length) {
    const endsAt = endOf(one, worst, scene);
    if (endsAt > scene.now) {
      one.nextLook = Math.min(one.nextLook, endsAt);
      return;
    }
    one.level += 1;
    one.levelSince = null;
  }
}

/** When the level gives way to the next; `Infinity` while somebody there may still be reached. */
function endOf(one: Case, worst: Sighted, scene: ChainScene): number {
  const here = [...peopleUpTo(one.level, worst, scene)].filter(([, level]) => level === one.level);
  if (here.some(([person]) => one.attempts.get(person)?.reached)) {
    const { acknowledgeWithinMs, escalateEveryMs } = worst.opening.policy.severities[worst.severity];
    const length = one.level === 1 ? acknowledgeWithinMs : escalateEveryMs;
    return length === null ? Infinity : (one.levelSince ?? scene.now) + length;
  }
  return here.every(([person]) => one.attempts.has(person)) ? -Infinity : Infinity;
}

/** Everybody at the levels begun, each at the first that names him. */
function peopleUpTo(level: number, { opening }: Sighted, { behind }: ChainScene): ReadonlyMap<string, number> {
  const people = new Map<string, number>();
  opening.policy.levels.slice(0, level).forEach((names, index) => {
    for (const person of names.flatMap((name) => behind(name, opening.team))) {
      if (!people.has(person)) people.set(person, index + 1);
    }
  });
  return people;
}

/** What came of a page. */
export function settle(one: Case, page: { to: string; level: number; reached: boolean; at: number }): void {
  const { to, level, reached, at } = page;
  one.attempts.set(to, { reached, at });
  if (reached && level === one.level) one.levelSince ??= at;
}

/** After a restart: where the chain of a group stood, as far as is remembered of the pages about it. */
export function recall(one: Case, sent: readonly Sent[]): void {
  for (const { to, level, accepted } of sent) {
    const [first] = accepted;
    if (first === undefined) continue;
    const { at } = first;
    one.attempts.set(to, { reached: true, at });
    if (level > one.level) Object.assign(one, { level, levelSince: at });
    else if (level === one.level) one.levelSince = Math.min(one.levelSince ?? at, at);
  }
}
