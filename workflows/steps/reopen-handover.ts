/** Reopening an incident that is over: it goes from its post-incident flow back to a run. */
import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import type { Incident } from '../../domain/kernel/incident.ts';
import type { Handover } from '../contract.ts';
import {
  INCIDENT_WORKFLOW,
  memoOf,
  REOPEN_HANDOVER_SIGNAL,
  REOPEN_HANDOVER_TAKEN_SIGNAL,
  startSummary,
  TASK_QUEUES,
} from '../contract.ts';
import { described } from '../handler-descriptions.ts';
import { cancelFollowUps } from './follow-ups.ts';
import type { incidentWorkflow } from '../incident.ts';
import type { IncidentRun } from '../incident-run.ts';
import { handoverOf, stopDelivering } from './deliver-notifications.ts';

const ANSWER_WITHIN = '30 seconds';

export interface ReopenHandover {
  /**
   * Hands a reopened incident to a new run, or to the run that still remembers its alerts. Returns the reason if that
   * run already has a newer incident; null when it was taken, and the post-incident flow ends.
   */
  readonly back: (reopened: Incident) => Promise<string | null>;
  /** True during a handover: nothing is delivered meanwhile, because the run will deliver it. */
  readonly isUnderWay: () => boolean;
}

export function createReopenHandover(run: IncidentRun): ReopenHandover {
  let taken: boolean | null = null;
  let underWay = false;
  const take = (answer: boolean): void => {
    taken = answer;
  };
  setHandler(defineSignal<[boolean]>(REOPEN_HANDOVER_TAKEN_SIGNAL), take, described(REOPEN_HANDOVER_TAKEN_SIGNAL));
  const give = async (handover: Handover): Promise<string | null> => {
    for (;;) {
      taken = null;
      if (await startRun(handover)) return null;
      const sent = getExternalWorkflowHandle(handover.incident.workflowId).signal(REOPEN_HANDOVER_SIGNAL, handover);
      // The signal failed because that run has just ended, so its workflow id is free now.
      if (!(await sent.then(() => true).catch(() => false))) continue;
      await condition(() => taken !== null, ANSWER_WITHIN);
      if (taken !== null) return taken ? null : 'a newer incident has its place: work on that one';
    }
  };
  const back = async (incident: Incident): Promise<string | null> => {
    if (underWay) return 'it is being reopened already';
    underWay = true;
    const handover = handoverOf(run, incident);
    stopDelivering(run);
    cancelFollowUps(run);
    const reason = await give(handover);
    if (reason === null) run.over = true;
    else for (const line of handover.maybeDelivered) run.failingQueues.add(line);
    underWay = false;
    return reason;
  };
  return { back, isUnderWay: () => underWay };
}

/** False: a run with that id exists. */
async function startRun(handover: Handover): Promise<boolean> {
  try {
    await startChild<typeof incidentWorkflow>(INCIDENT_WORKFLOW, {
      workflowId: handover.incident.workflowId,
      taskQueue: TASK_QUEUES.incidents,
      args: [handover],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: startSummary(handover.incident),
      memo: { ...memoOf(handover.incident) },
    });
    return true;
  } catch (err) {
    if (err instanceof Error && err.name === 'WorkflowExecutionAlreadyStartedError') return false;
    throw err;
  }
}
