/** Alerts that maintenance suppresses beside an open incident; they are released when their windows end. */
import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { AlertBatch } from '../../domain/kernel/alert.ts';
import { changeOf, receiptOf } from '../../domain/alerts/compare-report.ts';
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

/** Suppresses the alerts in maintenance and returns the rest of the batch; null when nothing is left. */
export function withoutSuppressedAlerts(run: IncidentRun, received: AlertBatch, at: number): AlertBatch | null {
  const batch = batchForStorm(run.incident, received);
  if (
    run.suppressedAlerts.suppressed.length === 0 &&
    !batch.alerts.some(({ suppressedBy }) => suppressedBy !== undefined)
  )
    return batch;
  const { alerts, phase } = run.incident;
  const sorted = suppressAlerts(run.suppressedAlerts, batch, {
    at,
    news: (report) => changeOf(run.incident, report, receiptOf(batch, report)),
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

/** Alerts that still fire when their window ends count as firing from then on. */
export function releaseSuppressedAlerts(run: IncidentRun): void {
  const { suppressedAlerts, batches } = releaseAlerts(run.suppressedAlerts, Date.now());
  run.setSuppressedAlerts(suppressedAlerts);
  for (const batch of batches) handleAlerts(run, batch);
  const next = nextRelease(run.suppressedAlerts);
  if (next !== null) run.wakeAt(next, 'maintenance ends');
}

/** Windows declared by a person must know this run, so that they can signal it when their end changes. */
export function registerWithWindows(run: IncidentRun): void {
  signalWindows(run.suppressedAlerts, run.signaledWindows, (id) => run.windowEnds(id, Date.now()));
}

/** Adds the windows it signals to `signaled`. `gone` is called for a window that no longer exists. */
export function signalWindows(
  suppressedAlerts: SuppressedAlerts,
  signaled: Set<string>,
  gone: (windowWorkflowId: string) => void,
): void {
  const { workflowId } = workflowInfo();
  for (const id of windowsOf(suppressedAlerts)) {
    if (signaled.has(id)) continue;
    signaled.add(id);
    const notice: SuppressionNotice = { workflowId };
    getExternalWorkflowHandle(id)
      .signal(SUPPRESSION_SIGNAL, notice)
      .catch(() => gone(id));
  }
}
