/** Writes to the records: the batch of a call, and what the call itself learns. */
import type { ProjectionBatch, RecordedTimelineEntry } from '../domain/engine/projection.ts';
import { shownDelivery } from '../domain/engine/to-view.ts';
import type { Delivery, TimelineEntry } from '../domain/kernel/incident.ts';
import type { OutboundMessage, ProjectionAnswer } from '../domain/kernel/projection.ts';
import { plainText } from '../domain/kernel/text.ts';
import { formatDateTime } from '../schedules/format-time.ts';
import { orUndefinedAfter } from './outbox-queues.ts';
import type { Ports, Refs } from './ports.ts';
import type { TextContext } from './render-text.ts';
import { renderText } from './render-text.ts';
import type { DeliverNotificationsInput } from './types.ts';

const PROJECT_EARLY_MS = 1_000;

/**
 * The batch as the records keep it: messages as they are delivered but without signed addresses, and the timeline with
 * people by their names.
 */
export function renderRecordBatch(
  batch: ProjectionBatch<OutboundMessage>,
  context: TextContext & { readonly links: Pick<Ports['links'], 'incidentUnsigned'> },
): ProjectionBatch {
  const url = context.links.incidentUnsigned(batch.workflowId);
  const messages = batch.messages.map((message) => {
    const { n, at, kind, about, to } = message;
    return { n, at, kind, about, to, text: renderText(message, context, url) };
  });
  return { ...batch, messages, entries: batch.entries.map((entry) => renderEntry(entry, context)) };
}

function renderEntry(
  { parts, pages, ...entry }: TimelineEntry,
  { directory, timeZone }: TextContext,
): RecordedTimelineEntry {
  const timeOf = (at: number): string => formatDateTime(at, timeZone);
  const nameOf = (person: string): string => directory.displayName(person);
  return {
    ...entry,
    ...(parts === undefined ? {} : { text: plainText(parts, timeOf, nameOf) }),
    ...(pages === undefined ? {} : { pages: pages.map((page) => ({ ...page, name: nameOf(page.to) })) }),
  };
}

/** What the call has for the records; null: nothing. */
export function recordBatchOf({
  record,
  projection,
}: Pick<DeliverNotificationsInput, 'record' | 'projection'>): ProjectionBatch<OutboundMessage> | null {
  if (record === null) return null;
  const { withoutProjection = false, ...batch } = record;
  return { ...batch, projection: withoutProjection ? null : projection };
}

export class RecordProjector {
  readonly #ports: Ports;
  readonly #incidentId: string;
  readonly #batch: ProjectionBatch<OutboundMessage> | null;
  /** What the records answered; null when they did not take the batch, or there was none. */
  numbered: ProjectionAnswer | null = null;

  constructor(ports: Ports, request: DeliverNotificationsInput) {
    this.#ports = ports;
    this.#incidentId = request.incident.id;
    this.#batch = recordBatchOf(request);
  }

  /** Up to which version of the state the records have it; null when they did not take it. */
  get recordedVersion(): number | null {
    return this.numbered === null ? null : (this.#batch?.stateVersion ?? null);
  }

  /** Writes the batch of the request, if it has one. Rejects when the records do not take it. */
  async record(): Promise<void> {
    if (this.#batch === null) return;
    this.numbered = await this.#ports.records.project(renderRecordBatch(this.#batch, this.#ports));
  }

  /** Shows at once what the next batch will say again. Best effort: never rejects, and takes a second at most. */
  async projectEarly(refs: Refs, deliveries: readonly Delivery[]): Promise<void> {
    const [channel, ticket] = [refs['channel'] ?? null, refs['ticket'] ?? null];
    if (this.numbered === null || (deliveries.length === 0 && channel === null && ticket === null)) return;
    const projecting = this.#ports.records.projectEarly({
      incidentId: this.#incidentId,
      deliveries: deliveries.map(shownDelivery),
      channel,
      ticket,
    });
    await orUndefinedAfter(
      projecting.catch(() => undefined),
      PROJECT_EARLY_MS,
    );
  }
}
