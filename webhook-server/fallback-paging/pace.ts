/**
 * How fast one person is paged: three pages in a minute come one by one; beyond that one page every ten seconds lists
 * whatever is left. Pure.
 */
const ONE_BY_ONE = 3;
const MINUTE_MS = 60_000;
const LISTED_EVERY_MS = 10_000;

export interface Turn {
  /** Epoch ms. */
  readonly at: number;
  /** It lists everything that waits. */
  readonly lists: boolean;
}

/** The next page's turn. `begun`: when the latest pages began, oldest first. */
export function nextTurn(begun: readonly number[], now: number): Turn {
  const lately = begun.filter((at) => at > now - MINUTE_MS);
  if (lately.length < ONE_BY_ONE) return { at: now, lists: false };
  return { at: Math.max(now, (lately.at(-1) ?? now) + LISTED_EVERY_MS), lists: true };
}

/** What `nextTurn` needs to remember. */
export const remembered = (begun: readonly number[], at: number): readonly number[] =>
  [...begun, at].slice(-ONE_BY_ONE);
