/** The ticket: the single record for outsiders. Opened once, told of what matters, closed. Pure. */
import { followUpTicket } from '../post-incident/follow-up-texts.ts';
import type { EventType, IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { TicketAction, TicketOutboxEntry } from '../kernel/outbox.ts';
import type { Text } from '../kernel/text.ts';

/** What an event does to the ticket; the rest of the timeline is none of an outsider's business. */
const ACTS: Readonly<Partial<Record<EventType, TicketAction>>> = {
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
  'incident-merged-in': 'comment',
  'action-item-added': 'comment',
  'action-item-completed': 'comment',
  'postmortem-completed': 'comment',
  'draft-late': 'comment',
  'evidence-settled': 'comment',
  'follow-ups-reviewed': 'comment',
  closed: 'comment',
};

/** The ticket hears what the chat hears, `post`, and what is left to do; null: nothing. A test has no ticket. */
export function ticketFor(
  after: Incident,
  event: IncidentEvent,
  post: Text | null,
): Pick<TicketOutboxEntry, 'action' | 'text'> | null {
  const text = followUpTicket(after, event) ?? post;
  const action = ACTS[event.type];
  return after.test || text === null || action === undefined ? null : { action, text };
}
