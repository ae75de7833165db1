/**
 * The pipeline from a message to Temporal: parse, route, group, suppress, deduplicate, storm, deliver. A stage passes
 * on what it keeps and gives a reason for everything it drops; `tocsin explain --source` prints the reasons of these
 * same stages.
 *
 * The first three are pure and cost CPU time for each alert, so a thread runs them for large messages (parsing.ts). The
 * others run for each incident of the message.
 */
import type { DurableDelivery, IngestCounts } from '../delivery/durable-delivery.ts';
import type { FallbackPaging } from '../delivery/fallback-paging/fallback-paging.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import type { AlertDeduplication } from './deduplicate.ts';
import type { Maintenance } from './maintenance/windows.ts';
import { group, route } from './route-and-group.ts';
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
  };
}

export interface PipelineParts {
  /** Without it nothing is suppressed. */
  readonly maintenance?: Pick<Maintenance, 'suppress'> | undefined;
  readonly deduplication: Pick<AlertDeduplication, 'workflowsThatKnow'>;
  readonly fallbackPaging: Pick<FallbackPaging, 'pagesOf'>;
  readonly storms: Pick<Storms, 'destinationOf'>;
  readonly durableDelivery: Pick<DurableDelivery, 'makeDurable'>;
  readonly counts: Pick<IngestCounts, 'suppressed'>;
}

/** What would happen to routed alerts now. */
export interface PipelinePreview {
  /** Marked where maintenance suppresses them. */
  readonly routed: RoutedAlerts;
  readonly destination: Destination;
  readonly reasons: readonly string[];
}

export class Pipeline {
  private readonly parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.parts = parts;
  }

  /** Resolves with the ids of the workflows that have the alerts, or will have them from the spool. Throws `NotDurable`. */
  async deliverAlerts(received: RoutedAlerts): Promise<readonly string[]> {
    const { kept: routed } = suppress(received, this.parts);
    const { kept: news, knownTo } = deduplicate(routed, this.parts);
    const workflowIds = news === null ? knownTo : await deliver(storm(news, this.parts), this.parts);
    if (!routed.declaration.suppressed) return workflowIds;
    this.parts.counts.suppressed += 1;
    return []; // there is no incident yet to show to a sender
  }

  /** A dry run: delivers nothing. */
  preview(received: RoutedAlerts): PipelinePreview {
    const suppressed = suppress(received, this.parts);
    const deduplicated = deduplicate(suppressed.kept, this.parts, 'only asked');
    const stormed = storm(suppressed.kept, this.parts);
    const dropped = [...suppressed.dropped, ...deduplicated.dropped, ...stormed.dropped];
    return { routed: suppressed.kept, destination: stormed.destination, reasons: dropped.map(dropText) };
  }
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
  const kept = alreadyPaged.length === 0 ? routed : { ...routed, alreadyPaged };
  const destination = storms.destinationOf(kept);
  const { reason } = destination;
  const dropped: Dropped[] = reason === null ? [] : [{ count: kept.alerts.length, reason, how: 'moved to a storm' }];
  return { kept, dropped, destination };
}

/** To Temporal, or to the spool. */
function deliver(
  { kept, destination }: ReturnType<typeof storm>,
  { durableDelivery }: PipelineParts,
): Promise<readonly string[]> {
  return durableDelivery.makeDurable(kept, destination);
}
