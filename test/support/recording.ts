/**
 * Histories for the replay test. With `TOCSIN_RECORD_HISTORIES` naming a directory, every story leaves its workflows'
 * histories there; those worth keeping are copied to test/replay/histories.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowClient } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

export async function recordHistory({ workflow }: { workflow: WorkflowClient }, workflowId: string): Promise<void> {
  const directory = process.env['TOCSIN_RECORD_HISTORIES'];
  if (directory === undefined) return;
  try {
    const history = await workflow.getHandle(workflowId).fetchHistory();
    writeFileSync(join(directory, `${workflowId}.json`), historyToJSON(history));
  } catch (err) {
    // The history's call says NOT_FOUND in gRPC's own words.
    const unknown =
      err instanceof Error && (err.name === 'WorkflowNotFoundError' || (err as { code?: number }).code === 5);
    if (!unknown) throw err;
  }
}
