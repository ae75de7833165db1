/** The ticket: the single record for outsiders. Opened once, told of what matters, closed. Pure. */
import type { EventType, IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import type { TicketAct, TicketOrder } from './orders.ts';
import type { Text } from './text.ts';

/** What an event does to the ticket; the rest of the timeline is none of an outsider's business. */
const ACTS: Readonly<Partial<Record<EventType, TicketAct>>> = {
  declared: 'open',
  acknowledged: 'comment',
  'severity-changed': 'comment',
  'update-posted': 'comment',
  'mitigation-decided': 'comment',
  'mitigation-reported': 'comment',
  'watch-opened': 'comment',
  recurred: 'comment',
  reopened: 'reopen',
  resolved: 'close',
  'false-alarm-declared': 'close',
};

/** The ticket hears what the chat hears, `text`; null: nothing. A test has no ticket. */
export function ticketFor(
  { test }: Incident,
  event: IncidentEvent,
  text: Text | null,
): Pick<TicketOrder, 'act' | 'text'> | null {
  const act = ACTS[event.type];
  return test || text === null || act === undefined ? null : { act, text };
}
