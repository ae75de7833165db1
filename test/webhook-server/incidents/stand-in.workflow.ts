/**
 * Stands in for the incident and its post-incident flow: the names and doors of the contract, and a record of what came through
 * them. None of the runbook.
 */
import {
  ApplicationFailure,
  condition,
  currentUpdateInfo,
  ParentClosePolicy,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import { defineQuery, defineSignal, defineUpdate, workflowInfo } from '@temporalio/workflow';
import type { AlertBatch, FallbackPage } from '../../../domain/kernel/alert.ts';
import type { Command, CommandType } from '../../../domain/kernel/commands.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { Phase } from '../../../domain/kernel/phase.ts';
import {
  postIncidentWorkflowId,
  ALERTS_SIGNAL,
  COMMAND_REFUSED,
  INCIDENT_QUERY,
  STORM_MEMBERS_QUERY,
  TIMELINE_QUERY,
  COMMAND_WITHDRAWN,
  WITHDRAW_SIGNAL,
  type UpdateAnswer,
} from '../../../workflows/contract.ts';

/** What the tests ask it. */
export interface StandInState {
  readonly declaration: Declaration;
  readonly runId: string;
  /** Fingerprints of each batch. */
  readonly batches: readonly (readonly string[])[];
  /** `fingerprint@start` → its state, resolved being final. */
  readonly alerts: Readonly<Record<string, 'firing' | 'resolved'>>;
  readonly acknowledgements: number;
  readonly raised: number;
  /** Pages that the edge says it has sent. */
  readonly serverPages: readonly FallbackPage[];
  /** Workflow ids of the groups that joined a storm. */
  readonly members: readonly string[];
}

/** An incident of this title is never forgotten. */
export const STAYS_OPEN_TITLE = 'it lingers';

/** What a view has at least. */
const LISTS = { alerts: [], deliveries: [] };

const answer = (command: CommandType, text: string, phase: Phase, seq: number): UpdateAnswer => ({
  ...{ command, changed: true, text, phase, seq },
});

const refuse = (phase: Phase): ApplicationFailure =>
  ApplicationFailure.create({
    message: `not in ${phase}`,
    type: COMMAND_REFUSED,
    nonRetryable: true,
    details: [{ reason: `not in ${phase}`, phase, allowed: ['reopen'] }],
  });

export async function incidentWorkflow({ declaration: opening }: { declaration: Declaration }): Promise<void> {
  const batches: string[][] = [];
  const alerts: Record<string, 'firing' | 'resolved'> = {};
  const requests = new Set<string>();
  const serverPages: FallbackPage[] = [];
  const members = new Set<string>();
  let phase: Phase = 'declared';
  let seq = 1;
  let { incidentId } = opening;

  // Only tests say this: a newer incident begins in the run that lingers.
  setHandler(defineSignal<[string]>('recurring'), (newer) => {
    incidentId = newer;
    phase = 'declared';
    seq = 1;
  });
  setHandler(
    defineUpdate<UpdateAnswer, [Command]>('addNote'),
    () => answer('addNote', 'noted here', phase, (seq += 1)),
    {
      validator: (command) => {
        if (phase === 'resolved' || (command.incidentId ?? incidentId) !== incidentId) throw refuse(phase);
      },
    },
  );
  setHandler(defineSignal<[AlertBatch]>(ALERTS_SIGNAL), (batch) => {
    batches.push(batch.alerts.map(({ fingerprint }) => fingerprint));
    serverPages.push(...(batch.alreadyPaged ?? []));
    for (const { workflowId } of batch.groups ?? []) members.add(workflowId);
    for (const { fingerprint, startsAt, status } of batch.alerts) {
      const key = `${fingerprint}@${startsAt}`;
      if (alerts[key] !== 'resolved') alerts[key] = status;
    }
  });
  const acknowledge = ({ requestId, incidentId: meant = incidentId }: Command): UpdateAnswer => {
    if (meant !== incidentId) throw refuse(phase);
    requests.add(requestId ?? '');
    phase = 'investigating';
    return answer('acknowledge', 'seen', phase, (seq += 1));
  };
  setHandler(defineUpdate<UpdateAnswer, [Command]>('acknowledge'), acknowledge);
  setHandler(defineSignal<[Command]>('acknowledge'), (command) => void acknowledge(command));
  let raised = 0;
  const withdrawn = new Set<string>();
  setHandler(defineSignal<[string]>(WITHDRAW_SIGNAL), (updateId) => void withdrawn.add(updateId));
  const raise = (_command: Command): UpdateAnswer =>
    answer('setSeverity', `raised ${(raised += 1)}`, phase, (seq += 1));
  setHandler(defineUpdate<UpdateAnswer, [Command]>('setSeverity'), raise, {
    validator: (_command: Command) => {
      if (!withdrawn.has(currentUpdateInfo()?.id ?? '')) return;
      throw ApplicationFailure.nonRetryable('withdrawn', COMMAND_WITHDRAWN);
    },
  });
  setHandler(defineUpdate<UpdateAnswer, [Command]>('reopen'), () => {
    throw refuse(phase);
  });
  setHandler(defineUpdate<UpdateAnswer, [Command]>('resolve'), () => {
    phase = 'resolved';
    return answer('resolve', 'over', phase, (seq += 1));
  });
  setHandler(defineQuery(INCIDENT_QUERY), () => ({
    ...LISTS,
    reference: null,
    id: incidentId,
    phase,
    seq,
    title: opening.title,
  }));
  setHandler(defineQuery(STORM_MEMBERS_QUERY), () => [...members]);
  setHandler(defineQuery(TIMELINE_QUERY), () => ({ timeline: [{ seq: 1, kind: 'declared' }], cut: 0 }));
  setHandler(defineQuery<StandInState>('standInState'), (): StandInState => ({
    declaration: opening,
    runId: workflowInfo().runId,
    batches,
    alerts,
    acknowledgements: requests.size,
    raised,
    serverPages,
    members: [...members],
  }));

  await condition(() => phase === 'resolved');
  await startChild(postIncidentWorkflow, {
    workflowId: postIncidentWorkflowId(opening.incidentId),
    args: [opening.incidentId, seq],
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
  if (opening.title === STAYS_OPEN_TITLE) await condition(() => false);
}

export async function postIncidentWorkflow(incidentId: string, from: number): Promise<void> {
  let phase: Phase = 'resolved';
  let seq = from + 1;
  setHandler(defineQuery(INCIDENT_QUERY), () => ({ ...LISTS, id: incidentId, phase, seq, title: 'postIncident' }));
  setHandler(defineQuery(TIMELINE_QUERY), () => ({ timeline: [{ seq, kind: 'noted' }], cut: 0 }));
  setHandler(defineUpdate<UpdateAnswer, [Command]>('addNote'), () => answer('addNote', 'noted', phase, (seq += 1)));
  setHandler(defineUpdate<UpdateAnswer, [Command]>('close'), () => {
    phase = 'closed';
    return answer('close', 'closed', phase, (seq += 1));
  });
  await condition(() => phase === 'closed');
}
