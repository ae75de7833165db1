/** What a page says: the line that fits on a lock screen, and why, for each reason there is to page somebody. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPageActivities } from '../../activities/index.ts';
import type { Page } from '../../activities/ports.ts';
import type { PageActivityInput, PageActivityResult } from '../../activities/types.ts';
import { evolve } from '../../domain/engine/evolve.ts';
import { pageLine } from '../../domain/escalation/page-line.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import type { IncidentEvent } from '../../domain/kernel/events.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import type { PageReason } from '../../domain/kernel/outbox.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { afterAlerts, afterCommand, afterEvents, atMinute, declaredIncident } from '../support/pure-incident.ts';

const NAMES: Readonly<Record<string, string>> = { ana: 'Ana Ruiz', bo: 'Bo Lind', eve: 'Eve Hahn', lea: 'Lea Moss' };
/** The declaration is at 13:00 in Berlin. */
const ZONE = 'Europe/Berlin';

/** The page that the last request for that reason sends, on time unless `lateMs` says otherwise. */
async function pageOf(incident: Incident, reason: PageReason, lateMs = 0): Promise<Page> {
  const pageRequest = incident.outbox.pages.findLast((request) => request.reason === reason);
  if (pageRequest === undefined) throw new Error(`nobody is paged for ${reason}`);
  const pages: Page[] = [];
  const { ports } = createLedger(DEFAULT_ROSTER, {});
  const contact = { method: 'phone', quiet: false, send: async (page: Page) => void pages.push(page) };
  const displayName = (person: string): string => NAMES[person] ?? person;
  const activities = createPageActivities({
    ...ports,
    timeZone: ZONE,
    links: { ...ports.links, runbook: (service) => (service === null ? null : `https://wiki.test/${service}`) },
    directory: { ...ports.directory, displayName, contacts: () => [contact] },
  });
  const request: PageActivityInput = { incident: pagedIncident(incident), pageRequest, test: incident.test };
  const at = Math.max(Date.now(), pageRequest.dueAt + lateMs);
  const env = new MockActivityEnvironment({ scheduledTimestampMs: at, currentAttemptScheduledTimestampMs: at });
  await env.run<[], PageActivityResult, () => Promise<PageActivityResult>>(() => activities.page(request));
  const [page] = pages;
  if (page === undefined) throw new Error('no page went out');
  return { ...page, text: page.text.replace(/ \(late by \d+ min\)$/, lateMs === 0 ? '' : '$&') };
}

const level = (n: number, minute: number, over: Partial<Extract<IncidentEvent, { type: 'level-started' }>> = {}) =>
  ({
    ...{ type: 'level-started', at: atMinute(minute), cycleInRun: 1, cycle: 1, level: n, together: false },
    ...{ reason: n === 1 ? 'on-call' : 'escalation', dueAt: atMinute(minute), nextLevelAt: atMinute(minute + 5) },
    ...over,
  }) as const satisfies IncidentEvent;
const again = (minute: number): IncidentEvent => ({
  ...{ type: 'notification-rule-due', at: atMinute(minute), dueAt: atMinute(minute) },
});
const raisedTo = (to: 'SEV1' | 'SEV2', by: string | null, reason: string): IncidentEvent => ({
  ...{ type: 'severity-changed', at: atMinute(3), by, from: 'SEV3', to, reason },
});
const POSTGRES = { alertname: 'PostgresqlDown', instance: 'ledger' };
const called = (over: Parameters<typeof declaredIncident>[0] = {}): Incident =>
  afterEvents(
    declaredIncident({ severity: 'SEV1', title: 'PostgresqlDown ledger: Postgresql down', ...over }),
    level(1, 2),
  );
const taken = (): Incident => afterCommand(called(), { type: 'acknowledge', by: 'bo' }, 31);
const mitigating = (): Incident => afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback', by: 'ana' });
const mild = (): Incident =>
  afterAlerts(declaredIncident({ severity: 'SEV3' }), 2, [
    { severity: 'SEV1', title: 'PostgresqlDown ledger: Postgresql down', labels: POSTGRES },
  ]).incident;
const HEAD = 'PostgresqlDown ledger: Postgresql down (payments).';

test.each<[string, PageReason, Incident, string]>([
  ['on call', 'on-call', called(), `SEV1 ${HEAD} You are on call.`],
  [
    'a person declared it',
    'on-call',
    called({ declaredBy: 'ana', title: 'Checkout fails', service: null }),
    'SEV1 Checkout fails. Ana Ruiz declared it; you are on call.',
  ],
  [
    'nobody has answered',
    'repeat',
    afterEvents(called(), again(4)),
    `SEV1 ${HEAD} Nobody has answered since 13:02 CET: 2nd call.`,
  ],
  [
    'level 2',
    'escalation',
    afterEvents(called(), level(2, 7)),
    `SEV1 level 2: ${HEAD} Nobody at level 1 has answered since 13:02 CET.`,
  ],
  [
    'all levels, on the next day',
    'escalation',
    afterEvents(called(), level(3, 1_500, { cycleInRun: 2, cycle: 2, together: true })),
    `SEV1 all levels: ${HEAD} Nobody has answered since 2026-11-21 13:02 CET: 2nd pass.`,
  ],
  [
    'the person before has declined',
    'escalation',
    afterEvents(called(), { type: 'declined', at: atMinute(3), by: 'bo' }, level(2, 3)),
    `SEV1 level 2: ${HEAD} Bo Lind declined.`,
  ],
  [
    'the level before could not be reached',
    'escalation',
    afterEvents(called(), { type: 'level-unreachable', at: atMinute(3), level: 1, reason: 'x' }, level(2, 3)),
    `SEV1 level 2: ${HEAD} Nobody at level 1 could be reached.`,
  ],
  ['leadership', 'leadership', called(), `SEV1 for leadership: ${HEAD} On call: Ana Ruiz; nobody has it yet.`],
  [
    'leadership, when a person has raised what somebody has',
    'leadership',
    afterCommand(afterCommand(declaredIncident({ severity: 'SEV2' }), { type: 'acknowledge', by: 'bo' }), {
      type: 'setSeverity',
      severity: 'SEV1',
      reason: 'orders are lost',
      by: 'ana',
    }),
    'SEV1 for leadership: Checkout fails (payments). Raised from SEV2; Bo Lind has it.',
  ],
  [
    'an alert has raised it',
    'severity-raised',
    afterEvents(mild(), level(1, 4, { reason: 'severity-raised' })),
    'SEV1 raised from SEV3 by PostgresqlDown: Checkout fails (payments). PostgresqlDown ledger: Postgresql down is SEV1.',
  ],
  [
    'a person has raised it',
    'severity-raised',
    afterEvents(
      declaredIncident({ severity: 'SEV3' }),
      raisedTo('SEV2', 'ana', 'half of the shops'),
      level(1, 3, { reason: 'severity-raised' }),
    ),
    'SEV2 raised from SEV3: Checkout fails (payments). Ana Ruiz raised it: half of the shops.',
  ],
  [
    'it is back, and somebody has it',
    'recurrence',
    afterEvents(taken(), { type: 'recurred', at: atMinute(50), titles: ['RedisDown orders'] }),
    `SEV1 back again: ${HEAD} Firing again: RedisDown orders; you have it.`,
  ],
  [
    'the person who has it has gone quiet',
    'inactive',
    afterEvents(taken(), { type: 'inactivity-paged', at: atMinute(70) }),
    `SEV1 no activity: ${HEAD} Bo Lind has been quiet since 13:31 CET.`,
  ],
  [
    'the next level, because the person who has it has gone quiet',
    'escalation',
    afterEvents(taken(), { type: 'inactivity-escalated', at: atMinute(75) }, level(2, 75)),
    `SEV1 no activity: ${HEAD} Bo Lind has been quiet since 13:31 CET.`,
  ],
  [
    'a rollback has failed',
    'rollback-failed',
    afterCommand(mitigating(), { type: 'reportMitigation', outcome: 'failed', text: 'image missing', by: 'ana' }),
    `SEV1 rollback failed: ${HEAD} Ana Ruiz asks for you: image missing.`,
  ],
  [
    'a person is asked for by name',
    'by-hand',
    afterCommand(taken(), { type: 'escalate', to: 'eve', reason: 'we need\nthe DBA!', by: 'bo' }),
    `SEV1 for you: ${HEAD} Bo Lind asks for you: we need the DBA!`,
  ],
  [
    'the next level is asked for',
    'by-hand',
    afterCommand(called(), { type: 'escalate', reason: 'I am on a train', by: 'ana' }),
    `SEV1 level 2: ${HEAD} Ana Ruiz asks for you: I am on a train.`,
  ],
  [
    'another team owns what fires too',
    'on-call',
    afterEvents(taken(), {
      ...{ type: 'service-joined', at: atMinute(40), titles: ['RedisDown orders'], count: 1, services: ['orders'] },
      ...{ notifies: false, teams: ['bo'] },
    }),
    `SEV1 joined by orders: ${HEAD} RedisDown orders fires too, and it is your team's.`,
  ],
  ['a test', 'on-call', called({ test: true }), `TEST SEV1 ${HEAD} You are on call.`],
])('[PAGE-44] %s: the line says how bad it is, what is broken, who asks and why', async (_, reason, incident, text) => {
  expect((await pageOf(incident, reason)).text).toBe(text);
});

test('[PAGE-44] it has its number and several alerts: both are in the line; a late page says how late it is', async () => {
  const alerts = ['f1', 'f2', 'f3'].map((fingerprint) => ({ fingerprint, startsAt: 1 }));
  const incident = { ...afterAlerts(called({ declaredBy: 'ana' }), 1, alerts).incident, reference: 'INC-2026-001' };
  const dueAt = Date.now() - 600_000;
  const late = evolve(incident, { ...level(2, 0), at: dueAt, dueAt });
  expect((await pageOf(late, 'escalation', 600_000)).text).toMatch(
    /^SEV1 level 2: PostgresqlDown ledger: Postgresql down \(payments, 3 alerts\)\. .* INC-2026-001 \(late by \d+ min\)$/,
  );
});

test('[PAGE-44] however long title and reason are, it is one line of 300 characters with a part of both', async () => {
  const reason = `because ${'of this and that '.repeat(40)}`;
  const incident = afterCommand(called({ title: 'long '.repeat(100) }), {
    type: 'escalate',
    to: 'eve',
    reason,
    by: 'bo',
  });
  const { text } = await pageOf(incident, 'by-hand');
  expect(text.length).toBeLessThanOrEqual(300);
  expect(text).toMatch(/^SEV1 for you: long long .* Bo Lind asks for you: because of this and that/);
  expect(text).not.toContain('\n');
});

test('[PAGE-44] beside its line a page says why and who called, and has the runbook of the worst alert, else of the service', async () => {
  const asked = afterCommand(called(), { type: 'escalate', to: 'eve', reason: 'help', by: 'bo' });
  const page = await pageOf(asked, 'by-hand');
  expect(page).toMatchObject({
    ...{ why: 'Bo Lind asks for you: help', calledBy: 'bo' },
    incident: { service: 'payments', runbook: 'https://wiki.test/payments' },
  });
  const alert = { severity: 'SEV1', links: { runbook: 'https://wiki.test/postgres' } } as const;
  const firing = afterEvents(
    afterAlerts(called(), 1, [{ fingerprint: 'f0' }, { ...alert, fingerprint: 'f9' }]).incident,
  );
  const alerts = await pageOf(firing, 'on-call');
  expect(alerts).toMatchObject({ calledBy: null, incident: { runbook: 'https://wiki.test/postgres' } });
});

test('a request of 0.2.0 does not say why, and is sent all the same', async () => {
  const incident = called();
  const pages = incident.outbox.pages.map(({ cause: _, ...request }) => request);
  const page = await pageOf({ ...incident, outbox: { ...incident.outbox, pages } }, 'on-call');
  expect(page).toMatchObject({ text: `SEV1 ${HEAD}`, why: '', calledBy: null });
});

test('[PAGE-44] every part is as long as it can be: a person’s reason is cut, and not left out', () => {
  const long = 'word '.repeat(100);
  const line = pageLine({
    ...{ test: true, severity: 'SEV1', kind: long, title: long, service: long.replace('word', 'svc'), alertCount: 9 },
    ...{ names: [long, long, long, long], why: 'Ana Ruiz asks for you: because', reference: 'INC-2026-001' },
    lateByMs: 90_000_000,
  });
  expect(line.length).toBeLessThanOrEqual(300);
  expect(line).toContain('Ana Ruiz asks for you: because');
});
