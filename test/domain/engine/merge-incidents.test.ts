/** [LIFE-22] What taking another incident in asks of the one that goes on. */
import { describe, expect, test } from '@jest/globals';
import { standingEvents } from '../../../domain/engine/merge-incidents.ts';
import { isMergedIn, mergeRefusal } from '../../../domain/merge/merge.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { MergeRequest, MergePeer, MergeStanding } from '../../../domain/kernel/merge-messages.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { mergePeerOf, standingOf } from '../../../domain/kernel/merge-messages.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';
import { simulateIncidents } from '../../support/multi-incident-simulator.ts';

const OTHER: MergePeer = {
  ...mergePeerOf(declaredIncident({ workflowId: 'inc-other', incidentId: 'E-other' })),
  name: 'INC-2026-002',
};

/** Of an incident like ours that nobody has answered. */
const standing = (over: Partial<MergeStanding> = {}): MergeStanding => ({ ...standingOf(declaredIncident()), ...over });
const asked = (over: Partial<MergeStanding> = {}): MergeRequest => ({
  ...{
    requestNumber: 1,
    by: 'ana',
    from: OTHER,
    incidentIds: ['E-other'],
    standing: standing(over),
    restricted: false,
  },
  ...{ test: false, alerts: [], source: 'alertmanager', staleAfterMs: 1 },
});
const withParts = (incident: Incident, parts: number): Incident => ({
  ...incident,
  merge: {
    ...incident.merge,
    mergedFrom: Array.from({ length: parts }, () => ({ ...OTHER, incidentIds: [], truncated: 0 })),
  },
});

test('[LIFE-22] a hundred can be a part of one, the next is told why not', () => {
  expect(mergeRefusal(withParts(firingIncident(), 99), asked())).toBeNull();
  expect(mergeRefusal(withParts(firingIncident(), 100), asked())).toBe('that one has taken in 100 already');
});

test('[LIFE-22] an earlier incident of the same group is not a part of what its present one was merged into', () => {
  const target = withParts(firingIncident(), 1);
  const { workflowId, incidentId } = OTHER;
  expect(isMergedIn(target, { workflowId, incidentId })).toBe(true);
  expect(isMergedIn(target, { workflowId, incidentId: 'E-before' })).toBe(false);
  expect(isMergedIn(target, { workflowId: 'inc-else', incidentId })).toBe(false);
});

describe('[LIFE-22] the chain, when the one that was taken in has to be answered', () => {
  const begins = (target: Incident, over: Partial<MergeStanding>, minute = 10): number | null => {
    const events = standingEvents(target, OTHER, { standing: standing(over), by: 'ana' }, atMinute(minute));
    const wanted = events.find(({ type }) => type === 'acknowledgement-required');
    return wanted?.type === 'acknowledgement-required' ? (wanted.escalateFrom - atMinute(0)) / 60_000 : null;
  };
  const sev3 = (over: Partial<Declaration> = {}): Incident => firingIncident({ severity: 'SEV3', ...over });
  const waits = { severity: 'SEV3', mustAnswer: true } as const;

  test('is moved forward when it would begin later than the other would have', () => {
    expect(begins(sev3(), { ...waits, answerFrom: atMinute(40) })).toBe(40);
  });
  test.each([
    ['sooner', 90],
    ['at the same moment', 60],
  ])('is left alone when it begins %s', (_what, minute) => {
    expect(begins(sev3(), { ...waits, answerFrom: atMinute(minute) })).toBeNull();
  });
  test('begins now when the other had been paged for already, or its moment has passed', () => {
    expect(begins(sev3(), { ...waits, answerFrom: null })).toBe(10);
    expect(begins(sev3(), { ...waits, answerFrom: atMinute(5) })).toBe(10);
  });
  test('begins now at a severity that pages at once, though the other could wait', () => {
    const acknowledged = afterCommand(firingIncident(), { type: 'acknowledge' });
    expect(begins(acknowledged, { ...waits, answerFrom: atMinute(60) })).toBe(10);
  });
  test('stays stopped when both had been answered', () => {
    const acknowledged = afterCommand(firingIncident(), { type: 'acknowledge' });
    expect(begins(acknowledged, { mustAnswer: false, answerFrom: null })).toBeNull();
  });
  test('is walked again when it had run out of people', () => {
    const exhausted: Incident = afterEvents(
      sev3(),
      ...([1, 2, 3] as const).map((level) => ({
        ...{ type: 'level-started' as const, at: atMinute(level), cycleInRun: 2, cycle: 2, level, together: false },
        ...{ reason: 'escalation' as const, dueAt: atMinute(level), nextLevelAt: atMinute(level + 1) },
      })),
      { type: 'escalation-exhausted', at: atMinute(5), cycle: 2, last: true },
    );
    expect(begins(exhausted, { ...waits, answerFrom: null })).toBe(10);
  });
});

test('[LIFE-22] what leaves while the target is being watched does not begin its watch anew', () => {
  const both = simulateIncidents({}, {});
  both.execute('a', { type: 'merge', into: 'inc-b' });
  both.deliverAll();
  both.execute('b', { type: 'resolve', resolution: 'fixed', ignoreAlerts: ['b'] }, 20);
  const { mitigation } = both.get('b');
  both.execute('a', { type: 'reopen', reason: 'not the same' }, 30);
  both.deliverAll();
  expect(both.get('b').alerts.states).not.toHaveProperty('a');
  expect(both.get('b')).toMatchObject({
    phase: 'monitoring',
    mitigation: { monitoringWindow: mitigation.monitoringWindow },
  });
});

test('[LIFE-22] what has cleared of its own does not begin the watch while an alert of the one it took in fires', () => {
  const both = simulateIncidents({}, {});
  both.execute('a', { type: 'merge', into: 'inc-b' });
  both.deliverAll();
  both.put(
    'b',
    afterAlerts(both.get('b'), 5, [{ fingerprint: 'b', status: 'resolved', endsAt: atMinute(5) }]).incident,
  );
  expect(both.get('b')).toMatchObject({ phase: 'declared', escalation: { open: true } });
});

describe('[LIFE-22] [COMM-14] the public, when it was told of the one that was taken in', () => {
  const begun = (target: Incident, isPublic: boolean): readonly string[] =>
    standingEvents(target, OTHER, { standing: standing({ isPublic }), by: 'ana' }, atMinute(10))
      .filter(({ type }) => type === 'public-communication-started')
      .map((event) => (event.type === 'public-communication-started' ? event.reason : ''));
  const known = afterEvents(firingIncident(), {
    type: 'public-communication-started',
    at: atMinute(2),
    reason: 'said so',
  });
  test.each<[string, Incident, boolean, readonly string[]]>([
    ['hears of the target from then on', firingIncident(), true, ['the public was told of INC-2026-002']],
    ['hears nothing twice', known, true, []],
    ['hears nothing when it had not been told', firingIncident(), false, []],
    ['never hears of a restricted one', firingIncident({ restricted: true }), true, []],
    ['never hears of a test', firingIncident({ test: true }), true, []],
  ])('%s', (_what, target, isPublic, why) => expect(begun(target, isPublic)).toEqual(why));
});

test('[LIFE-22] an answer to an earlier asking that comes twice is none to the next: what fires stays with whom it is', () => {
  const both = simulateIncidents({}, {});
  const into = { type: 'merge', into: 'inc-b' } as const;
  both.execute('a', into);
  both.deliverNext('a', 'b');
  both.deliverNext('b', 'a', true);
  both.receiveAlerts('a', { fingerprint: 'anew', startsAt: atMinute(3) });
  both.execute('a', { type: 'reopen', reason: 'not the same' });
  both.execute('a', into);
  // Before the target has heard that it was left, and of the new asking.
  both.deliverNext('b', 'a');
  expect(both.get('a')).toMatchObject({ phase: 'mitigating', merge: { mergedInto: null } });
  both.deliverAll();
  expect(both.get('a')).toMatchObject({ phase: 'closed', merge: { mergedTo: { workflowId: 'inc-b', isOver: false } } });
  expect(both.get('b').alerts.states).toMatchObject({ a: { status: 'firing' }, anew: { status: 'firing' } });
});

test('[LIFE-22] asked twice, taken at the first asking, given up at the second: it stands for itself', () => {
  const both = simulateIncidents({}, {});
  const into = { type: 'merge', into: 'inc-b' } as const;
  both.execute('a', into);
  both.deliverNext('a', 'b');
  both.giveUpMerge('a');
  both.execute('a', into);
  both.deliverNext('b', 'a');
  both.giveUpMerge('a');
  both.deliverAll();
  expect(both.get('a')).toMatchObject({ phase: 'declared', merge: { mergedInto: null, pendingMerge: null } });
  expect(both.get('b').merge.mergedFrom).toEqual([]);
  expect(Object.keys(both.get('b').alerts.states)).toEqual(['b']);
});

test('[LIFE-22] a release that is said twice does not take it out of the next one it is a part of', () => {
  const all = simulateIncidents({}, {}, {});
  all.execute('a', { type: 'merge', into: 'inc-b' });
  all.deliverNext('a', 'b');
  all.deliverNext('b', 'a');
  all.execute('a', { type: 'reopen', reason: 'not the same' });
  all.deliverNext('a', 'b', true);
  all.execute('a', { type: 'merge', into: 'inc-c' });
  all.execute('b', { type: 'merge', into: 'inc-c' });
  for (const [from, to] of [
    ['a', 'c'],
    ['c', 'a'],
    ['b', 'c'],
    ['c', 'b'],
    ['a', 'b'],
  ] as const)
    all.deliverNext(from, to);
  all.deliverAll();
  expect(
    all
      .get('c')
      .merge.mergedFrom?.map(({ workflowId }) => workflowId)
      .sort(),
  ).toEqual(['inc-a', 'inc-b']);
  expect(all.get('c').alerts.states).toMatchObject({ a: { status: 'firing' }, b: { status: 'firing' } });
});
