/** Runs a task at an interval that the configuration may change, and never twice at once. */

export interface IntervalRunner {
  /** The first run comes soon. */
  start(): void;
  /** The interval may have changed. */
  reschedule(): void;
  stop(): void;
}

export interface IntervalRunnerParts {
  /** The interval in ms; null: do not run. Called each time. */
  readonly periodMs: () => number | null;
  /** Must not reject. */
  readonly act: (everyMs: number) => Promise<void>;
  /** Delay before the first run, ms; the interval if that is shorter. */
  readonly firstAfterMs: number;
  readonly now: () => number;
}

export function createIntervalRunner({ periodMs, act, firstAfterMs, now }: IntervalRunnerParts): IntervalRunner {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isUnderWay = false;
  /** The interval by which the next run was planned; null: none is planned. */
  let plannedMs: number | null = null;

  function scheduleNext(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void runOnce(), afterMs);
    timer.unref();
  }

  /** The next run begins one interval after this one began, however long this one took. */
  async function runOnce(): Promise<void> {
    const everyMs = periodMs();
    if (everyMs === null) return;
    const begunAt = now();
    isUnderWay = true;
    await act(everyMs);
    isUnderWay = false;
    const nextMs = periodMs();
    if (isRunning && nextMs !== null) scheduleNext(Math.max(0, nextMs - (now() - begunAt)));
  }

  function reschedule(): void {
    const everyMs = periodMs();
    if (!isRunning || everyMs === plannedMs) return;
    plannedMs = everyMs;
    if (everyMs === null) clearTimeout(timer);
    // A run in progress plans the next one itself.
    else if (!isUnderWay) scheduleNext(Math.min(firstAfterMs, everyMs));
  }

  return {
    start() {
      isRunning = true;
      reschedule();
    },
    reschedule,
    stop() {
      isRunning = false;
      clearTimeout(timer);
    },
  };
}
