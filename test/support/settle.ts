/** When a story may go on: nothing is under way any more, and the clock is free. */
import { WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Ledger } from './ledger.ts';

const QUIET_MS = 60;

/** Waits until nothing has happened for a moment, and nothing is on its way: no task, no call that has not failed yet. */
export async function settled(
  env: TestWorkflowEnvironment,
  workflowIds: readonly string[],
  ledger: Ledger,
): Promise<void> {
  const handles = workflowIds.map((id) => env.client.workflow.getHandle(id));
  for (;;) {
    const left: string[] = [];
    for (const handle of handles) left.push(await quiet(handle, ledger));
    // One may have moved another.
    const now = await Promise.all(handles.map(async (handle) => (await standing(handle)).now));
    if (now.every((one, at) => one === left[at])) return;
  }
}

/** How it stands once it has been quiet for a moment; one that is not there is. */
async function quiet(handle: WorkflowHandle, ledger: Ledger): Promise<string> {
  let last = '';
  let quietSince = Date.now();
  for (;;) {
    const { now, isRunning, calls } = await standing(handle);
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
async function standing(handle: WorkflowHandle): Promise<{ now: string; isRunning: boolean; calls: number }> {
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
  const tasks = (events ?? []).filter(
    (event) =>
      event.workflowTaskScheduledEventAttributes ??
      event.workflowTaskStartedEventAttributes ??
      event.workflowTaskCompletedEventAttributes,
  );
  return !tasks.at(-1)?.workflowTaskCompletedEventAttributes;
}

/**
 * The time-skipping server keeps its clock when a workflow ends whose parent has ended before it, and now and then when
 * one ends while it was answering. That shows when time takes its time; releasing a clock that is free would let time
 * run away, so it is better sure than fast.
 */
export async function sleepSurely({ connection, sleep }: Clock, ms: number, sureAfterMs: number): Promise<void> {
  const { testService } = connection as unknown as {
    testService: { unlockTimeSkipping(none: object): Promise<unknown> };
  };
  const watchdog = setTimeout(() => void testService.unlockTimeSkipping({}).catch(() => undefined), sureAfterMs);
  await sleep(ms).finally(() => clearTimeout(watchdog));
}

type Clock = Pick<TestWorkflowEnvironment, 'connection' | 'sleep'>;

/** Between two stories, when nothing happens: twelve seconds are skipped at once, unless the clock is kept. */
export async function freeClock(clock: Clock): Promise<void> {
  await sleepSurely(clock, 12_000, 8_000);
}
