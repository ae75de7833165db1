import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createDataConverter } from '../../runtime/data-converter.ts';
import { workflowBundle } from '../support/scenario.ts';

const REPLAY = fileURLToPath(new URL('.', import.meta.url));
/** A folder for each version: what it recorded is never recorded over. */
const VERSIONS = readdirSync(REPLAY, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test('0.2.0 has a history of more than 1,000 events, and one that was handed over to a fresh one', () => {
  const histories = readdirSync(join(REPLAY, '0.2.0'))
    .filter((file) => file.endsWith('.json'))
    .map(
      (file) => JSON.parse(readFileSync(join(REPLAY, '0.2.0', file), 'utf8')) as { events: { eventType: string }[] },
    );
  expect(Math.max(...histories.map(({ events }) => events.length))).toBeGreaterThan(1_000);
  const last = histories.map(({ events }) => events.at(-1)?.eventType);
  expect(last).toContain('EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
});

test.each(VERSIONS)(
  'incidents that %s began go on after this deploy: every recorded history replays',
  async (version) => {
    const directory = join(REPLAY, version);
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const bundle = await workflowBundle();
    const files = readdirSync(directory).filter((file) => file.endsWith('.json'));
    expect(files.length).toBeGreaterThanOrEqual(10);
    const histories = files.map((file) => ({
      workflowId: basename(file, '.json'),
      history: JSON.parse(readFileSync(join(directory, file), 'utf8')) as unknown,
    }));
    const failed: string[] = [];
    let replayed = 0;
    const options = { workflowBundle: bundle, dataConverter: createDataConverter() };
    for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
      replayed += 1;
      if (error) failed.push(`${workflowId}: ${error.message}`);
    }
    expect(failed).toEqual([]);
    expect(replayed).toBe(files.length);
  },
  120_000,
);
