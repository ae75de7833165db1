import { describe, expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { publicStateOf } from '../../../domain/communications/public-state.ts';
import { PHASES, type Phase } from '../../../domain/kernel/phase.ts';
import type { Text } from '../../../domain/kernel/text.ts';
import { toStanding, toView } from '../../../domain/engine/to-view.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  afterAlerts,
  declaredIncident,
  T0,
  afterCommand,
} from '../../support/pure-incident.ts';

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
const taken = () =>
  afterEvents(afterCommand(firingIncident(), { type: 'acknowledge' }, 2), {
    type: 'public-communication-started',
    at: atMinute(2),
    reason: 'acknowledged',
  });

/** A message with its times as minutes since the declaration. */
const words = (text: Text): string =>
  text
    .map((part) => (typeof part === 'string' ? part : 'at' in part ? `+${(part.at - T0) / 60_000}` : part.person))
    .join('');
const lastPost = ({ outbox }: Incident): string => words(outbox.posts.at(-1)?.text ?? []);

test('the view says what happens next and when, soonest first', () => {
  const view = toView(taken());
  expect(view.deadlines).toEqual([
    { kind: 'internal-update', at: new Date(atMinute(32)).toISOString(), text: 'internal update due' },
    { kind: 'public-update', at: new Date(atMinute(32)).toISOString(), text: 'public update due' },
    {
      kind: 'inactivity',
      at: new Date(atMinute(62)).toISOString(),
      text: 'those who have it are asked whether they are still on it',
    },
  ]);
  expect(view).toMatchObject({
    phase: 'investigating',
    alertCount: 1,
    firingCount: 1,
    detectedAt: null,
  });
});

test('the view is plain JSON: what a query answers is what was there', () => {
  const view = toView(afterAlerts(taken(), 3, [CLEAR]).incident);
  expect(JSON.parse(JSON.stringify(view))).toEqual(view);
});

test('[COMM-15] each phase has its public word; a mitigation claims a cause only where one is known', () => {
  const inPhase = (phase: Phase, over: Partial<Incident> = {}): Incident => ({ ...taken(), phase, ...over });
  expect(PHASES.map((phase) => publicStateOf(inPhase(phase)))).toEqual([
    'Investigating',
    'Investigating',
    'Investigating',
    'Monitoring',
    'Resolved',
    'Resolved',
  ]);
  expect(publicStateOf(inPhase('mitigating', { cause: { text: 'a full disk', at: 0, by: 'ana' } }))).toBe('Identified');
});

test('[COMM-15] a word that a person chose stays until the phase changes', () => {
  const states = ({ outbox }: Incident) => outbox.publicEntries.map(({ state }) => state);
  const said = afterCommand(
    taken(),
    { type: 'postUpdate', text: 'Found it.', audience: 'public', status: 'Identified' },
    5,
  );
  const held = afterEvents(said, {
    type: 'update-missed',
    at: atMinute(35),
    audiences: ['internal', 'public'],
    dueAt: atMinute(35),
  });
  expect(states(held)).toEqual(['Investigating', 'Identified', 'Identified']);
  expect(states(afterCommand(held, { type: 'resolve', resolution: 'done' }, 40)).at(-1)).toBe('Monitoring');
});

describe('[COMM-10] every update says when the next one comes', () => {
  const held = afterEvents(taken(), {
    type: 'update-missed',
    at: atMinute(32),
    audiences: ['internal', 'public'],
    dueAt: atMinute(32),
  });
  test.each([
    ['a person', afterCommand(taken(), { type: 'postUpdate', text: 'so far', audience: 'public' }, 12), 42],
    ['a holding update', held, 62],
    ['a mitigation', afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 10), 40],
    ['a watch that somebody must confirm', afterAlerts(taken(), 5, [CLEAR]).incident, 35],
  ])('%s', (_what, incident, minute) => {
    expect(lastPost(incident)).toContain(`\nNext update: +${minute}`);
    expect(incident.outbox.publicEntries.at(-1)?.nextUpdateAt).toBe(atMinute(minute));
  });
  test('and the last one says that none will', () => {
    const over = afterCommand(
      afterCommand(taken(), { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 5),
      { type: 'resolve', resolution: 'done' },
      6,
    );
    expect(afterEvents(over, { type: 'resolved', at: atMinute(35) }).outbox.publicEntries.at(-1)).toMatchObject({
      state: 'Resolved',
      nextUpdateAt: null,
    });
  });
});

test('[COMM-7] [COMM-8] the public hears fixed words about the component, never the alert: two in a row, then the last is renewed', () => {
  const miss = (incident: Incident, minute: number) =>
    afterEvents(incident, {
      type: 'update-missed',
      at: atMinute(minute),
      audiences: ['internal', 'public'],
      dueAt: atMinute(minute),
    });
  const silent = [32, 62, 92, 122].reduce(miss, taken());
  const [first, ...held] = silent.outbox.publicEntries;
  expect(first?.text).toMatch('We are investigating a problem with Checkout.');
  expect(held.map(({ text }) => text.split('\n')[0])).toEqual(
    Array.from({ length: 3 }, () => 'We are still working on the problem with Checkout.'),
  );
  // Of two renewals that wait for the page only the later is left.
  expect(held.map(({ renews, at, nextUpdateAt }) => [renews, at, nextUpdateAt])).toEqual([
    [undefined, atMinute(32), atMinute(62)],
    [undefined, atMinute(62), atMinute(92)],
    [held[1]?.n, atMinute(122), atMinute(152)],
  ]);
  const spoken = afterCommand(silent, { type: 'postUpdate', text: 'Found it.', audience: 'public' }, 130);
  expect(miss(spoken, 160).outbox.publicEntries.at(-1)).not.toHaveProperty('renews');
  expect(miss(spoken, 160).outbox.publicEntries).toHaveLength(6);
  expect(JSON.stringify(miss(spoken, 160).outbox.publicEntries)).not.toContain('Checkout fails');
});

test('[COMM-8] an incident that 0.2 declared goes on as it began: after two nothing more is published', () => {
  const { publicPromises: _, ...policy } = aPolicy();
  const silent = [32, 62, 92, 122].reduce(
    (incident, minute) =>
      afterEvents(incident, {
        ...{ type: 'update-missed', at: atMinute(minute), audiences: ['public'], dueAt: atMinute(minute) },
      }),
    afterEvents(afterCommand(firingIncident({ policy }), { type: 'acknowledge' }, 2), {
      ...{ type: 'public-communication-started', at: atMinute(2), reason: 'acknowledged' },
    }),
  );
  expect(silent.outbox.publicEntries).toHaveLength(3);
});

test.each([
  ['an alert that began before', null, [-7, -3], -7],
  ['alerts that fire for weeks, beside one that has just begun', null, [-62 * 1440, -3], -3],
  ['an alert that fires for weeks', null, [-62 * 1440], null],
  ['a start that the server’s clock puts after the declaration', null, [1], 0],
  ['a person who was faster than monitoring', 'cy', [1], null],
])(
  'detected by %s, declared by %s: never after the declaration, nor weeks before',
  (_, declaredBy, starts, expected) => {
    const alerts = starts.map((start, n) => ({ fingerprint: `f${n}`, startsAt: atMinute(start) }));
    const { detectedAt } = toView(afterAlerts(declaredIncident({ declaredBy }), 2, alerts).incident);
    expect(detectedAt).toBe(expected === null ? null : new Date(atMinute(expected)).toISOString());
  },
);
test('what decides who handles a command is the same as in the whole view, and has no deadlines', () => {
  const peer = { workflowId: 'inc-b', incidentId: 'B', reference: null, name: '"b"', component: null };
  const merged = afterEvents(firingIncident(), { type: 'merged', at: atMinute(1), by: 'ana', into: peer });
  for (const incident of [firingIncident(), merged]) {
    expect(toView(incident)).toMatchObject(toStanding(incident));
    expect(toStanding(incident)).not.toHaveProperty('deadlines');
  }
  expect(toStanding(merged)).toMatchObject({ phase: 'closed', mergedTo: { workflowId: 'inc-b', isOver: false } });
});
