/** A heartbeat's alert on its way to its incident, as the edge reports those of monitoring. */
import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';
import { MISSED_STALE_AFTER_MS } from '../../domain/heartbeat/heartbeat.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { ALERTS_SIGNAL } from '../contract.ts';
import { newIncidentId } from '../incident-id.ts';
import { startOrSignalIncident } from '../start-or-signal-incident.ts';

const TRIES = 3;

/** Resolves when the incident's workflow has the alert, whether it was there already or is begun with `opening`. */
export async function reportMissedHeartbeat(declaration: Declaration, alert: AlertReport): Promise<void> {
  for (let left = TRIES; left > 0; left -= 1) {
    const at = Date.now();
    try {
      await startOrSignalIncident({ ...declaration, incidentId: newIncidentId(at) }, batchOf(alert, at));
      return;
    } catch (err) {
      // It was there, and has ended before it could be told: its place is free now.
      if (left === 1) throw err;
    }
  }
}

/** Tells the incident if there is one, or one that lingers. */
export async function signalIncidentIfOpen(workflowId: string, alert: AlertReport): Promise<void> {
  const told = getExternalWorkflowHandle(workflowId).signal(ALERTS_SIGNAL, batchOf(alert, Date.now()));
  await told.catch(() => undefined);
}

function batchOf(alert: AlertReport, receivedAt: number): AlertBatch {
  return { source: 'heartbeat', receivedAt, staleAfterMs: MISSED_STALE_AFTER_MS, alerts: [alert], truncated: 0 };
}
