import { describe, expect, test } from '@jest/globals';
import type { CommandType } from '../../../domain/kernel/commands.ts';
import { COMMAND_TYPES, COMMANDS, fieldsOf } from '../../../domain/kernel/commands.ts';
import { commandsAllowedIn, commandsAllowedNow } from '../../../domain/engine/allowed-commands.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { Phase } from '../../../domain/kernel/phase.ts';
import { PHASES } from '../../../domain/kernel/phase.ts';
import { commandTable } from '../../support/runbook-command-table.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  afterAlerts,
  decideCommand,
  SAMPLE_COMMANDS,
  afterCommand,
} from '../../support/pure-incident.ts';

const TYPES = COMMAND_TYPES;

const AN_ITEM = {
  ...{ id: 'A1', text: 'Watch the pool', owner: null, due: null },
  ...{ addedAt: atMinute(0), addedBy: 'ana', doneAt: null, doneBy: null },
};

/** An incident in each phase, as it gets there; ana was paged. */
function inPhase(phase: Phase): Incident {
  const declared = { ...firingIncident(), escalation: { ...firingIncident().escalation, paged: ['ana'] } };
  if (phase === 'declared') return declared;
  const investigating = afterCommand(declared, { type: 'acknowledge' });
  if (phase === 'investigating') return investigating;
  const mitigating = afterCommand(investigating, { type: 'decideMitigation', decision: 'rollback' }, 2);
  if (phase === 'mitigating') return mitigating;
  const cleared = afterAlerts(mitigating, 3, [{ status: 'resolved' }]).incident;
  if (phase === 'monitoring') return cleared;
  const resolved = afterEvents(afterCommand(cleared, SAMPLE_COMMANDS.resolve, 4), {
    type: 'resolved',
    at: atMinute(33),
  });
  return phase === 'resolved' ? resolved : afterCommand(resolved, SAMPLE_COMMANDS.close, 40);
}

/** The table of docs/runbook.md: command → its arguments and the phases it is allowed in. */
const TABLE = commandTable();
/** What each phase allows, as the page has it. */
const allowed = (phase: Phase): readonly CommandType[] =>
  TYPES.filter((type) => TABLE.get(type)?.phases.includes(phase));

test('[CMD-10] the table of the runbook has every command, with its arguments', () => {
  expect([...TABLE.keys()].sort()).toEqual([...TYPES].sort());
  for (const type of TYPES) {
    const fields = Object.entries(fieldsOf(type)).map(([name, { optional }]) => (optional ? `${name}?` : name));
    expect([type, [...(TABLE.get(type)?.args ?? [])].sort()]).toEqual([type, fields.sort()]);
  }
});

/** The phase a command leads to; a command that is not named leaves the phase alone. */
const LEADS_TO: Partial<Record<CommandType, Partial<Record<Phase, Phase>>>> = {
  acknowledge: { declared: 'investigating' },
  decideMitigation: { investigating: 'mitigating' },
  resolve: { declared: 'monitoring', investigating: 'monitoring', mitigating: 'monitoring' },
  reopen: { monitoring: 'mitigating', resolved: 'mitigating' },
  declareFalseAlarm: { declared: 'closed', investigating: 'closed', mitigating: 'closed', monitoring: 'closed' },
  close: { resolved: 'closed' },
};

/** What not every incident can take, in a phase that allows it; their stories are elsewhere. */
const NOT_FOR_ALL: readonly CommandType[] = ['split', 'runAction'];

describe.each(PHASES)('[CMD-2] [LIFE-1] while it is %s', (phase) => {
  const incident = { ...inPhase(phase), postIncident: { ...inPhase(phase).postIncident, actionItems: [AN_ITEM] } };

  test('it really is', () => expect(incident.phase).toBe(phase));

  test.each(TYPES)('%s', (type) => {
    const decision = decideCommand(incident, SAMPLE_COMMANDS[type], 50);
    if (!allowed(phase).includes(type)) {
      expect(decision).toEqual({
        refused: true,
        reason: expect.stringContaining(
          `tocsin ${COMMANDS[type].cli.name} is not possible while the incident is ${phase}: `,
        ),
        allowed: commandsAllowedNow(incident),
      });
    } else if (NOT_FOR_ALL.includes(type) || (type === 'reopen' && phase === 'closed')) {
      expect(decision).toMatchObject({ refused: true, reason: expect.not.stringContaining('is not possible while') });
    } else {
      expect(decision.refused).toBe(false);
      expect(afterCommand(incident, SAMPLE_COMMANDS[type], 50).phase).toBe(LEADS_TO[type]?.[phase] ?? phase);
    }
  });

  test('a refusal names what is possible, and nothing that can only be refused', () => {
    const named = commandsAllowedNow(incident);
    expect(named).toEqual(allowed(phase).filter((type) => named.includes(type)));
    for (const type of allowed(phase)) {
      const isRefused = decideCommand(incident, SAMPLE_COMMANDS[type], 50).refused;
      // Merging depends on the other incident.
      if (type !== 'merge') expect([type, named.includes(type)]).toEqual([type, !isRefused]);
    }
  });
});

test('[CMD-2] the table in the code is the table of the runbook', () => {
  expect(PHASES.map((phase) => [phase, commandsAllowedIn(phase)])).toEqual(
    PHASES.map((phase) => [phase, allowed(phase)]),
  );
});

/** What is said instead of each command, in each phase that refuses it. */
test.each<[Phase, CommandType, string]>([
  ['declared', 'decideMitigation', 'acknowledge it first (tocsin ack inc-platform-0001)'],
  ['declared', 'reportMitigation', 'acknowledge it first (tocsin ack inc-platform-0001)'],
  ['declared', 'reopen', 'it is still open'],
  ['declared', 'close', 'resolve it first (tocsin resolve inc-platform-0001 --resolution "…")'],
  ['investigating', 'reportMitigation', 'decide first (tocsin decide inc-platform-0001 rollback, or fix-forward)'],
  [
    'investigating',
    'decline',
    'somebody has it already; hand it over (tocsin assign inc-platform-0001 ic NAME), or call',
  ],
  ['monitoring', 'decideMitigation', 'if the fix does not hold, reopen it (tocsin reopen inc-platform-0001'],
  ['monitoring', 'completePostmortem', 'resolve it first'],
  ['resolved', 'acknowledge', 'if it is not over, reopen it (tocsin reopen inc-platform-0001 --reason "…")'],
  ['resolved', 'decideMitigation', 'if it is not over, reopen it'],
  ['closed', 'close', 'nothing is left to do'],
  ['closed', 'resolve', 'it takes only notes and action items now; if it is back, declare a new one (tocsin declare)'],
])('[CMD-2] while it is %s, %s is refused with what can be done instead', (phase, type, instead) => {
  expect(decideCommand(inPhase(phase), SAMPLE_COMMANDS[type], 50)).toMatchObject({
    refused: true,
    reason: expect.stringContaining(instead),
  });
});

test('[CMD-2] nobody has what cleared by itself: a refusal does not say that somebody has', () => {
  const cleared = afterAlerts(inPhase('declared'), 3, [{ status: 'resolved' }]).incident;
  expect(decideCommand(cleared, SAMPLE_COMMANDS.decline)).toMatchObject({
    reason: expect.stringContaining('while the incident is monitoring: call more people (tocsin escalate'),
  });
});

test('[COMM-18] the last update can still be posted when it is resolved, and says that it is', () => {
  const publicly = { type: 'postUpdate', text: 'All is well again.', audience: 'public' } as const;
  const posted = afterCommand({ ...inPhase('resolved'), reference: 'INC-2026-003' }, publicly, 50);
  expect(posted.outbox.publicEntries.at(-1)).toMatchObject({ state: 'Resolved', text: 'All is well again.' });
  expect(decideCommand(inPhase('resolved'), { ...publicly, status: 'Resolved' }, 50).refused).toBe(false);
  expect(decideCommand(inPhase('resolved'), { ...publicly, status: 'Monitoring' }, 50)).toMatchObject({
    refused: true,
    reason: expect.stringContaining('the public state of a resolved incident is Resolved; if it is not over, reopen'),
  });
});

describe('[CMD-5] a command that names an incident', () => {
  test('is taken by that incident', () => {
    const incident = inPhase('declared');
    expect(decideCommand(incident, { type: 'acknowledge', incidentId: incident.incidentId }).refused).toBe(false);
  });
  test.each(TYPES)('is refused by another, whatever it is: %s', (type) => {
    expect(decideCommand(inPhase('mitigating'), { ...SAMPLE_COMMANDS[type], incidentId: 'OTHER' })).toMatchObject({
      refused: true,
      reason: expect.stringContaining('was meant for incident OTHER'),
    });
  });
});

describe('[LIFE-14] a fix forward', () => {
  test.each([[undefined], [['minor']], [['minor', 'understood']], [['faster', 'understood', 'cheap']]])(
    'with %j is refused',
    (ticks) => {
      const command = { type: 'decideMitigation', decision: 'fix-forward', ...(ticks && { ticks }) } as const;
      expect(decideCommand(inPhase('investigating'), command)).toMatchObject({
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
    expect(afterCommand(inPhase('investigating'), command)).toMatchObject({
      phase: 'mitigating',
      mitigation: { decision: 'fix-forward' },
    });
  });
  test('may be given up for a rollback in the middle, which is a decision of its own', () => {
    const forward = afterCommand(inPhase('investigating'), {
      type: 'decideMitigation',
      decision: 'fix-forward',
      ticks: ['faster', 'minor', 'understood'],
    });
    expect(afterCommand(forward, { type: 'decideMitigation', decision: 'rollback' })).toMatchObject({
      mitigation: { decision: 'rollback' },
      phase: 'mitigating',
    });
  });
});

test('[CMD-4] what holds already changes nothing and says so', () => {
  const mitigating = inPhase('mitigating');
  const watched = afterCommand(inPhase('monitoring'), SAMPLE_COMMANDS.resolve);
  const again = [
    decideCommand(mitigating, { type: 'acknowledge', by: 'bo' }),
    decideCommand(mitigating, SAMPLE_COMMANDS.decideMitigation),
    decideCommand(mitigating, { type: 'setSeverity', severity: 'SEV2', reason: 'as it is' }),
    decideCommand(mitigating, { type: 'assignRole', role: 'ic', person: 'ana' }),
    decideCommand(watched, SAMPLE_COMMANDS.resolve),
  ];
  expect(again).toEqual([
    { refused: false, events: [], text: [{ person: 'ana' }, ' has it.'] },
    { refused: false, events: [], text: 'Already rolling back.' },
    { refused: false, events: [], text: 'Severity is already SEV2.' },
    { refused: false, events: [], text: [{ person: 'ana' }, ' is already incident commander.'] },
    { refused: false, events: [], text: 'Already resolved: the monitoring window is running.' },
  ]);
});

test('[LIFE-5] resolving names what still fires, and takes names, hosts or fingerprints to ignore', () => {
  const two = afterAlerts(inPhase('mitigating'), 3, [
    { fingerprint: 'f2', labels: { alertname: 'DiskFull', instance: 'db1' } },
  ]).incident;
  expect(decideCommand(two, SAMPLE_COMMANDS.resolve)).toMatchObject({
    text: 'Monitoring, but 2 still firing: CheckoutFails, DiskFull on db1. The window cannot end until they clear or are ignored by name (--ignore-alert).',
  });
  expect(decideCommand(two, { ...SAMPLE_COMMANDS.resolve, ignoreAlerts: ['DiskFull', 'f1'] })).toMatchObject({
    text: 'Monitoring.',
  });
  expect(decideCommand(two, { ...SAMPLE_COMMANDS.resolve, ignoreAlerts: ['toString'] })).toMatchObject({
    text: expect.stringContaining('2 still firing'),
  });
});

test('[CMD-2] declining what one was not paged for is refused', () => {
  expect(decideCommand(firingIncident(), { type: 'decline', by: 'eve' })).toMatchObject({
    refused: true,
    reason: 'eve was not paged, so there is nothing to decline',
  });
});
