/**
 * How many incidents each team was given in the last minute. An id that has its place keeps it for that minute, so
 * that the alerts of one message for one incident which comes again (from the spool, from a second sender) is not counted twice.
 */
export interface NewIncidentRateLimiter {
  /** True when `workflowId` has a place among the `limit` new incidents of the minute, or takes one now. */
  take(team: string, workflowId: string, limit: number): boolean;
  /** As `take` would answer, and nothing is taken. */
  hasRoom(team: string, workflowId: string, limit: number): boolean;
}

const WINDOW_MS = 60_000;

/** `now`: of a clock that never goes back, ms. */
export function createNewIncidentRateLimiter(now: () => number): NewIncidentRateLimiter {
  /** By team: workflow id → when it took its place, oldest first. */
  const windows = new Map<string, Map<string, number>>();

  function windowOf(team: string): Map<string, number> {
    const window = windows.get(team) ?? new Map<string, number>();
    windows.set(team, window);
    for (const [workflowId, at] of window) {
      if (now() - at < WINDOW_MS) break;
      window.delete(workflowId);
    }
    return window;
  }

  const hasRoom: NewIncidentRateLimiter['hasRoom'] = (team, workflowId, limit) => {
    const window = windowOf(team);
    return window.has(workflowId) || window.size < limit;
  };

  return {
    hasRoom,
    take(team, workflowId, limit) {
      if (!hasRoom(team, workflowId, limit)) return false;
      const window = windowOf(team);
      if (!window.has(workflowId)) window.set(workflowId, now());
      return true;
    },
  };
}
