/**
 * One maintenance window that a person declared, until its end. It suppresses nothing itself: the server marks
 * matching alerts, and their runs keep them. It knows these runs and signals them when its end changes.
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
import { described } from './handler-descriptions.ts';
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

/** Temporal allows 2,000 pending signals. */
const SIGNALS_AT_ONCE = 500;
/** A run that is not told of an early end waits until the end that it knows. */
const RUNS_KNOWN = 20_000;
const EVENTS_BEFORE_HANDING_OVER = 5_000;

export async function maintenanceWorkflow({ window: initialWindow, holding = [] }: MaintenanceInput): Promise<void> {
  let window = initialWindow;
  let endedBy: string | null = null;
  let runsKnowEnd = true;
  const runs = new Set(holding);
  const end = ({ by }: WindowEnded): void => {
    endedBy = by;
    // So that a run that registers during the signals below also gets the new end.
    window = { ...window, until: Math.min(window.until, Date.now()) };
  };
  const move = ({ until }: WindowMoved): void => {
    window = { ...window, until };
    runsKnowEnd = false;
  };
  const register = ({ workflowId }: SuppressionNotice): void => {
    if (runs.size < RUNS_KNOWN) runs.add(workflowId);
    // The end that the server wrote into the alert may be out of date.
    void signalRuns([workflowId], window);
  };
  setHandler(defineSignal<[WindowEnded]>(END_WINDOW_SIGNAL), end, described(END_WINDOW_SIGNAL));
  setHandler(defineSignal<[WindowMoved]>(MOVE_WINDOW_SIGNAL), move, described(MOVE_WINDOW_SIGNAL));
  setHandler(defineSignal<[SuppressionNotice]>(SUPPRESSION_SIGNAL), register, described(SUPPRESSION_SIGNAL));
  setHandler(defineQuery<MaintenanceWindow>(MAINTENANCE_QUERY), () => window, described(MAINTENANCE_QUERY));

  const isOver = (): boolean => endedBy !== null || window.until <= Date.now();
  while (!isOver()) {
    setCurrentDetails(details(window, runs.size));
    if (!runsKnowEnd) {
      runsKnowEnd = true;
      await signalRuns([...runs], window);
      // Continues as new, because servers read the window from the memo, which is set at start.
      if (!isOver() && runsKnowEnd) await continueWindow(window, [...runs]);
    } else if (mustHandOver()) await continueWindow(window, [...runs]);
    else await condition(() => isOver() || !runsKnowEnd || mustHandOver(), Math.max(1, window.until - Date.now()));
  }
  log.info('maintenance is over', { reason: window.reason, endedBy });
  if (endedBy !== null) await signalRuns([...runs], window);
  await condition(allHandlersFinished);
}

function continueWindow(window: MaintenanceWindow, holding: readonly string[]): Promise<never> {
  const memo: MaintenanceMemo = { window };
  return makeContinueAsNewFunc<typeof maintenanceWorkflow>({ memo: { ...memo } })({ window, holding });
}

function mustHandOver(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= EVENTS_BEFORE_HANDING_OVER;
}

async function signalRuns(runs: readonly string[], { id, until }: MaintenanceWindow): Promise<void> {
  const windowEnd: WindowEnd = { window: id, until };
  for (let first = 0; first < runs.length; first += SIGNALS_AT_ONCE) {
    const some = runs.slice(first, first + SIGNALS_AT_ONCE);
    await Promise.all(
      some.map(
        (run) =>
          getExternalWorkflowHandle(run)
            .signal(WINDOW_END_SIGNAL, windowEnd)
            .catch(() => undefined), // that run is over
      ),
    );
  }
}

/** For the Temporal UI. */
function details({ reason, by, until }: MaintenanceWindow, runs: number): string {
  const end = new Date(until).toISOString().slice(0, 16);
  return `maintenance until ${end}Z, declared by ${by}: ${reason.slice(0, 200)}; groups held back so far: ${runs}`;
}
