/**
 * Two incidents become one. Messages from one to the other stay in its state until they are delivered, and so do the
 * alerts that a merged incident forwards. No activity, no database.
 */
import { condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import { recurrenceDeclaration } from '../../domain/alerts/recurrence.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import { refireAlerts } from '../../domain/engine/observe-forwarded.ts';
import { nextForward, firingUndeliveredAlerts } from '../../domain/merge/forwarding.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import { answerDueAt, giveUpMerge, MERGE_UNDER_WAY, unanswered } from '../../domain/merge/merge.ts';
import { handleMergeMessage } from '../../domain/engine/merge-incidents.ts';
import type { MergeMessage, MergeMessageEntry } from '../../domain/kernel/merge-messages.ts';
import { mergeTarget } from '../../domain/kernel/merge-messages.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import { ALERTS_SIGNAL, MERGE_SIGNAL } from '../contract.ts';
import { newIncidentId } from '../start-or-signal-incident.ts';
import type { IncidentRun } from '../incident-run.ts';

export function onMergeMessage(run: IncidentRun, message: MergeMessage): void {
  const events = handleMergeMessage(run.incident, message, Date.now());
  if (events.length > 0) run.record(...events);
}

/** Sends other incidents their messages, one after the other for each, and then the alerts. */
export function sendMergeMessages(run: IncidentRun): void {
  giveUpWaiting(run);
  const messages = run.incident.outbox.mergeMessages ?? [];
  for (const to of new Set(messages.map((entry) => entry.to))) {
    const first = messages.find((entry) => entry.to === to);
    if (first !== undefined && !run.isCalling(callName(to))) send(run, first);
  }
  forward(run);
}

const callName = (workflowId: string): string => `merge ${workflowId}`;

function giveUpWaiting(run: IncidentRun): void {
  const dueAt = answerDueAt(run.incident);
  if (dueAt === null) return;
  if (dueAt > Date.now()) run.wakeAt(dueAt, 'give up merging');
  else run.record(...giveUpMerge(run.incident, Date.now()));
}

function send(run: IncidentRun, { id, to, message }: MergeMessageEntry): void {
  const { incidentId } = run.incident;
  const isGone: IncidentEvent = { type: 'merge-message-sent', at: Date.now(), id };
  run.call(
    callName(to),
    () => getExternalWorkflowHandle(to).signal(MERGE_SIGNAL, message),
    () => run.record(isGone),
    () => {
      // There is no run with that id any more.
      run.record(isGone);
      if (run.incident.incidentId === incidentId) run.record(...undeliveredEvents(run.incident, to, message));
    },
  );
}

/** What it means for the sender that a message could not be delivered. */
function undeliveredEvents(incident: Incident, to: string, message: MergeMessage): readonly IncidentEvent[] {
  const at = Date.now();
  if (message.kind === 'merge-request' && message.requestNumber === incident.merge.pendingMerge?.requestNumber) {
    return unanswered(incident, 'there is no open incident of that id', at);
  }
  return message.kind === 'follow' && mergeTarget(incident)?.workflowId === to
    ? [{ type: 'merge-target-closed', at }]
    : [];
}

function forward(run: IncidentRun): void {
  const next = nextForward(run.incident, Date.now());
  if (next === null || run.isCalling(callName(next.to)) || hasWordFor(run, next.to)) return;
  const { incidentId } = run.incident;
  const stillMeant = (): boolean => run.incident.incidentId === incidentId;
  run.call(
    callName(next.to),
    () => getExternalWorkflowHandle(next.to).signal(ALERTS_SIGNAL, next.batch),
    () => {
      if (stillMeant()) run.record({ ...next.done, at: Date.now() });
    },
    () => {
      if (stillMeant() && mergeTarget(run.incident)?.workflowId === next.to) {
        run.record({ type: 'merge-target-closed', at: Date.now() });
      }
    },
  );
}

function hasWordFor({ incident }: IncidentRun, workflowId: string): boolean {
  return (incident.outbox.mergeMessages ?? []).some(({ to }) => to === workflowId);
}

/** True while a message to another incident is undelivered. */
export function hasPendingMergeMessages({ incident }: IncidentRun): boolean {
  return (incident.outbox.mergeMessages ?? []).length > 0;
}

/** Opens a new incident for alerts that fired while the target was ending, once the post-incident flow has this one. */
export function startNewIncidentForUndelivered(run: IncidentRun): void {
  const { incident } = run;
  if (isOpen(incident.phase) || !incident.postIncident.handedOver) return;
  const alerts = firingUndeliveredAlerts(incident);
  if (alerts.length === 0) return;
  const at = Date.now();
  run.startNewIncident(recurrenceDeclaration(incident, alerts, newIncidentId(at)), at);
  run.record(...refireAlerts(run.incident, alerts, at));
}

export interface MergeOutcome {
  /** Null: not refused. */
  readonly refused: string | null;
  readonly text: string;
}

const TIMEOUT = '10 seconds';

/** The outcome of the pending merge request; says that it is still pending if the answer takes too long. */
export async function outcomeOfMerge(run: IncidentRun): Promise<MergeOutcome> {
  const ask = run.incident.merge.pendingMerge?.requestNumber;
  await condition(() => run.isEnding || run.incident.merge.pendingMerge?.requestNumber === undefined, TIMEOUT);
  const { merge } = run.incident;
  if (merge.pendingMerge) return { refused: null, text: MERGE_UNDER_WAY };
  if (merge.mergedTo) return { refused: null, text: `Merged into ${merge.mergedTo.name}.` };
  const why =
    ask === undefined || (merge.mergeRefused?.requestNumber ?? 0) < ask
      ? 'the incident is over'
      : merge.mergeRefused?.reason;
  return { refused: why ?? 'the incident is over', text: '' };
}
