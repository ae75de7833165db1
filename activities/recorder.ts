/** Telling the records: the batch of a call, and what the call itself learns. */
import type { Delivery } from '../domain/incident.ts';
import type { Message, Numbered, RecordBatch } from '../domain/record.ts';
import { shownDelivery } from '../domain/to-view.ts';
import { inTime } from './line.ts';
import type { Ports } from './ports.ts';
import type { CallScene } from './scene.ts';
import type { TellRequest } from './types.ts';
import type { Speech } from './words.ts';
import { inWords } from './words.ts';

const LEARN_MS = 1_000;

export interface Recorder {
  /** Writes the batch of the request, if it has one. Rejects when the records do not take it. */
  record(): Promise<void>;
  /** Up to which revision the records have it; null when they did not take it (or nothing was to be taken). */
  revision(): number | null;
  numbered(): Numbered | null;
  /** Shows at once what the next batch will say again. Best effort: never rejects, and takes a second at the most. */
  learn(scene: CallScene, deliveries: readonly Delivery[]): Promise<void>;
}

/** The batch as the records keep it: its messages in the words in which they are told. */
export function batchInWords(batch: RecordBatch<Message>, speech: Speech): RecordBatch {
  const messages = batch.messages.map((message) => {
    const { n, at, kind, about, to } = message;
    return { n, at, kind, about, to, text: inWords(message, speech, batch.workflowId) };
  });
  return { ...batch, messages };
}

/** What the call has for the records; null: nothing. */
export function batchOf({ record, head }: Pick<TellRequest, 'record' | 'head'>): RecordBatch<Message> | null {
  if (record === null) return null;
  const { headless = false, ...batch } = record;
  return { ...batch, head: headless ? null : head };
}

export function createRecorder(ports: Ports, request: TellRequest): Recorder {
  const record = batchOf(request);
  let numbered: Numbered | null = null;
  return {
    async record() {
      if (record === null) return;
      numbered = await ports.records.write(batchInWords(record, ports));
    },
    revision: () => (numbered === null ? null : (record?.revision ?? null)),
    numbered: () => numbered,
    async learn(scene, deliveries) {
      const { channel = null, ticket = null } = scene.learned();
      if (numbered === null || (deliveries.length === 0 && channel === null && ticket === null)) return;
      const { id: incidentId } = request.incident;
      const learning = ports.records.learn({ incidentId, deliveries: deliveries.map(shownDelivery), channel, ticket });
      await inTime(
        learning.catch(() => undefined),
        LEARN_MS,
      );
    },
  };
}
