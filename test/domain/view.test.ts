import { describe, expect, test } from '@jest/globals';
import type { Incident } from '../../domain/incident.ts';
import { PUBLIC_WORD } from '../../domain/public-entries.ts';
import { PHASES } from '../../domain/phase.ts';
import type { Text } from '../../domain/text.ts';
import { toView } from '../../domain/to-view.ts';
import { after, alarmed, at, heard, T0, told } from '../support/play.ts';

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
const taken = () =>
  after(told(alarmed(), { type: 'acknowledge' }, 2), { type: 'public-begun', at: at(2), why: 'acknowledged' });

/** A message with its times as minutes since the declaration. */
const words = (text: Text): string =>
  text
    .map((part) => (typeof part === 'string' ? part : 'at' in part ? `+${(part.at - T0) / 60_000}` : part.person))
    .join('');
const lastPost = ({ orders }: Incident): string => words(orders.posts.at(-1)?.text ?? []);

test('the view says what happens next and when, soonest first', () => {
  const view = toView(taken());
  expect(view.deadlines).toEqual([
    { kind: 'internal-update', at: new Date(at(32)).toISOString(), text: 'internal update due' },
    { kind: 'public-update', at: new Date(at(32)).toISOString(), text: 'public update due' },
    {
      kind: 'inactivity',
      at: new Date(at(62)).toISOString(),
      text: 'the IC is asked whether somebody is still on it',
    },
  ]);
  expect(view).toMatchObject({
    phase: 'investigating',
    alertCount: 1,
    firingCount: 1,
    detectedAt: '1970-01-01T00:00:01.000Z',
  });
});

test('the view is plain JSON: what a query answers is what was there', () => {
  const view = toView(heard(taken(), 3, [CLEAR]).incident);
  expect(JSON.parse(JSON.stringify(view))).toEqual(view);
});

test('[COMM-15] each phase has its public word', () => {
  expect(PHASES.map((phase) => PUBLIC_WORD[phase])).toEqual([
    'Investigating',
    'Investigating',
    'Identified',
    'Monitoring',
    'Resolved',
    'Resolved',
  ]);
});

test('[COMM-15] a word that a person chose stays until the phase changes', () => {
  const states = ({ orders }: Incident) => orders.entries.map(({ state }) => state);
  const said = told(taken(), { type: 'postUpdate', text: 'Found it.', audience: 'public', status: 'Identified' }, 5);
  const held = after(said, { type: 'update-missed', at: at(35), audiences: ['internal', 'public'], dueAt: at(35) });
  expect(states(held)).toEqual(['Investigating', 'Identified', 'Identified']);
  expect(states(told(held, { type: 'resolve', resolution: 'done' }, 40)).at(-1)).toBe('Monitoring');
});

describe('[COMM-10] every update says when the next one comes', () => {
  const held = after(taken(), { type: 'update-missed', at: at(32), audiences: ['internal', 'public'], dueAt: at(32) });
  test.each([
    ['a person', told(taken(), { type: 'postUpdate', text: 'so far', audience: 'public' }, 12), 42],
    ['a holding update', held, 62],
    ['a mitigation', told(taken(), { type: 'decideMitigation', decision: 'rollback' }, 10), 40],
    ['a watch that somebody must confirm', heard(taken(), 5, [CLEAR]).incident, 35],
  ])('%s', (_what, incident, minute) => {
    expect(lastPost(incident)).toContain(`\nNext update: +${minute}`);
    expect(incident.orders.entries.at(-1)?.nextUpdateAt).toBe(at(minute));
  });
  test('and the last one says that none will', () => {
    const over = told(
      told(taken(), { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 5),
      { type: 'resolve', resolution: 'done' },
      6,
    );
    expect(after(over, { type: 'resolved', at: at(35) }).orders.entries.at(-1)).toMatchObject({
      state: 'Resolved',
      nextUpdateAt: null,
    });
  });
});

test('[COMM-7] [COMM-8] the public hears fixed words about the component, never the alert, and at most two in a row', () => {
  const miss = (incident: Incident, minute: number) =>
    after(incident, { type: 'update-missed', at: at(minute), audiences: ['internal', 'public'], dueAt: at(minute) });
  const silent = [32, 62, 92, 122].reduce(miss, taken());
  expect(silent.orders.entries.map(({ text }) => text)).toEqual([
    'We are investigating a problem with Checkout.',
    'We are still working on the problem with Checkout.',
    'We are still working on the problem with Checkout.',
  ]);
  const spoken = told(silent, { type: 'postUpdate', text: 'Found it.', audience: 'public' }, 130);
  expect(miss(spoken, 160).orders.entries).toHaveLength(5);
  expect(JSON.stringify(miss(spoken, 160).orders.entries)).not.toContain('Checkout fails');
});
