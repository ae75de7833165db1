/**
 * While a paging alert cannot reach Temporal, the edge pages whoever is on call itself: once for each person and firing,
 * under a key that every server would use. Begins only with what the spool has on the disk; gives way to the replay.
 */
import type { EdgePage } from '../../domain/alert.ts';
import { isWorse, type Severity } from '../../domain/severity.ts';
import type { RoutedAlerts } from '../gateway.ts';
import { within } from '../incidents/deadline.ts';
import { createAlarm } from './alarm.ts';
import { createCases, type Case } from './cases.ts';
import { look, recall, type Owed } from './chain.ts';
import type { FiringId } from './firing.ts';
import { byEndOfHold } from './held.ts';
import { createLines } from './lines.ts';
import { edgePages } from './seen.ts';
import { createSending, type SendingParts } from './sending.ts';
import { createTold } from './told.ts';

/** What an acknowledge link can show of a group that waits in the spool. */
export interface KnownGroup {
  readonly title: string;
  readonly severity: Severity;
}

export interface Claim {
  /** Everything that was sent about these alerts. */
  readonly pages: readonly EdgePage[];
  /** The replay has ended, however it did. */
  release(): void;
}

export interface FallbackPaging {
  /** The spool has it on the disk. `again`: it was there before this process. */
  readonly spooled: (routed: RoutedAlerts, again?: 'again') => void;
  /** Temporal has it. */
  readonly told: (routed: RoutedAlerts) => void;
  /** About to be replayed: no page about it begins. Resolves once those under way are logged. */
  claim(routed: RoutedAlerts): Promise<Claim>;
  /** Somebody has the group: nobody else is paged about it, unless it gets worse. */
  readonly acknowledged: (workflowId: string) => void;
  /** Temporal has heard of the acknowledgement. */
  readonly acknowledgementTold: (workflowId: string) => void;
  readonly isPaged: (firing: FiringId) => boolean;
  /** Everything that was sent about these alerts and that Temporal has not been told of. */
  pagesOf(routed: RoutedAlerts): readonly EdgePage[];
  known(workflowId: string): KnownGroup | null;
  /** The configuration has changed: what was left to wait may be due, and people may be others. */
  lookAgain(): void;
  /** Finishes pages under way, for a few seconds. */
  close(): Promise<void>;
}

export interface FallbackPagingParts extends Pick<SendingParts, 'seen' | 'contacts' | 'links' | 'log'> {
  /** How long an alert waits for Temporal; null: it is left to wait, and nobody is paged. Asked each time. */
  readonly afterMs: () => number | null;
  /** Today's people behind a name of a policy; null: the name is gone. */
  readonly behind: (name: string, team: string) => readonly string[] | null;
  readonly now?: () => number;
}

const ENDED_WITHIN_MS = 2_000;

export function createFallbackPaging(parts: FallbackPagingParts): FallbackPaging {
  const { seen, afterMs, now = Date.now } = parts;
  const before = createTold();
  const cases = createCases(
    (alert, id, workflowId) => before.has(id) || before.hasBegun(workflowId, alert) || seen.isTold(id),
  );
  /** Firings being replayed, each as often as it is. */
  const claimed = new Map<FiringId, number>();

  const sentTo = (id: FiringId, person: string) => seen.of(id).find(({ to }) => to === person);
  const isReached = (id: FiringId, person: string): boolean => (sentTo(id, person)?.accepted.length ?? 0) > 0;
  const isOpen = (id: FiringId): boolean => cases.isOpen(id) && !claimed.has(id);
  const behind = (name: string, team: string): readonly string[] => parts.behind(name, team) ?? [];
  const firingsOf = ({ sighted, person }: Owed): readonly FiringId[] =>
    sighted.firings.filter((id) => isOpen(id) && !isReached(id, person));
  const idsOf = ({ opening: { workflowId }, alerts }: RoutedAlerts): readonly FiringId[] => [
    ...new Set(alerts.map((alert) => cases.idOf(workflowId, alert))),
  ];

  function lookAt(one: Case, at: number): readonly Owed[] {
    return look(one, { now: at, isOpen, isReached, behind, acknowledged: cases.acknowledged(one.workflowId) });
  }

  function lookAgain({ workflowId }: Pick<Case, 'workflowId'>): void {
    const one = cases.of(workflowId);
    if (one) one.nextLook = 0;
    alarm.at(now());
  }

  const sending = createSending({ ...parts, now, firingsOf, sentTo, onEnd: ({ one }) => lookAgain(one) });
  const lines = createLines({
    isOwed(owed) {
      const has = cases.acknowledged(owed.one.workflowId);
      if (has !== null && !isWorse(owed.sighted.severity, has)) return false;
      return firingsOf(owed).length > 0 && !sending.isUnderWay(owed);
    },
    keyOf: (owed) => sentTo(firingsOf(owed)[0] ?? '', owed.person)?.key ?? null,
  });
  const alarm = createAlarm(now, () => {
    if (afterMs() === null) return Infinity;
    const at = now();
    let next = Infinity;
    for (const one of cases.all()) {
      if (one.nextLook <= at) for (const owed of lookAt(one, at)) lines.add(owed);
      next = Math.min(next, one.nextLook);
    }
    for (const page of lines.take(at)) sending.send(page);
    return Math.min(next, lines.nextAt(at));
  });

  /** Each page once, however many of these it was about. */
  function pagesAbout(ids: readonly FiringId[]): readonly EdgePage[] {
    const pages = ids.flatMap((id) => edgePages(seen.of(id)));
    return [...new Map(pages.map((page) => [`${page.method} ${page.key}`, page])).values()];
  }

  function unclaim(ids: readonly FiringId[]): void {
    for (const id of ids) {
      const left = (claimed.get(id) ?? 0) - 1;
      if (left > 0) claimed.set(id, left);
      else claimed.delete(id);
    }
  }

  return {
    spooled(routed, again) {
      const at = now();
      // Counted from when it came, but never from a time in which this process did not look.
      const waitMs = afterMs() ?? Infinity;
      const came = again === undefined ? Math.min(Math.max(routed.receivedAt, at - waitMs), at) : at;
      for (const [notBefore, part] of byEndOfHold(routed)) {
        const one = cases.add(part, Math.max(came + waitMs, notBefore), notBefore);
        if (one === null) continue;
        recall(one, one.sighted.at(-1)?.firings.flatMap((id) => seen.of(id)) ?? []);
        alarm.at(one.nextLook);
      }
    },
    told(routed) {
      const paged = idsOf(routed).filter((id) => seen.of(id).length > 0 && !seen.isTold(id));
      if (paged.length > 0) void seen.note({ told: paged });
      before.add(routed);
      cases.remove(routed);
    },
    pagesOf: (routed) => pagesAbout(idsOf(routed).filter((id) => !seen.isTold(id))),
    async claim(routed) {
      const ids = idsOf(routed);
      for (const id of ids) claimed.set(id, (claimed.get(id) ?? 0) + 1);
      // Somebody else's vendor that hangs must not hold up the replay.
      await within(ENDED_WITHIN_MS, sending.ended(ids)).catch(() => undefined);
      return {
        pages: pagesAbout(ids),
        release: () => {
          unclaim(ids);
          lookAgain(routed.opening);
        },
      };
    },
    acknowledged: cases.acknowledge,
    acknowledgementTold: cases.unacknowledge,
    isPaged: (id) => seen.of(id).length > 0,
    known(workflowId) {
      const sighted = cases.of(workflowId)?.sighted[0];
      return sighted === undefined ? null : { title: sighted.opening.title, severity: sighted.severity };
    },
    lookAgain() {
      const at = now();
      const waitMs = afterMs();
      if (waitMs === null) return;
      for (const one of cases.all()) {
        // Counted from now on: before, nobody was to be paged.
        for (const sighted of one.sighted)
          sighted.dueAt = Math.max(Math.min(sighted.dueAt, at + waitMs), sighted.notBefore);
        one.nextLook = 0;
      }
      alarm.at(at);
    },
    async close() {
      alarm.stop();
      await sending.close();
      await seen.close();
    },
  };
}
