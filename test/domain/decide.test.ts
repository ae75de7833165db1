import { describe, expect, test } from '@jest/globals';
import type { CommandType } from '../../domain/commands.ts';
import { COMMANDS } from '../../domain/commands.ts';
import { ALLOWED_IN, allowedIn } from '../../domain/decide.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Phase } from '../../domain/phase.ts';
import { PHASES } from '../../domain/phase.ts';
import { after, alarmed, at, heard, judged, SAMPLES, told } from '../support/play.ts';

const TYPES = Object.keys(COMMANDS) as CommandType[];

/** An incident in each phase, as it gets there; ana was paged. */
function inPhase(phase: Phase): Incident {
  const declared = { ...alarmed(), paged: ['ana'] };
  if (phase === 'declared') return declared;
  const investigating = told(declared, { type: 'acknowledge' });
  if (phase === 'investigating') return investigating;
  const mitigating = told(investigating, { type: 'decideMitigation', decision: 'rollback' }, 2);
  if (phase === 'mitigating') return mitigating;
  const cleared = heard(mitigating, 3, [{ status: 'resolved' }]).incident;
  if (phase === 'monitoring') return cleared;
  const resolved = after(told(cleared, SAMPLES.resolve, 4), { type: 'resolved', at: at(33) });
  return phase === 'resolved' ? resolved : told(resolved, SAMPLES.close, 40);
}

/** The matrix of docs/runbook.md, written out once more: what each phase allows. */
const MATRIX: Record<Phase, string> = {
  declared: 'acknowledge decline assignRole setSeverity postUpdate addNote resolve declareFalseAlarm split escalate',
  investigating:
    'acknowledge assignRole setSeverity postUpdate addNote decideMitigation resolve declareFalseAlarm split escalate',
  mitigating:
    'acknowledge assignRole setSeverity postUpdate addNote decideMitigation reportMitigation resolve declareFalseAlarm split escalate',
  monitoring: 'acknowledge assignRole setSeverity postUpdate addNote resolve reopen declareFalseAlarm split escalate',
  resolved: 'addNote reopen close',
  closed: 'addNote',
};

/** The phase a command leads to; a command that is not named leaves the phase alone. */
const LEADS_TO: Partial<Record<CommandType, Partial<Record<Phase, Phase>>>> = {
  acknowledge: { declared: 'investigating' },
  decideMitigation: { investigating: 'mitigating' },
  resolve: { declared: 'monitoring', investigating: 'monitoring', mitigating: 'monitoring' },
  reopen: { monitoring: 'mitigating', resolved: 'mitigating' },
  declareFalseAlarm: { declared: 'closed', investigating: 'closed', mitigating: 'closed', monitoring: 'closed' },
  close: { resolved: 'closed' },
};

/** Splitting is for storms, whose stories are in storm.test.ts. */
const FOR_ALL = TYPES.filter((type) => type !== 'split');

describe.each(PHASES)('[CMD-2] [LIFE-1] while it is %s', (phase) => {
  const incident = inPhase(phase);
  const allowed = MATRIX[phase].split(' ').filter((type) => type !== 'split');

  test('it really is', () => expect(incident.phase).toBe(phase));

  test.each(FOR_ALL)('%s', (type) => {
    const decision = judged(incident, SAMPLES[type], 50);
    if (!allowed.includes(type)) {
      expect(decision).toEqual({
        refused: true,
        reason: `${type} is not possible while the incident is ${phase}`,
        allowed: TYPES.filter((other) => allowed.includes(other)),
      });
      return;
    }
    expect(decision.refused).toBe(false);
    expect(told(incident, SAMPLES[type], 50).phase).toBe(LEADS_TO[type]?.[phase] ?? phase);
  });
});

test('[CMD-2] the table that refusals quote is the matrix', () => {
  expect(PHASES.map((phase) => allowedIn(phase).join(' '))).toEqual(PHASES.map((phase) => MATRIX[phase]));
  expect(Object.keys(ALLOWED_IN)).toEqual(TYPES);
});

describe('[CMD-5] a command that names an episode', () => {
  test('is taken by that episode', () => {
    const incident = inPhase('declared');
    expect(judged(incident, { type: 'acknowledge', episode: incident.episode }).refused).toBe(false);
  });
  test.each(TYPES)('is refused by another, whatever it is: %s', (type) => {
    expect(judged(inPhase('mitigating'), { ...SAMPLES[type], episode: 'OTHER' })).toMatchObject({
      refused: true,
      reason: expect.stringContaining('was meant for episode OTHER'),
    });
  });
});

describe('[LIFE-14] a fix forward', () => {
  test.each([[undefined], [['minor']], [['minor', 'understood']], [['faster', 'understood', 'cheap']]])(
    'with %j is refused',
    (ticks) => {
      const command = { type: 'decideMitigation', decision: 'fix-forward', ...(ticks && { ticks }) } as const;
      expect(judged(inPhase('investigating'), command)).toMatchObject({
        refused: true,
        reason: expect.stringContaining('or roll back'),
      });
    },
  );
  test('with all three is decided', () => {
    const command = {
      type: 'decideMitigation',
      decision: 'fix-forward',
      ticks: ['faster', 'minor', 'understood'],
    } as const;
    expect(told(inPhase('investigating'), command)).toMatchObject({ phase: 'mitigating', decision: 'fix-forward' });
  });
  test('may be given up for a rollback in the middle, which is a decision of its own', () => {
    const forward = told(inPhase('investigating'), {
      type: 'decideMitigation',
      decision: 'fix-forward',
      ticks: ['faster', 'minor', 'understood'],
    });
    expect(told(forward, { type: 'decideMitigation', decision: 'rollback' })).toMatchObject({
      decision: 'rollback',
      phase: 'mitigating',
    });
  });
});

test('[CMD-4] what holds already changes nothing and says so', () => {
  const mitigating = inPhase('mitigating');
  const watched = told(inPhase('monitoring'), SAMPLES.resolve);
  const again = [
    judged(mitigating, { type: 'acknowledge', by: 'bo' }),
    judged(mitigating, SAMPLES.decideMitigation),
    judged(mitigating, { type: 'setSeverity', severity: 'SEV2', reason: 'as it is' }),
    judged(mitigating, { type: 'assignRole', role: 'ic', person: 'ana' }),
    judged(watched, SAMPLES.resolve),
  ];
  expect(again).toEqual([
    { refused: false, events: [], text: 'ana has it.' },
    { refused: false, events: [], text: 'It is rollback already.' },
    { refused: false, events: [], text: 'It is SEV2 already.' },
    { refused: false, events: [], text: 'ana is ic already.' },
    { refused: false, events: [], text: 'Resolved already: the watch is running.' },
  ]);
});

test('[LIFE-5] resolving names what still fires, and takes names, hosts or fingerprints to ignore', () => {
  const two = heard(inPhase('mitigating'), 3, [
    { fingerprint: 'f2', labels: { alertname: 'DiskFull', instance: 'db1' } },
  ]).incident;
  expect(judged(two, SAMPLES.resolve)).toMatchObject({
    text: 'Watching, but 2 still firing: CheckoutFails, DiskFull on db1. The watch cannot end until they clear or are ignored by name.',
  });
  expect(judged(two, { ...SAMPLES.resolve, ignoreAlerts: ['DiskFull', 'f1'] })).toMatchObject({ text: 'Watching.' });
  expect(judged(two, { ...SAMPLES.resolve, ignoreAlerts: ['toString'] })).toMatchObject({
    text: expect.stringContaining('2 still firing'),
  });
});

test('[CMD-2] declining what one was not paged for is refused', () => {
  expect(judged(alarmed(), { type: 'decline', by: 'eve' })).toMatchObject({
    refused: true,
    reason: 'eve was not paged, so there is nothing to decline',
  });
});
