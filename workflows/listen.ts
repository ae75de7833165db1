/** What reaches an incident's run: commands, alerts, and its own incident given back after its end. */
import { defineSignal, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import { recurrenceOpening } from '../domain/recurrence.ts';
import type { AlertBatch } from '../domain/alert.ts';
import { observe } from '../domain/alerts.ts';
import { isForwarded, observeForwarded } from '../domain/forwarded.ts';
import { leftBehind } from '../domain/storm.ts';
import type { Handover, WindowEnd } from './contract.ts';
import {
  postIncidentWorkflowId,
  ALERTS_SIGNAL,
  REOPEN_HANDOVER_SIGNAL,
  REOPEN_HANDOVER_TAKEN_SIGNAL,
  WINDOW_END_SIGNAL,
} from './contract.ts';
import { newIncidentId } from './incident-id.ts';
import { heldApart } from './held.ts';
import { listenToCommands } from './listen-commands.ts';
import { listenToMerging } from './merge.ts';
import type { IncidentRun } from './run.ts';

export function listen(run: IncidentRun): void {
  listenToCommands(run);
  listenToMerging(run);
  setHandler(defineSignal<[AlertBatch]>(ALERTS_SIGNAL), (batch) => handleAlerts(run, batch));
  setHandler(defineSignal<[Handover]>(REOPEN_HANDOVER_SIGNAL), (handover) => acceptReopenHandover(run, handover));
  setHandler(defineSignal<[WindowEnd]>(WINDOW_END_SIGNAL), ({ window, until }) => run.windowEnds(window, until));
}

/** What monitoring said, by a signal or by waiting until maintenance was over. */
export function handleAlerts(run: IncidentRun, told: AlertBatch): void {
  const at = Date.now();
  if (isForwarded(told)) return run.record(...observeForwarded(run.incident, told, at));
  for (const [workflowId, alerts] of leftBehind(run.incident, told)) forward(workflowId, { ...told, alerts });
  const batch = heldApart(run, told, at);
  if (batch === null) return;
  const seen = observe(run.incident, batch, at);
  run.record(...seen.events);
  if (seen.recurring.length === 0) return;
  run.startNewIncident(recurrenceOpening(run.incident, seen.recurring, newIncidentId(at)), at);
  run.record(...observe(run.incident, { ...batch, alerts: seen.recurring }, at).events);
}

/** Of a group that left the storm: its own incident is told, whoever sent it here for want of news. */
function forward(workflowId: string, { groups: _, ...batch }: AlertBatch): void {
  getExternalWorkflowHandle(workflowId)
    .signal(ALERTS_SIGNAL, batch)
    .catch(() => undefined); // it is over, and so is what it was about
}

/** The post-incident flow hands the incident back: its record goes on from there; alerts and late pages are known better here. */
function acceptReopenHandover(run: IncidentRun, { incident, inDoubt }: Handover): void {
  const known = run.incident;
  const taken = incident.incidentId === known.incidentId && known.postIncident;
  getExternalWorkflowHandle(postIncidentWorkflowId(incident.incidentId))
    .signal(REOPEN_HANDOVER_TAKEN_SIGNAL, taken)
    .catch(() => undefined);
  if (!taken) return;
  for (const line of inDoubt) run.troubled.add(line);
  run.replace({
    ...incident,
    alerts: known.alerts,
    orders: {
      ...incident.orders,
      pages: [...known.orders.pages, ...incident.orders.pages],
      ...(known.orders.words === undefined ? {} : { words: known.orders.words }),
      ...(known.orders.splits === undefined ? {} : { splits: known.orders.splits }),
    },
    deliveries: known.deliveries,
    revision: Math.max(known.revision, incident.revision) + 1,
    tail: [...known.tail, ...incident.tail],
    changedAlerts: [...known.changedAlerts, ...incident.changedAlerts],
  });
}
