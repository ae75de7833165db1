/** One story from two tellers: each line once, in order. Pure. */
import type { TimelineView } from '../../domain/engine/view.ts';

/** Of a line that both have, `later`'s. `cut` is what neither has. */
export function mergeTimelines(earlier: TimelineView, later: TimelineView): TimelineView {
  const lines = new Map([...earlier.timeline, ...later.timeline].map((line) => [line.seq, line]));
  const timeline = [...lines.values()].sort((a, b) => a.seq - b.seq);
  // Lines are counted from 1 without gaps, so what is missing is the difference.
  return { timeline, cut: Math.max(0, (timeline.at(-1)?.seq ?? 0) - timeline.length) };
}
