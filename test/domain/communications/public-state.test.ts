/** What everybody sees: the words of the public page, and the state of its components. */
import { describe, expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { componentStateOf, impactOf, publicTitle, worstState } from '../../../domain/communications/public-state.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { SEVERITIES } from '../../../domain/kernel/severity.ts';
import { afterEvents, firingIncident, atMinute, afterAlerts, afterCommand } from '../../support/pure-incident.ts';

const taken = (over: Partial<Declaration> = {}): Incident =>
  afterEvents(afterCommand(firingIncident(over), { type: 'acknowledge' }, 2), {
    type: 'public-communication-started',
    at: atMinute(2),
    reason: 'acknowledged',
  });
const entries = ({ outbox }: Incident): readonly string[] =>
  outbox.publicEntries.map(({ state, text }) => `${state}: ${text}`);
const last = (incident: Incident): string | undefined => entries(incident).at(-1);
const peer = (component: string | null) => ({
  ...{ workflowId: 'inc-b', incidentId: 'E-b', reference: null, name: '"B"', component },
});

test('[COMM-15] a life of a component in the words of the public', () => {
  const decided = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
  const watched = afterCommand(decided, { type: 'resolve', resolution: 'rolled back', ignoreAlerts: ['f1'] }, 5);
  const back = afterAlerts(watched, 9, [{ startsAt: 9_000 }]).incident;
  const fixed = afterCommand(back, { type: 'resolve', resolution: 'again', ignoreAlerts: ['f1'] }, 12);
  const over = afterEvents(fixed, { type: 'resolved', at: atMinute(42) });
  expect(entries(afterCommand(over, { type: 'reopen', reason: 'not fixed' }, 50))).toEqual([
    'Investigating: We are investigating a problem with Checkout.',
    'Identified: We have identified the problem with Checkout and are fixing it.',
    'Monitoring: A fix for Checkout is in place. We are monitoring it.',
    'Identified: The problem with Checkout is back. We are working on it.',
    'Monitoring: A fix for Checkout is in place. We are monitoring it.',
    'Resolved: The problem with Checkout is resolved.',
    'Identified: The problem with Checkout is back. We are working on it.',
  ]);
});

test('another decision is no news for the public', () => {
  const decided = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
  const other = afterCommand(
    decided,
    { type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] },
    4,
  );
  expect(entries(other)).toEqual(entries(decided));
});

test('what is said inside stays inside', () => {
  const said = afterCommand(taken(), { type: 'postUpdate', audience: 'internal', text: 'the keys leaked' }, 3);
  expect(entries(said)).toHaveLength(1);
});

test('[COMM-14] nothing is said in public before it began there, of a test, or of what is restricted', () => {
  expect(entries(afterCommand(firingIncident(), { type: 'declareFalseAlarm', reason: 'x' }))).toEqual([]);
  for (const over of [{ restricted: true }, { test: true }]) {
    expect(entries(afterCommand(taken(over), { type: 'declareFalseAlarm', reason: 'x' }, 3))).toEqual([]);
  }
  expect(last(afterCommand(taken(), { type: 'declareFalseAlarm', reason: 'x' }, 3))).toBe(
    'Resolved: This was a false alarm: there was no problem with Checkout.',
  );
});

test('a problem of no component is one of our services', () => {
  expect(last(taken({ component: null }))).toBe('Investigating: We are investigating a problem with our services.');
  expect([publicTitle('Checkout'), publicTitle(null)]).toEqual(['Problem with Checkout', 'Problem with our services']);
});

test('[COMM-7] in the watch the holding update says that the fix is watched', () => {
  const missed = { type: 'update-missed', audiences: ['public'] } as const;
  const watched = afterCommand(taken(), { type: 'resolve', resolution: 'done' }, 5);
  expect(last(afterEvents(watched, { ...missed, at: atMinute(35), dueAt: atMinute(35) }))).toBe(
    'Monitoring: We are still monitoring Checkout.',
  );
  expect(
    entries(afterEvents(watched, { ...missed, audiences: ['internal'], at: atMinute(35), dueAt: atMinute(35) })),
  ).toEqual(entries(watched));
});

test('[LIFE-22] merged, the public is sent on; never to a component that is kept from it', () => {
  const merged = (component: string | null, over: Partial<Declaration> = {}): string | undefined =>
    last(afterEvents(taken(over), { type: 'merged', at: atMinute(3), by: 'ana', into: peer(component) }));
  const elsewhere = 'The problem with Checkout is part of the problem with Search and is followed there.';
  expect(merged('Search')).toBe(`Resolved: ${elsewhere}`);
  const here = 'Resolved: The problem with Checkout is part of another problem and is followed there.';
  expect([merged('Checkout'), merged(null)]).toEqual([here, here]);
});

describe('the state of a component', () => {
  test('while it is broken follows the worst severity reached', () => {
    expect(SEVERITIES.map((severity) => componentStateOf('Investigating', impactOf(severity)))).toEqual([
      ...['major_outage', 'partial_outage', 'degraded_performance', 'operational'],
    ]);
    expect(componentStateOf('Identified', 'critical')).toBe('major_outage');
  });

  test('while a fix is watched is degraded, unless the public never saw anything', () => {
    expect(SEVERITIES.map((severity) => componentStateOf('Monitoring', impactOf(severity)))).toEqual([
      ...['degraded_performance', 'degraded_performance', 'degraded_performance', 'operational'],
    ]);
  });

  test('is operational once it is over', () => {
    expect(SEVERITIES.map((severity) => componentStateOf('Resolved', impactOf(severity)))).toEqual([
      ...['operational', 'operational', 'operational', 'operational'],
    ]);
  });

  test('that several incidents are about is the worst of theirs', () => {
    expect(worstState(['operational', 'major_outage', 'degraded_performance'])).toBe('major_outage');
    expect(worstState([])).toBe('operational');
  });
});
