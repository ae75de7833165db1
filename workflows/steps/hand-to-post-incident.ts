/** After the end the post-incident flow takes over, and the run waits for late reports of the same alerts. */
import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import { EMPTY_OUTBOX } from '../../domain/kernel/outbox.ts';
import { mergeTarget } from '../../domain/kernel/merge-messages.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import { nextRelease } from '../../domain/alerts/suppressed-alerts.ts';
import { awaitsLateAlertsUntil } from '../../domain/mitigation/monitoring-window.ts';
import type { postIncidentWorkflow } from '../post-incident.ts';
import { memoOf, POST_INCIDENT_WORKFLOW, postIncidentWorkflowId, startSummary, TASK_QUEUES } from '../contract.ts';
import { hasPendingMergeMessages } from './merge.ts';
import type { IncidentRun } from '../incident-run.ts';
import { handoverOf, hasPendingNotifications, stopDelivering } from './deliver-notifications.ts';

/**
 * The run ends when it need not remember the alerts any longer; a person or an alert may reopen the incident before.
 */
export function handOverWhenOver(run: IncidentRun): void {
  // A merged incident forwards alerts as long as its target is open, and ends with it.
  if (isOpen(run.incident.phase) || mergeTarget(run.incident) !== null) return;
  if (!run.incident.postIncident.handedOver) handToPostIncident(run);
  const forgottenAt = awaitsLateAlertsUntil(run.incident);
  const { pages, splits = [] } = run.incident.outbox;
  const busy =
    run.isCalling(CALL) ||
    pages.length + splits.length > 0 ||
    hasPendingNotifications(run) ||
    hasPendingMergeMessages(run);
  run.over = forgottenAt <= Date.now() && !busy && nextRelease(run.suppressedAlerts) === null;
  if (!run.over && forgottenAt > Date.now()) run.wakeAt(forgottenAt, 'alerts are forgotten');
}

const CALL = 'hand to the post-incident flow';

/**
 * Hands over the outbox, except pages, splits and merge messages, which this run still sends. The child outlives it.
 */
function handToPostIncident(run: IncidentRun): void {
  const { incident } = run;
  const { incidentId, outbox } = incident;
  const { splits, mergeMessages, ...others } = outbox;
  const handover = handoverOf(run, { ...incident, outbox: { ...others, pages: [] } });
  stopDelivering(run);
  run.replace({
    ...incident,
    outbox: {
      ...EMPTY_OUTBOX,
      pages: outbox.pages,
      lastNumber: outbox.lastNumber,
      ...(splits === undefined ? {} : { splits }),
      ...(mergeMessages === undefined ? {} : { mergeMessages }),
    },
    projection: { ...incident.projection, pending: [], changedAlerts: [] },
    postIncident: { ...incident.postIncident, handedOver: true },
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
        staticSummary: `Post-incident: ${startSummary(incident)}`,
        memo: { ...memoOf(incident) },
      }),
    () => undefined,
    // The start can only fail because that workflow is already running, and then it has the incident.
    () => undefined,
  );
}
