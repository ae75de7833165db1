/** What waits to be told to each person, and the next page out of it. One page at a time stands under one key. */
import { isWorse } from '../../domain/severity.ts';
import type { Sighted } from './cases.ts';
import type { Owed } from './chain.ts';
import { nextTurn, remembered } from './pace.ts';

interface Line {
  /** By message and person: the same is owed once, however often it is looked at. */
  readonly waiting: Map<Sighted, Owed>;
  begun: readonly number[];
}

export interface Lines {
  add(owed: Owed): void;
  /** The pages that may begin now: each is what goes into one. What is no longer owed is dropped. */
  take(now: number): readonly (readonly [Owed, ...Owed[]])[];
  /** When `take` may have more; `Infinity`: when something is added. */
  nextAt(now: number): number;
}

export interface LineRules {
  readonly isOwed: (owed: Owed) => boolean;
  /** It was begun before under this key: whatever was begun under it goes together. Null: not yet. */
  readonly keyOf: (owed: Owed) => string | null;
}

/** A list longer than this is read by nobody; the next page goes on with it. */
const LISTED_AT_MOST = 1_000;

export function createLines({ isOwed, keyOf }: LineRules): Lines {
  const lines = new Map<string, Line>();

  /** The worst that waits, and what goes with it. */
  function next({ waiting }: Line, lists: boolean): readonly [Owed, ...Owed[]] | null {
    for (const [sighted, owed] of waiting) if (!isOwed(owed)) waiting.delete(sighted);
    const [first, ...rest] = [...waiting.values()].sort(worstFirst);
    if (first === undefined) return null;
    const key = keyOf(first);
    const isWith = (owed: Owed): boolean => keyOf(owed) === key && (key !== null || lists);
    const page: [Owed, ...Owed[]] = [first, ...rest.filter(isWith).slice(0, LISTED_AT_MOST)];
    for (const { sighted } of page) waiting.delete(sighted);
    return page;
  }

  return {
    add(owed) {
      const line = lines.get(owed.person) ?? { waiting: new Map(), begun: [] };
      lines.set(owed.person, line);
      if (!line.waiting.has(owed.sighted)) line.waiting.set(owed.sighted, owed);
    },
    take(now) {
      const pages: (readonly [Owed, ...Owed[]])[] = [];
      for (const line of lines.values()) {
        for (let turn = nextTurn(line.begun, now); turn.at <= now; turn = nextTurn(line.begun, now)) {
          const page = next(line, turn.lists);
          if (page === null) break;
          line.begun = remembered(line.begun, now);
          pages.push(page);
        }
      }
      return pages;
    },
    nextAt: (now) =>
      Math.min(
        Infinity,
        ...[...lines.values()].filter(({ waiting }) => waiting.size > 0).map(({ begun }) => nextTurn(begun, now).at),
      ),
  };
}

function worstFirst(a: Owed, b: Owed): number {
  if (a.sighted.severity !== b.sighted.severity) return isWorse(a.sighted.severity, b.sighted.severity) ? -1 : 1;
  return a.sighted.dueAt - b.sighted.dueAt;
}
