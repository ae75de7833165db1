/** After the end: the post-incident flow takes over, and the run lingers while monitoring may still speak of the same alerts. */
import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import { NO_ORDERS } from '../domain/orders.ts';
import { mergeTarget } from '../domain/merge-peers.ts';
import { isOpen } from '../domain/phase.ts';
import { nextRelease } from '../domain/suppressed-alerts.ts';
import { lingersUntil } from '../domain/watch.ts';
import type { postIncidentWorkflow } from './post-incident.ts';
import { POST_INCIDENT_WORKFLOW, postIncidentWorkflowId, TASK_QUEUES } from './contract.ts';
import { owesOthers } from './merge.ts';
import type { IncidentRun } from './run.ts';
import { handoverOf, owesAnything, stopTelling } from './tell.ts';

/** Over once its alerts are forgotten; open again when somebody or something reopens it. */
export function careAfterwards(run: IncidentRun): void {
  // Merged: it forwards while the other one is open, and is over with it.
  if (isOpen(run.incident.phase) || mergeTarget(run.incident) !== null) return;
  if (!run.incident.postIncident) handToPostIncident(run);
  const forgottenAt = lingersUntil(run.incident);
  const { pages, splits = [] } = run.incident.orders;
  const busy = run.isCalling(CALL) || pages.length + splits.length > 0 || owesAnything(run) || owesOthers(run);
  run.over = forgottenAt <= Date.now() && !busy && nextRelease(run.waiting) === null;
  if (!run.over && forgottenAt > Date.now()) run.wakeAt(forgottenAt, 'alerts are forgotten');
}

const CALL = 'hand to the post-incident flow';

/** Everything owed goes with it, but for pages, splits and words to other incidents, which are under way here. The child outlives this run. */
function handToPostIncident(run: IncidentRun): void {
  const { incident } = run;
  const { incidentId, title, orders } = incident;
  const { splits, words, ...others } = orders;
  const handover = handoverOf(run, { ...incident, orders: { ...others, pages: [] } });
  stopTelling(run);
  run.replace({
    ...incident,
    orders: {
      ...NO_ORDERS,
      ...{ pages: orders.pages, given: orders.given },
      ...(splits === undefined ? {} : { splits }),
      ...(words === undefined ? {} : { words }),
    },
    tail: [],
    changedAlerts: [],
    postIncident: true,
  });
  run.call(
    CALL,
    () =>
      startChild<typeof postIncidentWorkflow>(POST_INCIDENT_WORKFLOW, {
        workflowId: postIncidentWorkflowId(incidentId),
        taskQueue: TASK_QUEUES.incidents,
        args: [handover],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        staticSummary: `the post-incident flow: ${title}`,
      }),
    () => undefined,
    // Only a run of that very name can be in the way: it has the incident already.
    () => undefined,
  );
}
