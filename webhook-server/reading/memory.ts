/**
 * What this server has lately told people of incidents, so that nobody reads less than they were told: the records
 * come a moment later. Bounded in time and size; when it forgets, a read is only a little old.
 */
import type { Subject } from './subject.ts';

export interface Told extends Subject {
  /** The last line that was spoken of. */
  readonly seq: number;
}

export interface Memory {
  readonly note: (told: Told) => void;
  /** Null when nothing was told of it lately. */
  readonly of: (workflowId: string) => Told | null;
}

const KEPT_MS = 60_000;
const KEPT = 10_000;

export function createMemory(now: () => number = Date.now): Memory {
  // In the order of telling, so the first are the oldest.
  const kept = new Map<string, Told & { readonly until: number }>();
  return {
    note(told) {
      const before = kept.get(told.workflowId);
      kept.delete(told.workflowId);
      kept.set(told.workflowId, { ...newest(told, before), until: now() + KEPT_MS });
      for (const [workflowId, { until }] of kept) {
        if (until > now() && kept.size <= KEPT) break;
        kept.delete(workflowId);
      }
    },
    of(workflowId) {
      const told = kept.get(workflowId);
      return told === undefined || told.until <= now() ? null : told;
    },
  };
}

/** Incidents are ULIDs: the later sorts behind. Of one incident the last line counts. */
function newest(told: Told, before: Told | undefined): Told {
  if (before === undefined || before.incidentId === null || told.incidentId === null) return told;
  if (before.incidentId !== told.incidentId) return before.incidentId > told.incidentId ? before : told;
  return before.seq > told.seq ? before : told;
}
