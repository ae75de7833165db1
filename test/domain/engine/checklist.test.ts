/** The IC's checklist is ticked by what has happened, and by nothing else. */
import { checklistOf } from '../../../domain/engine/checklist.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { toView } from '../../../domain/engine/to-view.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  afterAlerts,
  SAMPLE_COMMANDS,
  afterCommand,
} from '../../support/pure-incident.ts';

const marks = (incident: Incident): readonly [string, string] => {
  const { during, resolution } = checklistOf(toView(incident));
  const of = (items: typeof during): string =>
    items.map(({ done }) => (done === null ? '?' : done ? 'x' : '-')).join('');
  return [of(during), of(resolution)];
};

const assigned = (incident: Incident): Incident =>
  (['technicalLead', 'communicationsLead', 'scribe'] as const).reduce(
    (now, role) => afterCommand(now, { type: 'assignRole', role, person: 'bo' }),
    incident,
  );

test('[LIFE-18] the checklist has what the runbook asks of an IC, in its order', () => {
  const { during, resolution } = checklistOf(toView(firingIncident()));
  expect(during.map(({ item }) => item)).toEqual([
    'Take command, announce in channel',
    'Assign roles (Tech Lead, Comms, Scribe)',
    'Set update cadence',
    'Keep focus on resolution, not blame',
    'Make decisive calls on rollback vs fix',
    'Ensure customer communication',
    'Track timeline of events',
  ]);
  expect(resolution.map(({ item }) => item)).toEqual([
    'Verify issue resolved',
    'Monitor for 30 minutes',
    'Stand down incident team',
    'Update status page',
    'Send all-clear message',
    'Schedule post-mortem',
  ]);
});

test('[LIFE-18] each tick comes with what it says, and not before', () => {
  let incident = firingIncident();
  expect(marks(incident)).toEqual(['--x?--x', '------']);
  incident = afterCommand(incident, SAMPLE_COMMANDS.acknowledge);
  expect(marks(incident)).toEqual(['x-x?--x', '------']);
  incident = afterEvents(incident, { type: 'public-communication-started', at: atMinute(1), reason: 'acknowledged' });
  expect(marks(incident)).toEqual(['x-x?-xx', '------']);
  incident = assigned(incident);
  expect(marks(incident)).toEqual(['xxx?-xx', '------']);
  incident = afterCommand(incident, SAMPLE_COMMANDS.decideMitigation, 2);
  expect(marks(incident)).toEqual(['xxx?xxx', '------']);
  incident = afterAlerts(incident, 3, [{ status: 'resolved' }]).incident;
  // Silence is no verification.
  expect(marks(incident)).toEqual(['xxx?xxx', '------']);
  incident = afterCommand(incident, SAMPLE_COMMANDS.resolve, 4);
  expect(marks(incident)).toEqual(['xxx?xxx', 'x-----']);
  incident = afterEvents(incident, { type: 'resolved', at: atMinute(34) });
  expect(marks(incident)).toEqual(['xxx?xxx', 'xxxxxx']);
  expect(
    marks(afterCommand(afterCommand(firingIncident(), SAMPLE_COMMANDS.resolve), SAMPLE_COMMANDS.reopen, 2))[1],
  ).toBe('------');
});

test('[LIFE-18] what is not owed is neither done nor missing: no customers of a SEV3, no roles and no clock of a SEV4', () => {
  expect(marks(firingIncident({ severity: 'SEV3' }))).toEqual(['-?x?-?x', '---?--']);
  expect(marks(firingIncident({ severity: 'SEV4' }))).toEqual(['-???-?x', '---?--']);
  expect(marks(firingIncident({ restricted: true }))).toEqual(['--x?-?x', '---?--']);
  const quiet = afterEvents(afterCommand(firingIncident({ severity: 'SEV3' }), SAMPLE_COMMANDS.resolve), {
    type: 'resolved',
    at: atMinute(40),
  });
  expect(marks(quiet)[1]).toBe('xxx?x?');
});

test('[LIFE-18] a SEV3 that people told the public about has told its customers', () => {
  const told = afterCommand(firingIncident({ severity: 'SEV3' }), {
    type: 'postUpdate',
    text: 'We are on it',
    audience: 'public',
  });
  expect(marks(told)[0]?.[5]).toBe('x');
});

test('[LIFE-18] roles are assigned when those that the severity asks for are, or all three', () => {
  const all = assigned(firingIncident({ severity: 'SEV3' }));
  expect(marks(all)[0]?.[1]).toBe('x');
  const two = (['technicalLead', 'scribe'] as const).reduce(
    (now, role) => afterCommand(now, { type: 'assignRole', role, person: 'bo' }),
    firingIncident(),
  );
  expect(marks(two)[0]?.[1]).toBe('-');
});

test('[LIFE-18] a shorter monitoring window than the list says is not ticked', () => {
  const resolvedAfter = (minutes: number): string | undefined =>
    marks(
      afterEvents(afterCommand(firingIncident(), SAMPLE_COMMANDS.resolve, 4), {
        type: 'resolved',
        at: atMinute(4 + minutes),
      }),
    )[1]?.[1];
  expect([29, 30].map(resolvedAfter)).toEqual(['-', 'x']);
});

test('[LIFE-18] after a recurrence nobody has verified anything until a person confirms again', () => {
  let incident = afterCommand(firingIncident(), SAMPLE_COMMANDS.acknowledge);
  incident = afterAlerts(afterCommand(incident, SAMPLE_COMMANDS.resolve, 2), 2, [{ status: 'resolved' }]).incident;
  expect(marks(incident)[1]).toBe('x-----');
  incident = afterEvents(incident, { type: 'recurred', at: atMinute(5), titles: ['Checkout fails'] });
  incident = afterEvents(incident, { type: 'monitoring-started', at: atMinute(9), by: null, resolution: null });
  expect(marks(incident)[1]).toBe('------');
});

test('[LIFE-18] an incident that recovered by itself has no team to stand down, no decision and no customers to tell', () => {
  const cleared = afterAlerts(firingIncident(), 1, [{ status: 'resolved' }]).incident;
  expect(marks(afterEvents(cleared, { type: 'resolved', at: atMinute(40) }))).toEqual(['--x???x', '-x??x?']);
});

test('[LIFE-18] a false alarm, and a test, leave nothing to resolve', () => {
  expect(marks(afterCommand(firingIncident(), SAMPLE_COMMANDS.declareFalseAlarm))[1]).toBe('??????');
  const ended = afterEvents(firingIncident({ test: true }), { type: 'test-ended', at: atMinute(10) });
  expect(marks(ended)[1]).toBe('??????');
  expect(marks(ended)[0]).toBe('-???-?x');
});

test('[LIFE-18] what a server of before does not tell is not ticked', () => {
  const {
    decision: _,
    postmortem: __,
    monitoring: ___,
    updateEveryMs: ____,
    rolesWanted: _____,
    ...old
  } = toView(afterEvents(firingIncident(), { type: 'resolved', at: atMinute(40) }));
  const { during, resolution } = checklistOf(old as unknown as ReturnType<typeof toView>);
  expect(during.map(({ done }) => done)).toEqual([false, false, null, null, null, null, true]);
  expect(resolution.map(({ done }) => done)).toEqual([false, null, null, null, true, null]);
});
