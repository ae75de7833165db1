/** Attempts of people nobody knows: the first ones of a minute have a line each, the others are counted. */
const WINDOW_MS = 60_000;
const LINES_A_MINUTE = 60;

export interface UnauthenticatedAttempts {
  /** How many went without a line before this one; null: this one goes without a line too. */
  take(): number | null;
  close(): void;
}

/** `tell`: so many went without a line, and no other came that would have said so. */
export function createUnauthenticatedAttempts(
  reportOmitted: (omitted: number) => void,
  now: () => number = Date.now,
): UnauthenticatedAttempts {
  let until = -Infinity;
  let lines = 0;
  let omitted = 0;
  let timer: NodeJS.Timeout | undefined;

  function takeOmitted(): number {
    clearTimeout(timer);
    timer = undefined;
    const count = omitted;
    omitted = 0;
    return count;
  }

  function reportOmittedNow(): void {
    const count = takeOmitted();
    if (count > 0) reportOmitted(count);
  }

  return {
    take() {
      const at = now();
      if (at >= until) {
        until = at + WINDOW_MS;
        lines = 0;
      }
      lines += 1;
      if (lines <= LINES_A_MINUTE) return takeOmitted();
      omitted += 1;
      timer ??= setTimeout(reportOmittedNow, WINDOW_MS).unref();
      return null;
    },
    close: reportOmittedNow,
  };
}
