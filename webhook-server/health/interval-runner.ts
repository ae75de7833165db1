/** Something that is done every so often, as often as the configuration says now, and never twice at once. */

export interface IntervalRunner {
  /** The first time comes soon. */
  start(): void;
  /** How often may have changed. */
  reschedule(): void;
  stop(): void;
}

export interface IntervalRunnerParts {
  /** How often, ms; null: not at all. Asked each time. */
  readonly periodMs: () => number | null;
  /** Must not reject. */
  readonly act: (everyMs: number) => Promise<void>;
  /** How long after the start the first time comes, ms, unless the period is shorter. */
  readonly firstAfterMs: number;
  readonly now: () => number;
}

export function createIntervalRunner({ periodMs, act, firstAfterMs, now }: IntervalRunnerParts): IntervalRunner {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isUnderWay = false;
  /** What the next time was planned by; null: none is planned. */
  let plannedMs: number | null = null;

  function scheduleNext(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void runOnce(), afterMs);
    timer.unref();
  }

  /** The next begins a period after this one began, whatever it took. */
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
    // One that is under way plans the next by itself.
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
