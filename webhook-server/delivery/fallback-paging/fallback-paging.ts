/**
 * While an urgent alert cannot reach Temporal, the server itself pages on-call: once for each person and firing, under
 * a key that every server would use. It pages only about alerts that the spool has on disk, and stops when the replay
 * takes over.
 */
import type { FallbackPage } from '../../../domain/kernel/alert.ts';
import { type Severity, isWorse } from '../../../domain/kernel/severity.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { withTimeout } from '../circuit-breaker.ts';
import { type PendingPage, duePages, restoreEscalation } from './fallback-escalation.ts';
import { type FallbackGroup, FallbackGroups, splitBySuppressionEnd } from './fallback-groups.ts';
import { type FiringId, DeliveredFirings } from './firings.ts';
import { createPageQueues } from './page-queues.ts';
import { type PageSenderParts, createPageSender } from './page-sender.ts';
import { acceptedPages } from './dedup-log.ts';

/** What an acknowledge link can show of a group in the spool. */
export interface PendingGroup {
  /** Links of its pages carry one of them: each message would have begun an incident, had there been none. */
  readonly incidentIds: readonly string[];
  readonly title: string;
  readonly severity: Severity;
}

export interface ReplayClaim {
  /** All pages sent about these alerts. */
  readonly pages: readonly FallbackPage[];
  /** The replay has ended, successfully or not. */
  release(): void;
}

export interface FallbackPaging {
  /** The spool has them on the disk. `again`: they were there before this process started. */
  readonly spooled: (routed: RoutedAlerts, again?: 'again') => void;
  /** Temporal has them. */
  readonly delivered: (routed: RoutedAlerts) => void;
  /** About to be replayed: no page about them starts. Resolves once those in flight are logged. */
  claim(routed: RoutedAlerts): Promise<ReplayClaim>;
  /** Somebody has acknowledged the group: nobody else is paged about it, unless it gets worse. */
  readonly acknowledged: (workflowId: string) => void;
  /** Temporal has the acknowledgement. */
  readonly acknowledgementDelivered: (workflowId: string) => void;
  readonly isPaged: (firing: FiringId) => boolean;
  /** All pages sent about these alerts that Temporal does not know about. */
  pagesOf(routed: RoutedAlerts): readonly FallbackPage[];
  pendingGroup(workflowId: string): PendingGroup | null;
  /** The configuration has changed: the delay and the people may differ. */
  onConfigChanged(): void;
  /** Waits a few seconds for pages in flight. */
  close(): Promise<void>;
}

export interface FallbackPagingParts extends Pick<PageSenderParts, 'dedupLog' | 'contacts' | 'links' | 'log'> {
  /** How long an alert waits for Temporal; null: nobody is paged. Called each time. */
  readonly afterMs: () => number | null;
  /** The people behind a name of a policy today; null: the name no longer exists. */
  readonly peopleBehindName: (name: string, team: string) => readonly string[] | null;
  readonly now?: () => number;
}

const ENDED_WITHIN_MS = 2_000;

export function createFallbackPaging(parts: FallbackPagingParts): FallbackPaging {
  const { dedupLog, afterMs, now = Date.now } = parts;
  const deliveredFirings = new DeliveredFirings();
  const groups = new FallbackGroups(
    (alert, id, routed) =>
      deliveredFirings.has(id, routed) ||
      deliveredFirings.hasBegun(routed.declaration.workflowId, alert) ||
      dedupLog.isDelivered(id),
  );
  /** Firings being replayed, each counted as often as it is. */
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
    isStillPending(pending) {
      const acknowledged = groups.acknowledgedSeverity(pending.group.workflowId);
      if (acknowledged !== null && !isWorse(pending.message.severity, acknowledged)) return false;
      return firingsOf(pending).length > 0 && !pageSender.isInFlight(pending);
    },
    keyOf: (pending) => pageSentTo(firingsOf(pending)[0] ?? '', pending.person)?.key ?? null,
  });
  const wakeTimer = new WakeTimer(now, () => {
    if (afterMs() === null) return Infinity;
    const at = now();
    let next = Infinity;
    for (const group of groups.allGroups()) {
      if (group.checkAt <= at) for (const pending of duePagesOf(group, at)) pageQueues.add(pending);
      next = Math.min(next, group.checkAt);
    }
    for (const page of pageQueues.takeDue(at)) pageSender.send(page);
    return Math.min(next, pageQueues.nextAt(at));
  });

  /** Each page once, however many of these firings it covered. */
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
      // Counted from its arrival, except while this process was not running.
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
      deliveredFirings.add(routed);
      if (dedupLog.firings.size > 0) {
        const paged = idsOf(routed).filter((id) => dedupLog.pagesAbout(id).length > 0 && !dedupLog.isDelivered(id));
        if (paged.length > 0) void dedupLog.append({ delivered: paged });
      }
      if (groups.isUsed) groups.remove(routed);
    },
    pagesOf: (routed) =>
      dedupLog.firings.size === 0 ? [] : pagesAbout(idsOf(routed).filter((id) => !dedupLog.isDelivered(id))),
    async claim(routed) {
      const ids = idsOf(routed);
      for (const id of ids) claimed.set(id, (claimed.get(id) ?? 0) + 1);
      // A provider that hangs must not hold up the replay.
      await withTimeout(ENDED_WITHIN_MS, pageSender.ended(ids)).catch(() => undefined);
      return {
        pages: pagesAbout(ids),
        release: () => {
          releaseClaim(ids);
          checkGroupNow(routed.declaration);
        },
      };
    },
    acknowledged: (workflowId) => groups.acknowledge(workflowId),
    acknowledgementDelivered: (workflowId) => groups.unacknowledge(workflowId),
    isPaged: (id) => dedupLog.pagesAbout(id).length > 0,
    pendingGroup(workflowId) {
      const messages = groups.groupOf(workflowId)?.messages ?? [];
      const [first] = messages;
      if (first === undefined) return null;
      const incidentIds = messages.map(({ declaration }) => declaration.incidentId);
      return { incidentIds, title: first.declaration.title, severity: first.severity };
    },
    onConfigChanged() {
      const at = now();
      const waitMs = afterMs();
      if (waitMs === null) return;
      for (const group of groups.allGroups()) {
        // Counted from now: before, nobody had to be paged.
        for (const message of group.messages)
          message.dueAt = Math.max(Math.min(message.dueAt, at + waitMs), message.notBefore);
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

/** A burst of messages is handled together. */
const BURST_MS = 20;
const LONGEST_SLEEP_MS = 60_000;

/** One timer for everything: `onWake` returns when it must be called next. */
class WakeTimer {
  private readonly now: () => number;
  private readonly onWake: () => number;
  private timer: NodeJS.Timeout | undefined;
  private scheduledFor = Infinity;
  private isStopped = false;

  constructor(now: () => number, onWake: () => number) {
    this.now = now;
    this.onWake = onWake;
  }

  /** Wakes at this time (epoch ms) at the latest. */
  wakeAt(at: number): void {
    if (this.isStopped || at >= this.scheduledFor) return;
    this.scheduledFor = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.wake(), Math.min(Math.max(at - this.now(), BURST_MS), LONGEST_SLEEP_MS));
    this.timer.unref();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private wake(): void {
    this.scheduledFor = Infinity;
    if (!this.isStopped) this.wakeAt(this.onWake());
  }
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
