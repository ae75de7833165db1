/** One timer for everything: `ring` says when it wants to be called next. Asking for an earlier time is enough. */

/** A burst of messages is looked at together. */
const BURST_MS = 20;
const LONGEST_SLEEP_MS = 60_000;

export interface WakeTimer {
  /** Rings at this time (epoch ms) or before it, unless it is to ring earlier anyway. */
  readonly wakeAt: (wakeAt: number) => void;
  readonly stop: () => void;
}

export function createWakeTimer(now: () => number, onWake: () => number): WakeTimer {
  let timer: NodeJS.Timeout | undefined;
  let scheduledFor = Infinity;
  let stopped = false;
  const set = (at: number): void => {
    if (stopped || at >= scheduledFor) return;
    scheduledFor = at;
    clearTimeout(timer);
    timer = setTimeout(wake, Math.min(Math.max(at - now(), BURST_MS), LONGEST_SLEEP_MS));
    timer.unref();
  };
  const wake = (): void => {
    scheduledFor = Infinity;
    if (!stopped) set(onWake());
  };
  return {
    wakeAt: set,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
