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

test('[LIFE-18] what is not owed cannot be missing: no customers of a SEV3, no roles and no clock of a SEV4', () => {
  expect(marks(firingIncident({ severity: 'SEV3' }))).toEqual(['--x?-xx', '------']);
  expect(marks(firingIncident({ severity: 'SEV4' }))).toEqual(['-x??-xx', '------']);
  expect(marks(firingIncident({ restricted: true }))[0]).toBe('--x?-xx');
  const quiet = afterEvents(afterCommand(firingIncident({ severity: 'SEV3' }), SAMPLE_COMMANDS.resolve), {
    type: 'resolved',
    at: atMinute(40),
  });
  expect(marks(quiet)[1]).toBe('xxxxx?');
});

test('[LIFE-18] a false alarm leaves nothing to resolve', () => {
  expect(marks(afterCommand(firingIncident(), SAMPLE_COMMANDS.declareFalseAlarm))[1]).toBe('??????');
});

test.each(['declared', 'investigating', 'mitigating'] as const)(
  '[LIFE-18] while it is %s, an update that nobody set a time for is missing; later the all-clear takes its place',
  (phase) => {
    const cadence = (over: object) => checklistOf({ ...toView(firingIncident()), phase, ...over }).during[2]?.done;
    expect(cadence({})).toBe(true);
    expect(cadence({ deadlines: [] })).toBeNull();
    const other = { kind: 'escalation', at: '2026-11-21T12:00:00.000Z', text: '' };
    expect(cadence({ deadlines: [other] })).toBeNull();
    expect(cadence({ phase: 'monitoring', deadlines: [] })).toBe(true);
  },
);

test('[LIFE-18] what a server of before does not tell is not ticked', () => {
  const {
    decision: _,
    postmortem: __,
    ...old
  } = toView(afterEvents(firingIncident(), { type: 'resolved', at: atMinute(40) }));
  const { during, resolution } = checklistOf(old as unknown as ReturnType<typeof toView>);
  expect([during[4]?.done, resolution[5]?.done]).toEqual([false, null]);
});
