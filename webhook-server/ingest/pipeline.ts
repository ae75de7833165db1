/**
 * The pipeline from a message to Temporal: parse, route, group, own, suppress, deduplicate, storm, deliver. A stage passes
 * on what it keeps and gives a reason for everything it drops; `tocsin explain --source` prints the reasons of these
 * same stages.
 *
 * The first three are pure and cost CPU time for each alert, so a thread runs them for large messages (parsing.ts). The
 * others run for each incident of the message.
 */
import { withTimeout } from '../delivery/circuit-breaker.ts';
import type { Delivered, DurableDelivery, IngestCounts } from '../delivery/durable-delivery.ts';
import type { FallbackPaging } from '../delivery/fallback-paging/fallback-paging.ts';
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import {
  endsToAskAbout,
  heldElsewhere,
  isReached,
  lookUpOf,
  partsToRetry,
  sharesAlert,
  type Told,
} from './alert-ends.ts';
import type { AlertOwners } from './alert-owners.ts';
import type { AlertDeduplication } from './deduplicate.ts';
import type { Maintenance } from './maintenance/windows.ts';
import { group, route, wholeMessages } from './route-and-group.ts';
import { parse, type IngestContext } from './sources/index.ts';
import { dropsByReason, dropText, type Dropped, type Staged } from './sources/message.ts';
import { watchdogBeats, type WatchdogBeat } from './sources/watchdog.ts';
import type { Destination, Storms } from './storm/storms.ts';

export interface ReadMessage {
  readonly routedAlerts: readonly RoutedAlerts[];
  /** One entry for each reason. */
  readonly dropped: readonly Dropped[];
  readonly beats: readonly WatchdogBeat[];
  /** Firing alerts whose severity nobody gave. */
  readonly severityGuessed: number;
  /** What each whole message lists, for runs that it has no alerts for. */
  readonly wholeMessages: readonly RoutedAlerts[];
}

/** Throws `HttpProblem`: 400 for a body that cannot be read, 404 for a source that is not configured. */
export function readMessage(body: unknown, context: IngestContext): ReadMessage {
  const parsed = parse(body, context);
  const routed = route(parsed.kept, context);
  const grouped = group(routed.kept, context);
  return {
    routedAlerts: grouped.kept,
    dropped: dropsByReason([...parsed.dropped, ...routed.dropped, ...grouped.dropped]),
    beats: watchdogBeats(parsed.kept, context),
    severityGuessed: routed.kept.filter(({ raw, routing }) => raw.status === 'firing' && routing.guessed).length,
    wholeMessages: wholeMessages(parsed.kept, context),
  };
}

export interface PipelineParts {
  /** Without it nothing is suppressed. */
  readonly maintenance?: Pick<Maintenance, 'suppress'> | undefined;
  readonly deduplication: Pick<AlertDeduplication, 'workflowsThatKnow'>;
  readonly fallbackPaging: Pick<FallbackPaging, 'pagesOf'>;
  readonly storms: Pick<Storms, 'destinationOf'>;
  readonly owners: AlertOwners;
  readonly durableDelivery: Pick<DurableDelivery, 'makeDurable' | 'deliverOrDeadLetter'>;
  /** Ends that no run is known to hold. Rejects with `NotDurable`. */
  readonly keepEnds: (routed: RoutedAlerts) => Promise<void>;
  readonly counts: Pick<IngestCounts, 'suppressed'>;
}

/** What would happen to routed alerts now. */
export interface PipelinePreview {
  /** Marked where maintenance suppresses them. */
  readonly routed: RoutedAlerts;
  readonly destination: Destination;
  readonly reasons: readonly string[];
}

const ABSENCE_MS = 2000;

export class Pipeline {
  private readonly parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.parts = parts;
  }

  /**
   * Resolves with the ids of the workflows that have the alerts of a message, or will have them from the spool. Throws
   * `NotDurable`.
   */
  deliverMessage(received: readonly RoutedAlerts[]): Promise<readonly string[]> {
    return this.deliverParts(received, (part) => this.deliverNews(part));
  }

  /** From the spool, to Temporal or the dead letters. Throws `TemporalUnavailable`. */
  async redeliver({ heldBy: _, ...spooled }: RoutedAlerts): Promise<void> {
    const { durableDelivery } = this.parts;
    await this.deliverParts([spooled], (part) => durableDelivery.deliverOrDeadLetter(part));
  }

  /** Ends that no run was known to hold: true when one took them, or when they are old by now. */
  async retryEnds({ heldBy = [], ...kept }: RoutedAlerts): Promise<boolean> {
    const { owners, durableDelivery } = this.parts;
    const alerts = kept.alerts.filter((alert) => !owners.hasFiredSince(kept, alert));
    if (alerts.length === 0) return true;
    const ends = { ...kept, alerts };
    await owners.lookUp(lookUpOf(ends, alerts));
    const parts = partsToRetry(ends, { owners, heldBy });
    const delivered = await Promise.all(parts.map((part) => durableDelivery.deliverOrDeadLetter(part)));
    return kept.isToldToGroup === true
      ? alerts.every((alert) => owners.isKnown(kept.source, alert))
      : delivered.some(isReached);
  }

  /**
   * Tells whole messages to the runs that hold an alert of their group which they no longer list; `told` have them.
   * Resolves with the ids of those runs. What cannot be told now, the next message of the group says again.
   */
  async reportAbsences(messages: readonly RoutedAlerts[], told: ReadonlySet<string>): Promise<readonly string[]> {
    const { owners, durableDelivery } = this.parts;
    const reached = messages.map(async (message): Promise<readonly string[]> => {
      const heldBy = (await owners.runsWithAbsent(message)).filter((workflowId) => !told.has(workflowId));
      if (heldBy.length === 0) return [];
      const delivered = durableDelivery.deliverOrDeadLetter({ ...message, heldBy });
      return (await withTimeout(ABSENCE_MS, delivered)).workflowIds;
    });
    return (await Promise.allSettled(reached)).flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  }

  private async deliverParts(
    received: readonly RoutedAlerts[],
    deliverPart: (part: RoutedAlerts) => Promise<Delivered>,
  ): Promise<readonly string[]> {
    const { owners } = this.parts;
    const asked = endsToAskAbout(received, owners);
    const told = await this.deliverOwned(
      received.flatMap((routed) => own(routed, this.parts).kept),
      deliverPart,
    );
    if (asked.length === 0) return told.workflowIds;
    // Only now, so that no page waits for it.
    const [first] = received;
    if (first !== undefined) await owners.lookUp(lookUpOf(first, asked));
    const found = received.flatMap((routed) => heldElsewhere(routed, { asked, told, owners }));
    const more = await this.deliverOwned(found, deliverPart);
    const unheld = asked.filter(
      (end) => !more.reached.has(end.fingerprint) && first !== undefined && !owners.isKnown(first.source, end),
    );
    const isTold = ({ fingerprint }: AlertReport): boolean => told.reached.has(fingerprint);
    const unreached = unheld.filter((end) => !isTold(end));
    await this.keepEnds(received, unreached);
    await this.keepEnds(received, unheld.filter(isTold), { isToldToGroup: true });
    return [...new Set([...told.workflowIds, ...more.workflowIds])];
  }

  private async deliverOwned(
    parts: readonly RoutedAlerts[],
    deliverPart: (part: RoutedAlerts) => Promise<Delivered>,
  ): Promise<Told> {
    const delivered = await Promise.all(parts.map((part) => this.deliverClaimed(part, deliverPart)));
    const reached = parts.filter((_, n) => isReached(delivered[n]));
    return {
      workflowIds: [...new Set(delivered.flatMap(({ workflowIds }) => workflowIds))],
      reached: new Set(reached.flatMap(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint))),
    };
  }

  private async deliverClaimed(
    part: RoutedAlerts,
    deliverPart: (part: RoutedAlerts) => Promise<Delivered>,
  ): Promise<Delivered> {
    const forgetClaim = this.parts.owners.claim(part);
    try {
      const delivered = await deliverPart(part);
      if (!isReached(delivered)) forgetClaim();
      return delivered;
    } catch (err) {
      forgetClaim();
      throw err;
    }
  }

  /** Once, however many teams they may belong to. */
  private async keepEnds(
    received: readonly RoutedAlerts[],
    unreached: readonly AlertReport[],
    mark: Pick<RoutedAlerts, 'isToldToGroup'> = {},
  ): Promise<void> {
    const names = new Set(unreached.map(({ fingerprint }) => fingerprint));
    for (const routed of received) {
      const alerts = routed.alerts.filter((alert) => names.has(alert.fingerprint) && alert.status === 'resolved');
      if (alerts.length === 0) continue;
      for (const { fingerprint } of alerts) names.delete(fingerprint);
      const others = received.filter((other) => other !== routed && sharesAlert(other, alerts));
      const heldBy = others.map(({ declaration }) => declaration.workflowId);
      await this.parts.keepEnds({ ...routed, alerts, ...mark, ...(heldBy.length === 0 ? {} : { heldBy }) });
    }
  }

  private async deliverNews(owned: RoutedAlerts): Promise<Delivered> {
    const { kept: routed } = suppress(owned, this.parts);
    const { kept: news, knownTo } = deduplicate(routed, this.parts);
    const delivered =
      news === null ? { workflowIds: knownTo, isKept: false } : await deliver(storm(news, this.parts), this.parts);
    if (!routed.declaration.suppressed) return delivered;
    this.parts.counts.suppressed += 1;
    return { workflowIds: [], isKept: true }; // there is no incident yet to show to a sender
  }

  /** A dry run: delivers nothing. */
  preview(received: RoutedAlerts): PipelinePreview {
    const owned = own(received, this.parts);
    const suppressed = suppress(received, this.parts);
    const deduplicated = deduplicate(suppressed.kept, this.parts, 'only asked');
    const stormed = storm(suppressed.kept, this.parts);
    const dropped = [...owned.dropped, ...suppressed.dropped, ...deduplicated.dropped, ...stormed.dropped];
    return { routed: suppressed.kept, destination: stormed.destination, reasons: dropped.map(dropText) };
  }
}

/** Alerts go to the run that holds them. */
function own(routed: RoutedAlerts, { owners }: PipelineParts): Staged<readonly RoutedAlerts[]> {
  const kept = owners.own(routed);
  const dropped = kept.flatMap(({ heldBy = [], alerts }) =>
    heldBy.map((workflowId): Dropped => ({
      count: alerts.length,
      reason: workflowId,
      how: 'sent to the incident that has it',
    })),
  );
  return { kept, dropped: dropsByReason(dropped) };
}

/** Suppressed alerts are passed on with a mark: their workflow holds them back until the maintenance ends. */
function suppress(routed: RoutedAlerts, { maintenance }: PipelineParts): Staged<RoutedAlerts> {
  const kept = maintenance?.suppress(routed) ?? routed;
  const dropped = kept.alerts.flatMap(({ suppressedBy = [] }): Dropped[] => {
    const [last] = suppressedBy;
    if (last === undefined) return [];
    const reason = `maintenance "${last.window}" until ${new Date(last.until).toISOString()}`;
    return [{ count: 1, reason, how: 'suppressed' }];
  });
  return { kept, dropped: dropsByReason(dropped) };
}

function deduplicate(
  routed: RoutedAlerts,
  { deduplication }: PipelineParts,
  isOnlyAsked?: 'only asked',
): Staged<RoutedAlerts | null> & { readonly knownTo: readonly string[] } {
  const knownTo = deduplication.workflowsThatKnow(routed, isOnlyAsked !== undefined);
  if (knownTo === null) return { kept: routed, dropped: [], knownTo: [] };
  return { kept: null, dropped: [{ count: routed.alerts.length, reason: 'delivered a moment ago' }], knownTo };
}

/** Chooses between an incident of their own and the team's storm; nothing is lost either way. */
function storm(
  routed: RoutedAlerts,
  { storms, fallbackPaging }: PipelineParts,
): Staged<RoutedAlerts> & { readonly destination: Destination } {
  // These alerts may overtake the replay of those about which fallback paging has paged.
  const alreadyPaged = fallbackPaging.pagesOf(routed);
  // Their pages link to this very group.
  const { heldBy: _, ...ofGroup } = routed;
  const kept = alreadyPaged.length === 0 ? routed : { ...ofGroup, alreadyPaged };
  const destination = storms.destinationOf(kept);
  const { reason } = destination;
  const dropped: Dropped[] = reason === null ? [] : [{ count: kept.alerts.length, reason, how: 'moved to a storm' }];
  return { kept, dropped, destination };
}

/** To Temporal, or to the spool. */
function deliver(
  { kept, destination }: ReturnType<typeof storm>,
  { durableDelivery }: PipelineParts,
): Promise<Delivered> {
  return durableDelivery.makeDurable(kept, destination);
}
