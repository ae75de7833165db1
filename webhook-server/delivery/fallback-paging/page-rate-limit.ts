/**
 * How fast one person is paged: three pages in a minute come one by one; beyond that one page every ten seconds lists
 * whatever is left. Pure.
 */
const SINGLE_PAGES_PER_MINUTE = 3;
const MINUTE_MS = 60_000;
const LISTED_EVERY_MS = 10_000;

export interface PageSlot {
  /** Epoch ms. */
  readonly at: number;
  /** It lists everything that waits. */
  readonly listsAll: boolean;
}

/** The next page's turn. `begun`: when the latest pages began, oldest first. */
export function nextPageSlot(startedAt: readonly number[], now: number): PageSlot {
  const lastMinute = startedAt.filter((at) => at > now - MINUTE_MS);
  if (lastMinute.length < SINGLE_PAGES_PER_MINUTE) return { at: now, listsAll: false };
  return { at: Math.max(now, (lastMinute.at(-1) ?? now) + LISTED_EVERY_MS), listsAll: true };
}

/** What `nextTurn` needs to remember. */
export const withPageStart = (startedAt: readonly number[], at: number): readonly number[] =>
  [...startedAt, at].slice(-SINGLE_PAGES_PER_MINUTE);
