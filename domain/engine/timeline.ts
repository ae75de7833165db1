/** The entries of the timeline: one for each event that has a text for it, in order. The state keeps the last. Pure. */
import type { EventTexts } from '../communications/catalogue.ts';
import { EVENT_TEXTS } from '../communications/catalogue.ts';
import { textValuesFor } from '../communications/text-values.ts';
import type { EventType, IncidentEvent } from '../kernel/events.ts';
import type { Incident, TimelineEntry } from '../kernel/incident.ts';
import { fillTemplate, plainText, truncate } from '../kernel/text.ts';

/** The records have the rest. */
export const TIMELINE_ENTRIES_KEPT = 50;
const ENTRY_LENGTH_LIMIT = 2_000;

/** `after` with the entry about `event`, which led there from `before`. */
export function addTimelineEntry(before: Incident, after: Incident, event: IncidentEvent): Incident {
  const { timeline: template = '' }: EventTexts = EVENT_TEXTS[event.type];
  const text = truncate(plainText(fillTemplate(template, textValuesFor(before, after, event))), ENTRY_LENGTH_LIMIT);
  const entry: TimelineEntry = {
    seq: after.projection.seq + 1,
    at: event.at,
    kind: event.type,
    by: actorOf(event),
    text,
  };
  const timeline = [...after.projection.timeline, entry].slice(-TIMELINE_ENTRIES_KEPT);
  return { ...after, projection: { ...after.projection, seq: entry.seq, timeline } };
}

/** Bookkeeping has none. */
export const hasTimelineEntry = (type: EventType): boolean => 'timeline' in EVENT_TEXTS[type];

function actorOf(event: IncidentEvent): string | null {
  if (event.type === 'declared') return event.declaration.declaredBy;
  return 'by' in event ? event.by : null;
}
