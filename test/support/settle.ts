/** When a story may go on: nothing is under way any more, and the clock is free. */
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Ledger } from './ledger.ts';

const QUIET_MS = 60;

/** Waits until nothing has happened for a moment, and nothing is on its way: no task, no call that has not failed yet. */
export async function waitUntilSettled(
  env: TestWorkflowEnvironment,
  workflowIds: readonly string[],
  ledger: Ledger,
): Promise<void> {
  const handles = workflowIds.map((id) => env.client.workflow.getHandle(id));
  for (;;) {
    const left: string[] = [];
    for (const handle of handles) left.push(await waitUntilQuiet(handle, ledger));
    // One may have moved another.
    const now = await Promise.all(handles.map(async (handle) => (await executionState(handle)).now));
    if (now.every((one, at) => one === left[at])) return;
  }
}

/** How it stands once it has been quiet for a moment; one that is not there is. */
async function waitUntilQuiet(handle: WorkflowHandle, ledger: Ledger): Promise<string> {
  let last = '';
  let quietSince = Date.now();
  for (;;) {
    const { now, isRunning, calls } = await executionState(handle);
    if (now === NOT_THERE) return now;
    const seen = `${now} ${ledger.count()}`;
    const busy = isRunning && (calls > 0 || (seen !== last && (await taskUnderWay(handle))));
    if (seen !== last || busy) quietSince = Date.now();
    else if (Date.now() - quietSince >= QUIET_MS) return now;
    last = busy ? '' : seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const NOT_THERE = 'not there';

/** What its last run has come to, and how many of its calls have not failed yet. */
async function executionState(handle: WorkflowHandle): Promise<{ now: string; isRunning: boolean; calls: number }> {
  const described = await handle.describe().catch((err: unknown) => {
    if (err instanceof WorkflowNotFoundError) return null;
    throw err;
  });
  if (described === null) return { now: NOT_THERE, isRunning: false, calls: 0 };
  const { historyLength, status, raw, runId } = described;
  const calls = (raw.pendingActivities ?? []).filter(({ lastFailure }) => !lastFailure).length;
  return { now: `${runId} ${historyLength} ${status.name}`, isRunning: status.name === 'RUNNING', calls };
}

/** The time-skipping server goes wrong when an update arrives while a workflow task is under way. */
async function taskUnderWay(handle: WorkflowHandle): Promise<boolean> {
  const { events } = await handle.fetchHistory();
  return hasTask(events ?? []);
}

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

function hasTask(events: readonly HistoryEvent[]): boolean {
  const tasks = events.filter(
    (event) =>
      event.workflowTaskScheduledEventAttributes ??
      event.workflowTaskStartedEventAttributes ??
      event.workflowTaskCompletedEventAttributes,
  );
  return !tasks.at(-1)?.workflowTaskCompletedEventAttributes;
}

type ServerClock = Pick<TestWorkflowEnvironment, 'connection' | 'sleep' | 'currentTimeMs'>;

/** How long the clock must have run no faster than ours, with nothing under way, to count as stopped. */
const STOPPED_FOR_MS = 1_000;
const POLL_MS = 100;

/**
 * Sleeps in the server's time. The server counts locks on its clock, one for each task that is under way, and forgets to
 * release some: that of a child which ends after its parent, and those of the tasks of a workflow that ends or is
 * terminated while it has any. From then on no time is skipped. So while we sleep we look whether the clock is locked
 * although nothing is under way, and release what was forgotten, one lock at a time.
 */
export async function sleepReleasingLocks(clock: ServerClock, ms: number): Promise<void> {
  const over = new AbortController();
  const watching = releaseForgottenLocks(clock, over.signal);
  try {
    await clock.sleep(ms);
  } finally {
    over.abort();
    await watching;
  }
}

async function releaseForgottenLocks(clock: ServerClock, over: AbortSignal): Promise<void> {
  let last = await readClocks(clock);
  let stoppedSince = last.ours;
  for (;;) {
    await delay(POLL_MS, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    const now = await readClocks(clock);
    // Skipping means minutes in no time; half a second is what a busy machine may add between the two readings.
    const isSkipping = now.server - last.server > now.ours - last.ours + 500;
    last = now;
    if (isSkipping || (await isAnyTaskUnderWay(clock))) stoppedSince = now.ours;
    if (over.aborted || now.ours - stoppedSince < STOPPED_FOR_MS) continue;
    await clock.connection.testService?.unlockTimeSkipping({});
    stoppedSince = now.ours;
  }
}

async function readClocks(clock: ServerClock): Promise<{ server: number; ours: number }> {
  return { server: await clock.currentTimeMs(), ours: performance.now() };
}

/** Whether any workflow has a task that is scheduled or running; what waits for its next attempt does not count. */
async function isAnyTaskUnderWay({ connection: { workflowService } }: ServerClock): Promise<boolean> {
  for (const execution of await openWorkflows(workflowService)) {
    const request = { namespace: 'default', execution };
    const { pendingActivities } = await workflowService.describeWorkflowExecution(request);
    if (pendingActivities.some(isRunning)) return true;
    const { history } = await workflowService.getWorkflowExecutionHistory(request);
    if (hasTask(history?.events ?? [])) return true;
  }
  return false;
}

type Activity = Awaited<
  ReturnType<ServerClock['connection']['workflowService']['describeWorkflowExecution']>
>['pendingActivities'][number];

/** The server says "started" also of one that waits for its next attempt. */
function isRunning({ lastFailure, lastStartedTime, lastAttemptCompleteTime }: Activity): boolean {
  const [startedAt, endedAt] = [optionalTsToMs(lastStartedTime), optionalTsToMs(lastAttemptCompleteTime)];
  return !lastFailure || (startedAt ?? 0) > (endedAt ?? 0);
}

async function openWorkflows(workflowService: ServerClock['connection']['workflowService']) {
  const { executions } = await workflowService.listOpenWorkflowExecutions({ namespace: 'default' });
  return executions.flatMap(({ execution }) => (execution ? [execution] : []));
}

/** Ends whatever a story left open: its clock would be the next story's. */
export async function endOpenWorkflows({ connection: { workflowService } }: ServerClock): Promise<void> {
  for (const workflowExecution of await openWorkflows(workflowService)) {
    await workflowService
      .terminateWorkflowExecution({ namespace: 'default', workflowExecution, reason: 'the scenario is over' })
      .catch((error: unknown) => {
        // It has ended meanwhile.
        if ((error as { code?: number }).code !== NOT_FOUND) throw error;
      });
  }
}

const NOT_FOUND = 5;

/** Between two stories: twelve seconds are skipped at once, unless locks were forgotten, which are released. */
export async function releaseClock(clock: ServerClock): Promise<void> {
  await sleepReleasingLocks(clock, 12_000);
}
