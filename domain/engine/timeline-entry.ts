/** The timeline entry about an event: its words, and by fields whom it paged or which alerts it tells of. Pure. */
import type { EventTexts } from '../communications/catalogue.ts';
import { EVENT_TEXTS } from '../communications/catalogue.ts';
import { textValuesFor } from '../communications/text-values.ts';
import { bringsNoNews } from '../escalation/unsettled-pages.ts';
import type { EventType, IncidentEvent } from '../kernel/events.ts';
import type { Incident, TimelineEntry } from '../kernel/incident.ts';
import { isOpen } from '../kernel/phase.ts';
import { alertName, alertOf } from '../kernel/queries.ts';
import { fillTemplate, plainText, truncate } from '../kernel/text.ts';

const ENTRY_LENGTH_LIMIT = 2_000;

export function entryOf(before: Incident, event: IncidentEvent, after: Incident): TimelineEntry {
  const { timeline: template = '' }: EventTexts = EVENT_TEXTS[event.type];
  const parts = fillTemplate(template, textValuesFor(before, after, event));
  const text = plainText(parts);
  const isPlain = parts.every((part) => typeof part === 'string');
  return {
    seq: after.projection.seq + 1,
    at: event.at,
    kind: event.type,
    by: event.type === 'declared' ? event.declaration.declaredBy : 'by' in event ? event.by : null,
    text: truncate(text, ENTRY_LENGTH_LIMIT),
    ...(isPlain || text.length > ENTRY_LENGTH_LIMIT ? {} : { parts }),
    ...subjectsOf(event, after),
  };
}

const ALERTS_IN_AN_ENTRY = 50;
const ALERT_NAME_LIMIT = 80;

/** Whom it paged, or which alerts it tells of. */
function subjectsOf(event: IncidentEvent, after: Incident): Pick<TimelineEntry, 'pages' | 'alerts'> {
  switch (event.type) {
    case 'paged':
    case 'fallback-paged':
      return { pages: event.deliveries.map(({ to, state }) => ({ to, state })) };
    case 'alerts-fired':
    case 'alerts-cleared':
      return { alerts: firingsOf(event.alerts, after) };
    case 'alert-changed':
      return {
        alerts: firingsOf(
          event.changes.map(({ alert }) => alert),
          after,
        ),
      };
    default:
      return {};
  }
}

function firingsOf(
  alerts: readonly { readonly fingerprint: string }[],
  after: Incident,
): NonNullable<TimelineEntry['alerts']> {
  return alerts.slice(0, ALERTS_IN_AN_ENTRY).flatMap(({ fingerprint }) => {
    const state = alertOf(after, fingerprint);
    if (state === undefined) return [];
    const name = truncate(alertName(after, fingerprint), ALERT_NAME_LIMIT);
    return [{ fingerprint, name, startsAt: state.startsAt, endsAt: state.endsAt }];
  });
}

/** Bookkeeping has none. */
export const hasTimelineEntry = (type: EventType): boolean => 'timeline' in EVENT_TEXTS[type];

/**
 * Once an incident is over, its run only remembers alerts: the timeline belongs to the post-incident workflow, except
 * for a refusal that came too late even for that.
 */
export function isSilent(before: Incident, event: IncidentEvent): boolean {
  const { phase, postIncident, merge } = before;
  if (postIncident.handedOver) return event.type !== 'command-refused';
  if (event.type === 'alerts-stale') return event.newlyStale.length === 0;
  if (event.type === 'late-copies-noted') return event.newlyNoted.length === 0 || !isOpen(phase);
  if (event.type === 'paged' && bringsNoNews(before, event)) return true;
  if (event.type === 'follow-ups-reviewed') return event.postmortem === null && event.items.length === 0;
  // The incident that it was merged into has the entries.
  if (merge.mergedTo && (event.type.startsWith('alerts-') || event.type === 'alert-changed')) return true;
  return !hasTimelineEntry(event.type) || (event.type === 'alerts-cleared' && !isOpen(phase));
}

/** Close enough to its bytes as JSON: three for each UTF-16 unit of what people and senders wrote. */
export function sizeOfEntry({ text, parts, pages = [], alerts = [] }: TimelineEntry): number {
  const names = alerts.reduce((sum, { fingerprint, name }) => sum + fingerprint.length + name.length, 0);
  return 120 + 3 * (text.length * (parts === undefined ? 1 : 2) + names) + 60 * pages.length + 100 * alerts.length;
}
