/** [COMM-19] What the placeholders of a house's own words stand for, at the moment the message is ordered. */
import { describe, expect, test } from '@jest/globals';
import type { IncidentEvent } from '../../domain/events.ts';
import type { Incident } from '../../domain/incident.ts';
import { externalFieldsFor } from '../../domain/message-values.ts';
import type { Opening } from '../../domain/opening.ts';
import type { Fields } from '../../domain/orders.ts';
import type { TemplateName } from '../../domain/templates.ts';
import { placeholdersOf, TEMPLATE_NAMES } from '../../domain/templates.ts';
import { aPolicy } from '../support/builders.ts';
import { after, at, declared, heard, told } from '../support/play.ts';

const own = (over: Partial<Opening> = {}, templates: readonly TemplateName[] = TEMPLATE_NAMES): Incident =>
  declared({ policy: aPolicy({ templates }), ...over });
const taken = (over: Partial<Opening> = {}): Incident =>
  told(heard(own(over), 0, [{}]).incident, { type: 'acknowledge', by: 'ana' }, 2);
const post = ({ orders }: Incident): { readonly template?: string; readonly fields: Fields } => ({
  fields: {},
  ...orders.posts.at(-1),
});
const entry = ({ orders }: Incident): { readonly template?: string; readonly fields: Fields } => ({
  fields: {},
  ...orders.entries.at(-1),
});
const notice = ({ orders }: Incident): { readonly template?: string; readonly fields: Fields } => ({
  fields: {},
  ...orders.notices.at(-1),
});

describe('[COMM-19] our own people', () => {
  test('hear of the incident as it is when the message is made', () => {
    const incident = after(taken({ summary: 'Carts are empty', declaredBy: 'cy' }), {
      ...{ type: 'notification-accepted', at: at(3), orders: [], deliveries: [], recorded: null },
      ...{ refs: { channel: '#inc-1', ticket: 'OPS-1' }, numbered: { reference: 'INC-2026-001', recurrenceOf: null } },
    });
    const { template, fields } = post(
      told(incident, { type: 'setSeverity', severity: 'SEV1', reason: 'all shops', by: 'bo' }, 32),
    );
    expect(template).toBe('severityChanged');
    expect(fields).toEqual({
      ...{ reference: 'INC-2026-001', title: 'Checkout fails', summary: 'Carts are empty', status: 'investigating' },
      ...{ severity: 'SEV1', highestSeverity: 'SEV1', previousSeverity: 'SEV2', reason: 'all shops' },
      ...{ publicStatus: 'Investigating', impact: 'Carts are empty', affected: 'Checkout' },
      ...{ team: 'platform', service: 'payments', component: 'Checkout', ic: { person: 'ana' } },
      ...{ startedAt: { at: 1_000 }, duration: '32 min', channel: '#inc-1', ticket: 'OPS-1' },
      ...{ updateEvery: '15 minutes', nextUpdate: { at: at(37) }, time: { at: at(32) }, by: { person: 'bo' } },
    });
  });

  test('hear since when by the declaration, while no alert says it', () => {
    expect(post(own({ declaredBy: 'cy' })).fields).toMatchObject({
      ...{ startedAt: { at: at(0) }, duration: '0 min', by: { person: 'cy' } },
    });
    expect(post(own()).fields).toMatchObject({ by: 'alertmanager' });
    expect(post(own({ component: null })).fields).toMatchObject({ affected: 'payments' });
    expect(post(own({ component: null, service: null })).fields).toMatchObject({ affected: 'platform' });
  });

  test.each([
    [119, '119 min'],
    [120, '2 h 0 min'],
    [125, '2 h 5 min'],
  ])('hear how long it has lasted: after %i min', (minute, duration) => {
    expect(post(told(taken(), { type: 'assignRole', role: 'scribe', person: 'bo' }, minute)).fields).toMatchObject({
      ...{ duration, role: 'scribe', person: { person: 'bo' } },
    });
  });

  test('hear how often there is news: in minutes, or in whole hours beyond one; nothing where there is none', () => {
    const every = (updateEveryMs: number | null) => {
      const policy = aPolicy({ templates: TEMPLATE_NAMES });
      const severities = { ...policy.severities, SEV2: { ...policy.severities.SEV2, updateEveryMs } };
      return post(own({ policy: { ...policy, severities } })).fields['updateEvery'];
    };
    expect([30, 60, 90, 120, 180].map((minutes) => every(minutes * 60_000))).toEqual([
      ...['30 minutes', '60 minutes', '90 minutes', '2 hours', '3 hours'],
    ]);
    expect(every(null)).toBeUndefined();
  });

  test('hear that a test is a test', () => {
    expect(post(own({ test: true })).fields).toMatchObject({ test: 'TEST' });
    expect(post(own()).fields).not.toHaveProperty('test');
  });

  test('hear the impact that was assessed, and the public word that was chosen', () => {
    const incident = told(taken(), { type: 'assessImpact', summary: 'Orders are lost', dataLoss: true }, 3);
    expect(post(incident).fields['impact']).toContain('Orders are lost');
    const said = told(incident, { type: 'postUpdate', audience: 'public', text: 'Soon.', status: 'Monitoring' }, 4);
    expect(post(said).fields).toMatchObject({ publicStatus: 'Monitoring', status: 'Monitoring', audience: 'public' });
    expect(entry(said)).toMatchObject({ template: 'publicUpdate', fields: { state: 'Monitoring', text: 'Soon.' } });
  });
});

describe('[COMM-19] what happened brings its own words', () => {
  const watching = (): Incident => told(taken(), { type: 'resolve', resolution: 'restarted' }, 5);
  const back = (): Incident => heard(watching(), 6, [{ startsAt: 9_000, title: 'Pool is full' }]).incident;
  const missed: IncidentEvent = { type: 'update-missed', at: at(40), dueAt: at(39), audiences: ['internal', 'public'] };

  test.each<readonly [string, () => Incident, TemplateName, Fields]>([
    [
      'an update',
      () => told(taken(), { type: 'postUpdate', audience: 'internal', text: 'On it' }, 3),
      'update',
      { text: 'On it', audience: 'internal', status: 'investigating', by: { person: 'ana' } },
    ],
    [
      'an update with details',
      () =>
        told(taken(), {
          ...{ type: 'postUpdate', audience: 'internal', text: 'On it', impact: 'all', cause: 'the release' },
          ...{ actions: 'rolling back', nextSteps: 'wait', eta: 'noon' },
        }),
      'internalUpdate',
      { impact: 'all', cause: 'the release', actions: 'rolling back', nextSteps: 'wait', eta: 'noon' },
    ],
    ['a missed update', () => after(taken(), missed), 'holdingUpdate', { dueAt: { at: at(39) } }],
    [
      'a decision',
      () => told(taken(), { type: 'decideMitigation', decision: 'rollback', action: 'v41', reason: 'faster' }, 3),
      'mitigationDecided',
      { decision: 'rollback', action: 'v41', reason: 'faster', status: 'mitigating', publicStatus: 'Identified' },
    ],
    [
      'its outcome',
      () =>
        told(told(taken(), { type: 'decideMitigation', decision: 'rollback' }), {
          ...{ type: 'reportMitigation', outcome: 'failed', text: 'no image' },
        }),
      'mitigationReported',
      { outcome: 'failed', text: 'no image' },
    ],
    ['a fix', watching, 'watchOpened', { resolution: 'restarted', watchUntil: { at: at(35) }, by: { person: 'ana' } }],
    ['a return', back, 'recurred', { what: 'Pool is full' }],
    ['an end', () => after(watching(), { type: 'resolved', at: at(35) }), 'allClear', { resolution: 'restarted' }],
    [
      'a reopening',
      () => told(watching(), { type: 'reopen', reason: 'not fixed' }, 7),
      'reopened',
      { reason: 'not fixed', by: { person: 'ana' } },
    ],
    [
      'a false alarm',
      () => told(taken(), { type: 'declareFalseAlarm', reason: 'a drill' }, 7),
      'falseAlarm',
      { reason: 'a drill' },
    ],
    [
      'a call for somebody',
      () => told(taken(), { type: 'escalate', to: 'hal', reason: 'his database' }, 7),
      'escalated',
      { to: 'hal', reason: 'his database' },
    ],
    [
      'a call for the next level',
      () => told(taken(), { type: 'escalate', reason: 'too big' }, 7),
      'escalated',
      { to: 'the next level', reason: 'too big' },
    ],
    [
      'an exhausted chain',
      () => after(own(), { type: 'escalation-exhausted', at: at(45), cycle: 2, last: false }),
      'chainExhausted',
      { cycle: '2' },
    ],
  ])('%s', (_name, incident, template, fields) => {
    expect(post(incident())).toMatchObject({ template, fields });
  });

  test('the end says what came of it', () => {
    const resolved = after(watching(), { type: 'resolved', at: at(35) });
    expect(post(resolved).fields).toMatchObject({ outcome: 'resolved' });
  });

  test('single people have templates of their own', () => {
    const reminded = after(taken(), { type: 'update-reminded', at: at(22), dueAt: at(32), audiences: ['internal'] });
    expect(notice(reminded)).toMatchObject({
      ...{ template: 'updateReminder', fields: { dueAt: { at: at(32) }, audiences: 'internal' } },
    });
    expect(notice(after(taken(), missed)).fields).toMatchObject({ audiences: 'internal and public' });
  });

  test('where nobody said it, nobody is named', () => {
    const cleared = heard(taken(), 5, [{ status: 'resolved' }]).incident;
    expect(post(cleared)).toMatchObject({ template: 'watchOpened' });
    expect(post(cleared).fields).not.toHaveProperty('by');
  });
});

describe('[COMM-19] the public', () => {
  const loud: Partial<Opening> = { title: 'SECRET', summary: 'SECRET', team: 'SECRET', service: 'SECRET' };

  test('hears by name only what is fit for everybody', () => {
    const begun = after(taken(loud), { type: 'public-begun', at: at(3), why: 'SEV2 acknowledged' });
    expect(entry(begun)).toMatchObject({
      template: 'publicInvestigating',
      fields: { component: 'Checkout', state: 'Investigating', nextUpdate: { at: at(33) }, time: { at: at(3) } },
    });
    expect(Object.keys(entry(begun).fields).sort()).toEqual(['component', 'nextUpdate', 'state', 'time']);
    const nameless = after(taken({ component: null }), { type: 'public-begun', at: at(3), why: 'x' });
    expect(entry(nameless).fields).toMatchObject({ component: 'our services' });
  });

  test("hears a person's own words, and never those that were said inside", () => {
    const incident = after(taken(loud), { type: 'public-begun', at: at(3), why: 'SEV2 acknowledged' });
    const said = (audience: 'internal' | 'public'): Fields =>
      externalFieldsFor(incident, { type: 'update-posted', at: at(5), by: 'ana', text: 'x', audience, status: null });
    expect(said('public')).toMatchObject({ text: 'x', startedAt: { at: 1_000 }, updateEvery: '30 minutes' });
    expect(said('internal')).not.toHaveProperty('text');
    expect(JSON.stringify(said('public'))).not.toContain('SECRET');
    const note = externalFieldsFor(incident, { type: 'note-added', at: at(5), by: 'ana', text: 'SECRET' });
    expect(JSON.stringify(note)).not.toContain('SECRET');
  });

  test('keeps the cadence of the highest severity it was promised', () => {
    const incident = told(taken({ severity: 'SEV1' }), { type: 'setSeverity', severity: 'SEV3', reason: 'better' }, 4);
    const note: IncidentEvent = { type: 'note-added', at: at(5), by: 'ana', text: 'x' };
    expect(externalFieldsFor(incident, note)).toMatchObject({ updateEvery: '15 minutes' });
  });
});

describe('[COMM-19] a message without words of the house', () => {
  test('carries no values, so that no record keeps what was not told', () => {
    const plain = told(own({}, []), { type: 'acknowledge' });
    for (const { template, fields } of [post(plain), notice(plain)])
      expect([template, fields]).toEqual([undefined, {}]);
    const some = told(own({}, ['falseAlarm']), { type: 'acknowledge' });
    expect(post(some).template).toBeUndefined();
    expect(post(told(some, { type: 'declareFalseAlarm', reason: 'x' })).template).toBe('falseAlarm');
    const begun = after(own({}, ['publicUpdate']), { type: 'public-begun', at: at(3), why: 'x' });
    expect(entry(begun)).not.toHaveProperty('template');
  });

  test('but a declaration that is announced in words of the house carries them for that', () => {
    expect(post(own({}, ['announcement']))).toMatchObject({ fields: { severity: 'SEV2' } });
    expect(post(own({}, ['announcement']))).not.toHaveProperty('template');
    expect(own({}, ['update']).orders.posts.at(-1)).not.toHaveProperty('fields');
    const next = told(own({}, ['announcement']), { type: 'acknowledge' });
    expect(next.orders.posts.at(-1)).not.toHaveProperty('fields');
  });
});

test('[COMM-19] what a template may say is what its message has a value for', () => {
  expect(placeholdersOf('severityChanged')).toEqual(expect.arrayContaining(['default', 'previousSeverity', 'title']));
  expect(placeholdersOf('publicUpdate')).toEqual(expect.arrayContaining(['default', 'text', 'component']));
  expect(placeholdersOf('publicUpdate')).not.toContain('title');
  expect(placeholdersOf('externalMail')).toEqual(expect.arrayContaining(['text', 'startedAt', 'updateEvery']));
  for (const name of ['externalMail', 'internalMail'] as const) expect(placeholdersOf(name)).not.toContain('default');
});
