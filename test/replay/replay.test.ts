import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createDataConverter } from '../../runtime/data-converter.ts';
import { workflowBundle } from '../support/scenario.ts';

const HISTORIES = fileURLToPath(new URL('./histories', import.meta.url));

test('incidents that are under way go on after this deploy: every recorded history replays', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const bundle = await workflowBundle();
  const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));
  expect(files.length).toBeGreaterThanOrEqual(10);
  const histories = files.map((file) => ({
    workflowId: basename(file, '.json'),
    history: JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as unknown,
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
}, 120_000);
