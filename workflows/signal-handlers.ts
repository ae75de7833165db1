/** The signals of an incident's run: commands, alerts, merge messages, reopened incidents and the ends of windows. */
import { defineSignal, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import { recurrenceDeclaration } from '../domain/alerts/recurrence.ts';
import type { AlertBatch } from '../domain/kernel/alert.ts';
import { observe } from '../domain/engine/observe.ts';
import { isForwarded, observeForwarded } from '../domain/engine/observe-forwarded.ts';
import type { MergeMessage } from '../domain/kernel/merge-messages.ts';
import { alertsOfSplitOffGroups } from '../domain/alerts/storm.ts';
import type { Handover, WindowEnd } from './contract.ts';
import {
  postIncidentWorkflowId,
  ALERTS_SIGNAL,
  MERGE_SIGNAL,
  REOPEN_HANDOVER_SIGNAL,
  REOPEN_HANDOVER_TAKEN_SIGNAL,
  WINDOW_END_SIGNAL,
} from './contract.ts';
import { described } from './handler-descriptions.ts';
import { newIncidentId } from './start-or-signal-incident.ts';
import { withoutSuppressedAlerts } from './steps/suppressed-alerts.ts';
import { installCommandHandlers } from './command-handlers.ts';
import { onMergeMessage } from './steps/merge.ts';
import type { IncidentRun } from './incident-run.ts';

export function installHandlers(run: IncidentRun): void {
  installCommandHandlers(run);
  const on = <Argument>(
    name: Parameters<typeof described>[0],
    handle: (run: IncidentRun, argument: Argument) => void,
  ): void => setHandler(defineSignal<[Argument]>(name), (argument) => handle(run, argument), described(name));
  on<MergeMessage>(MERGE_SIGNAL, onMergeMessage);
  on<AlertBatch>(ALERTS_SIGNAL, handleAlerts);
  on<Handover>(REOPEN_HANDOVER_SIGNAL, acceptReopenHandover);
  on<WindowEnd>(WINDOW_END_SIGNAL, (_run, { window, until }) => run.windowEnds(window, until));
}

/** Handles alerts from a signal, or alerts released after maintenance. */
export function handleAlerts(run: IncidentRun, received: AlertBatch): void {
  const at = Date.now();
  run.receivedAt ??= received.receivedAt;
  if (isForwarded(received)) return run.record(...observeForwarded(run.incident, received, at));
  for (const [workflowId, alerts] of alertsOfSplitOffGroups(run.incident, received))
    forward(workflowId, { ...received, alerts });
  const batch = withoutSuppressedAlerts(run, received, at);
  if (batch !== null) observeAlerts(run, batch, at);
}

/** Applies alerts that nothing suppresses; those that fire after the end start the next incident. */
export function observeAlerts(run: IncidentRun, batch: AlertBatch, at: number): void {
  const observed = observe(run.incident, batch, at);
  run.record(...observed.events);
  if (observed.recurring.length === 0) return;
  run.startNewIncident(recurrenceDeclaration(run.incident, observed.recurring, newIncidentId(at)), at);
  run.receivedAt = batch.receivedAt;
  run.record(...observe(run.incident, { ...batch, alerts: observed.recurring }, at).events);
}

/** Forwards alerts of a group that left the storm to its own incident; the sender may not know of the split yet. */
function forward(workflowId: string, { groups: _, ...batch }: AlertBatch): void {
  getExternalWorkflowHandle(workflowId)
    .signal(ALERTS_SIGNAL, batch)
    .catch(() => undefined); // that incident is over
}

/** The post-incident flow hands the incident back with its record; alerts and late pages are more up to date here. */
function acceptReopenHandover(run: IncidentRun, { incident, maybeDelivered }: Handover): void {
  const known = run.incident;
  const accepted = incident.incidentId === known.incidentId && known.postIncident.handedOver;
  getExternalWorkflowHandle(postIncidentWorkflowId(incident.incidentId))
    .signal(REOPEN_HANDOVER_TAKEN_SIGNAL, accepted)
    .catch(() => undefined);
  if (!accepted) return;
  for (const queue of maybeDelivered) run.failingQueues.add(queue);
  run.replace({
    ...incident,
    alerts: { ...incident.alerts, states: known.alerts.states },
    outbox: {
      ...incident.outbox,
      pages: [...known.outbox.pages, ...incident.outbox.pages],
      ...(known.outbox.mergeMessages === undefined ? {} : { mergeMessages: known.outbox.mergeMessages }),
      ...(known.outbox.splits === undefined ? {} : { splits: known.outbox.splits }),
    },
    deliveries: known.deliveries,
    stateVersion: Math.max(known.stateVersion, incident.stateVersion) + 1,
    projection: {
      ...incident.projection,
      pending: [...known.projection.pending, ...incident.projection.pending],
      changedAlerts: [...known.projection.changedAlerts, ...incident.projection.changedAlerts],
    },
  });
}
