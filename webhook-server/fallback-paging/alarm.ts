/** One timer for everything: `ring` says when it wants to be called next. Asking for an earlier time is enough. */

/** A burst of messages is looked at together. */
const BURST_MS = 20;
const LONGEST_SLEEP_MS = 60_000;

export interface Alarm {
  /** Rings at this time (epoch ms) or before it, unless it is to ring earlier anyway. */
  readonly at: (at: number) => void;
  readonly stop: () => void;
}

export function createAlarm(now: () => number, ring: () => number): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let setFor = Infinity;
  let stopped = false;
  const set = (at: number): void => {
    if (stopped || at >= setFor) return;
    setFor = at;
    clearTimeout(timer);
    timer = setTimeout(wake, Math.min(Math.max(at - now(), BURST_MS), LONGEST_SLEEP_MS));
    timer.unref();
  };
  const wake = (): void => {
    setFor = Infinity;
    if (!stopped) set(ring());
  };
  return {
    at: set,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
