/**
 * What the edge has paged by itself, as memory and as lines of a log. A page is intended before it is sent, so that
 * after a crash it goes again under the same key and about the same alerts; and accepted once a vendor took it.
 */
import type { FallbackPage } from '../../../domain/kernel/alert.ts';
import type { FiringId } from './firing-id.ts';

interface IntendedPage {
  readonly key: string;
  readonly to: string;
  /** Of the chain, from 1. */
  readonly level: number;
  /** Epoch ms. */
  readonly at: number;
  /** What the page is about, each with the incident id that its link carries. */
  readonly firings: readonly (readonly [FiringId, incidentId: string])[];
}

interface AcceptedPage {
  readonly key: string;
  readonly method: string;
  readonly at: number;
}

export type DedupLogLine =
  | { readonly intended: IntendedPage }
  | { readonly accepted: AcceptedPage }
  /** Temporal has these: whatever comes of them is no longer the edge's to say. */
  | { readonly delivered: readonly FiringId[] };

/** One person and one firing. */
export interface SentPage {
  readonly to: string;
  readonly key: string;
  readonly level: number;
  readonly at: number;
  readonly incidentId: string;
  /** Shared by everything under the same key. */
  readonly accepted: readonly Omit<AcceptedPage, 'key'>[];
}

interface PageState {
  readonly intended: IntendedPage;
  readonly accepted: Omit<AcceptedPage, 'key'>[];
}

export interface SentPages {
  apply(line: DedupLogLine): void;
  readonly pagesAbout: (firing: FiringId) => readonly SentPage[];
  readonly isDelivered: (firing: FiringId) => boolean;
  /** Lines that make the same memory again, without what is older than `since`. Forgets that, too. */
  compact(since: number): readonly DedupLogLine[];
}

/** More firings than this are forgotten, oldest first: the worst is a page too many, under its own key. */
const KEPT_AT_MOST = 50_000;
const NONE: readonly SentPage[] = [];

export function createSentPages(limit = KEPT_AT_MOST): SentPages {
  const pages = new Map<string, PageState>();
  const byFiring = new Map<FiringId, SentPage[]>();
  const deliveredFirings = new Set<FiringId>();

  function applyIntended(intended: IntendedPage): void {
    const accepted = pages.get(intended.key)?.accepted ?? [];
    pages.set(intended.key, { intended, accepted });
    const { key, to, level, at } = intended;
    for (const [firing, incidentId] of intended.firings) {
      const others = (byFiring.get(firing) ?? []).filter((sent) => sent.to !== to);
      byFiring.set(firing, [...others, { key, to, level, at, incidentId, accepted }]);
    }
    while (byFiring.size > limit) forget(byFiring.keys().next().value ?? '');
  }

  function applyAccepted({ key, method, at }: AcceptedPage): void {
    const page = pages.get(key);
    if (page?.accepted.some((one) => one.method === method) === false) page.accepted.push({ method, at });
  }

  function forget(firing: FiringId): void {
    for (const { key } of byFiring.get(firing) ?? NONE) pages.delete(key);
    byFiring.delete(firing);
    deliveredFirings.delete(firing);
  }

  return {
    apply(line) {
      if ('intended' in line) applyIntended(line.intended);
      else if ('accepted' in line) applyAccepted(line.accepted);
      else for (const firing of line.delivered) if (byFiring.has(firing)) deliveredFirings.add(firing);
    },
    pagesAbout: (firing) => byFiring.get(firing) ?? NONE,
    isDelivered: (firing) => deliveredFirings.has(firing),
    compact(since) {
      for (const [firing, sent] of [...byFiring]) if (sent.every(({ at }) => at < since)) forget(firing);
      const lines: DedupLogLine[] = [...pages.values()].flatMap(({ intended, accepted }): DedupLogLine[] => [
        { intended },
        ...accepted.map((one): DedupLogLine => ({ accepted: { ...one, key: intended.key } })),
      ]);
      return deliveredFirings.size === 0 ? lines : [...lines, { delivered: [...deliveredFirings] }];
    },
  };
}

/** Who was reached about a firing, for the incident that it joins. */
export function acceptedPages(sent: readonly SentPage[]): readonly FallbackPage[] {
  return sent.flatMap(({ to, key, incidentId, accepted }) =>
    accepted.map(({ method, at }) => ({ to, method, key, at, incidentId })),
  );
}

/** Null for JSON that is none of these. */
export function readDedupLogLine(text: string): DedupLogLine | null {
  try {
    const line = JSON.parse(text) as Partial<Record<'intended' | 'accepted' | 'delivered', unknown>> | null;
    const isOne = line !== null && (line.intended ?? line.accepted ?? line.delivered) !== undefined;
    return isOne ? (line as DedupLogLine) : null;
  } catch {
    return null;
  }
}
