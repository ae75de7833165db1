/** Counts the events of a workflow history by type: what an incident costs the Temporal server. */

/** The part of a fetched (or JSON) history that is read: each event holds one field named `…EventAttributes`. */
interface HistoryLike {
  readonly events?: readonly object[] | null;
}

export interface EventCounts {
  readonly total: number;
  /** `workflowTaskScheduled`, `activityTaskStarted`, `timerStarted` … → how many; most frequent first. */
  readonly byType: Readonly<Record<string, number>>;
}

const SUFFIX = 'EventAttributes';

export function countEvents({ events }: HistoryLike): EventCounts {
  const byType = new Map<string, number>();
  for (const event of events ?? []) {
    const type = typeOf(event);
    byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  return {
    total: events?.length ?? 0,
    byType: Object.fromEntries([...byType].sort(([a, n], [b, m]) => m - n || a.localeCompare(b))),
  };
}

function typeOf(event: object): string {
  const attributes = Object.entries(event).find(([name, value]) => name.endsWith(SUFFIX) && value != null);
  return attributes === undefined ? 'unknown' : attributes[0].slice(0, -SUFFIX.length);
}
