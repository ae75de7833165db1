/**
 * Histories for the replay test. With `TOCSIN_RECORD_HISTORIES` naming a directory, every scenario leaves its workflows'
 * histories there; those worth keeping are copied to the folder of a version in test/replay.
 */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from '@jest/globals';
import type { WorkflowClient } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/** Stack traces name it; where somebody's checkout lies is nobody's business. */
const ROOT = join(import.meta.dirname, '../..');

export async function recordHistory({ workflow }: { workflow: WorkflowClient }, workflowId: string): Promise<void> {
  const directory = process.env['TOCSIN_RECORD_HISTORIES'];
  if (directory === undefined) return;
  try {
    // Every file of scenarios counts its workflows from 1.
    const scenarios = basename(expect.getState().testPath ?? 'unknown', '.test.ts');
    const name = `${scenarios}-${workflowId.replace(/^inc-scenario-/, '')}`;
    let runId: string | undefined;
    // The last run first, then those that continued as new before it.
    for (let back = 0; ; back += 1) {
      const history = await workflow.getHandle(workflowId, runId).fetchHistory();
      const file = back === 0 ? name : `${name}-continued-${back}`;
      writeFileSync(join(directory, `${file}.json`), historyToJSON(history).replaceAll(`${ROOT}/`, ''));
      const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
      runId = started?.continuedExecutionRunId ?? '';
      if (runId === '') return;
    }
  } catch (err) {
    // The history's call says NOT_FOUND in gRPC's own words.
    const unknown =
      err instanceof Error && (err.name === 'WorkflowNotFoundError' || (err as { code?: number }).code === 5);
    if (!unknown) throw err;
  }
}
