/** The ticket: the single record for outsiders. Opened once, told of what matters, closed. Pure. */
import { dutyTicket } from './duty-words.ts';
import type { EventType, IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import type { TicketAct, TicketOrder } from './orders.ts';
import type { Text } from './text.ts';

/** What an event does to the ticket; the rest of the timeline is none of an outsider's business. */
const ACTS: Readonly<Partial<Record<EventType, TicketAct>>> = {
  declared: 'open',
  acknowledged: 'comment',
  'ticket-reminded': 'comment',
  'severity-changed': 'comment',
  'impact-assessed': 'comment',
  'update-posted': 'comment',
  'mitigation-decided': 'comment',
  'mitigation-reported': 'comment',
  'monitoring-started': 'comment',
  recurred: 'comment',
  reopened: 'reopen',
  resolved: 'close',
  'false-alarm-declared': 'close',
  merged: 'close',
  'incident-absorbed': 'comment',
  'action-item-added': 'comment',
  'action-item-completed': 'comment',
  'postmortem-completed': 'comment',
  'draft-late': 'comment',
  'evidence-settled': 'comment',
  'duties-reviewed': 'comment',
  closed: 'comment',
};

/** The ticket hears what the chat hears, `post`, and what is left to do; null: nothing. A test has no ticket. */
export function ticketFor(
  after: Incident,
  event: IncidentEvent,
  post: Text | null,
): Pick<TicketOrder, 'act' | 'text'> | null {
  const text = dutyTicket(after, event) ?? post;
  const act = ACTS[event.type];
  return after.test || text === null || act === undefined ? null : { act, text };
}
