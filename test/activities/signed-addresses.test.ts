/** A signed address opens the incident's page for anyone who has it, so it goes to our own people and no further. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createNotificationActivities } from '../../activities/index.ts';
import type { Ports } from '../../activities/ports.ts';
import type { DeliverNotificationsInput, DeliverNotificationsResult } from '../../activities/types.ts';
import type { TemplateName } from '../../domain/communications/templates.ts';
import { nextProjectionBatch } from '../../domain/engine/projection.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import type { OutboundMessage } from '../../domain/kernel/projection.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { declaredIncident } from '../support/pure-incident.ts';

const TEMPLATES: Partial<Record<TemplateName, string>> = {
  update: 'See {{url}}',
  acknowledged: 'Look at {{url}}',
  publicUpdate: 'See {{url}}here',
  internalMail: 'Subject: See\n\n{{url}}',
  externalMail: 'Subject: See\n\n{{url}}here',
};
const ADDRESS = 'http://tocsin.test/incidents/inc-platform-0001';
const SIGNED = `${ADDRESS}?link=signed`;

/** What goes out when every text of the configuration asks for the address. */
async function delivered() {
  const templates = new Map(Object.entries(TEMPLATES) as [TemplateName, string][]);
  const ledger = createLedger(DEFAULT_ROSTER, { templates, stakeholders: ['board', 'customers'] });
  const incident = declaredIncident({});
  const entry = { at: 0, text: ['built in'], textValues: {}, about: 'update-posted' };
  const message: OutboundMessage = { ...entry, n: 1, kind: 'chat', to: [], template: 'update' };
  const { projection, ...batch } = { ...nextProjectionBatch(incident)!, messages: [message] };
  const request: DeliverNotificationsInput = {
    ...{ incident: pagedIncident(incident), projection: projection!, refs: {}, wantsChannel: false, responders: [] },
    ...{ cycle: 1, notices: [], alarms: [], paged: [], failOnError: false, record: batch },
    posts: [{ ...entry, n: 1, template: 'update', releases: null }],
    tickets: [{ ...entry, n: 5, template: 'acknowledged', action: 'comment' }],
    publicEntries: [
      { ...entry, n: 2, template: 'publicUpdate', text: 'built in', state: 'Investigating', nextUpdateAt: null },
    ],
    stakeholderUpdates: [
      { ...entry, n: 3, to: ['board'], template: 'internalMail' },
      { ...entry, n: 4, to: ['customers'], template: 'externalMail' },
    ],
  };
  const ticketUrls: string[] = [];
  const { tickets } = ledger.ports;
  const ports: Ports = {
    ...ledger.ports,
    tickets: {
      write: async (ticket, context, signal) => {
        ticketUrls.push(context.incident.url);
        await tickets.write(ticket, context, signal);
      },
    },
  };
  const activities = createNotificationActivities(ports);
  const env = new MockActivityEnvironment();
  const result = await env.run<[], DeliverNotificationsResult, () => Promise<DeliverNotificationsResult>>(() =>
    activities.deliverNotifications(request),
  );
  return { ledger, result, incident, ticketUrls };
}

test('the chat and mail to our own people have the signed address; the public and mail to the outside have none', async () => {
  const { ledger } = await delivered();
  expect(ledger.told()).toEqual(expect.arrayContaining([`chat: See ${SIGNED}`, 'public Investigating: See here']));
  const [internal, external] = ledger.stakeholderUpdates;
  expect(internal).toMatchObject({ to: 'board', text: SIGNED, incident: { url: SIGNED } });
  expect(external).toMatchObject({ to: 'customers', text: 'here' });
  expect(JSON.stringify(external)).not.toContain('incidents/');
});

test('tickets, which others may read, have the address that asks who you are, in their text and beside it', async () => {
  const { ledger, ticketUrls } = await delivered();
  expect(ledger.tickets).toEqual([`comment: Look at ${ADDRESS}`]);
  expect(ticketUrls).toEqual([ADDRESS]);
});

test('the records keep the same messages with the address that asks who you are', async () => {
  const { ledger, result, incident } = await delivered();
  expect(ledger.records.get(incident.incidentId)?.messages.get(1)?.text).toBe(`See ${ADDRESS}`);
  expect(result.stakeholderUpdates?.[0]?.text).toBe(`Subject: See\n\n${ADDRESS}`);
});
