/**
 * While a paging alert cannot reach Temporal, the edge pages whoever is on call itself: once for each person and firing,
 * under a key that every server would use. Begins only with what the spool has on the disk; gives way to the replay.
 */
import type { FallbackPage } from '../../../domain/kernel/alert.ts';
import { type Severity, isWorse } from '../../../domain/kernel/severity.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { withTimeout } from '../timeout.ts';
import { type PendingPage, duePages, restoreEscalation } from './fallback-escalation.ts';
import { type FallbackGroup, createFallbackGroups, splitBySuppressionEnd } from './fallback-groups.ts';
import { type FiringId, createDeliveredFirings } from './firings.ts';
import { createPageQueues } from './page-queues.ts';
import { type PageSenderParts, createPageSender } from './page-sender.ts';
import { acceptedPages } from './dedup-log.ts';

/** What an acknowledge link can show of a group that waits in the spool. */
export interface PendingGroup {
  readonly title: string;
  readonly severity: Severity;
}

export interface ReplayClaim {
  /** Everything that was sent about these alerts. */
  readonly pages: readonly FallbackPage[];
  /** The replay has ended, however it did. */
  release(): void;
}

export interface FallbackPaging {
  /** The spool has it on the disk. `again`: it was there before this process. */
  readonly spooled: (routed: RoutedAlerts, again?: 'again') => void;
  /** Temporal has it. */
  readonly delivered: (routed: RoutedAlerts) => void;
  /** About to be replayed: no page about it begins. Resolves once those under way are logged. */
  claim(routed: RoutedAlerts): Promise<ReplayClaim>;
  /** Somebody has the group: nobody else is paged about it, unless it gets worse. */
  readonly acknowledged: (workflowId: string) => void;
  /** Temporal has heard of the acknowledgement. */
  readonly acknowledgementDelivered: (workflowId: string) => void;
  readonly isPaged: (firing: FiringId) => boolean;
  /** Everything that was sent about these alerts and that Temporal has not been told of. */
  pagesOf(routed: RoutedAlerts): readonly FallbackPage[];
  pendingGroup(workflowId: string): PendingGroup | null;
  /** The configuration has changed: what was left to wait may be due, and people may be others. */
  onConfigChanged(): void;
  /** Finishes pages under way, for a few seconds. */
  close(): Promise<void>;
}

export interface FallbackPagingParts extends Pick<PageSenderParts, 'dedupLog' | 'contacts' | 'links' | 'log'> {
  /** How long an alert waits for Temporal; null: it is left to wait, and nobody is paged. Asked each time. */
  readonly afterMs: () => number | null;
  /** Today's people behind a name of a policy; null: the name is gone. */
  readonly peopleBehindName: (name: string, team: string) => readonly string[] | null;
  readonly now?: () => number;
}

const ENDED_WITHIN_MS = 2_000;

export function createFallbackPaging(parts: FallbackPagingParts): FallbackPaging {
  const { dedupLog, afterMs, now = Date.now } = parts;
  const deliveredFirings = createDeliveredFirings();
  const groups = createFallbackGroups(
    (alert, id, workflowId) =>
      deliveredFirings.has(id) || deliveredFirings.hasBegun(workflowId, alert) || dedupLog.isDelivered(id),
  );
  /** Firings being replayed, each as often as it is. */
  const claimed = new Map<FiringId, number>();

  const pageSentTo = (id: FiringId, person: string) => dedupLog.pagesAbout(id).find(({ to }) => to === person);
  const isReached = (id: FiringId, person: string): boolean => (pageSentTo(id, person)?.accepted.length ?? 0) > 0;
  const isOpen = (id: FiringId): boolean => groups.isOpen(id) && !claimed.has(id);
  const peopleBehindName = (name: string, team: string): readonly string[] => parts.peopleBehindName(name, team) ?? [];
  const firingsOf = ({ message, person }: PendingPage): readonly FiringId[] =>
    message.firings.filter((id) => isOpen(id) && !isReached(id, person));
  const idsOf = ({ declaration: { workflowId }, alerts }: RoutedAlerts): readonly FiringId[] => [
    ...new Set(alerts.map((alert) => groups.idOf(workflowId, alert))),
  ];

  function duePagesOf(group: FallbackGroup, at: number): readonly PendingPage[] {
    return duePages(group, {
      now: at,
      isOpen,
      isReached,
      peopleBehindName,
      acknowledged: groups.acknowledgedSeverity(group.workflowId),
    });
  }

  function checkGroupNow({ workflowId }: Pick<FallbackGroup, 'workflowId'>): void {
    const group = groups.groupOf(workflowId);
    if (group) group.checkAt = 0;
    wakeTimer.wakeAt(now());
  }

  const pageSender = createPageSender({
    ...parts,
    now,
    firingsOf,
    pageSentTo,
    onEnd: ({ group }) => checkGroupNow(group),
  });
  const pageQueues = createPageQueues({
    isStillPending(owed) {
      const has = groups.acknowledgedSeverity(owed.group.workflowId);
      if (has !== null && !isWorse(owed.message.severity, has)) return false;
      return firingsOf(owed).length > 0 && !pageSender.isInFlight(owed);
    },
    keyOf: (owed) => pageSentTo(firingsOf(owed)[0] ?? '', owed.person)?.key ?? null,
  });
  const wakeTimer = createWakeTimer(now, () => {
    if (afterMs() === null) return Infinity;
    const at = now();
    let next = Infinity;
    for (const group of groups.allGroups()) {
      if (group.checkAt <= at) for (const owed of duePagesOf(group, at)) pageQueues.add(owed);
      next = Math.min(next, group.checkAt);
    }
    for (const page of pageQueues.takeDue(at)) pageSender.send(page);
    return Math.min(next, pageQueues.nextAt(at));
  });

  /** Each page once, however many of these it was about. */
  function pagesAbout(ids: readonly FiringId[]): readonly FallbackPage[] {
    const pages = ids.flatMap((id) => acceptedPages(dedupLog.pagesAbout(id)));
    return [...new Map(pages.map((page) => [`${page.method} ${page.key}`, page])).values()];
  }

  function releaseClaim(ids: readonly FiringId[]): void {
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
      const countsFrom = again === undefined ? Math.min(Math.max(routed.receivedAt, at - waitMs), at) : at;
      for (const [notBefore, part] of splitBySuppressionEnd(routed)) {
        const group = groups.add(part, Math.max(countsFrom + waitMs, notBefore), notBefore);
        if (group === null) continue;
        restoreEscalation(group, group.messages.at(-1)?.firings.flatMap((id) => dedupLog.pagesAbout(id)) ?? []);
        wakeTimer.wakeAt(group.checkAt);
      }
    },
    delivered(routed) {
      const paged = idsOf(routed).filter((id) => dedupLog.pagesAbout(id).length > 0 && !dedupLog.isDelivered(id));
      if (paged.length > 0) void dedupLog.append({ delivered: paged });
      deliveredFirings.add(routed);
      groups.remove(routed);
    },
    pagesOf: (routed) => pagesAbout(idsOf(routed).filter((id) => !dedupLog.isDelivered(id))),
    async claim(routed) {
      const ids = idsOf(routed);
      for (const id of ids) claimed.set(id, (claimed.get(id) ?? 0) + 1);
      // Somebody else's vendor that hangs must not hold up the replay.
      await withTimeout(ENDED_WITHIN_MS, pageSender.ended(ids)).catch(() => undefined);
      return {
        pages: pagesAbout(ids),
        release: () => {
          releaseClaim(ids);
          checkGroupNow(routed.declaration);
        },
      };
    },
    acknowledged: groups.acknowledge,
    acknowledgementDelivered: groups.unacknowledge,
    isPaged: (id) => dedupLog.pagesAbout(id).length > 0,
    pendingGroup(workflowId) {
      const sighted = groups.groupOf(workflowId)?.messages[0];
      return sighted === undefined ? null : { title: sighted.declaration.title, severity: sighted.severity };
    },
    onConfigChanged() {
      const at = now();
      const waitMs = afterMs();
      if (waitMs === null) return;
      for (const group of groups.allGroups()) {
        // Counted from now on: before, nobody was to be paged.
        for (const sighted of group.messages)
          sighted.dueAt = Math.max(Math.min(sighted.dueAt, at + waitMs), sighted.notBefore);
        group.checkAt = 0;
      }
      wakeTimer.wakeAt(at);
    },
    async close() {
      wakeTimer.stop();
      await pageSender.close();
      await dedupLog.close();
    },
  };
}

/** A burst of messages is looked at together. */
const BURST_MS = 20;
const LONGEST_SLEEP_MS = 60_000;

export interface WakeTimer {
  /** Rings at this time (epoch ms) or before it, unless it is to ring earlier anyway. */
  readonly wakeAt: (wakeAt: number) => void;
  readonly stop: () => void;
}

export function createWakeTimer(now: () => number, onWake: () => number): WakeTimer {
  let timer: NodeJS.Timeout | undefined;
  let scheduledFor = Infinity;
  let stopped = false;
  const set = (at: number): void => {
    if (stopped || at >= scheduledFor) return;
    scheduledFor = at;
    clearTimeout(timer);
    timer = setTimeout(wake, Math.min(Math.max(at - now(), BURST_MS), LONGEST_SLEEP_MS));
    timer.unref();
  };
  const wake = (): void => {
    scheduledFor = Infinity;
    if (!stopped) set(onWake());
  };
  return {
    wakeAt: set,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const NOTHING = { pages: [], release: () => undefined };

export const noFallbackPaging: FallbackPaging = {
  spooled: () => undefined,
  delivered: () => undefined,
  claim: () => Promise.resolve(NOTHING),
  acknowledged: () => undefined,
  acknowledgementDelivered: () => undefined,
  isPaged: () => false,
  pagesOf: () => [],
  pendingGroup: () => null,
  onConfigChanged: () => undefined,
  close: () => Promise.resolve(),
};
