/** What each event leaves behind in the incident, where later decisions look for it. */
import { describe, expect, test } from '@jest/globals';
import type { IncidentEvent } from '../../domain/events.ts';
import type { Incident } from '../../domain/incident.ts';
import { aPolicy } from '../support/builders.ts';
import { after, alarmed, at, declared, heard, SAMPLES, told } from '../support/play.ts';

const CLEAR = { status: 'resolved', endsAt: at(4) } as const;
const TOLD = {
  type: 'notification-accepted',
  at: at(9),
  orders: [],
  deliveries: [],
  refs: {},
  recorded: 0,
  numbered: null,
} as const;
const taken = (): Incident => told(alarmed(), SAMPLES.acknowledge);
const public_ = (incident: Incident): Incident =>
  after(incident, { type: 'public-begun', at: at(2), why: 'acknowledged' });
const raised = (to: 'SEV1' | 'SEV3', minute: number): IncidentEvent => ({
  ...{ type: 'severity-changed', at: at(minute), by: 'ana', from: 'SEV2', to, reason: 'x' },
});
const changed = (incident: Incident, ...events: readonly IncidentEvent[]): readonly string[] => {
  const now = after(incident, ...events);
  return Object.keys(now).filter((key) => now[key as keyof Incident] !== incident[key as keyof Incident]);
};

test('[REC-1] every event is one change, whether it has a line or not', () => {
  const incident = alarmed();
  expect(after(incident, TOLD).revision).toBe(incident.revision + 1);
  expect(told(incident, SAMPLES.addNote).revision).toBe(incident.revision + 1);
});

test('[REC-1] once its post-incident flow has it, its run writes no line but of what came too late', () => {
  const handed: Incident = { ...after(taken(), { type: 'resolved', at: at(40) }), postIncident: true };
  const note: IncidentEvent = { type: 'note-added', at: at(41), by: 'ana', text: 'x' };
  const refused = { type: 'command-refused', at: at(42), by: 'ana', command: 'addNote', reason: 'over' } as const;
  expect(after(handed, note).seq).toBe(handed.seq);
  expect(after(handed, refused).seq).toBe(handed.seq + 1);
});

test('[REC-1] a review is a line when it found anything: the post-mortem, or an item', () => {
  const over = after(taken(), { type: 'resolved', at: at(40) });
  const lines = (postmortem: 'due' | null, items: readonly string[]) =>
    after(over, { type: 'duties-reviewed', at: at(50), postmortem, items }).seq - over.seq;
  expect([lines(null, []), lines('due', []), lines(null, ['A1'])]).toEqual([0, 1, 1]);
});

describe('the moments that the record tells', () => {
  test('the work on it began with the first decision', () => {
    const decided = told(taken(), SAMPLES.decideMitigation, 5);
    const other = told(
      decided,
      { type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] },
      9,
    );
    expect([decided.mitigationStartedAt, other.mitigationStartedAt]).toEqual([at(5), at(5)]);
  });
  test('it was mitigated when somebody said that it worked, not when it failed; else when the watch began', () => {
    const decided = told(taken(), SAMPLES.decideMitigation, 5);
    expect(told(decided, { type: 'reportMitigation', outcome: 'failed' }, 7).mitigatedAt).toBeNull();
    const worked = told(decided, { type: 'reportMitigation', outcome: 'worked' }, 7);
    expect(told(worked, SAMPLES.resolve, 12).mitigatedAt).toBe(at(7));
    expect(told(decided, SAMPLES.resolve, 12).mitigatedAt).toBe(at(12));
  });
  test('the first to acknowledge is told, also when another does later', () => {
    const again = after(taken(), { type: 'acknowledged', at: at(8), by: 'bo' });
    expect([again.acknowledgedAt, again.acknowledgedBy]).toEqual([at(1), 'ana']);
  });
  test('what a person said of the fix is not lost when it is said again without words', () => {
    const said = told(taken(), SAMPLES.resolve, 5);
    expect(after(said, { type: 'monitoring-started', at: at(6), by: null, resolution: null }).resolution).toBe(
      'rolled back',
    );
  });
  test('[LIFE-12] what reopens it takes its end away; what was never owed does not come up', () => {
    const closed = { outcome: null, resolvedAt: null, closedAt: null, mitigatedAt: null, watch: null };
    expect(told(told(taken(), SAMPLES.resolve, 5), SAMPLES.reopen, 6)).toMatchObject(closed);
    expect(told(told(taken(), SAMPLES.resolve, 5), SAMPLES.reopen, 6)).not.toHaveProperty('duties');
  });
});

describe('[PAGE-23] how it ended', () => {
  const watched = (incident: Incident) => heard(incident, 4, [CLEAR]).incident;
  const outcome = (incident: Incident) => after(incident, { type: 'resolved', at: at(40) }).outcome;
  test('by itself, when nobody had it; by people, when somebody had it or said resolve', () => {
    expect(outcome(watched(alarmed()))).toBe('auto-recovered');
    expect(outcome(watched(taken()))).toBe('resolved');
    expect(outcome(told(watched(alarmed()), SAMPLES.resolve, 5))).toBe('resolved');
    const word: IncidentEvent = { type: 'resolve-confirmed', at: at(5), by: 'ana', resolution: 'x' };
    expect(outcome(after(watched(alarmed()), word))).toBe('resolved');
  });
});

describe('[SEV-7] [COMM-4] the clocks when the severity changes', () => {
  const reminded = (): Incident =>
    after(public_(taken()), { type: 'update-reminded', at: at(3), dueAt: at(9), audiences: ['internal', 'public'] });
  test('both may remind again, and a worse one grants its acknowledgement time', () => {
    const worse = after(reminded(), raised('SEV1', 5));
    expect([worse.internalClock, worse.publicClock]).toMatchObject([
      { reminded: false, notBefore: at(10) },
      { reminded: false, notBefore: at(10) },
    ]);
    const milder = after(reminded(), raised('SEV3', 5));
    expect([milder.internalClock, milder.publicClock]).toMatchObject([
      { reminded: false, notBefore: 0 },
      { reminded: false, notBefore: 0 },
    ]);
  });
  test('a severity without such a time grants none', () => {
    const { severities, ...policy } = aPolicy();
    const SEV1 = { ...severities.SEV1, acknowledgeWithinMs: null };
    const incident = alarmed({ policy: { ...policy, severities: { ...severities, SEV1 } } });
    expect(after(incident, raised('SEV1', 5)).internalClock.notBefore).toBe(at(5));
  });
  test('a reminder counts for the clocks it was about', () => {
    const about = (audience: 'internal' | 'public') => {
      const event = { type: 'update-reminded', at: at(3), dueAt: at(9), audiences: [audience] } as const;
      const { internalClock, publicClock } = after(public_(taken()), event);
      return [internalClock.reminded, publicClock?.reminded];
    };
    expect([about('internal'), about('public')]).toEqual([
      [true, false],
      [false, true],
    ]);
    const event = { type: 'update-missed', at: at(3), dueAt: at(9), audiences: ['public'] } as const;
    expect(after(taken(), event).publicClock).toBeNull();
  });
});

test('[COMM-15] a public word that a person chose stays with the next update that chooses none', () => {
  const said = (incident: Incident, status?: 'Identified') =>
    told(incident, { type: 'postUpdate', text: 'x', audience: 'public', ...(status && { status }) }, 5);
  expect(said(said(taken(), 'Identified')).publicWord).toBe('Identified');
  expect(said(taken()).publicWord).toBeNull();
});

describe('[ROLE-2] the IC who was called', () => {
  const back = (incident: Incident) =>
    heard(heard(incident, 4, [CLEAR]).incident, 6, [{ startsAt: at(5) }]).incident.commanderCalled;
  test('by a return, when there is one, and it does not flap', () => {
    expect([back(taken()), back(alarmed()), back({ ...taken(), flapping: true })]).toEqual([true, false, false]);
    expect(back({ ...taken(), roles: { ...taken().roles, ic: null } })).toBe(false);
  });
  test('is still called while another role is given away', () => {
    const assigned = (role: 'ic' | 'scribe'): IncidentEvent => ({
      ...{ type: 'role-assigned', at: at(7), by: 'bo', role, person: 'eve' },
    });
    const called = { ...taken(), commanderCalled: true };
    expect(after(called, assigned('scribe')).commanderCalled).toBe(true);
    expect(after(called, assigned('ic')).commanderCalled).toBe(false);
  });
});

test('[LIFE-7] four returns in exactly an hour do not flap: the first is an hour ago', () => {
  const comeBack = (everyMs: number): boolean => {
    const returns = [0, 1, 2, 3].map((n) => ({ type: 'recurred', at: n * everyMs, titles: [] }) as const);
    return after(taken(), ...returns).flapping;
  };
  expect([comeBack(1_200_000), comeBack(1_199_999)]).toEqual([false, true]);
});

test('what vendors call it is kept, what they say later is added, and its number stays', () => {
  const first = after(taken(), {
    ...{ ...TOLD, refs: { channel: 'C1' } },
    numbered: { reference: 'INC-2026-007', recurrenceOf: 'INC-2026-001' },
  });
  const second = after(first, { ...TOLD, refs: { ticket: 'T1' } });
  expect(second).toMatchObject({
    ...{ refs: { channel: 'C1', ticket: 'T1' }, reference: 'INC-2026-007', recurrenceOf: 'INC-2026-001' },
  });
});

test('[CMD-3] the answers to the last 256 requests are kept, oldest first', () => {
  const answers = Array.from({ length: 258 }, (_, n) => ({
    ...({ type: 'answered', at: at(n) } as const),
    ...{ requestId: `r${n}`, command: 'addNote', changed: true, text: `t${n}` },
  }));
  const { answered } = after(declared(), ...answers);
  expect(answered).toHaveLength(256);
  expect([answered[0], answered.at(-1)?.requestId]).toEqual([
    { requestId: 'r2', command: 'addNote', changed: true, text: 't2' },
    'r257',
  ]);
});

test('[CMD-11] a policy that was asked for and kept leaves all else as it was', () => {
  const asked = told(taken(), SAMPLES.movePolicy);
  const kept: IncidentEvent = { type: 'policy-kept', at: at(3), reason: 'the team is gone' };
  expect(after(asked, kept)).toMatchObject({ policyAskedBy: null, policy: asked.policy, alerts: asked.alerts });
  expect(changed(asked, kept)).toEqual(expect.arrayContaining(['policyAskedBy', 'revision']));
});

test('[LIFE-22] when the one it is a part of is over, it says so, and still of whom it was a part', () => {
  const into = { workflowId: 'inc-b', incidentId: 'E-b', reference: null, name: '"b"', component: null };
  const part = after(taken(), { type: 'merged', at: at(2), by: 'ana', into });
  expect(after(part, { type: 'merge-ended', at: at(3) }).mergedTo).toEqual({ ...into, isOver: true });
  expect(after(taken(), { type: 'merge-ended', at: at(3) }).mergedTo).toBeNull();
});
