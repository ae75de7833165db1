/** [LIFE-22] What taking another incident in asks of the one that goes on. */
import { describe, expect, test } from '@jest/globals';
import { isAbsorbed, refusalOf, standingEvents } from '../../domain/absorb.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Ask, MergePeer, Standing } from '../../domain/merge-messages.ts';
import type { Opening } from '../../domain/opening.ts';
import { mergePeerOf, standingOf } from '../../domain/merge-peers.ts';
import { after, alarmed, at, declared, heard, told } from '../support/play.ts';
import { town } from '../support/town.ts';

const OTHER: MergePeer = {
  ...mergePeerOf(declared({ workflowId: 'inc-other', incidentId: 'E-other' })),
  name: 'INC-2026-002',
};
/** Of an incident like ours that nobody has answered. */
const standing = (over: Partial<Standing> = {}): Standing => ({ ...standingOf(declared()), ...over });
const asked = (over: Partial<Standing> = {}): Ask => ({
  ...{ ask: 1, by: 'ana', from: OTHER, incidentIds: ['E-other'], standing: standing(over), restricted: false },
  ...{ test: false, alerts: [], source: 'alertmanager', staleAfterMs: 1 },
});
const withParts = (incident: Incident, parts: number): Incident => ({
  ...incident,
  absorbed: Array.from({ length: parts }, () => ({ ...OTHER, incidentIds: [], truncated: 0 })),
});

test('[LIFE-22] a hundred can be a part of one, the next is told why not', () => {
  expect(refusalOf(withParts(alarmed(), 99), asked())).toBeNull();
  expect(refusalOf(withParts(alarmed(), 100), asked())).toBe('that one has taken in 100 already');
});

test('[LIFE-22] an earlier incident of the same group is not a part of what its present one was merged into', () => {
  const target = withParts(alarmed(), 1);
  const { workflowId, incidentId } = OTHER;
  expect(isAbsorbed(target, { workflowId, incidentId })).toBe(true);
  expect(isAbsorbed(target, { workflowId, incidentId: 'E-before' })).toBe(false);
  expect(isAbsorbed(target, { workflowId: 'inc-else', incidentId })).toBe(false);
});

describe('[LIFE-22] the chain, when the one that was taken in has to be answered', () => {
  const begins = (target: Incident, over: Partial<Standing>, minute = 10): number | null => {
    const events = standingEvents(target, OTHER, { standing: standing(over), by: 'ana' }, at(minute));
    const wanted = events.find(({ type }) => type === 'answer-wanted');
    return wanted?.type === 'answer-wanted' ? (wanted.beginsAt - at(0)) / 60_000 : null;
  };
  const sev3 = (over: Partial<Opening> = {}): Incident => alarmed({ severity: 'SEV3', ...over });
  const waits = { severity: 'SEV3', mustAnswer: true } as const;

  test('is moved forward when it would begin later than the other would have', () => {
    expect(begins(sev3(), { ...waits, answerFrom: at(40) })).toBe(40);
  });
  test.each([
    ['sooner', 90],
    ['at the same moment', 60],
  ])('is left alone when it begins %s', (_what, minute) => {
    expect(begins(sev3(), { ...waits, answerFrom: at(minute) })).toBeNull();
  });
  test('begins now when the other had been paged for already, or its moment has passed', () => {
    expect(begins(sev3(), { ...waits, answerFrom: null })).toBe(10);
    expect(begins(sev3(), { ...waits, answerFrom: at(5) })).toBe(10);
  });
  test('begins now at a severity that pages at once, though the other could wait', () => {
    const acknowledged = told(alarmed(), { type: 'acknowledge' });
    expect(begins(acknowledged, { ...waits, answerFrom: at(60) })).toBe(10);
  });
  test('stays stopped when both had been answered', () => {
    const acknowledged = told(alarmed(), { type: 'acknowledge' });
    expect(begins(acknowledged, { mustAnswer: false, answerFrom: null })).toBeNull();
  });
  test('is walked again when it had run out of people', () => {
    const exhausted: Incident = after(
      sev3(),
      ...([1, 2, 3] as const).map((level) => ({
        ...{ type: 'level-begun' as const, at: at(level), cycleInRun: 2, cycle: 2, level, together: false },
        ...{ reason: 'escalation' as const, dueAt: at(level), nextLevelAt: at(level + 1) },
      })),
      { type: 'escalation-exhausted', at: at(5), cycle: 2, last: true },
    );
    expect(begins(exhausted, { ...waits, answerFrom: null })).toBe(10);
  });
});

test('[LIFE-22] what leaves while the target is being watched does not begin its watch anew', () => {
  const both = town({}, {});
  both.say('a', { type: 'merge', into: 'inc-b' });
  both.settle();
  both.say('b', { type: 'resolve', resolution: 'fixed', ignoreAlerts: ['b'] }, 20);
  const { watch } = both.get('b');
  both.say('a', { type: 'reopen', reason: 'not the same' }, 30);
  both.settle();
  expect(both.get('b').alerts).not.toHaveProperty('a');
  expect(both.get('b')).toMatchObject({ phase: 'monitoring', watch });
});

test('[LIFE-22] what has cleared of its own does not begin the watch while an alert of the one it took in fires', () => {
  const both = town({}, {});
  both.say('a', { type: 'merge', into: 'inc-b' });
  both.settle();
  both.put('b', heard(both.get('b'), 5, [{ fingerprint: 'b', status: 'resolved', endsAt: at(5) }]).incident);
  expect(both.get('b')).toMatchObject({ phase: 'declared', chain: { open: true } });
});

describe('[LIFE-22] [COMM-14] the public, when it was told of the one that was taken in', () => {
  const begun = (target: Incident, isPublic: boolean): readonly string[] =>
    standingEvents(target, OTHER, { standing: standing({ isPublic }), by: 'ana' }, at(10))
      .filter(({ type }) => type === 'public-begun')
      .map((event) => ('why' in event ? event.why : ''));
  const known = after(alarmed(), { type: 'public-begun', at: at(2), why: 'said so' });
  test.each<[string, Incident, boolean, readonly string[]]>([
    ['hears of the target from then on', alarmed(), true, ['the public was told of INC-2026-002']],
    ['hears nothing twice', known, true, []],
    ['hears nothing when it had not been told', alarmed(), false, []],
    ['never hears of a restricted one', alarmed({ restricted: true }), true, []],
    ['never hears of a test', alarmed({ test: true }), true, []],
  ])('%s', (_what, target, isPublic, why) => expect(begun(target, isPublic)).toEqual(why));
});

test('[LIFE-22] an answer to an earlier asking that comes twice is none to the next: what fires stays with whom it is', () => {
  const both = town({}, {});
  const into = { type: 'merge', into: 'inc-b' } as const;
  both.say('a', into);
  both.carry('a', 'b');
  both.carry('b', 'a', true);
  both.hear('a', { fingerprint: 'anew', startsAt: at(3) });
  both.say('a', { type: 'reopen', reason: 'not the same' });
  both.say('a', into);
  // Before the target has heard that it was left, and of the new asking.
  both.carry('b', 'a');
  expect(both.get('a')).toMatchObject({ phase: 'mitigating', mergedInto: null });
  both.settle();
  expect(both.get('a')).toMatchObject({ phase: 'closed', mergedTo: { workflowId: 'inc-b', isOver: false } });
  expect(both.get('b').alerts).toMatchObject({ a: { status: 'firing' }, anew: { status: 'firing' } });
});

test('[LIFE-22] asked twice, taken at the first asking, given up at the second: it stands for itself', () => {
  const both = town({}, {});
  const into = { type: 'merge', into: 'inc-b' } as const;
  both.say('a', into);
  both.carry('a', 'b');
  both.giveUp('a');
  both.say('a', into);
  both.carry('b', 'a');
  both.giveUp('a');
  both.settle();
  expect(both.get('a')).toMatchObject({ phase: 'declared', mergedInto: null, merging: null });
  expect(both.get('b').absorbed).toEqual([]);
  expect(Object.keys(both.get('b').alerts)).toEqual(['b']);
});

test('[LIFE-22] a release that is said twice does not take it out of the next one it is a part of', () => {
  const all = town({}, {}, {});
  all.say('a', { type: 'merge', into: 'inc-b' });
  all.carry('a', 'b');
  all.carry('b', 'a');
  all.say('a', { type: 'reopen', reason: 'not the same' });
  all.carry('a', 'b', true);
  all.say('a', { type: 'merge', into: 'inc-c' });
  all.say('b', { type: 'merge', into: 'inc-c' });
  for (const [from, to] of [
    ['a', 'c'],
    ['c', 'a'],
    ['b', 'c'],
    ['c', 'b'],
    ['a', 'b'],
  ] as const)
    all.carry(from, to);
  all.settle();
  expect(
    all
      .get('c')
      .absorbed?.map(({ workflowId }) => workflowId)
      .sort(),
  ).toEqual(['inc-a', 'inc-b']);
  expect(all.get('c').alerts).toMatchObject({ a: { status: 'firing' }, b: { status: 'firing' } });
});
