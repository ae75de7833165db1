/** What reaches an incident's run: commands, alerts, and its own incident given back after its end. */
import { defineSignal, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import { recurrenceDeclaration } from '../domain/alerts/recurrence.ts';
import type { AlertBatch } from '../domain/kernel/alert.ts';
import { observe, isForwarded, observeForwarded } from '../domain/engine/observe.ts';
import { alertsOfSplitOffGroups } from '../domain/alerts/storm.ts';
import type { Handover, WindowEnd } from './contract.ts';
import {
  postIncidentWorkflowId,
  ALERTS_SIGNAL,
  REOPEN_HANDOVER_SIGNAL,
  REOPEN_HANDOVER_TAKEN_SIGNAL,
  WINDOW_END_SIGNAL,
} from './contract.ts';
import { newIncidentId } from './start-or-signal-incident.ts';
import { withoutSuppressedAlerts } from './steps/suppressed-alerts.ts';
import { installCommandHandlers } from './command-handlers.ts';
import { handleMergeSignals } from './steps/merge.ts';
import type { IncidentRun } from './incident-run.ts';

export function installHandlers(run: IncidentRun): void {
  installCommandHandlers(run);
  handleMergeSignals(run);
  setHandler(defineSignal<[AlertBatch]>(ALERTS_SIGNAL), (batch) => handleAlerts(run, batch));
  setHandler(defineSignal<[Handover]>(REOPEN_HANDOVER_SIGNAL), (handover) => acceptReopenHandover(run, handover));
  setHandler(defineSignal<[WindowEnd]>(WINDOW_END_SIGNAL), ({ window, until }) => run.windowEnds(window, until));
}

/** What monitoring said, by a signal or by waiting until maintenance was over. */
export function handleAlerts(run: IncidentRun, told: AlertBatch): void {
  const at = Date.now();
  if (isForwarded(told)) return run.record(...observeForwarded(run.incident, told, at));
  for (const [workflowId, alerts] of alertsOfSplitOffGroups(run.incident, told))
    forward(workflowId, { ...told, alerts });
  const batch = withoutSuppressedAlerts(run, told, at);
  if (batch === null) return;
  const seen = observe(run.incident, batch, at);
  run.record(...seen.events);
  if (seen.recurring.length === 0) return;
  run.startNewIncident(recurrenceDeclaration(run.incident, seen.recurring, newIncidentId(at)), at);
  run.record(...observe(run.incident, { ...batch, alerts: seen.recurring }, at).events);
}

/** Of a group that left the storm: its own incident is told, whoever sent it here for want of news. */
function forward(workflowId: string, { groups: _, ...batch }: AlertBatch): void {
  getExternalWorkflowHandle(workflowId)
    .signal(ALERTS_SIGNAL, batch)
    .catch(() => undefined); // it is over, and so is what it was about
}

/** The post-incident flow hands the incident back: its record goes on from there; alerts and late pages are known better here. */
function acceptReopenHandover(run: IncidentRun, { incident, maybeDelivered }: Handover): void {
  const known = run.incident;
  const taken = incident.incidentId === known.incidentId && known.postIncident.handedOver;
  getExternalWorkflowHandle(postIncidentWorkflowId(incident.incidentId))
    .signal(REOPEN_HANDOVER_TAKEN_SIGNAL, taken)
    .catch(() => undefined);
  if (!taken) return;
  for (const line of maybeDelivered) run.failingQueues.add(line);
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
