/** Notices that are no longer true when they are sent. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { notifyPeople } from '../../activities/notify-people.ts';
import type { Page } from '../../activities/ports.ts';
import type { DeliverNotificationsInput } from '../../activities/types.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import type { Delivery } from '../../domain/kernel/incident.ts';
import type { NoticeEntry } from '../../domain/kernel/outbox.ts';
import type { Phase } from '../../domain/kernel/phase.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { declaredIncident } from '../support/pure-incident.ts';

async function notified(about: NoticeEntry['about'], phase: Phase): Promise<readonly string[]> {
  const { ports } = createLedger(DEFAULT_ROSTER, {});
  const request = {
    incident: { ...pagedIncident(declaredIncident({})), phase },
    cycle: 1,
  } as DeliverNotificationsInput;
  const entry: NoticeEntry = { n: 1, at: 0, about, to: ['ana'], except: [], text: ['Cleared by itself.'] };
  const { signal } = new AbortController();
  const env = new MockActivityEnvironment();
  const deliveries = await env.run<[], readonly Delivery[], () => Promise<readonly Delivery[]>>(() =>
    notifyPeople(ports, request, entry, signal),
  );
  return deliveries.map(({ to }) => to);
}

test('it has come back before people were told that it cleared: they are not told so after its page', async () => {
  expect(await notified('monitoring-started', 'declared')).toEqual([]);
  expect(await notified('monitoring-started', 'mitigating')).toEqual([]);
});

test('it has cleared, and may be over by now: people are told; what is about something else always goes out', async () => {
  expect(await notified('monitoring-started', 'monitoring')).toEqual(['ana']);
  expect(await notified('monitoring-started', 'resolved')).toEqual(['ana']);
  expect(await notified('alerts-stale', 'declared')).toEqual(['ana']);
});

test.each([
  [['Cleared by itself.'], null, 'SEV2 Checkout fails: Cleared by itself.'],
  [['Cleared by itself.'], 'INC-2026-001', 'SEV2 Checkout fails (INC-2026-001): Cleared by itself.'],
  [['You are scribe of SEV2 "Checkout fails".'], null, 'You are scribe of SEV2 "Checkout fails".'],
  [['The post-mortem of INC-2026-001 is due.'], 'INC-2026-001', 'The post-mortem of INC-2026-001 is due.'],
])('[PAGE-44] a notification names its incident, once: %s', async (words, reference, text) => {
  const texts: string[] = [];
  const { ports } = createLedger(DEFAULT_ROSTER, {});
  const contact = { method: 'phone', quiet: false, send: async (page: Page) => void texts.push(page.text) };
  const request = {
    incident: { ...pagedIncident(declaredIncident({})), reference },
    cycle: 1,
  } as DeliverNotificationsInput;
  const entry: NoticeEntry = { n: 1, at: 0, about: 'acknowledged', to: ['ana'], except: [], text: words };
  const directory = { ...ports.directory, contacts: () => [contact] };
  await new MockActivityEnvironment().run<[], readonly Delivery[], () => Promise<readonly Delivery[]>>(() =>
    notifyPeople({ ...ports, directory }, request, entry, new AbortController().signal),
  );
  expect(texts).toEqual([text]);
});
