/** What whoever gives a command reads back: it must say what is true, for it is all that they see. */
import { describe, expect, test } from '@jest/globals';
import type { Decision } from '../../../domain/kernel/decision.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  decideCommand,
  SAMPLE_COMMANDS,
  afterCommand,
} from '../../support/pure-incident.ts';
import { plainText } from '../../../domain/kernel/text.ts';
import type { TestCommand } from '../../support/scenario.ts';

const taken = () => afterCommand(firingIncident(), SAMPLE_COMMANDS.acknowledge);
const mitigating = () => afterCommand(taken(), SAMPLE_COMMANDS.decideMitigation);
const said = (decision: Decision): string =>
  decision.refused ? `refused: ${decision.reason}` : plainText([decision.text].flat());
const TICKS = ['minor', 'understood', 'faster'] as const;

test.each<[string, Incident, TestCommand, string]>([
  [
    'a rollback',
    taken(),
    { type: 'decideMitigation', decision: 'rollback' },
    'Recorded: roll back. Do it, then say how it went: tocsin mitigation inc-platform-0001 worked, or failed.',
  ],
  [
    'a fix',
    taken(),
    { type: 'decideMitigation', decision: 'fix-forward', ticks: TICKS },
    'Recorded: fix forward. Do it, then say how it went: tocsin mitigation inc-platform-0001 worked, or failed.',
  ],
  [
    'a fix that worked',
    mitigating(),
    { type: 'reportMitigation', outcome: 'worked' },
    'Good. When customer impact has recovered: tocsin resolve inc-platform-0001 --resolution "…"',
  ],
  ['a fix that failed', mitigating(), { type: 'reportMitigation', outcome: 'failed' }, 'Recorded.'],
  [
    'an action, by its name',
    taken(),
    { type: 'runAction', action: 'x'.repeat(100), parameters: {} },
    `refused: this version runs no actions: run "${'x'.repeat(100)}" by hand, then note what came of it (tocsin note inc-platform-0001 "…")`,
  ],
  [
    'an action with a name that is too long',
    taken(),
    { type: 'runAction', action: 'x'.repeat(101), parameters: {} },
    `refused: this version runs no actions: run "${'x'.repeat(99)}…" by hand, then note what came of it (tocsin note inc-platform-0001 "…")`,
  ],
  ['an update', taken(), { type: 'postUpdate', text: 'so far', audience: 'public' }, 'Posted.'],
  [
    'an update for the public in a test',
    firingIncident({ test: true }),
    { type: 'postUpdate', text: 'so far', audience: 'public' },
    'refused: a test never goes public',
  ],
  ['one for our own in a test', firingIncident({ test: true }), SAMPLE_COMMANDS.postUpdate, 'Posted.'],
  [
    'an update for the public of a restricted one',
    firingIncident({ restricted: true }),
    { type: 'postUpdate', text: 'so far', audience: 'public' },
    'refused: a restricted incident never goes public',
  ],
  ['one for our own of a restricted one', firingIncident({ restricted: true }), SAMPLE_COMMANDS.postUpdate, 'Posted.'],
])('%s', (_what, incident, command, text) => expect(said(decideCommand(incident, command, 5))).toBe(text));

test('what was left out of a command is recorded as not said', () => {
  const events = (command: TestCommand, incident = taken()) => {
    const decision = decideCommand(incident, command, 5);
    return decision.refused ? [] : decision.events;
  };
  const by = { at: atMinute(5), by: 'ana' };
  expect(events({ type: 'decideMitigation', decision: 'rollback' })).toStrictEqual([
    { type: 'mitigation-decided', ...by, decision: 'rollback', action: null, reason: null },
  ]);
  expect(events(SAMPLE_COMMANDS.postUpdate)).toStrictEqual([
    { type: 'update-posted', ...by, text: 'Working on it', audience: 'internal', status: null },
  ]);
  expect(
    events({ type: 'postUpdate', text: 'so far', audience: 'internal', cause: 'a disk', eta: 'noon' }),
  ).toStrictEqual([
    {
      ...{ type: 'update-posted', ...by, text: 'so far', audience: 'internal', status: null },
      details: { cause: 'a disk', eta: 'noon' },
    },
  ]);
  expect(events({ type: 'reportMitigation', outcome: 'failed' }, mitigating())).toStrictEqual([
    { type: 'mitigation-reported', ...by, outcome: 'failed', text: null },
  ]);
  expect(events({ type: 'escalate', reason: 'help' })).toStrictEqual([
    { type: 'escalated', ...by, to: null, reason: 'help' },
  ]);
});

test('[CMD-5] a setting that changes nothing says so', () => {
  const same = (command: TestCommand, incident = taken()) => {
    const decision = decideCommand(incident, command, 5);
    return decision.refused ? decision.reason : [decision.events.length, said(decision)];
  };
  const given = afterCommand(taken(), SAMPLE_COMMANDS.assignRole);
  expect(same({ type: 'setSeverity', severity: 'SEV2', reason: 'x' })).toEqual([0, 'Severity is already SEV2.']);
  expect(same(SAMPLE_COMMANDS.assignRole, given)).toEqual([0, 'bo is already scribe.']);
  expect(same(SAMPLE_COMMANDS.decideMitigation, mitigating())).toEqual([0, 'Already rolling back.']);
});

test('[CMD-11] asking for today’s configuration twice asks once', () => {
  const asked = afterCommand(taken(), SAMPLE_COMMANDS.movePolicy);
  expect(asked.policyMoveRequestedBy).toBe('ana');
  expect(decideCommand(asked, SAMPLE_COMMANDS.movePolicy)).toEqual({
    ...{ refused: false, events: [], text: "Already switching to today's configuration." },
  });
});

describe('[PAGE-19] whoever comes second is told who has it', () => {
  const by = (person: string) => ({ type: 'acknowledge', by: person }) as const;
  test('the IC, also when another had acknowledged', () => {
    const given = afterCommand(taken(), { type: 'assignRole', role: 'ic', person: 'eve' });
    expect(said(decideCommand(given, by('bo'), 5))).toBe('eve has it.');
  });
  test('whoever acknowledged, when nobody is IC; and nobody is named in vain', () => {
    const nobody = { ...taken(), roles: { ...taken().roles, ic: null } };
    expect(said(decideCommand(nobody, by('bo'), 5))).toBe('ana has it.');
    expect(said(decideCommand({ ...nobody, acknowledgedBy: null }, by('bo'), 5))).toBe('bo has it.');
  });
});

describe('[PAGE-17] leadership’s acknowledgement', () => {
  const paged = (incident: Incident): Incident => ({
    ...incident,
    escalation: { ...incident.escalation, paged: ['bo'], leadershipPaged: ['lea', 'bo'] },
  });
  const says = (person: string, incident = paged(firingIncident())) =>
    said(decideCommand(incident, { type: 'acknowledge', by: person }, 5));
  test('is seen, and no more', () => {
    expect(says('lea')).toBe('Seen. Nobody has it yet. To take command: tocsin assign inc-platform-0001 ic lea');
    expect(afterCommand(paged(firingIncident()), { type: 'acknowledge', by: 'lea' }).escalation.open).toBe(true);
  });
  test('counts for whoever was paged as on-call, too, and for anybody else', () => {
    expect([says('bo'), says('eve')]).toEqual(['bo has it.', 'eve has it.']);
  });
  test('counts when nobody is being paged: it has cleared by itself', () => {
    const cleared = afterAlerts(paged(firingIncident()), 3, [{ status: 'resolved', endsAt: atMinute(3) }]).incident;
    expect(says('lea', cleared)).toBe('lea has it.');
  });
});

test('[LIFE-12] whoever reopens what nobody had has it; whoever had it before keeps it', () => {
  const cleared = (incident: Incident) =>
    afterAlerts(incident, 3, [{ status: 'resolved', endsAt: atMinute(3) }]).incident;
  const reopened = (incident: Incident) => afterCommand(incident, { ...SAMPLE_COMMANDS.reopen, by: 'bo' }, 5);
  expect(reopened(cleared(firingIncident()))).toMatchObject({ acknowledgedBy: 'bo', roles: { ic: 'bo' } });
  expect(reopened(cleared(taken()))).toMatchObject({ acknowledgedBy: 'ana', roles: { ic: 'ana' } });
});

test('the impact is noted with what the runbook advises, if it advises anything', () => {
  const assess = (over: object) => said(decideCommand(taken(), { type: 'assessImpact', summary: 'slow', ...over }, 5));
  expect(assess({ scope: 'subset' })).toBe('Noted.');
  expect(assess({ scope: 'all', dataLoss: true })).toBe('Noted. Data loss is SEV1: raise the severity.');
  expect(assess({})).toBe('Noted. If the impact cannot be determined, roll back: better once too often than too late.');
});

test('[SEV-10] [ROLE-1] taking command, or lowering, answers only where somebody still has to', () => {
  const kinds = (incident: Incident, command: TestCommand) => {
    const decision = decideCommand(incident, command, 5);
    return decision.refused ? [] : decision.events.map(({ type }) => type);
  };
  const command = { type: 'assignRole', role: 'ic', person: 'bo' } as const;
  const scribe = { ...command, role: 'scribe' } as const;
  const lower = { type: 'setSeverity', severity: 'SEV3', reason: 'milder' } as const;
  const raise = { ...lower, severity: 'SEV1' } as const;
  expect([command, scribe, lower, raise].map((one) => kinds(firingIncident(), one))).toEqual([
    ['role-assigned', 'acknowledged'],
    ['role-assigned'],
    ['severity-changed', 'acknowledged'],
    ['severity-changed'],
  ]);
  expect([command, scribe, lower, raise].map((one) => kinds(taken(), one).length)).toEqual([1, 1, 1, 1]);
  // Whoever was made IC has it, not who said so.
  expect(afterCommand(firingIncident(), { ...command, by: 'ana' }).acknowledgedBy).toBe('bo');
});

test('[LIFE-5] resolving names ten that still fire, and counts all', () => {
  const many = Array.from({ length: 12 }, (_, n) => ({ fingerprint: `g${n}`, labels: { alertname: `Disk${n}` } }));
  const text = said(decideCommand(afterAlerts(taken(), 2, many).incident, SAMPLE_COMMANDS.resolve, 5));
  expect(text).toContain('13 still firing: CheckoutFails, Disk0');
  expect(text).toContain('Disk8. The window');
});

describe('[PAGE-26] [PAGE-27] asking for more people', () => {
  const to = (person?: string) => ({ type: 'escalate', reason: 'help', ...(person && { to: person }) }) as const;
  test('in a test nobody more is paged', () => {
    expect(said(decideCommand(firingIncident({ test: true }), to('eve'), 5))).toBe('refused: a test never escalates');
  });
  test('by name', () => expect(said(decideCommand(taken(), to('eve'), 5))).toBe('eve is paged.'));
  test('the next level begins, and says that a person asked for it', () => {
    const decision = decideCommand(firingIncident(), to(), 5);
    expect(decision).toMatchObject({
      text: 'The next level is paged.',
      events: [{ type: 'escalated' }, { type: 'level-started', level: 1, reason: 'by-hand', dueAt: atMinute(5) }],
    });
  });
  test('from the last level everybody is paged together; that the pass is over is said as ever', () => {
    const { escalation } = firingIncident();
    const decision = decideCommand(
      { ...firingIncident(), escalation: { ...escalation, level: 3, cycleInRun: 1, cycle: 1 } },
      to(),
      5,
    );
    expect(decision.refused ? [] : decision.events.slice(1)).toStrictEqual([
      { type: 'escalation-exhausted', at: atMinute(5), cycle: 1, last: false },
      expect.objectContaining({ type: 'level-started', cycleInRun: 2, together: true, reason: 'by-hand' }),
    ]);
  });
  test('a chain that has run out asks for a name', () => {
    const { escalation } = firingIncident({ severity: 'SEV3' });
    const exhausted = {
      ...firingIncident({ severity: 'SEV3' }),
      escalation: { ...escalation, level: 3, cycleInRun: 2, cycle: 2 },
    };
    expect(said(decideCommand(exhausted, to(), 5))).toBe(
      'refused: the escalation is exhausted and has no next level: name the person to page (--to NAME)',
    );
  });
  test('with the chain stopped by an answer the next level is paged all the same', () => {
    const decision = decideCommand(taken(), to(), 5);
    expect(said(decision)).toBe('The next level is paged.');
    expect(afterEvents(taken(), ...(decision.refused ? [] : decision.events)).outbox.pages.at(-1)?.reason).toBe(
      'by-hand',
    );
  });
});

test('[ALERT-18] a storm has no group of that name: the answer says which was meant', () => {
  const storm = declaredIncident({ storm: true });
  const split = (alert: string) => said(decideCommand(storm, { type: 'split', alert }, 5));
  expect(split('x'.repeat(100))).toBe(`refused: no group of this storm is called "${'x'.repeat(100)}"`);
  expect(split('x'.repeat(101))).toBe(`refused: no group of this storm is called "${'x'.repeat(99)}…"`);
});
