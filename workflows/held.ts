/** Alerts that maintenance holds back beside an incident: they wait here, and are let in when their windows end. */
import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { AlertBatch } from '../domain/alert.ts';
import { newsOf } from '../domain/alerts.ts';
import { isOpen } from '../domain/phase.ts';
import { ofStorm } from '../domain/storm.ts';
import type { SuppressedAlerts } from '../domain/suppressed-alerts.ts';
import { release, nextRelease, sortOut, windowsOf, windowWords } from '../domain/suppressed-alerts.ts';
import type { HoldWord } from './contract.ts';
import { HOLD_SIGNAL } from './contract.ts';
import { handleAlerts } from './listen.ts';
import type { IncidentRun } from './run.ts';

/** The batch without what is held back, which waits from now on; null when nothing is left of it. */
export function heldApart(run: IncidentRun, told: AlertBatch, at: number): AlertBatch | null {
  const batch = ofStorm(run.incident, told);
  if (run.waiting.waiting.length === 0 && !batch.alerts.some(({ held }) => held !== undefined)) return batch;
  const { alerts, phase } = run.incident;
  const sorted = sortOut(run.waiting, batch, {
    at,
    news: (report) => newsOf(run.incident, report),
    known: (fingerprint) => Object.hasOwn(alerts, fingerprint),
  });
  run.waitHere(sorted.room);
  const [first] = sorted.arrived;
  if (first !== undefined && isOpen(phase)) {
    const titles = sorted.arrived.slice(0, TITLES).map(({ title }) => title);
    run.record({ type: 'alerts-suppressed', at, titles, windows: windowWords(sorted.room, first.held ?? []) });
  }
  return sorted.batch;
}

const TITLES = 5;

/** A duty: what still fires when its window ends fires then. */
export function letHeldIn(run: IncidentRun): void {
  const { room, batches } = release(run.waiting, Date.now());
  run.waitHere(room);
  for (const batch of batches) handleAlerts(run, batch);
  const next = nextRelease(run.waiting);
  if (next !== null) run.wakeAt(next, 'maintenance ends');
}

/** A duty: windows that people opened must know of this run, to tell it when they end otherwise than was said. */
export function makeKnownToWindows(run: IncidentRun): void {
  tellWindows(run.waiting, run.windowsTold, (id) => run.windowEnds(id, Date.now()));
}

/** `told`: grows by those that are told now. `gone`: the window is not there, so it holds nothing back any more. */
export function tellWindows(room: SuppressedAlerts, told: Set<string>, gone: (windowWorkflowId: string) => void): void {
  const { workflowId } = workflowInfo();
  for (const id of windowsOf(room)) {
    if (told.has(id)) continue;
    told.add(id);
    const word: HoldWord = { workflowId };
    getExternalWorkflowHandle(id)
      .signal(HOLD_SIGNAL, word)
      .catch(() => gone(id));
  }
}
