/** Acknowledged, and then nobody is heard of. */
import { expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { nextInactivity } from '../../../domain/escalation/inactivity.ts';
import { nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import { toView } from '../../../domain/engine/to-view.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';

const MIN = 60_000;

/** Ana had it in minute 1. */
const taken = (over = {}): Incident => afterCommand(firingIncident(over), { type: 'acknowledge' }, 1);
const minuteOf = (incident: Incident): readonly [string, number] | null => {
  const due = nextInactivity(incident);
  return due === null ? null : [due.act, (due.at - atMinute(0)) / MIN];
};
const asked = (): Incident => afterEvents(taken(), { type: 'inactivity-nudged', at: atMinute(61) });
const paged = (): Incident => afterEvents(asked(), { type: 'inactivity-paged', at: atMinute(71) });
const escalated = (): Incident => afterEvents(paged(), { type: 'inactivity-escalated', at: atMinute(86) });

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
  expect(asked().outbox.notices.at(-1)).toMatchObject({ to: ['ana'], about: 'inactivity-nudged' });
  expect(asked().outbox.pages).toEqual([]);
  expect(minuteOf(paged())).toEqual(['escalate', 86]);
  expect(paged().outbox.pages).toMatchObject([{ reason: 'inactive', method: 'all', targets: [{ names: ['ana'] }] }]);
  expect(minuteOf(escalated())).toBeNull();
  expect(nextEscalationStep(escalated())).toMatchObject({ act: 'next-level', at: atMinute(86) });
});

test('[PAGE-35] a raise while silent asks by the new times, a policy without the duty asks nobody', () => {
  const raised = afterEvents(taken(), {
    ...{ type: 'severity-changed', at: atMinute(20), by: null, from: 'SEV2', to: 'SEV1', reason: 'worse' },
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
  expect(minuteOf(afterCommand(taken(), command, 40))).toEqual([
    'ask',
    // Who has it already says nothing new by acknowledging again.
    command.type === 'acknowledge' ? 61 : 100,
  ]);
  for (const silent of [asked(), paged(), escalated()]) {
    const heardOf = afterCommand(silent, command, 90);
    expect(minuteOf(heardOf)).toEqual(['ask', 150]);
    expect(nextEscalationStep(heardOf)).toBeNull();
    expect(heardOf.outbox.pages).toEqual([]);
  }
});

test('[PAGE-35] an alert is no sign of life', () => {
  const { incident } = afterAlerts(taken(), 50, [{ fingerprint: 'f2' }]);
  expect(minuteOf(incident)).toEqual(['ask', 61]);
});

test('[PAGE-35] who declines or calls for others is alive, but the question stays open', () => {
  const reached = afterEvents(escalated(), {
    ...{ type: 'level-started', at: atMinute(86), cycleInRun: 1, cycle: 1, level: 2, together: false },
    ...{ reason: 'escalation', dueAt: atMinute(86), nextLevelAt: atMinute(101) },
  });
  const called = afterCommand(reached, { type: 'escalate', to: 'eve', reason: 'help', by: 'ana' }, 88);
  expect(called.escalation.open).toBe(true);
  expect(called.escalation.inactivity).toMatchObject({ stage: 'escalated' });
});

test('[PAGE-35] from the last level the chain begins anew in a cycle of its own', () => {
  const climbed = afterEvents(taken(), {
    ...{ type: 'level-started', at: atMinute(2), cycleInRun: 1, cycle: 1, level: 3, together: false },
    ...{ reason: 'escalation', dueAt: atMinute(2), nextLevelAt: atMinute(17) },
  });
  const silent = afterEvents(climbed, { type: 'inactivity-escalated', at: atMinute(86) });
  expect(silent.escalation).toMatchObject({ open: true, level: 0, cycle: 2, nextLevelAt: atMinute(86) });
});

test('[PAGE-35] in the watch nobody need speak, until the IC was asked to confirm and does not', () => {
  const cleared = afterAlerts(taken(), 10, [{ status: 'resolved' }]).incident;
  expect(cleared.phase).toBe('monitoring');
  expect(minuteOf(cleared)).toBeNull();
  const unsure = afterEvents(cleared, { type: 'confirmation-requested', at: atMinute(40) });
  expect(minuteOf(unsure)).toEqual(['ask', 100]);
  expect(minuteOf(afterCommand(unsure, { type: 'resolve', resolution: 'it was the cache' }, 50))).toBeNull();
});

test('[PAGE-35] nobody is asked once it is over, though the watch ended without a word', () => {
  const cleared = afterAlerts(taken(), 10, [{ status: 'resolved' }]).incident;
  const unsure = afterEvents(cleared, { type: 'confirmation-requested', at: atMinute(40) });
  expect(minuteOf(afterEvents(unsure, { type: 'resolved', at: atMinute(50) }))).toBeNull();
});

test('[REC-5] whoever has done something is involved, and named once', () => {
  const twice = afterCommand(
    afterCommand(taken(), { type: 'addNote', text: 'x', by: 'bo' }, 3),
    { type: 'addNote', text: 'y', by: 'bo' },
    4,
  );
  expect(toView(twice).peopleInvolved).toEqual(['ana', 'bo']);
});

test('[PAGE-35] nobody is asked before somebody has it, in a test, or once it is over', () => {
  expect(minuteOf(firingIncident())).toBeNull();
  expect(minuteOf(afterCommand(declaredIncident({ test: true }), { type: 'acknowledge' }))).toBeNull();
  expect(minuteOf(afterCommand(taken(), { type: 'declareFalseAlarm', reason: 'load test' }))).toBeNull();
});
