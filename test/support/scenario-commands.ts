/** The doors of an incident that a story needs beyond the usual ones: raw signals, refusals, messages as sent. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import type { CommandAnswer, Refusal } from '../../workflows/contract.ts';
import { postIncidentWorkflowId, ALERTS_SIGNAL, INCIDENT_QUERY, TIMELINE_QUERY } from '../../workflows/contract.ts';
import { anAlertBatch, anAlert } from './builders.ts';
import type { TestCommand, ScenarioDriver } from './scenario.ts';
import { releaseClock, waitUntilSettled } from './settle.ts';

/** Gives a command as a signal, however it is written. */
export async function sendRawSignal(
  driver: ScenarioDriver,
  type: string,
  raw: unknown,
  to = driver.workflowId,
): Promise<void> {
  await driver.env.client.workflow.getHandle(to).signal(type, raw);
  await driver.settle();
}

/** Gives a command that must be refused; answers why. */
export async function refusalOf(
  driver: ScenarioDriver,
  { type, by = 'ana', ...command }: TestCommand,
  to = driver.workflowId,
): Promise<Refusal> {
  try {
    await driver.env.client.workflow.getHandle(to).executeUpdate(type, { args: [{ by, ...command }] });
  } catch (err) {
    const cause = err instanceof WorkflowUpdateFailedError ? err.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== 'CommandRefused') throw err;
    return cause.details?.[0] as Refusal;
  }
  throw new Error(`${type} was not refused`);
}

/** A message from monitoring as it was sent: with what it leaves out. */
export async function sendAlertBatch(
  driver: ScenarioDriver,
  alerts: readonly Partial<AlertReport>[],
  over: Partial<AlertBatch> = {},
): Promise<void> {
  const handle = driver.env.client.workflow.getHandle(driver.workflowId);
  const receivedAt = await driver.env.currentTimeMs();
  await handle.signal(ALERTS_SIGNAL, anAlertBatch(alerts.map(anAlert), { receivedAt, ...over }));
  await driver.settle();
}

/** The post-incident flow of an incident: the same doors, another workflow. */
export function postIncidentOf(driver: ScenarioDriver, incidentId: string) {
  const id = postIncidentWorkflowId(incidentId);
  const handle = driver.env.client.workflow.getHandle(id);
  return {
    id,
    view: () => handle.query<IncidentView>(INCIDENT_QUERY),
    timeline: () => handle.query<TimelineView>(TIMELINE_QUERY),
    status: async () => (await handle.describe()).status.name,
    sendCommand: async ({ type, by = 'ana', ...command }: TestCommand) => {
      // It has work of its own, which an update must not meet under way.
      await waitUntilSettled(driver.env, [id], driver.ledger);
      const answer = await handle.executeUpdate<CommandAnswer, [unknown]>(type, { args: [{ by, ...command }] });
      await waitUntilSettled(driver.env, [id], driver.ledger);
      await driver.settle();
      return answer;
    },
  };
}

/** Lets time pass after the post-incident flow answered a command and ended. */
export async function advanceAfterPostIncident(
  { env, advanceMinutes }: ScenarioDriver,
  minutes: number,
): Promise<void> {
  await releaseClock(env);
  await advanceMinutes(minutes);
}

/** Kinds of the timeline's lines, in order. */
export async function timelineKinds(driver: ScenarioDriver): Promise<string[]> {
  return (await driver.timeline()).timeline.map(({ kind }) => kind);
}
