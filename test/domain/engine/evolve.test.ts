/** What each event leaves behind in the incident, where later decisions look for it. */
import { describe, expect, test } from '@jest/globals';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  SAMPLE_COMMANDS,
  afterCommand,
} from '../../support/pure-incident.ts';

const CLEAR = { status: 'resolved', endsAt: atMinute(4) } as const;
const TOLD = {
  type: 'notification-accepted',
  at: atMinute(9),
  acceptedEntries: [],
  deliveries: [],
  refs: {},
  projectedVersion: 0,
  assignedReference: null,
} as const;
const taken = (): Incident => afterCommand(firingIncident(), SAMPLE_COMMANDS.acknowledge);
const public_ = (incident: Incident): Incident =>
  afterEvents(incident, { type: 'public-communication-started', at: atMinute(2), reason: 'acknowledged' });
const raised = (to: 'SEV1' | 'SEV3', minute: number): IncidentEvent => ({
  ...{ type: 'severity-changed', at: atMinute(minute), by: 'ana', from: 'SEV2', to, reason: 'x' },
});
const changed = (incident: Incident, ...events: readonly IncidentEvent[]): readonly string[] => {
  const now = afterEvents(incident, ...events);
  return Object.keys(now).filter((key) => now[key as keyof Incident] !== incident[key as keyof Incident]);
};

test('[REC-1] every event is one change, whether it has a line or not', () => {
  const incident = firingIncident();
  expect(afterEvents(incident, TOLD).stateVersion).toBe(incident.stateVersion + 1);
  expect(afterCommand(incident, SAMPLE_COMMANDS.addNote).stateVersion).toBe(incident.stateVersion + 1);
});

test('[REC-1] once its post-incident flow has it, its run writes no line but of what came too late', () => {
  const handed: Incident = {
    ...afterEvents(taken(), { type: 'resolved', at: atMinute(40) }),
    postIncident: { ...afterEvents(taken(), { type: 'resolved', at: atMinute(40) }).postIncident, handedOver: true },
  };
  const note: IncidentEvent = { type: 'note-added', at: atMinute(41), by: 'ana', text: 'x' };
  const refused = { type: 'command-refused', at: atMinute(42), by: 'ana', command: 'addNote', reason: 'over' } as const;
  expect(afterEvents(handed, note).projection.seq).toBe(handed.projection.seq);
  expect(afterEvents(handed, refused).projection.seq).toBe(handed.projection.seq + 1);
});

test('[REC-1] a review is a line when it found anything: the post-mortem, or an item', () => {
  const over = afterEvents(taken(), { type: 'resolved', at: atMinute(40) });
  const lines = (postmortem: 'due' | null, items: readonly string[]) =>
    afterEvents(over, { type: 'follow-ups-reviewed', at: atMinute(50), postmortem, items }).projection.seq -
    over.projection.seq;
  expect([lines(null, []), lines('due', []), lines(null, ['A1'])]).toEqual([0, 1, 1]);
});

describe('the moments that the record tells', () => {
  test('the work on it began with the first decision', () => {
    const decided = afterCommand(taken(), SAMPLE_COMMANDS.decideMitigation, 5);
    const other = afterCommand(
      decided,
      { type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] },
      9,
    );
    expect([decided.mitigation.startedAt, other.mitigation.startedAt]).toEqual([atMinute(5), atMinute(5)]);
  });
  test('it was mitigated when somebody said that it worked, not when it failed; else when the watch began', () => {
    const decided = afterCommand(taken(), SAMPLE_COMMANDS.decideMitigation, 5);
    expect(afterCommand(decided, { type: 'reportMitigation', outcome: 'failed' }, 7).mitigation.mitigatedAt).toBeNull();
    const worked = afterCommand(decided, { type: 'reportMitigation', outcome: 'worked' }, 7);
    expect(afterCommand(worked, SAMPLE_COMMANDS.resolve, 12).mitigation.mitigatedAt).toBe(atMinute(7));
    expect(afterCommand(decided, SAMPLE_COMMANDS.resolve, 12).mitigation.mitigatedAt).toBe(atMinute(12));
  });
  test('the first to acknowledge is told, also when another does later', () => {
    const again = afterEvents(taken(), { type: 'acknowledged', at: atMinute(8), by: 'bo' });
    expect([again.acknowledgedAt, again.acknowledgedBy]).toEqual([atMinute(1), 'ana']);
  });
  test('what a person said of the fix is not lost when it is said again without words', () => {
    const said = afterCommand(taken(), SAMPLE_COMMANDS.resolve, 5);
    expect(
      afterEvents(said, { type: 'monitoring-started', at: atMinute(6), by: null, resolution: null }).mitigation
        .resolution,
    ).toBe('rolled back');
  });
  test('[LIFE-12] what reopens it takes its end away; what was never owed does not come up', () => {
    const mitigation = { mitigatedAt: null, monitoringWindow: null };
    const closed = { outcome: null, resolvedAt: null, closedAt: null, mitigation };
    expect(afterCommand(afterCommand(taken(), SAMPLE_COMMANDS.resolve, 5), SAMPLE_COMMANDS.reopen, 6)).toMatchObject(
      closed,
    );
    expect(
      afterCommand(afterCommand(taken(), SAMPLE_COMMANDS.resolve, 5), SAMPLE_COMMANDS.reopen, 6),
    ).not.toHaveProperty('postIncident.followUps');
  });
});

describe('[PAGE-23] how it ended', () => {
  const watched = (incident: Incident) => afterAlerts(incident, 4, [CLEAR]).incident;
  const outcome = (incident: Incident) => afterEvents(incident, { type: 'resolved', at: atMinute(40) }).outcome;
  test('by itself, when nobody had it; by people, when somebody had it or said resolve', () => {
    expect(outcome(watched(firingIncident()))).toBe('auto-recovered');
    expect(outcome(watched(taken()))).toBe('resolved');
    expect(outcome(afterCommand(watched(firingIncident()), SAMPLE_COMMANDS.resolve, 5))).toBe('resolved');
    const word: IncidentEvent = { type: 'resolve-confirmed', at: atMinute(5), by: 'ana', resolution: 'x' };
    expect(outcome(afterEvents(watched(firingIncident()), word))).toBe('resolved');
  });
});

describe('[SEV-7] [COMM-4] the clocks when the severity changes', () => {
  const reminded = (): Incident =>
    afterEvents(public_(taken()), {
      type: 'update-reminded',
      at: atMinute(3),
      dueAt: atMinute(9),
      audiences: ['internal', 'public'],
    });
  test('both may remind again, and a worse one grants its acknowledgement time', () => {
    const worse = afterEvents(reminded(), raised('SEV1', 5));
    expect([worse.communications.internalSchedule, worse.communications.publicSchedule]).toMatchObject([
      { reminded: false, notBefore: atMinute(10) },
      { reminded: false, notBefore: atMinute(10) },
    ]);
    const milder = afterEvents(reminded(), raised('SEV3', 5));
    expect([milder.communications.internalSchedule, milder.communications.publicSchedule]).toMatchObject([
      { reminded: false, notBefore: 0 },
      { reminded: false, notBefore: 0 },
    ]);
  });
  test('a severity without such a time grants none', () => {
    const { severities, ...policy } = aPolicy();
    const SEV1 = { ...severities.SEV1, acknowledgeWithinMs: null };
    const incident = firingIncident({ policy: { ...policy, severities: { ...severities, SEV1 } } });
    expect(afterEvents(incident, raised('SEV1', 5)).communications.internalSchedule.notBefore).toBe(atMinute(5));
  });
  test('a reminder counts for the clocks it was about', () => {
    const about = (audience: 'internal' | 'public') => {
      const event = { type: 'update-reminded', at: atMinute(3), dueAt: atMinute(9), audiences: [audience] } as const;
      const { communications } = afterEvents(public_(taken()), event);
      return [communications.internalSchedule.reminded, communications.publicSchedule?.reminded];
    };
    expect([about('internal'), about('public')]).toEqual([
      [true, false],
      [false, true],
    ]);
    const event = { type: 'update-missed', at: atMinute(3), dueAt: atMinute(9), audiences: ['public'] } as const;
    expect(afterEvents(taken(), event).communications.publicSchedule).toBeNull();
  });
});

test('[COMM-15] a public word that a person chose stays with the next update that chooses none', () => {
  const said = (incident: Incident, status?: 'Identified') =>
    afterCommand(incident, { type: 'postUpdate', text: 'x', audience: 'public', ...(status && { status }) }, 5);
  expect(said(said(taken(), 'Identified')).communications.publicState).toBe('Identified');
  expect(said(taken()).communications.publicState).toBeNull();
});

describe('[ROLE-2] the IC who was called', () => {
  const back = (incident: Incident) =>
    afterAlerts(afterAlerts(incident, 4, [CLEAR]).incident, 6, [{ startsAt: atMinute(5) }]).incident.escalation
      .commanderPaged;
  test('by a return, when there is one, and it does not flap', () => {
    expect([
      back(taken()),
      back(firingIncident()),
      back({ ...taken(), alerts: { ...taken().alerts, flapping: true } }),
    ]).toEqual([true, false, false]);
    expect(back({ ...taken(), roles: { ...taken().roles, ic: null } })).toBe(false);
  });
  test('is still called while another role is given away', () => {
    const assigned = (role: 'ic' | 'scribe'): IncidentEvent => ({
      ...{ type: 'role-assigned', at: atMinute(7), by: 'bo', role, person: 'eve' },
    });
    const called = { ...taken(), escalation: { ...taken().escalation, commanderPaged: true } };
    expect(afterEvents(called, assigned('scribe')).escalation.commanderPaged).toBe(true);
    expect(afterEvents(called, assigned('ic')).escalation.commanderPaged).toBe(false);
  });
});

test('[LIFE-7] four returns in exactly an hour do not flap: the first is an hour ago', () => {
  const comeBack = (everyMs: number): boolean => {
    const returns = [0, 1, 2, 3].map((n) => ({ type: 'recurred', at: n * everyMs, titles: [] }) as const);
    return afterEvents(taken(), ...returns).alerts.flapping;
  };
  expect([comeBack(1_200_000), comeBack(1_199_999)]).toEqual([false, true]);
});

test('what vendors call it is kept, what they say later is added, and its number stays', () => {
  const first = afterEvents(taken(), {
    ...{ ...TOLD, refs: { channel: 'C1' } },
    assignedReference: { reference: 'INC-2026-007', recurrenceOf: 'INC-2026-001' },
  });
  const second = afterEvents(first, { ...TOLD, refs: { ticket: 'T1' } });
  expect(second).toMatchObject({
    reference: 'INC-2026-007',
    recurrenceOf: 'INC-2026-001',
    communications: { refs: { channel: 'C1', ticket: 'T1' } },
  });
});

test('[CMD-3] the answers to the last 256 requests are kept, oldest first', () => {
  const answers = Array.from({ length: 258 }, (_, n) => ({
    ...({ type: 'answered', at: atMinute(n) } as const),
    ...{ requestId: `r${n}`, command: 'addNote', changed: true, text: `t${n}` },
  }));
  const { answeredRequests } = afterEvents(declaredIncident(), ...answers);
  expect(answeredRequests).toHaveLength(256);
  expect([answeredRequests[0], answeredRequests.at(-1)?.requestId]).toEqual([
    { requestId: 'r2', command: 'addNote', changed: true, text: 't2' },
    'r257',
  ]);
});

test('[CMD-11] a policy that was asked for and kept leaves all else as it was', () => {
  const asked = afterCommand(taken(), SAMPLE_COMMANDS.movePolicy);
  const kept: IncidentEvent = { type: 'policy-kept', at: atMinute(3), reason: 'the team is gone' };
  expect(afterEvents(asked, kept)).toMatchObject({
    policyMoveRequestedBy: null,
    policy: asked.policy,
    alerts: { states: asked.alerts.states },
  });
  expect(changed(asked, kept)).toEqual(expect.arrayContaining(['policyMoveRequestedBy', 'stateVersion']));
});

test('[LIFE-22] when the one it is a part of is over, it says so, and still of whom it was a part', () => {
  const into = { workflowId: 'inc-b', incidentId: 'E-b', reference: null, name: '"b"', component: null };
  const part = afterEvents(taken(), { type: 'merged', at: atMinute(2), by: 'ana', into });
  expect(afterEvents(part, { type: 'merge-target-closed', at: atMinute(3) }).merge.mergedTo).toEqual({
    ...into,
    isOver: true,
  });
  expect(afterEvents(taken(), { type: 'merge-target-closed', at: atMinute(3) }).merge.mergedTo).toBeNull();
});
