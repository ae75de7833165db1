/** [LIFE-22] Words between incidents that come late, twice, from others, or for an incident that is gone. */
import { describe, expect, test } from '@jest/globals';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { MergeMessage } from '../../../domain/kernel/merge-messages.ts';
import { answerDueAt } from '../../../domain/merge/merge.ts';
import { handleMergeMessage } from '../../../domain/engine/merge-incidents.ts';
import { mergePeerOf, standingOf } from '../../../domain/kernel/merge-messages.ts';
import { anAlert } from '../../support/builders.ts';
import { afterEvents, atMinute, declaredIncident, afterCommand } from '../../support/pure-incident.ts';
import { simulateIncidents } from '../../support/multi-incident-simulator.ts';

const peer = (name: string, over: object = {}) => ({
  ...{ workflowId: `inc-${name}`, incidentId: `E-${name}`, reference: null, name: `"${name}"`, component: null },
  ...over,
});
const handle = (incident: Incident, word: MergeMessage): readonly IncidentEvent[] =>
  handleMergeMessage(incident, word, atMinute(5));
const kindsOf = (incident: Incident, word: MergeMessage): string[] => handle(incident, word).map(({ type }) => type);

const own = (): Incident => declaredIncident({ workflowId: 'inc-a', incidentId: 'E-a' });

/** It asks `inc-b` to take it in. */
const asking = (requestId?: string): Incident =>
  afterCommand(own(), { type: 'merge', into: 'inc-b', ...(requestId === undefined ? {} : { requestId }) });
const askOf = ({ merge }: Incident): number => merge.pendingMerge?.requestNumber ?? -1;

/** It has become a part of `inc-b`. */
const part = (): Incident => afterEvents(asking(), { type: 'merged', at: atMinute(2), by: 'ana', into: peer('b') });
const over = (): Incident => afterCommand(own(), { type: 'declareFalseAlarm', reason: 'a load test' });

describe('[LIFE-22] asking', () => {
  test.each(['inc-a', 'E-a', 'INC-2026-007'])('into itself is refused, however it is called: %s', (into) => {
    const both = simulateIncidents({ workflowId: 'inc-a', incidentId: 'E-a' });
    both.put('a', { ...both.get('a'), reference: 'INC-2026-007' });
    expect(both.execute('a', { type: 'merge', into })).toMatchObject({
      reason: 'an incident cannot be merged into itself',
    });
  });

  test('is given up when two minutes have brought no answer, and not before', () => {
    expect(answerDueAt(asking())).toBe(atMinute(3));
    expect(answerDueAt(own())).toBeNull();
    expect(answerDueAt(part())).toBeNull();
  });

  test('twice without a request id is two requests: the second is refused', () => {
    const both = simulateIncidents({}, {});
    expect(both.execute('a', { type: 'merge', into: 'inc-b' }).refused).toBe(false);
    expect(both.execute('a', { type: 'merge', into: 'inc-b' })).toMatchObject({ refused: true });
  });

  test('has a number of its own each time, that of the change that made it', () => {
    const first = asking();
    expect(askOf(first)).toBe(first.stateVersion);
    const there = afterEvents(
      first,
      ...handle(first, { kind: 'redirected', incidentId: 'E-a', requestNumber: askOf(first), workflowId: 'inc-c' }),
    );
    expect(there.merge.pendingMerge).toMatchObject({ into: 'inc-c', requestNumber: there.stateVersion, hops: 1 });
    expect(askOf(there)).not.toBe(askOf(first));
  });

  test('whoever asked hears of it under the same request, once it is taken', () => {
    const taken = (incident: Incident): readonly IncidentEvent[] =>
      handle(incident, { kind: 'taken', incidentId: 'E-a', requestNumber: askOf(incident), by: peer('b') });
    expect(taken(asking('r1'))).toMatchObject([
      { type: 'merged', by: 'ana', into: { workflowId: 'inc-b' } },
      { type: 'answered', requestId: 'r1', command: 'merge', changed: true, text: 'Merged into "b".' },
    ]);
    expect(taken(asking())).toMatchObject([{ type: 'merged' }]);
    expect(taken(asking())).toHaveLength(1);
  });
});

describe('[LIFE-22] an answer', () => {
  const answers = (requestNumber: number, incidentId = 'E-a'): readonly MergeMessage[] => [
    { kind: 'refused', incidentId, requestNumber, reason: 'it is closed' },
    { kind: 'redirected', incidentId, requestNumber, workflowId: 'inc-c' },
  ];

  test('to an asking that was given up changes nothing', () => {
    const incident = asking();
    for (const word of answers(askOf(incident) - 1)) expect(handle(incident, word)).toEqual([]);
    for (const word of answers(askOf(incident))) expect(handle(incident, word)).toHaveLength(1);
    for (const word of answers(askOf(incident))) expect(handle(own(), word)).toEqual([]);
  });

  test('for an incident that is gone changes nothing', () => {
    const incident = asking();
    for (const word of answers(askOf(incident), 'E-old')) expect(handle(incident, word)).toEqual([]);
    expect(handle(part(), { kind: 'over', incidentId: 'E-old', by: peer('b') })).toEqual([]);
  });

  test('of one that took it in when it is over here already is answered: it must not keep us', () => {
    const word: MergeMessage = { kind: 'taken', incidentId: 'E-a', requestNumber: 1, by: peer('b') };
    expect(handle(over(), word)).toMatchObject([
      { type: 'merge-message-queued', to: 'inc-b', message: { kind: 'release' } },
    ]);
    expect(handle(part(), word)).toEqual([]);
  });
});

describe('[LIFE-22] what becomes of the one it is a part of', () => {
  test('counts only from that one, not from another that says the same', () => {
    const words = (by: string): readonly MergeMessage[] => [
      { kind: 'over', incidentId: 'E-a', by: peer(by) },
      { kind: 'moved', incidentId: 'E-a', by: peer(by), to: peer('c') },
      { kind: 'returned', incidentId: 'E-a', by: peer(by), alerts: [] },
    ];
    expect(words('b').map((word) => kindsOf(part(), word))).toEqual([
      ['merge-target-closed'],
      ['merge-target-changed'],
      ['merge-target-closed'],
    ]);
    expect(words('x').map((word) => kindsOf(part(), word))).toEqual([[], [], []]);
    expect(words('b').map((word) => kindsOf(own(), word))).toEqual([[], [], []]);
  });

  test('alerts that come back are heard by the next incident too: they must not be lost with the one before', () => {
    const word: MergeMessage = {
      ...{ kind: 'returned', incidentId: 'E-old', by: peer('b') },
      alerts: [anAlert({ fingerprint: 'late' })],
    };
    expect(kindsOf(own(), word)).toEqual(['alerts-fired']);
    expect(kindsOf(part(), { ...word, incidentId: 'E-a' })).toEqual(['merge-target-closed', 'alerts-returned']);
  });
});

describe('[LIFE-22] one that follows what it is a part of', () => {
  const source = declaredIncident({ workflowId: 'inc-s', incidentId: 'E-s' });
  const follow: MergeMessage = {
    ...{ kind: 'follow', from: mergePeerOf(source), incidentIds: ['E-s', 'E-edge'] },
    standing: { ...standingOf(source), paged: ['eve'] },
  };

  test('belongs to the one it follows, once: nobody is named twice', () => {
    const once = afterEvents(own(), ...handle(own(), follow));
    expect(once.merge.mergedFrom).toMatchObject([{ workflowId: 'inc-s', incidentIds: ['E-s', 'E-edge'] }]);
    expect(once.escalation.paged).toEqual(['eve']);
    expect(kindsOf(once, follow)).toEqual([]);
    expect(afterCommand(once, { type: 'acknowledge', by: 'eve', incidentId: 'E-edge' }).acknowledgedBy).toBe('eve');
  });

  test('hears that it is over, or where that one has gone', () => {
    expect(handle(over(), follow)).toMatchObject([
      {
        type: 'merge-message-queued',
        to: 'inc-s',
        message: { kind: 'over', incidentId: 'E-s', by: { workflowId: 'inc-a' } },
      },
    ]);
    const [moved] = handle(part(), follow);
    expect(moved).toMatchObject({
      ...{ type: 'merge-message-queued', to: 'inc-s' },
      message: { kind: 'moved', incidentId: 'E-s', by: { workflowId: 'inc-a' }, to: { workflowId: 'inc-b' } },
    });
    expect(moved).not.toHaveProperty('message.to.isOver');
  });
});

describe('[LIFE-22] a release', () => {
  const release = (name: string): MergeMessage => ({ kind: 'release', from: peer(name) });

  test('of an unknown incident is no news', () => expect(handle(own(), release('x'))).toEqual([]));

  test('takes along alerts that came by way of another, before their own word did', () => {
    const incident = afterEvents(own(), {
      ...{
        type: 'alerts-joined',
        at: atMinute(2),
        from: 'inc-x',
        source: 'alertmanager',
        staleAfterMs: 1,
        truncated: 0,
      },
      alerts: [anAlert({ fingerprint: 'theirs', group: 'inc-y' })],
    });
    expect(handle(incident, release('x'))).toEqual([]);
    const without = afterEvents(incident, ...handle(incident, release('y')));
    expect(Object.keys(without.alerts.states)).toEqual([]);
  });
});
