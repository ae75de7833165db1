/** Alerts that maintenance holds back beside an incident: they wait here, and are let in when their windows end. */
import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { AlertBatch } from '../../domain/kernel/alert.ts';
import { changeOf } from '../../domain/alerts/compare-report.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import { batchForStorm } from '../../domain/alerts/storm.ts';
import type { SuppressedAlerts } from '../../domain/alerts/suppressed-alerts.ts';
import {
  releaseAlerts,
  nextRelease,
  suppressAlerts,
  windowsOf,
  windowsText,
} from '../../domain/alerts/suppressed-alerts.ts';
import type { SuppressionNotice } from '../contract.ts';
import { SUPPRESSION_SIGNAL } from '../contract.ts';
import { handleAlerts } from '../signal-handlers.ts';
import type { IncidentRun } from '../incident-run.ts';

/** The batch without what is held back, which waits from now on; null when nothing is left of it. */
export function withoutSuppressedAlerts(run: IncidentRun, told: AlertBatch, at: number): AlertBatch | null {
  const batch = batchForStorm(run.incident, told);
  if (
    run.suppressedAlerts.suppressed.length === 0 &&
    !batch.alerts.some(({ suppressedBy }) => suppressedBy !== undefined)
  )
    return batch;
  const { alerts, phase } = run.incident;
  const sorted = suppressAlerts(run.suppressedAlerts, batch, {
    at,
    news: (report) => changeOf(run.incident, report),
    known: (fingerprint) => Object.hasOwn(alerts.states, fingerprint),
  });
  run.setSuppressedAlerts(sorted.suppressedAlerts);
  const [first] = sorted.arrived;
  if (first !== undefined && isOpen(phase)) {
    const titles = sorted.arrived.slice(0, TITLES).map(({ title }) => title);
    run.record({
      type: 'alerts-suppressed',
      at,
      titles,
      windows: windowsText(sorted.suppressedAlerts, first.suppressedBy ?? []),
    });
  }
  return sorted.batch;
}

const TITLES = 5;

/** A duty: what still fires when its window ends fires then. */
export function releaseSuppressedAlerts(run: IncidentRun): void {
  const { room, batches } = releaseAlerts(run.suppressedAlerts, Date.now());
  run.setSuppressedAlerts(room);
  for (const batch of batches) handleAlerts(run, batch);
  const next = nextRelease(run.suppressedAlerts);
  if (next !== null) run.wakeAt(next, 'maintenance ends');
}

/** A duty: windows that people opened must know of this run, to tell it when they end otherwise than was said. */
export function registerWithWindows(run: IncidentRun): void {
  signalWindows(run.suppressedAlerts, run.signaledWindows, (id) => run.windowEnds(id, Date.now()));
}

/** `told`: grows by those that are told now. `gone`: the window is not there, so it holds nothing back any more. */
export function signalWindows(
  room: SuppressedAlerts,
  told: Set<string>,
  gone: (windowWorkflowId: string) => void,
): void {
  const { workflowId } = workflowInfo();
  for (const id of windowsOf(room)) {
    if (told.has(id)) continue;
    told.add(id);
    const word: SuppressionNotice = { workflowId };
    getExternalWorkflowHandle(id)
      .signal(SUPPRESSION_SIGNAL, word)
      .catch(() => gone(id));
  }
}
