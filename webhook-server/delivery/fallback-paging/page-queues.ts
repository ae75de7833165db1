/**
 * The firings about which each person must be paged, and the next page about them. One page per key is in flight at a
 * time.
 */
import { isWorse } from '../../../domain/kernel/severity.ts';
import type { PendingPage } from './fallback-escalation.ts';
import type { PagingAlerts } from './fallback-groups.ts';

interface PersonQueue {
  /** Keyed by message: it is pending once, however often its group is checked. */
  readonly waiting: Map<PagingAlerts, PendingPage>;
  startedAt: readonly number[];
}

export interface PageQueueRules {
  readonly isStillPending: (pending: PendingPage) => boolean;
  /** The key of an earlier page about it: everything under that key goes together. Null: none yet. */
  readonly keyOf: (pending: PendingPage) => string | null;
}

/** Nobody reads a longer list; the next page continues it. */
const LISTED_AT_MOST = 1_000;

export function createPageQueues({ isStillPending, keyOf }: PageQueueRules) {
  const queues = new Map<string, PersonQueue>();

  /** The worst that is pending, and everything sent with it. */
  function nextPage({ waiting }: PersonQueue, lists: boolean): readonly [PendingPage, ...PendingPage[]] | null {
    for (const [message, pending] of waiting) if (!isStillPending(pending)) waiting.delete(message);
    const [first, ...rest] = [...waiting.values()].sort(worstFirst);
    if (first === undefined) return null;
    const key = keyOf(first);
    const goesWithFirst = (pending: PendingPage): boolean => keyOf(pending) === key && (key !== null || lists);
    const page: [PendingPage, ...PendingPage[]] = [first, ...rest.filter(goesWithFirst).slice(0, LISTED_AT_MOST)];
    for (const { message } of page) waiting.delete(message);
    return page;
  }

  return {
    add(pending: PendingPage): void {
      const queue = queues.get(pending.person) ?? { waiting: new Map(), startedAt: [] };
      queues.set(pending.person, queue);
      if (!queue.waiting.has(pending.message)) queue.waiting.set(pending.message, pending);
    },
    /** The pages that may start now, each with its contents. Drops what is no longer pending. */
    takeDue(now: number): readonly (readonly [PendingPage, ...PendingPage[]])[] {
      const pages: (readonly [PendingPage, ...PendingPage[]])[] = [];
      for (const queue of queues.values()) {
        for (let slot = nextPageSlot(queue.startedAt, now); slot.at <= now; slot = nextPageSlot(queue.startedAt, now)) {
          const page = nextPage(queue, slot.listsAll);
          if (page === null) break;
          queue.startedAt = withPageStart(queue.startedAt, now);
          pages.push(page);
        }
      }
      return pages;
    },
    /** When `takeDue` may return more; `Infinity`: not until something is added. */
    nextAt: (now: number): number =>
      Math.min(
        Infinity,
        ...[...queues.values()]
          .filter(({ waiting }) => waiting.size > 0)
          .map(({ startedAt }) => nextPageSlot(startedAt, now).at),
      ),
  };
}

function worstFirst(a: PendingPage, b: PendingPage): number {
  if (a.message.severity !== b.message.severity) return isWorse(a.message.severity, b.message.severity) ? -1 : 1;
  return a.message.dueAt - b.message.dueAt;
}

const SINGLE_PAGES_PER_MINUTE = 3;
const MINUTE_MS = 60_000;
const LISTED_EVERY_MS = 10_000;

interface PageSlot {
  /** Epoch ms. */
  readonly at: number;
  /** It lists everything that is pending. */
  readonly listsAll: boolean;
}

/** When the next page may start. `startedAt`: when the latest pages started, oldest first. */
function nextPageSlot(startedAt: readonly number[], now: number): PageSlot {
  const lastMinute = startedAt.filter((at) => at > now - MINUTE_MS);
  if (lastMinute.length < SINGLE_PAGES_PER_MINUTE) return { at: now, listsAll: false };
  return { at: Math.max(now, (lastMinute.at(-1) ?? now) + LISTED_EVERY_MS), listsAll: true };
}

/** What `nextPageSlot` needs to remember. */
const withPageStart = (startedAt: readonly number[], at: number): readonly number[] =>
  [...startedAt, at].slice(-SINGLE_PAGES_PER_MINUTE);
