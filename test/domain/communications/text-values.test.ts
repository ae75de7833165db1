/** [COMM-19] What the placeholders of a house's own words stand for, at the moment the message is ordered. */
import { describe, expect, test } from '@jest/globals';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { externalTextValuesFor } from '../../../domain/communications/text-values.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { TextValues } from '../../../domain/kernel/text.ts';
import type { TemplateName } from '../../../domain/communications/templates.ts';
import { placeholdersOf, templateNames } from '../../../domain/communications/templates.ts';
import { aPolicy } from '../../support/builders.ts';
import { afterEvents, atMinute, declaredIncident, afterAlerts, afterCommand } from '../../support/pure-incident.ts';

const own = (over: Partial<Declaration> = {}, templates: readonly TemplateName[] = templateNames()): Incident =>
  declaredIncident({ policy: aPolicy({ templates }), ...over });
const taken = (over: Partial<Declaration> = {}): Incident =>
  afterCommand(afterAlerts(own(over), 0, [{}]).incident, { type: 'acknowledge', by: 'ana' }, 2);
const post = ({ outbox }: Incident): { readonly template?: string; readonly textValues: TextValues } => ({
  textValues: {},
  ...outbox.posts.at(-1),
});
const entry = ({ outbox }: Incident): { readonly template?: string; readonly textValues: TextValues } => ({
  textValues: {},
  ...outbox.publicEntries.at(-1),
});
const notice = ({ outbox }: Incident): { readonly template?: string; readonly textValues: TextValues } => ({
  textValues: {},
  ...outbox.notices.at(-1),
});

describe('[COMM-19] our own people', () => {
  test('hear of the incident as it is when the message is made', () => {
    const incident = afterEvents(taken({ summary: 'Carts are empty', declaredBy: 'cy' }), {
      ...{
        type: 'notification-accepted',
        at: atMinute(3),
        acceptedEntries: [],
        deliveries: [],
        projectedVersion: null,
      },
      ...{
        refs: { channel: '#inc-1', ticket: 'OPS-1' },
        assignedReference: { reference: 'INC-2026-001', recurrenceOf: null },
      },
    });
    const { template, textValues } = post(
      afterCommand(incident, { type: 'setSeverity', severity: 'SEV1', reason: 'all shops', by: 'bo' }, 32),
    );
    expect(template).toBe('severityChanged');
    expect(textValues).toEqual({
      ...{ reference: 'INC-2026-001', ref: 'INC-2026-001', title: 'Checkout fails', summary: 'Carts are empty' },
      status: 'investigating',
      ...{ severity: 'SEV1', highestSeverity: 'SEV1', previousSeverity: 'SEV2', reason: 'all shops' },
      ...{ publicStatus: 'Investigating', impact: 'Carts are empty', affected: 'Checkout' },
      ...{ team: 'platform', service: 'payments', component: 'Checkout', ic: { person: 'ana' } },
      ...{ firing: 'CheckoutFails', wanted: 'technical (operations) lead, communications lead and scribe' },
      ...{ startedAt: { at: atMinute(0) }, duration: '32 min', channel: '#inc-1', ticket: 'OPS-1' },
      ...{
        updateEvery: '15 minutes',
        nextUpdate: { at: atMinute(37) },
        time: { at: atMinute(32) },
        by: { person: 'bo' },
      },
    });
  });

  test('hear since when by the declaration, while no alert says it', () => {
    expect(post(own({ declaredBy: 'cy' })).textValues).toMatchObject({
      ...{ startedAt: { at: atMinute(0) }, duration: '0 s', by: { person: 'cy' } },
    });
    expect(post(own()).textValues).toMatchObject({ by: 'alertmanager' });
    expect(post(own({ component: null })).textValues).toMatchObject({ affected: 'payments' });
    expect(post(own({ component: null, service: null })).textValues).toMatchObject({ affected: 'platform' });
  });

  test.each([
    [99, '99 min'],
    [120, '2 h'],
    [125, '2 h 5 min'],
  ])('hear how long it has lasted: after %i min', (minute, duration) => {
    expect(
      post(afterCommand(taken(), { type: 'assignRole', role: 'scribe', person: 'bo' }, minute)).textValues,
    ).toMatchObject({
      ...{ duration, role: 'scribe', person: { person: 'bo' } },
    });
  });

  test('hear how often there is news: in minutes, or in whole hours beyond one; nothing where there is none', () => {
    const every = (updateEveryMs: number | null) => {
      const policy = aPolicy({ templates: templateNames() });
      const severities = { ...policy.severities, SEV2: { ...policy.severities.SEV2, updateEveryMs } };
      return post(own({ policy: { ...policy, severities } })).textValues['updateEvery'];
    };
    expect([30, 60, 90, 120, 180].map((minutes) => every(minutes * 60_000))).toEqual([
      ...['30 minutes', '60 minutes', '90 minutes', '2 hours', '3 hours'],
    ]);
    expect(every(null)).toBeUndefined();
  });

  test('hear that a test is a test', () => {
    expect(post(own({ test: true })).textValues).toMatchObject({ test: 'TEST' });
    expect(post(own()).textValues).not.toHaveProperty('test');
  });

  test('hear the impact that was assessed, and the public word that was chosen', () => {
    const incident = afterCommand(taken(), { type: 'assessImpact', summary: 'Orders are lost', dataLoss: true }, 3);
    expect(post(incident).textValues['impact']).toContain('Orders are lost');
    const said = afterCommand(
      incident,
      { type: 'postUpdate', audience: 'public', text: 'Soon.', status: 'Monitoring' },
      4,
    );
    expect(post(said).textValues).toMatchObject({
      publicStatus: 'Monitoring',
      status: 'Monitoring',
      audience: 'public',
    });
    expect(entry(said)).toMatchObject({ template: 'publicUpdate', textValues: { state: 'Monitoring', text: 'Soon.' } });
  });
});

describe('[COMM-19] what happened brings its own words', () => {
  const watching = (): Incident => afterCommand(taken(), { type: 'resolve', resolution: 'restarted' }, 5);
  const back = (): Incident => afterAlerts(watching(), 6, [{ startsAt: 9_000, title: 'Pool is full' }]).incident;
  const missed: IncidentEvent = {
    type: 'update-missed',
    at: atMinute(40),
    dueAt: atMinute(39),
    audiences: ['internal', 'public'],
  };

  test.each<readonly [string, () => Incident, TemplateName, TextValues]>([
    [
      'an update',
      () => afterCommand(taken(), { type: 'postUpdate', audience: 'internal', text: 'On it' }, 3),
      'update',
      { text: 'On it', audience: 'internal', status: 'investigating', by: { person: 'ana' } },
    ],
    [
      'an update with details',
      () =>
        afterCommand(taken(), {
          ...{ type: 'postUpdate', audience: 'internal', text: 'On it', impact: 'all', cause: 'the release' },
          ...{ actions: 'rolling back', nextSteps: 'wait', eta: 'noon' },
        }),
      'internalUpdate',
      { impact: 'all', cause: 'the release', actions: 'rolling back', nextSteps: 'wait', eta: 'noon' },
    ],
    ['a missed update', () => afterEvents(taken(), missed), 'holdingUpdate', { dueAt: { at: atMinute(39) } }],
    [
      'a decision',
      () =>
        afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback', action: 'v41', reason: 'faster' }, 3),
      'mitigationDecided',
      { decision: 'rollback', action: 'v41', reason: 'faster', status: 'mitigating', publicStatus: 'Investigating' },
    ],
    [
      'its outcome',
      () =>
        afterCommand(afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }), {
          ...{ type: 'reportMitigation', outcome: 'failed', text: 'no image' },
        }),
      'mitigationReported',
      { outcome: 'failed', text: 'no image' },
    ],
    [
      'a fix',
      watching,
      'monitoringStarted',
      { resolution: 'restarted', monitoringUntil: { at: atMinute(35) }, by: { person: 'ana' } },
    ],
    ['a return', back, 'recurred', { what: 'Pool is full' }],
    [
      'an end',
      () => afterEvents(watching(), { type: 'resolved', at: atMinute(35) }),
      'allClear',
      { resolution: 'restarted' },
    ],
    [
      'a reopening',
      () => afterCommand(watching(), { type: 'reopen', reason: 'not fixed' }, 7),
      'reopened',
      { reason: 'not fixed', by: { person: 'ana' } },
    ],
    [
      'a false alarm',
      () => afterCommand(taken(), { type: 'declareFalseAlarm', reason: 'a drill' }, 7),
      'falseAlarm',
      { reason: 'a drill' },
    ],
    [
      'a call for somebody',
      () => afterCommand(taken(), { type: 'escalate', to: 'hal', reason: 'his database' }, 7),
      'escalated',
      { to: { person: 'hal' }, reason: 'his database' },
    ],
    [
      'a call for the next level',
      () => afterCommand(taken(), { type: 'escalate', reason: 'too big' }, 7),
      'escalated',
      { to: 'the next level', reason: 'too big' },
    ],
    [
      'an exhausted chain',
      () => afterEvents(own(), { type: 'escalation-exhausted', at: atMinute(45), cycle: 2, last: false }),
      'escalationExhausted',
      { cycle: '2' },
    ],
  ])('%s', (_name, incident, template, textValues) => {
    expect(post(incident())).toMatchObject({ template, textValues });
  });

  test('the end says what came of it', () => {
    const resolved = afterEvents(watching(), { type: 'resolved', at: atMinute(35) });
    expect(post(resolved).textValues).toMatchObject({ outcome: 'resolved' });
  });

  test('single people have templates of their own', () => {
    const reminded = afterEvents(taken(), {
      type: 'update-reminded',
      at: atMinute(22),
      dueAt: atMinute(32),
      audiences: ['internal'],
    });
    expect(notice(reminded)).toMatchObject({
      ...{ template: 'updateReminder', textValues: { dueAt: { at: atMinute(32) }, audiences: 'internal' } },
    });
    expect(notice(afterEvents(taken(), missed)).textValues).toMatchObject({ audiences: 'internal and public' });
  });

  test('where nobody said it, nobody is named', () => {
    const cleared = afterAlerts(taken(), 5, [{ status: 'resolved' }]).incident;
    expect(post(cleared)).toMatchObject({ template: 'monitoringStarted' });
    expect(post(cleared).textValues).not.toHaveProperty('by');
  });
});

describe('[COMM-19] the public', () => {
  const loud: Partial<Declaration> = { title: 'SECRET', summary: 'SECRET', team: 'SECRET', service: 'SECRET' };

  test('hears by name only what is fit for everybody', () => {
    const begun = afterEvents(taken(loud), {
      type: 'public-communication-started',
      at: atMinute(3),
      reason: 'SEV2 acknowledged',
    });
    expect(entry(begun)).toMatchObject({
      template: 'publicInvestigating',
      textValues: {
        component: 'Checkout',
        state: 'Investigating',
        nextUpdate: { at: atMinute(33) },
        time: { at: atMinute(3) },
      },
    });
    expect(Object.keys(entry(begun).textValues).sort()).toEqual([
      ...['component', 'nextUpdate', 'publicImpact', 'state', 'time'],
    ]);
    const nameless = afterEvents(taken({ component: null }), {
      type: 'public-communication-started',
      at: atMinute(3),
      reason: 'x',
    });
    expect(entry(nameless).textValues).toMatchObject({ component: 'our services' });
  });

  test("hears a person's own words, and never those that were said inside", () => {
    const incident = afterEvents(taken(loud), {
      type: 'public-communication-started',
      at: atMinute(3),
      reason: 'SEV2 acknowledged',
    });
    const said = (audience: 'internal' | 'public'): TextValues =>
      externalTextValuesFor(incident, {
        type: 'update-posted',
        at: atMinute(5),
        by: 'ana',
        text: 'x',
        audience,
        status: null,
      });
    expect(said('public')).toMatchObject({ text: 'x', startedAt: { at: atMinute(0) }, updateEvery: '30 minutes' });
    expect(said('internal')).not.toHaveProperty('text');
    expect(JSON.stringify(said('public'))).not.toContain('SECRET');
    const note = externalTextValuesFor(incident, { type: 'note-added', at: atMinute(5), by: 'ana', text: 'SECRET' });
    expect(JSON.stringify(note)).not.toContain('SECRET');
  });

  test('keeps the cadence of the highest severity it was promised', () => {
    const incident = afterCommand(
      taken({ severity: 'SEV1' }),
      { type: 'setSeverity', severity: 'SEV3', reason: 'better' },
      4,
    );
    const note: IncidentEvent = { type: 'note-added', at: atMinute(5), by: 'ana', text: 'x' };
    expect(externalTextValuesFor(incident, note)).toMatchObject({ updateEvery: '15 minutes' });
  });
});

describe('[COMM-19] a message without words of the house', () => {
  test('carries no values, so that no record keeps what was not told', () => {
    const plain = afterCommand(own({}, []), { type: 'acknowledge' });
    for (const { template, textValues } of [post(plain), notice(plain)])
      expect([template, textValues]).toEqual([undefined, {}]);
    const some = afterCommand(own({}, ['falseAlarm']), { type: 'acknowledge' });
    expect(post(some).template).toBeUndefined();
    expect(post(afterCommand(some, { type: 'declareFalseAlarm', reason: 'x' })).template).toBe('falseAlarm');
    const begun = afterEvents(own({}, ['publicUpdate']), {
      type: 'public-communication-started',
      at: atMinute(3),
      reason: 'x',
    });
    expect(entry(begun)).not.toHaveProperty('template');
  });

  test('but a declaration that is announced in words of the house carries them for that', () => {
    expect(post(own({}, ['announcement']))).toMatchObject({ textValues: { severity: 'SEV2' } });
    expect(post(own({}, ['announcement']))).not.toHaveProperty('template');
    expect(own({}, ['update']).outbox.posts.at(-1)).not.toHaveProperty('textValues');
    const next = afterCommand(own({}, ['announcement']), { type: 'acknowledge' });
    expect(next.outbox.posts.at(-1)).not.toHaveProperty('textValues');
  });
});

test('[COMM-19] what a template may say is what its message has a value for', () => {
  expect(placeholdersOf('severityChanged')).toEqual(expect.arrayContaining(['default', 'previousSeverity', 'title']));
  expect(placeholdersOf('publicUpdate')).toEqual(expect.arrayContaining(['default', 'text', 'component']));
  expect(placeholdersOf('publicUpdate')).not.toContain('title');
  expect(placeholdersOf('externalMail')).toEqual(expect.arrayContaining(['text', 'startedAt', 'updateEvery']));
  for (const name of ['externalMail', 'internalMail'] as const) expect(placeholdersOf(name)).not.toContain('default');
});
