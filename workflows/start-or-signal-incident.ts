/** How a workflow opens an incident or signals the open one, with neither activity nor database. */
import {
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  uuid4,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { AlertBatch } from '../domain/kernel/alert.ts';
import type { Declaration } from '../domain/kernel/declaration.ts';
import { ALERTS_SIGNAL, INCIDENT_WORKFLOW, memoOf, startSummary, TASK_QUEUES } from './contract.ts';
import type { incidentWorkflow } from './incident.ts';

const ALREADY_STARTED = 'WorkflowExecutionAlreadyStartedError';

/** The incident outlives its parent. Throws Temporal's error when it can neither be started nor signalled. */
export async function startOrSignalIncident(declaration: Declaration, batch: AlertBatch): Promise<void> {
  const { workflowId } = declaration;
  try {
    await startChild<typeof incidentWorkflow>(INCIDENT_WORKFLOW, {
      workflowId,
      taskQueue: TASK_QUEUES.incidents,
      args: [{ declaration }],
      memo: { ...memoOf(declaration) },
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: startSummary(declaration),
    });
  } catch (err) {
    if (!(err instanceof Error) || err.name !== ALREADY_STARTED) throw err;
  }
  await getExternalWorkflowHandle(workflowId).signal(ALERTS_SIGNAL, batch);
}
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID from the workflow's own clock and randomness, so that a replay makes the same one. */
export function newIncidentId(at: number): string {
  let time = '';
  for (let rest = at, i = 0; i < 10; i += 1, rest = Math.floor(rest / 32)) time = CROCKFORD.charAt(rest % 32) + time;
  const hex = uuid4().replaceAll('-', '');
  const random = [...hex.slice(0, 16)].map((digit, i) => {
    const more = Number.parseInt(hex.charAt(16 + i), 16) & 1;
    return CROCKFORD.charAt(Number.parseInt(digit, 16) * 2 + more);
  });
  return time + random.join('');
}
