/** Telling the records: the batch of a call, and what the call itself learns. */
import type { Delivery } from '../domain/incident.ts';
import type { Numbered } from '../domain/record.ts';
import { shownDelivery } from '../domain/to-view.ts';
import { inTime } from './line.ts';
import type { Ports } from './ports.ts';
import type { CallScene } from './scene.ts';
import type { TellRequest } from './types.ts';
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

export function createRecorder({ records, directory, timeZone }: Ports, request: TellRequest): Recorder {
  const { record } = request;
  let numbered: Numbered | null = null;
  return {
    async record() {
      if (record === null) return;
      const messages = record.messages.map((message) => ({
        ...message,
        text: inWords(message.text, directory, timeZone),
      }));
      numbered = await records.write({ ...record, messages });
    },
    revision: () => (numbered === null ? null : (record?.revision ?? null)),
    numbered: () => numbered,
    async learn(scene, deliveries) {
      const { channel = null, ticket = null } = scene.learned();
      if (numbered === null || (deliveries.length === 0 && channel === null && ticket === null)) return;
      const { episode } = request.incident;
      const learning = records.learn({ episode, deliveries: deliveries.map(shownDelivery), channel, ticket });
      await inTime(
        learning.catch(() => undefined),
        LEARN_MS,
      );
    },
  };
}
