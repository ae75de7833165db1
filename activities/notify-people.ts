/** Sends a notice to each person by their first method that accepts it. Notices page nobody. */
import type { Delivery } from '../domain/kernel/incident.ts';
import type { NoticeEntry } from '../domain/kernel/outbox.ts';
import type { Phase } from '../domain/kernel/phase.ts';
import { truncate } from '../domain/kernel/text.ts';
import { isFinalFailure } from '../runtime/failures.ts';
import { now } from './clock.ts';
import type { Page, Ports } from './ports.ts';
import { renderText } from './render-text.ts';
import type { DeliverNotificationsInput } from './types.ts';

/** Rejects with the first failure that may pass; the same keys make a repeat harmless to those already reached. */
export async function notifyPeople(
  ports: Ports,
  request: DeliverNotificationsInput,
  entry: NoticeEntry,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  if (isOverturned(request, entry)) return [];
  const deliveries: Delivery[] = [];
  for (const person of peopleToNotify(ports, request, entry)) {
    const messageBy = (method: string): Page => composeNotification(ports, request, entry, person, method);
    deliveries.push(...(await notifyPerson(ports, person, messageBy, signal)));
  }
  return deliveries;
}

const FIRES_AGAIN: readonly Phase[] = ['declared', 'investigating', 'mitigating'];

/** It has come back since it cleared: its page says so, and an all-clear after that would be believed. */
function isOverturned({ incident: { phase } }: DeliverNotificationsInput, { about }: NoticeEntry): boolean {
  return about === 'monitoring-started' && FIRES_AGAIN.includes(phase);
}

function peopleToNotify(
  { directory }: Ports,
  { incident }: DeliverNotificationsInput,
  { to, except, fallbackTo = [], at }: NoticeEntry,
): readonly string[] {
  const peopleNamedBy = (names: readonly string[]) =>
    names.flatMap((name) => directory.resolve(name, incident.team, at).people);
  const excluded = new Set(peopleNamedBy(except));
  const intended = peopleNamedBy(to);
  const people = new Set(intended.length === 0 ? peopleNamedBy(fallbackTo) : intended);
  return [...people].filter((person) => !excluded.has(person));
}

async function notifyPerson(
  ports: Ports,
  person: string,
  messageBy: (method: string) => Page,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const contact of ports.directory.contacts(person)) {
    if (contact.pagesOnly) continue;
    const message = messageBy(contact.method);
    const delivery = { to: person, method: contact.method, key: message.key };
    try {
      await contact.send(message, signal);
      return [...deliveries, { ...delivery, at: now(), state: 'accepted', reason: null }];
    } catch (err) {
      if (!isFinalFailure(err)) throw err;
      const reason = err instanceof Error ? err.message : 'failed';
      deliveries.push({ ...delivery, at: now(), state: 'failed', reason });
    }
  }
  return deliveries;
}

const TITLE_LENGTH = 120;

/** A notification arrives without anything around it, so one that does not name its incident begins with it. */
function namingIncident({ severity, title, reference }: DeliverNotificationsInput['incident'], text: string): string {
  if (text.includes(title) || (reference !== null && text.includes(reference))) return text;
  return `${severity} ${truncate(title, TITLE_LENGTH)}${reference === null ? '' : ` (${reference})`}: ${text}`;
}

function composeNotification(
  ports: Ports,
  { incident, cycle }: DeliverNotificationsInput,
  entry: NoticeEntry,
  person: string,
  method: string,
): Page {
  const { workflowId, id: incidentId } = incident;
  const url = ports.links.incident(incident);
  return {
    key: `${incidentId}/notice/${entry.n}/${person}.${method}`,
    kind: 'notification',
    reason: entry.about,
    to: person,
    level: 0,
    cycle,
    attempt: 1,
    lateByMs: 0,
    text: namingIncident(incident, renderText(entry, ports, url)),
    why: '',
    calledBy: null,
    incident: { ...incident, url },
    acknowledgeUrl: ports.links.acknowledge({ workflowId, incidentId, person, cycle }),
  };
}
