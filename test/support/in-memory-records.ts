/**
 * Records kept in memory, for stories: they take what real ones take, and throw when a batch contradicts an earlier
 * one, which real ones would pass over in silence.
 */
import { DeliveryError } from '../../runtime/failures.ts';
import type { RecordsPort } from '../../activities/ports.ts';
import type {
  IncidentProjection,
  ProjectionBatch,
  RecordedAlert,
  RecordedDelivery,
  RecordedTimelineEntry,
} from '../../domain/engine/projection.ts';

export interface InMemoryRecord {
  reference: string | null;
  head: IncidentProjection | null;
  revision: number;
  readonly lines: Map<number, RecordedTimelineEntry>;
  readonly deliveries: Map<string, RecordedDelivery>;
  readonly messages: Map<number, ProjectionBatch['messages'][number]>;
  readonly alerts: Map<string, RecordedAlert>;
  archived: boolean;
  /** Exports and draft were asked for. */
  prepared: boolean;
}

export function inMemoryRecords(isDown: () => boolean) {
  const records = new Map<string, InMemoryRecord>();
  let numbers = 0;
  const recordOf = (incidentId: string): InMemoryRecord => {
    const known = records.get(incidentId) ?? {
      reference: null,
      head: null,
      revision: 0,
      lines: new Map(),
      deliveries: new Map(),
      messages: new Map(),
      alerts: new Map(),
      archived: false,
      prepared: false,
    };
    records.set(incidentId, known);
    return known;
  };
  const fail = (): void => {
    if (isDown()) throw new DeliveryError('records', { code: 'ECONNREFUSED' });
  };
  const port: RecordsPort = {
    project: async (batch) => {
      fail();
      const record = recordOf(batch.incidentId);
      keep(record.lines, batch.entries, (line) => line.seq);
      keep(record.messages, batch.messages, (message) => message.n);
      for (const delivery of batch.deliveries) record.deliveries.set(idOf(delivery), delivery);
      for (const alert of batch.alerts) record.alerts.set(alert.fingerprint, alert);
      for (const fingerprint of batch.removedAlerts ?? []) record.alerts.delete(fingerprint);
      if (batch.projection !== null && batch.stateVersion >= record.revision) {
        record.head = batch.projection;
        record.revision = batch.stateVersion;
        if (!batch.projection.test) record.reference ??= `INC-2026-${String((numbers += 1)).padStart(3, '0')}`;
      }
      return { reference: record.reference, recurrenceOf: null };
    },
    projectEarly: async ({ incidentId, deliveries }) => {
      fail();
      for (const delivery of deliveries) recordOf(incidentId).deliveries.set(idOf(delivery), delivery);
    },
    archive: async (incidentId) => {
      fail();
      recordOf(incidentId).archived = true;
    },
    prepare: async (incidentId) => {
      fail();
      recordOf(incidentId).prepared = true;
    },
  };
  return { port, records };
}

const idOf = ({ key, at, state }: RecordedDelivery): string => `${key} ${at} ${state}`;

function keep<T>(into: Map<number, T>, items: readonly T[], numberOf: (item: T) => number): void {
  for (const item of items) {
    const known = into.get(numberOf(item));
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(item)) {
      throw new Error(`two things under number ${numberOf(item)}: ${JSON.stringify([known, item])}`);
    }
    into.set(numberOf(item), item);
  }
}
