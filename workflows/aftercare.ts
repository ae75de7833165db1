/**
 * Aftercare of one resolved incident: holds its final state, and owns `close` and `reopen`. A separate workflow, so
 * that the correlation key is free for the next incident while this one is still being learned from.
 */
import {
  allHandlersFinished,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import type { IncidentEvent } from '../domain/events.ts';
import { evolve } from '../domain/evolve.ts';
import type { Incident } from '../domain/incident.ts';
import { INCIDENT_WORKFLOW, TAKE_BACK_SIGNAL, TAKEN_BACK_SIGNAL, TASK_QUEUES } from './contract.ts';
import { details } from './details.ts';
import type { incidentWorkflow } from './incident.ts';
import { listenToCommands } from './listen-commands.ts';

export async function aftercareWorkflow(incident: Incident): Promise<void> {
  const holder = {
    incident,
    isAftercare: true,
    giveBack: createGiveBack(),
    record(...events: readonly IncidentEvent[]): void {
      holder.incident = events.reduce(evolve, holder.incident);
      setCurrentDetails(details(holder.incident));
    },
  };
  listenToCommands(holder);
  if (!hasDuties(incident)) holder.record({ type: 'closed', at: Date.now(), by: null, reason: 'nothing left to do' });
  await condition(() => holder.incident.phase !== 'resolved');
  await condition(allHandlersFinished);
}

/** A post-mortem is owed by the highest severity reached, unless nobody ever had to act. */
function hasDuties({ policy, highestSeverity, outcome }: Incident): boolean {
  return outcome === 'resolved' && policy.severities[highestSeverity].postmortemWithinMs !== null;
}

const ANSWER_WITHIN = '30 seconds';

/**
 * Gives a reopened incident to a run of its own, or to the run that still remembers its alerts. Answers why not, when
 * that run has gone on to a newer incident.
 */
function createGiveBack(): (reopened: Incident) => Promise<string | null> {
  let taken: boolean | null = null;
  let underWay = false;
  setHandler(defineSignal<[boolean]>(TAKEN_BACK_SIGNAL), (answer) => {
    taken = answer;
  });
  const give = async (incident: Incident): Promise<string | null> => {
    for (;;) {
      taken = null;
      if (await startRun(incident)) return null;
      const sent = getExternalWorkflowHandle(incident.workflowId).signal(TAKE_BACK_SIGNAL, incident);
      // Not delivered: that run has just ended, so its place is free now.
      if (!(await sent.then(() => true).catch(() => false))) continue;
      await condition(() => taken !== null, ANSWER_WITHIN);
      if (taken !== null) return taken ? null : 'a newer incident has its place: work on that one';
    }
  };
  return async (reopened) => {
    if (underWay) return 'it is being reopened already';
    underWay = true;
    return give({ ...reopened, aftercare: false }).finally(() => {
      underWay = false;
    });
  };
}

/** False: there is a run in its place. */
async function startRun(incident: Incident): Promise<boolean> {
  try {
    await startChild<typeof incidentWorkflow>(INCIDENT_WORKFLOW, {
      workflowId: incident.workflowId,
      taskQueue: TASK_QUEUES.incidents,
      args: [{ incident }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: incident.title,
    });
    return true;
  } catch (err) {
    if (err instanceof Error && err.name === 'WorkflowExecutionAlreadyStartedError') return false;
    throw err;
  }
}
