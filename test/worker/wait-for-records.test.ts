/** What is written while the records start is not lost to the next try: it waits for them, and for nothing else. */
import type { ProjectionBatch } from '../../domain/engine/projection.ts';
import { RecordsDown, type Records, type RecordsState } from '../../records/open-records.ts';
import { waitForRecordsWhileStarting } from '../../worker/start-worker.ts';
import { unavailableRecords } from '../webhook-server/support/test-records.ts';

const NUMBERED = { reference: 'INC-2026-001', recurrenceOf: null };
const BATCH = { incidentId: 'E1' } as ProjectionBatch;

function house(state: RecordsState) {
  const written: ProjectionBatch[] = [];
  let start = (): void => undefined;
  let close = (_reason: Error): void => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    start = resolve;
    close = reject;
  });
  const records: Records = {
    ...unavailableRecords(),
    state: () => state,
    ready: () => ready,
    project: (batch) => {
      written.push(batch);
      return Promise.resolve(NUMBERED);
    },
  };
  return {
    port: waitForRecordsWhileStarting(records),
    written,
    start: () => start(),
    close: (why: Error) => close(why),
  };
}

test('starting: the write waits, and gives the number as soon as they are there', async () => {
  const { port, written, start } = house('starting');
  const writing = port.project(BATCH);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(written).toEqual([]);
  start();
  expect([await writing, written]).toEqual([NUMBERED, [BATCH]]);
});

test('closed while they were starting: the write is refused', async () => {
  const { port, written, close } = house('starting');
  const writing = port.project(BATCH);
  close(new RecordsDown('closed'));
  await expect(writing).rejects.toThrow(RecordsDown);
  expect(written).toEqual([]);
});

test.each(['up', 'down'] as const)('%s: nothing waits', async (state) => {
  const { port, written } = house(state);
  await port.project(BATCH);
  expect(written).toEqual([BATCH]);
});
