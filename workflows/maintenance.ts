/**
 * One maintenance window that a person declared, until its end. It holds nothing back itself: the edge marks alerts
 * that match it, and their runs keep them. It knows these runs, and tells them when it ends otherwise than was said.
 */
import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { MaintenanceWindow } from '../domain/kernel/maintenance.ts';
import type {
  SuppressionNotice,
  MaintenanceInput,
  MaintenanceMemo,
  WindowEnd,
  WindowEnded,
  WindowMoved,
} from './contract.ts';
import {
  END_WINDOW_SIGNAL,
  SUPPRESSION_SIGNAL,
  MAINTENANCE_QUERY,
  MOVE_WINDOW_SIGNAL,
  WINDOW_END_SIGNAL,
} from './contract.ts';

/** Temporal allows 2,000 signals under way. */
const TOLD_AT_ONCE = 500;
/** A run that is not told of an early end keeps to the end that it knows. */
const RUNS_KNOWN = 20_000;
const EVENTS_BEFORE_HANDING_OVER = 5_000;

export async function maintenanceWorkflow({ window: begun, holding = [] }: MaintenanceInput): Promise<void> {
  let window = begun;
  let endedBy: string | null = null;
  let told = true;
  const runs = new Set(holding);
  setHandler(defineSignal<[WindowEnded]>(END_WINDOW_SIGNAL), ({ by }) => {
    endedBy = by;
    // A run that makes itself known while the others are told hears the truth, too.
    window = { ...window, until: Math.min(window.until, Date.now()) };
  });
  setHandler(defineSignal<[WindowMoved]>(MOVE_WINDOW_SIGNAL), ({ until }) => {
    window = { ...window, until };
    told = false;
  });
  setHandler(defineSignal<[SuppressionNotice]>(SUPPRESSION_SIGNAL), ({ workflowId }) => {
    if (runs.size < RUNS_KNOWN) runs.add(workflowId);
    // What the edge knew of the end may be older than what is known here.
    void signalRuns([workflowId], window);
  });
  setHandler(defineQuery<MaintenanceWindow>(MAINTENANCE_QUERY), () => window);

  const isOver = (): boolean => endedBy !== null || window.until <= Date.now();
  while (!isOver()) {
    setCurrentDetails(details(window, runs.size));
    if (!told) {
      told = true;
      await signalRuns([...runs], window);
      // A fresh run, since its memo is where servers read the window.
      if (!isOver() && told) await goOn(window, [...runs]);
    } else if (mustHandOver()) await goOn(window, [...runs]);
    else await condition(() => isOver() || !told || mustHandOver(), Math.max(1, window.until - Date.now()));
  }
  log.info('maintenance is over', { reason: window.reason, endedBy });
  if (endedBy !== null) await signalRuns([...runs], window);
  await condition(allHandlersFinished);
}

function goOn(window: MaintenanceWindow, holding: readonly string[]): Promise<never> {
  const memo: MaintenanceMemo = { window };
  return makeContinueAsNewFunc<typeof maintenanceWorkflow>({ memo: { ...memo } })({ window, holding });
}

function mustHandOver(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= EVENTS_BEFORE_HANDING_OVER;
}

async function signalRuns(runs: readonly string[], { id, until }: MaintenanceWindow): Promise<void> {
  const word: WindowEnd = { window: id, until };
  for (let first = 0; first < runs.length; first += TOLD_AT_ONCE) {
    const some = runs.slice(first, first + TOLD_AT_ONCE);
    await Promise.all(
      some.map(
        (run) =>
          getExternalWorkflowHandle(run)
            .signal(WINDOW_END_SIGNAL, word)
            .catch(() => undefined), // it is over
      ),
    );
  }
}

/** For the Temporal UI. */
function details({ reason, by, until }: MaintenanceWindow, runs: number): string {
  const end = new Date(until).toISOString().slice(0, 16);
  return `maintenance until ${end}Z, declared by ${by}: ${reason.slice(0, 200)}; groups held back so far: ${runs}`;
}
