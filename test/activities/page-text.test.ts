/** The line of a page that fits on a lock screen. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPageActivities } from '../../activities/index.ts';
import type { PageActivityInput, PageActivityResult } from '../../activities/types.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import type { PageReason } from '../../domain/kernel/outbox.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { declaredIncident } from '../support/pure-incident.ts';

const NOW = Date.UTC(2026, 10, 23, 10);

async function textOf(reason: PageReason): Promise<string | undefined> {
  const texts: string[] = [];
  const { ports } = createLedger(DEFAULT_ROSTER, {});
  const contact = { method: 'phone', quiet: false, send: async (page: { text: string }) => void texts.push(page.text) };
  const activities = createPageActivities({ ...ports, directory: { ...ports.directory, contacts: () => [contact] } });
  const request: PageActivityInput = {
    incident: { ...pagedIncident(declaredIncident({ severity: 'SEV1' })), title: 'Checkout fails' },
    pageRequest: {
      ...{ n: 1, reason, cycle: 1, targets: [{ level: 1, attempt: 1, names: ['onCall'] }], method: 'all' },
      ...{ except: [], dueAt: NOW, startsLevel: false, accepted: [] },
    },
    test: false,
  };
  const env = new MockActivityEnvironment({ scheduledTimestampMs: NOW, currentAttemptScheduledTimestampMs: NOW });
  await env.run<[], PageActivityResult, () => Promise<PageActivityResult>>(() => activities.page(request));
  return texts[0]?.replace(/ \(late by .*$/, '');
}

test.each([
  ['on-call', 'SEV1 Checkout fails'],
  ['recurrence', 'SEV1 Checkout fails (it is back)'],
  ['severity-raised', 'SEV1 Checkout fails (severity raised)'],
] as const)('%s: people who were paged for it before see what is new', async (reason, text) => {
  expect(await textOf(reason)).toBe(text);
});
