/** How an incident's workflow is started, by alerts or by a person: the same options, so that both look alike. */
import type { WorkflowOptions } from '@temporalio/client';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { TASK_QUEUES, type IncidentInput, type IncidentMemo } from '../../workflows/contract.ts';

/** The server refuses a summary above 400 bytes, and refuses the start with it. */
const SUMMARY_BYTES = 200;
const MEMO_UNITS = 250;

/** No search attributes: one that the server does not know would refuse the start. The workflow sets them later. */
export function incidentStartOptions(declaration: Declaration): {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: [IncidentInput];
  readonly memo: Record<string, unknown>;
  readonly staticSummary: string;
} & Pick<WorkflowOptions, 'workflowIdReusePolicy'> {
  const { workflowId, incidentId, title, severity, team } = declaration;
  const memo: IncidentMemo = { incidentId, title: title.slice(0, MEMO_UNITS).toWellFormed(), severity, team };
  return {
    workflowId,
    taskQueue: TASK_QUEUES.incidents,
    args: [{ declaration }],
    memo: { ...memo },
    staticSummary: truncateToBytes(title, SUMMARY_BYTES),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  };
}

/** The longest beginning of `text` that fits into `bytes` of UTF-8. */
export function truncateToBytes(text: string, bytes: number): string {
  const whole = Buffer.from(text.toWellFormed(), 'utf8');
  if (whole.length <= bytes) return whole.toString('utf8');
  let end = bytes;
  while (end > 0 && ((whole[end] ?? 0) & 0xc0) === 0x80) end -= 1; // not in the middle of a character
  return whole.subarray(0, end).toString('utf8');
}
