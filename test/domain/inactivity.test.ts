/** Acknowledged, and then nobody is heard of. */
import { expect, test } from '@jest/globals';
import type { Incident } from '../../domain/incident.ts';
import { nextInactivity } from '../../domain/inactivity.ts';
import { nextInChain } from '../../domain/escalation.ts';
import { toView } from '../../domain/to-view.ts';
import { aPolicy } from '../support/builders.ts';
import { after, alarmed, at, declared, heard, told } from '../support/play.ts';

const MIN = 60_000;

/** Ana had it in minute 1. */
const taken = (over = {}): Incident => told(alarmed(over), { type: 'acknowledge' }, 1);
const minuteOf = (incident: Incident): readonly [string, number] | null => {
  const due = nextInactivity(incident);
  return due === null ? null : [due.act, (due.at - at(0)) / MIN];
};
const asked = (): Incident => after(taken(), { type: 'inactivity-nudged', at: at(61) });
const paged = (): Incident => after(asked(), { type: 'inactivity-paged', at: at(71) });
const escalated = (): Incident => after(paged(), { type: 'inactivity-escalated', at: at(86) });

test.each([
  ['SEV1', 31],
  ['SEV2', 61],
] as const)('[PAGE-35] a %s is asked about in minute %i when nobody is heard of', (severity, minute) => {
  expect(minuteOf(taken({ severity }))).toEqual(['ask', minute]);
});

test.each(['SEV3', 'SEV4'] as const)('[PAGE-35] a %s may be silent', (severity) => {
  expect(minuteOf(taken({ severity }))).toBeNull();
});

test('[PAGE-35] the IC is asked, paged 10 min later, and 15 min after that the next level is', () => {
  expect(minuteOf(asked())).toEqual(['page', 71]);
  expect(asked().orders.notices.at(-1)).toMatchObject({ to: ['ana'], about: 'inactivity-nudged' });
  expect(asked().orders.pages).toEqual([]);
  expect(minuteOf(paged())).toEqual(['escalate', 86]);
  expect(paged().orders.pages).toMatchObject([{ reason: 'inactive', method: 'all', targets: [{ names: ['ana'] }] }]);
  expect(minuteOf(escalated())).toBeNull();
  expect(nextInChain(escalated())).toMatchObject({ act: 'climb', at: at(86) });
});

test('[PAGE-35] a raise while silent asks by the new times, a policy without the duty asks nobody', () => {
  const raised = after(taken(), {
    ...{ type: 'severity-changed', at: at(20), by: null, from: 'SEV2', to: 'SEV1', reason: 'worse' },
  });
  expect(minuteOf(raised)).toEqual(['ask', 31]);
  const policy = aPolicy();
  const off = { ...policy.severities.SEV2, inactiveAfterMs: null };
  expect(minuteOf(taken({ policy: aPolicy({ severities: { ...policy.severities, SEV2: off } }) }))).toBeNull();
});

test.each([
  ['a note', { type: 'addNote', text: 'looking' }],
  ['an update', { type: 'postUpdate', text: 'looking', audience: 'internal' }],
  ['another person', { type: 'assignRole', role: 'scribe', person: 'bo', by: 'bo' }],
  ['the answer by the link', { type: 'acknowledge' }],
] as const)('[PAGE-35] %s is a sign of life, whatever stage the silence has reached', (_name, command) => {
  expect(minuteOf(told(taken(), command, 40))).toEqual([
    'ask',
    // Who has it already says nothing new by acknowledging again.
    command.type === 'acknowledge' ? 61 : 100,
  ]);
  for (const silent of [asked(), paged(), escalated()]) {
    const heardOf = told(silent, command, 90);
    expect(minuteOf(heardOf)).toEqual(['ask', 150]);
    expect(nextInChain(heardOf)).toBeNull();
    expect(heardOf.orders.pages).toEqual([]);
  }
});

test('[PAGE-35] an alert is no sign of life', () => {
  const { incident } = heard(taken(), 50, [{ fingerprint: 'f2' }]);
  expect(minuteOf(incident)).toEqual(['ask', 61]);
});

test('[PAGE-35] who declines or calls for others is alive, but the question stays open', () => {
  const reached = after(escalated(), {
    ...{ type: 'level-begun', at: at(86), cycleInRun: 1, cycle: 1, level: 2, together: false },
    ...{ reason: 'escalation', dueAt: at(86), nextLevelAt: at(101) },
  });
  const called = told(reached, { type: 'escalate', to: 'eve', reason: 'help', by: 'ana' }, 88);
  expect(called.chain.open).toBe(true);
  expect(called.inactivity).toMatchObject({ stage: 'escalated' });
});

test('[PAGE-35] from the last level the chain begins anew in a cycle of its own', () => {
  const climbed = after(taken(), {
    ...{ type: 'level-begun', at: at(2), cycleInRun: 1, cycle: 1, level: 3, together: false },
    ...{ reason: 'escalation', dueAt: at(2), nextLevelAt: at(17) },
  });
  const silent = after(climbed, { type: 'inactivity-escalated', at: at(86) });
  expect(silent.chain).toMatchObject({ open: true, level: 0, cycle: 2, nextLevelAt: at(86) });
});

test('[PAGE-35] in the watch nobody need speak, until the IC was asked to confirm and does not', () => {
  const cleared = heard(taken(), 10, [{ status: 'resolved' }]).incident;
  expect(cleared.phase).toBe('monitoring');
  expect(minuteOf(cleared)).toBeNull();
  const unsure = after(cleared, { type: 'confirmation-asked', at: at(40) });
  expect(minuteOf(unsure)).toEqual(['ask', 100]);
  expect(minuteOf(told(unsure, { type: 'resolve', resolution: 'it was the cache' }, 50))).toBeNull();
});

test('[PAGE-35] nobody is asked once it is over, though the watch ended without a word', () => {
  const cleared = heard(taken(), 10, [{ status: 'resolved' }]).incident;
  const unsure = after(cleared, { type: 'confirmation-asked', at: at(40) });
  expect(minuteOf(after(unsure, { type: 'resolved', at: at(50) }))).toBeNull();
});

test('[REC-5] whoever has done something is involved, and named once', () => {
  const twice = told(
    told(taken(), { type: 'addNote', text: 'x', by: 'bo' }, 3),
    { type: 'addNote', text: 'y', by: 'bo' },
    4,
  );
  expect(toView(twice).peopleInvolved).toEqual(['ana', 'bo']);
});

test('[PAGE-35] nobody is asked before somebody has it, in a test, or once it is over', () => {
  expect(minuteOf(alarmed())).toBeNull();
  expect(minuteOf(told(declared({ test: true }), { type: 'acknowledge' }))).toBeNull();
  expect(minuteOf(told(taken(), { type: 'declareFalseAlarm', reason: 'load test' }))).toBeNull();
});
