/** Workflow ids that had a run when last heard of, as many as fit; the longest not heard of are forgotten first. */
export interface KnownRuns {
  add(workflowId: string): void;
  has(workflowId: string): boolean;
  forget(workflowId: string): void;
  /** All runs there are, by a list begun at `since`: whatever was not heard of later is forgotten. */
  replaceAll(all: readonly string[], since: number): void;
  /** Runs that have begun since the last list. */
  addListed(started: readonly string[]): void;
  /** An id that is not known has no run, unless another server has begun it within seconds. */
  isComplete(): boolean;
}

export const MAX_KNOWN_RUNS = 50_000;
/** Three times what lies between two lists. */
const FRESH_MS = 30_000;

/** `now`: the clock of `since`, ms. */
export function createKnownRuns(now: () => number, limit = MAX_KNOWN_RUNS): KnownRuns {
  /** Id → when it was last heard of, in that order. */
  const ids = new Map<string, number>();
  let listedAt = -Infinity;
  let wasTruncated = false;

  function add(workflowId: string): void {
    ids.delete(workflowId); // to the end of the order
    ids.set(workflowId, now());
    for (const oldest of ids.keys()) {
      if (ids.size <= limit) break;
      ids.delete(oldest);
      wasTruncated = true;
    }
  }

  function addListed(started: readonly string[]): void {
    started.forEach(add);
    listedAt = now();
  }

  return {
    add,
    has: (workflowId) => ids.has(workflowId),
    forget: (workflowId) => void ids.delete(workflowId),
    replaceAll(all, since) {
      for (const [workflowId, at] of ids) if (at < since) ids.delete(workflowId);
      wasTruncated = false;
      addListed(all);
    },
    addListed,
    isComplete: () => !wasTruncated && now() - listedAt < FRESH_MS,
  };
}
