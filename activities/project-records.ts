/** Telling the records: the batch of a call, and what the call itself learns. */
import type { Delivery } from '../domain/kernel/incident.ts';
import type { ProjectionBatch } from '../domain/engine/projection.ts';
import type { AssignedReference, OutboundMessage } from '../domain/kernel/projection.ts';
import { shownDelivery } from '../domain/engine/to-view.ts';
import { orUndefinedAfter } from './deliver-queue.ts';
import type { Ports } from './ports.ts';
import type { IncidentContextOfCall } from './incident-context.ts';
import type { DeliverNotificationsInput } from './types.ts';
import type { TextContext } from './render-text.ts';
import { renderText } from './render-text.ts';

const PROJECT_EARLY_MS = 1_000;

export interface RecordProjector {
  /** Writes the batch of the request, if it has one. Rejects when the records do not take it. */
  record(): Promise<void>;
  /** Up to which revision the records have it; null when they did not take it (or nothing was to be taken). */
  projectedVersion(): number | null;
  numberGiven(): AssignedReference | null;
  /** Shows at once what the next batch will say again. Best effort: never rejects, and takes a second at the most. */
  projectEarly(context: IncidentContextOfCall, deliveries: readonly Delivery[]): Promise<void>;
}

/** The batch as the records keep it: its messages in the words in which they are told. */
export function renderRecordBatch(batch: ProjectionBatch<OutboundMessage>, context: TextContext): ProjectionBatch {
  const messages = batch.messages.map((message) => {
    const { n, at, kind, about, to } = message;
    return { n, at, kind, about, to, text: renderText(message, context, batch.workflowId) };
  });
  return { ...batch, messages };
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

export function createRecordProjector(ports: Ports, request: DeliverNotificationsInput): RecordProjector {
  const record = recordBatchOf(request);
  let numberGiven: AssignedReference | null = null;
  return {
    async record() {
      if (record === null) return;
      numberGiven = await ports.records.project(renderRecordBatch(record, ports));
    },
    projectedVersion: () => (numberGiven === null ? null : (record?.stateVersion ?? null)),
    numberGiven: () => numberGiven,
    async projectEarly(context, deliveries) {
      const { channel = null, ticket = null } = context.keptRefs();
      if (numberGiven === null || (deliveries.length === 0 && channel === null && ticket === null)) return;
      const { id: incidentId } = request.incident;
      const projecting = ports.records.projectEarly({
        incidentId,
        deliveries: deliveries.map(shownDelivery),
        channel,
        ticket,
      });
      await orUndefinedAfter(
        projecting.catch(() => undefined),
        PROJECT_EARLY_MS,
      );
    },
  };
}
