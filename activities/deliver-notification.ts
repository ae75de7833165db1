/** A notice: to each person's first method that takes it. It wakes nobody's chain. */
import type { Delivery } from '../domain/kernel/incident.ts';
import type { NoticeEntry } from '../domain/kernel/outbox.ts';
import { now } from './clock.ts';
import { isFinalFailure } from '../runtime/failures.ts';
import type { Page, Ports } from './ports.ts';
import { renderText } from './render-text.ts';
import type { DeliverNotificationsInput } from './types.ts';

/** Rejects with the first vendor's trouble that may pass; the same keys make a repeat harmless to those reached. */
export async function deliverNotification(
  ports: Ports,
  request: DeliverNotificationsInput,
  order: NoticeEntry,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const person of peopleOf(ports, request, order)) {
    deliveries.push(
      ...(await notifyPerson(
        ports,
        person,
        (method) => composeNotification(ports, request, order, person, method),
        signal,
      )),
    );
  }
  return deliveries;
}

function peopleOf(
  { directory }: Ports,
  { incident }: DeliverNotificationsInput,
  order: NoticeEntry,
): readonly string[] {
  const { to, except, fallbackTo = [], at } = order;
  const peopleNamedBy = (names: readonly string[]) =>
    names.flatMap((name) => directory.resolve(name, incident.team, at).people);
  const excluded = new Set(peopleNamedBy(except));
  const intended = peopleNamedBy(to);
  return [...new Set(intended.length === 0 ? peopleNamedBy(fallbackTo) : intended)].filter(
    (person) => !excluded.has(person),
  );
}

async function notifyPerson(
  ports: Ports,
  person: string,
  pageFor: (method: string) => Page,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const contact of ports.directory.contacts(person)) {
    if (contact.pagesOnly) continue;
    const page = pageFor(contact.method);
    const delivery = { to: person, method: contact.method, key: page.key };
    try {
      await contact.send(page, signal);
      return [...deliveries, { ...delivery, at: now(), state: 'accepted', reason: null }];
    } catch (err) {
      if (!isFinalFailure(err)) throw err;
      const reason = err instanceof Error ? err.message : 'failed';
      deliveries.push({ ...delivery, at: now(), state: 'failed', reason });
    }
  }
  return deliveries;
}

function composeNotification(
  ports: Ports,
  { incident, cycle }: DeliverNotificationsInput,
  order: NoticeEntry,
  person: string,
  method: string,
): Page {
  const { workflowId, id: incidentId } = incident;
  return {
    key: `${incidentId}/notice/${order.n}/${person}.${method}`,
    kind: 'notification',
    reason: order.about,
    to: person,
    level: 0,
    cycle,
    attempt: 1,
    lateByMs: 0,
    text: renderText(order, ports, workflowId),
    incident: { ...incident, url: ports.links.incident(workflowId) },
    acknowledgeUrl: ports.links.acknowledge({ workflowId, incidentId, person, cycle }),
  };
}
