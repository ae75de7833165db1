/** Pages that may make no noise yet: which methods are used, and from when on all of them are. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPageActivities } from '../../activities/index.ts';
import type { Contact } from '../../activities/ports.ts';
import type { PageActivityResult, PageActivityInput } from '../../activities/types.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import type { PageRequest } from '../../domain/kernel/outbox.ts';
import type { Severity } from '../../domain/kernel/severity.ts';
import { ALWAYS_OPEN, createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { declaredIncident } from '../support/pure-incident.ts';

const NOW = Date.UTC(2026, 10, 21, 22);
const HOUR = 3_600_000;
const MONDAY = NOW + 34 * HOUR;

interface Night {
  readonly severity?: Severity;
  readonly test?: boolean;
  readonly order?: Partial<PageRequest>;
  /** The team's opening; null: it is at work. */
  readonly opensAt?: number | null;
  /** Person → when their quiet hours end. */
  readonly quiet?: Readonly<Record<string, number>>;
  /** Person → methods; `mail` and `slack` are quiet. */
  readonly people?: Readonly<Record<string, readonly string[]>>;
}

async function page(night: Night): Promise<{ answer: PageActivityResult; sent: string[] }> {
  const {
    severity = 'SEV3',
    test = false,
    opensAt = MONDAY,
    quiet = {},
    people = { ana: ['phone', 'mail', 'slack'] },
  } = night;
  const sent: string[] = [];
  const { ports } = createLedger(DEFAULT_ROSTER, {});
  const contact = (person: string, method: string): Contact => ({
    method,
    quiet: method !== 'phone',
    send: async () => void sent.push(`${person} by ${method}`),
  });
  const activities = createPageActivities({
    ...ports,
    directory: {
      ...ports.directory,
      resolve: () => ({ isKnown: true, people: Object.keys(people) }),
      contacts: (person) => (people[person] ?? []).map((method) => contact(person, method)),
      quietUntil: (person, at) => ((quiet[person] ?? 0) > at ? (quiet[person] ?? null) : null),
    },
    calendars: { ...ALWAYS_OPEN, audibleFrom: (_team, at) => (opensAt === null ? at : Math.max(at, opensAt)) },
  });
  const pageRequest: PageRequest = {
    ...{ n: 1, reason: 'on-call', cycle: 1, targets: [{ level: 1, attempt: 1, names: ['onCall'] }], method: 0 },
    ...{ except: [], dueAt: NOW, startsLevel: true, accepted: [] },
    ...night.order,
  };
  const request: PageActivityInput = {
    incident: pagedIncident(declaredIncident({ severity, test })),
    pageRequest,
    test,
  };
  const env = new MockActivityEnvironment({ scheduledTimestampMs: NOW, currentAttemptScheduledTimestampMs: NOW });
  const answer = await env.run<[], PageActivityResult, () => Promise<PageActivityResult>>(() =>
    activities.page(request),
  );
  return { answer, sent: sent.sort() };
}

test('[PAGE-34] a SEV3 while the team is away: every quiet method at once, no loud one, and word of when that ends', async () => {
  const { answer, sent } = await page({});
  expect(sent).toEqual(['ana by mail', 'ana by slack']);
  expect(answer).toMatchObject({ audibleAt: MONDAY, methods: 3, mustRetry: false });
});

test('[PAGE-34] a SEV3 while the team is at work: the first method, as ever', async () => {
  const { answer, sent } = await page({ opensAt: null });
  expect([answer.audibleAt, sent]).toEqual([null, ['ana by phone']]);
});

test.each(['SEV1', 'SEV2'] as const)('[PAGE-29] [PAGE-34] a %s is loud at any hour', async (severity) => {
  const { answer, sent } = await page({ severity, quiet: { ana: MONDAY }, order: { method: 'all' } });
  expect([answer.audibleAt, sent]).toEqual([null, ['ana by mail', 'ana by phone', 'ana by slack']]);
});

test.each(['by-hand', 'rollback-failed', 'leadership'] as const)(
  '[PAGE-34] [PAGE-26] whoever is asked for by name is asked aloud: %s',
  async (reason) => {
    const { answer, sent } = await page({ order: { reason } });
    expect([answer.audibleAt, sent]).toEqual([null, ['ana by phone']]);
  },
);

test('[PAGE-34] a person without quiet methods hears nothing yet, and is not taken for absent', async () => {
  const { answer, sent } = await page({ people: { ana: ['phone'] } });
  expect([answer.audibleAt, answer.deliveries, sent]).toEqual([MONDAY, [], []]);
});

test('[PAGE-34] one in her quiet hours, one not: she by quiet methods, he aloud, and nothing waits', async () => {
  const people = { ana: ['phone', 'mail'], bo: ['phone', 'mail'] };
  const { answer, sent } = await page({ opensAt: null, people, quiet: { ana: NOW + 8 * HOUR } });
  expect([answer.audibleAt, sent]).toEqual([null, ['ana by mail', 'bo by phone']]);
});

test('[PAGE-34] everybody in their quiet hours: aloud when the first of them end', async () => {
  const people = { ana: ['phone'], bo: ['phone', 'mail'], hal: [] };
  const { answer, sent } = await page({
    opensAt: null,
    people,
    quiet: { ana: NOW + 8 * HOUR, bo: NOW + 7 * HOUR },
  });
  expect([answer.audibleAt, sent]).toEqual([NOW + 7 * HOUR, ['bo by mail']]);
});

test("[PAGE-34] the team opens while a person's quiet hours last: aloud at their end", async () => {
  const { answer } = await page({ quiet: { ana: MONDAY + HOUR } });
  expect(answer.audibleAt).toBe(MONDAY + HOUR);
});

test('[PAGE-8] [PAGE-34] nobody there is nobody there, at any hour', async () => {
  expect((await page({ people: {} })).answer.audibleAt).toBeNull();
  expect((await page({ people: { ana: [] } })).answer.audibleAt).toBeNull();
});

test('[PAGE-28] [PAGE-34] a test goes its way outside the hours of the team', async () => {
  const { answer, sent } = await page({ test: true, order: { method: 'all' } });
  expect([answer.audibleAt, sent]).toEqual([null, ['ana by mail', 'ana by phone', 'ana by slack']]);
});
