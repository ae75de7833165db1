/**
 * One heartbeat, for as long as it is configured. It needs nothing but Temporal: no activity, no database. When
 * a beat is missed, it opens an incident or signals the open one; when it beats again, the alert resolves. When a beat
 * counts as missed is decided in domain/heartbeat/heartbeat.ts.
 */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Beat, HeartbeatState, Listening } from '../domain/heartbeat/heartbeat.ts';
import {
  acted,
  beaten,
  heartbeatText,
  judgeHeartbeat,
  listened,
  missedAlert,
  overdueAt,
  newHeartbeat,
  MISSED_STALE_AFTER_MS,
} from '../domain/heartbeat/heartbeat.ts';
import type { HeartbeatInput } from './contract.ts';
import { ALERTS_SIGNAL, BEAT_SIGNAL, HEARTBEAT_QUERY, LISTENING_SIGNAL } from './contract.ts';
import type { AlertReport, AlertBatch } from '../domain/kernel/alert.ts';
import type { Declaration } from '../domain/kernel/declaration.ts';
import { described } from './handler-descriptions.ts';
import { newIncidentId, startOrSignalIncident } from './start-or-signal-incident.ts';

/** A run continues as new after this many signals. */
const SIGNALS_BEFORE_HANDING_OVER = 500;

export async function heartbeatWorkflow(input: HeartbeatInput): Promise<void> {
  let state = 'state' in input ? input.state : newHeartbeat(input.setting, Date.now());
  let signals = 0;
  const take = (next: HeartbeatState): void => {
    state = next;
    signals += 1;
  };
  const beat = (one: Beat): void => take(beaten(state, one, Date.now()));
  const listening = (one: Listening): void => take(listened(state, one, Date.now()));
  setHandler(defineSignal<[Beat]>(BEAT_SIGNAL), beat, described(BEAT_SIGNAL));
  setHandler(defineSignal<[Listening]>(LISTENING_SIGNAL), listening, described(LISTENING_SIGNAL));
  setHandler(defineQuery<HeartbeatState>(HEARTBEAT_QUERY), () => state, described(HEARTBEAT_QUERY));
  const mustHandOver = (): boolean => signals >= SIGNALS_BEFORE_HANDING_OVER || workflowInfo().continueAsNewSuggested;

  for (;;) {
    setCurrentDetails(details(state));
    const { act, lookAt } = judgeHeartbeat(state, Date.now());
    if (act === 'end') break;
    if (act !== null) {
      const before = state;
      // Before the signal is sent, so that beats that arrive meanwhile come after it.
      state = acted(before, act, Date.now());
      await reportChange(before, state);
    } else if (mustHandOver()) await continueAsNew<typeof heartbeatWorkflow>({ state });
    else await condition(() => mustHandOver() || isNews(lookAt), lookAt - Date.now());
  }
  await condition(allHandlersFinished);

  /** A beat that only postpones the next check need not wake the loop: that check will see it. */
  function isNews(lookAt: number): boolean {
    const next = judgeHeartbeat(state, Date.now());
    return next.act !== null || next.lookAt < lookAt;
  }
}

/** Signals the incident that its alert fires or has resolved. */
async function reportChange(before: HeartbeatState, after: HeartbeatState): Promise<void> {
  const { setting, missed, lastBeatAt } = after;
  if (missed === null) {
    if (before.missed)
      await signalIncidentIfOpen(before.missed.workflowId, missedAlert(setting, before.missed, lastBeatAt));
    return;
  }
  const { since, workflowId } = missed;
  const declaration = { ...setting.declaration, workflowId, summary: heartbeatText(setting, since) };
  await reportMissedHeartbeat(declaration, missedAlert(setting, missed, null));
}

/** For the Temporal UI. */
function details(state: HeartbeatState): string {
  const { setting, lastBeatAt, missed } = state;
  const time = (at: number): string => new Date(at).toISOString().slice(0, 19);
  const last = lastBeatAt === null ? 'has never beaten' : `last beat ${time(lastBeatAt)}Z`;
  const next =
    missed === null ? `alarm at ${time(overdueAt(state))}Z unless it beats` : `SILENT since ${time(missed.since)}Z`;
  return `**${setting.name}**: ${last}; ${next}`;
}
const TRIES = 3;

/** Resolves when the incident's workflow, open or just started from `declaration`, has the alert. */
async function reportMissedHeartbeat(declaration: Declaration, alert: AlertReport): Promise<void> {
  for (let left = TRIES; left > 0; left -= 1) {
    const at = Date.now();
    try {
      await startOrSignalIncident({ ...declaration, incidentId: newIncidentId(at) }, batchOf(alert, at));
      return;
    } catch (err) {
      // The incident ended before it could be signalled, so its workflow id is free now.
      if (left === 1) throw err;
    }
  }
}

/** Signals the incident if its run is open or still waits for late alerts. */
async function signalIncidentIfOpen(workflowId: string, alert: AlertReport): Promise<void> {
  const signalled = getExternalWorkflowHandle(workflowId).signal(ALERTS_SIGNAL, batchOf(alert, Date.now()));
  await signalled.catch(() => undefined);
}

function batchOf(alert: AlertReport, receivedAt: number): AlertBatch {
  const staleAfterMs = MISSED_STALE_AFTER_MS;
  return { source: 'heartbeat', receivedAt, staleAfterMs, alerts: [alert], truncated: 0, byReceipt: true };
}
