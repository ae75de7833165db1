/**
 * What the edge has paged by itself, as memory and as lines of a log. A page is intended before it is sent, so that
 * after a crash it goes again under the same key and about the same alerts; and accepted once a vendor took it.
 */
import type { EdgePage } from '../../domain/alert.ts';
import type { FiringId } from './firing.ts';

interface Intended {
  readonly key: string;
  readonly to: string;
  /** Of the chain, from 1. */
  readonly level: number;
  /** Epoch ms. */
  readonly at: number;
  /** What the page is about, each with the incident id that its link carries. */
  readonly firings: readonly (readonly [FiringId, incidentId: string])[];
}

interface Accepted {
  readonly key: string;
  readonly method: string;
  readonly at: number;
}

export type SeenLine =
  | { readonly intended: Intended }
  | { readonly accepted: Accepted }
  /** Temporal has these: whatever comes of them is no longer the edge's to say. */
  | { readonly told: readonly FiringId[] };

/** One person and one firing. */
export interface Sent {
  readonly to: string;
  readonly key: string;
  readonly level: number;
  readonly at: number;
  readonly incidentId: string;
  /** Shared by everything under the same key. */
  readonly accepted: readonly Omit<Accepted, 'key'>[];
}

interface Remembered {
  readonly intended: Intended;
  readonly accepted: Omit<Accepted, 'key'>[];
}

export interface Seen {
  apply(line: SeenLine): void;
  readonly of: (firing: FiringId) => readonly Sent[];
  readonly isTold: (firing: FiringId) => boolean;
  /** Lines that make the same memory again, without what is older than `since`. Forgets that, too. */
  renew(since: number): readonly SeenLine[];
}

/** More firings than this are forgotten, oldest first: the worst is a page too many, under its own key. */
const KEPT_AT_MOST = 50_000;
const NONE: readonly Sent[] = [];

export function createSeen(limit = KEPT_AT_MOST): Seen {
  const pages = new Map<string, Remembered>();
  const byFiring = new Map<FiringId, Sent[]>();
  const told = new Set<FiringId>();

  function intend(intended: Intended): void {
    const accepted = pages.get(intended.key)?.accepted ?? [];
    pages.set(intended.key, { intended, accepted });
    const { key, to, level, at } = intended;
    for (const [firing, incidentId] of intended.firings) {
      const others = (byFiring.get(firing) ?? []).filter((sent) => sent.to !== to);
      byFiring.set(firing, [...others, { key, to, level, at, incidentId, accepted }]);
    }
    while (byFiring.size > limit) forget(byFiring.keys().next().value ?? '');
  }

  function accept({ key, method, at }: Accepted): void {
    const page = pages.get(key);
    if (page?.accepted.some((one) => one.method === method) === false) page.accepted.push({ method, at });
  }

  function forget(firing: FiringId): void {
    for (const { key } of byFiring.get(firing) ?? NONE) pages.delete(key);
    byFiring.delete(firing);
    told.delete(firing);
  }

  return {
    apply(line) {
      if ('intended' in line) intend(line.intended);
      else if ('accepted' in line) accept(line.accepted);
      else for (const firing of line.told) if (byFiring.has(firing)) told.add(firing);
    },
    of: (firing) => byFiring.get(firing) ?? NONE,
    isTold: (firing) => told.has(firing),
    renew(since) {
      for (const [firing, sent] of [...byFiring]) if (sent.every(({ at }) => at < since)) forget(firing);
      const lines: SeenLine[] = [...pages.values()].flatMap(({ intended, accepted }): SeenLine[] => [
        { intended },
        ...accepted.map((one): SeenLine => ({ accepted: { ...one, key: intended.key } })),
      ]);
      return told.size === 0 ? lines : [...lines, { told: [...told] }];
    },
  };
}

/** Who was reached about a firing, for the incident that it joins. */
export function edgePages(sent: readonly Sent[]): readonly EdgePage[] {
  return sent.flatMap(({ to, key, incidentId, accepted }) =>
    accepted.map(({ method, at }) => ({ to, method, key, at, incidentId })),
  );
}

/** Null for JSON that is none of these. */
export function readSeenLine(text: string): SeenLine | null {
  try {
    const line = JSON.parse(text) as Partial<Record<'intended' | 'accepted' | 'told', unknown>> | null;
    const isOne = line !== null && (line.intended ?? line.accepted ?? line.told) !== undefined;
    return isOne ? (line as SeenLine) : null;
  } catch {
    return null;
  }
}
