/** The doors of an incident that a story needs beyond the usual ones: raw signals, refusals, messages as sent. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { AlertBatch, AlertReport } from '../../domain/alert.ts';
import type { IncidentView, TimelineView } from '../../domain/view.ts';
import type { CommandAnswer, Refusal } from '../../workflows/contract.ts';
import { postIncidentWorkflowId, ALERTS_SIGNAL, INCIDENT_QUERY, TIMELINE_QUERY } from '../../workflows/contract.ts';
import { aBatch, anAlert } from './builders.ts';
import type { SayableCommand, Teller } from './story.ts';
import { freeClock, settled } from './settle.ts';

/** Gives a command as a signal, however it is written. */
export async function whisper(teller: Teller, type: string, raw: unknown, to = teller.workflowId): Promise<void> {
  await teller.env.client.workflow.getHandle(to).signal(type, raw);
  await teller.settle();
}

/** Gives a command that must be refused; answers why. */
export async function refusalOf(
  teller: Teller,
  { type, by = 'ana', ...command }: SayableCommand,
  to = teller.workflowId,
): Promise<Refusal> {
  try {
    await teller.env.client.workflow.getHandle(to).executeUpdate(type, { args: [{ by, ...command }] });
  } catch (err) {
    const cause = err instanceof WorkflowUpdateFailedError ? err.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'CommandRefused') throw err;
    return cause.details?.[0] as Refusal;
  }
  throw new Error(`${type} was not refused`);
}

/** A message from monitoring as it was sent: with what it leaves out. */
export async function message(
  teller: Teller,
  alerts: readonly Partial<AlertReport>[],
  over: Partial<AlertBatch> = {},
): Promise<void> {
  const handle = teller.env.client.workflow.getHandle(teller.workflowId);
  await handle.signal(ALERTS_SIGNAL, aBatch(alerts.map(anAlert), over));
  await teller.settle();
}

/** The post-incident flow of an incident: the same doors, another workflow. */
export function postIncidentOf(teller: Teller, incidentId: string) {
  const id = postIncidentWorkflowId(incidentId);
  const handle = teller.env.client.workflow.getHandle(id);
  return {
    id,
    view: () => handle.query<IncidentView>(INCIDENT_QUERY),
    timeline: () => handle.query<TimelineView>(TIMELINE_QUERY),
    status: async () => (await handle.describe()).status.name,
    say: async ({ type, by = 'ana', ...command }: SayableCommand) => {
      // It has work of its own, which an update must not meet under way.
      await settled(teller.env, [id], teller.ledger);
      const answer = await handle.executeUpdate<CommandAnswer, [unknown]>(type, { args: [{ by, ...command }] });
      await settled(teller.env, [id], teller.ledger);
      await teller.settle();
      return answer;
    },
  };
}

/** Lets time pass after the post-incident flow answered a command and ended. */
export async function passAfterPostIncident({ env, pass }: Teller, minutes: number): Promise<void> {
  await freeClock(env);
  await pass(minutes);
}

/** Kinds of the timeline's lines, in order. */
export async function kinds(teller: Teller): Promise<string[]> {
  return (await teller.timeline()).timeline.map(({ kind }) => kind);
}
