/** After the end: aftercare takes over, and the run lingers while monitoring may still speak of the same alerts. */
import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import { NO_ORDERS } from '../domain/orders.ts';
import { isOpen } from '../domain/phase.ts';
import { lingersUntil } from '../domain/watch.ts';
import type { aftercareWorkflow } from './aftercare.ts';
import { AFTERCARE_WORKFLOW, aftercareWorkflowId, TASK_QUEUES } from './contract.ts';
import type { IncidentRun } from './run.ts';

/** Courtesies that cannot be delivered hold a run that is over no longer than this. */
const ORDERS_WAIT_MS = 24 * 3_600_000;

/** Over once its alerts are forgotten and everything owed is told; open again when somebody or something reopens it. */
export function careAfterwards(run: IncidentRun): void {
  const { incident } = run;
  if (isOpen(incident.phase)) return;
  if (incident.phase === 'resolved' && !incident.aftercare) handToAftercare(run);
  const forgottenAt = lingersUntil(incident);
  const endsAt = owesNothing(run) ? forgottenAt : Math.max(forgottenAt, endedAt(run) + ORDERS_WAIT_MS);
  run.over = endsAt <= Date.now() && !run.isCalling(CALL);
  if (!run.over) run.wakeAt(endsAt, 'alerts are forgotten');
}

const CALL = 'hand to aftercare';

/** The child outlives this run. */
function handToAftercare(run: IncidentRun): void {
  const { episode, title } = run.incident;
  // What is still owed stays with this run; the count goes on, so that no two orders of an episode share a key.
  const orders = { ...NO_ORDERS, given: run.incident.orders.given };
  const incident = { ...run.incident, orders, aftercare: true };
  run.replace({ ...run.incident, aftercare: true });
  run.call(
    CALL,
    () =>
      startChild<typeof aftercareWorkflow>(AFTERCARE_WORKFLOW, {
        workflowId: aftercareWorkflowId(episode),
        taskQueue: TASK_QUEUES.incidents,
        args: [incident],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        staticSummary: `aftercare: ${title}`,
      }),
    () => undefined,
    (reason) => run.record({ type: 'courtesy-failed', at: Date.now(), what: 'aftercare', reason }),
  );
}

function owesNothing({ incident }: IncidentRun): boolean {
  const { pages, posts, entries, notices } = incident.orders;
  return pages.length + posts.length + entries.length + notices.length === 0;
}

function endedAt({ incident }: IncidentRun): number {
  return incident.resolvedAt ?? incident.closedAt ?? incident.declaredAt;
}
