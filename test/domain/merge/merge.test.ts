/** [LIFE-22] Merging, judged and carried out by two incidents that only hear each other's words. */
import { describe, expect, test } from '@jest/globals';
import { escalationStateOf } from '../escalation-steps.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import { awaitsLateAlertsUntil } from '../../../domain/mitigation/monitoring-window.ts';
import { atMinute } from '../../support/pure-incident.ts';
import type { MultiIncidentSimulator } from '../../support/multi-incident-simulator.ts';
import { simulateIncidents } from '../../support/multi-incident-simulator.ts';

const ack = { type: 'acknowledge' } as const;
const into = (name: string) => ({ type: 'merge', into: `inc-${name}` }) as const;

/** `a` becomes a part of `b`. */
function merged(...openings: readonly Partial<Declaration>[]): MultiIncidentSimulator {
  const both = simulateIncidents(...openings);
  both.execute('a', into('b'));
  both.deliverAll();
  return both;
}

const kinds = (both: MultiIncidentSimulator, name: string): readonly string[] =>
  both.get(name).projection.timeline.map(({ kind }) => kind);
const lastLine = (both: MultiIncidentSimulator, name: string): string =>
  both.get(name).projection.timeline.at(-1)?.text ?? '';

describe('[LIFE-22] the chain of the target', () => {
  test.each([
    { source: 'open', target: 'open', then: 'goes on where it was' },
    { source: 'acknowledged', target: 'open', then: 'goes on where it was' },
    { source: 'open', target: 'acknowledged', then: 'begins anew at once' },
    { source: 'acknowledged', target: 'acknowledged', then: 'stays silent' },
  ] as const)('$then: source $source, target $target', ({ source, target, then }) => {
    const both = simulateIncidents({}, {});
    if (source === 'acknowledged') both.execute('a', { ...ack, by: 'bo' });
    if (target === 'acknowledged') both.execute('b', ack);
    const before = escalationStateOf(both.get('b'));
    both.execute('a', into('b'), 3);
    both.deliverAll();
    const escalation = escalationStateOf(both.get('b'));
    expect(both.get('a').escalation.open).toBe(false);
    if (then === 'goes on where it was') expect(escalation).toEqual(before);
    if (then === 'stays silent') expect(escalation).toMatchObject({ open: false, cycle: before.cycle });
    if (then === 'begins anew at once') {
      expect(escalation).toMatchObject({ open: true, level: 0, cycle: before.cycle + 1 });
      expect(nextEscalationStep(both.get('b'))?.at).toBeLessThanOrEqual(atMinute(3.1));
      expect(both.get('b').roles.ic).toBe('ana');
    }
  });

  test('begins anew also when the source came back after it was asked', () => {
    const both = simulateIncidents({}, {});
    both.execute('a', { ...ack, by: 'bo' });
    both.execute('b', ack);
    both.execute('a', { type: 'resolve', resolution: 'fixed' });
    both.execute('a', into('b'));
    both.deliverNext('a', 'b');
    both.receiveAlerts('a', { fingerprint: 'a2' });
    expect(both.get('a')).toMatchObject({ phase: 'mitigating', escalation: { open: true } });
    both.deliverAll();
    expect(both.get('a').phase).toBe('closed');
    expect(both.get('b').escalation.open).toBe(true);
  });

  test('of a SEV3 that nobody had answered begins when the source would have paged', () => {
    const both = simulateIncidents({ severity: 'SEV3' }, { severity: 'SEV3' });
    both.execute('b', ack);
    both.execute('a', into('b'));
    both.deliverAll();
    expect(both.get('b').escalation).toMatchObject({ open: true, nextLevelAt: atMinute(60) });
  });

  test('is not begun by SEV4, for which nobody is paged', () => {
    const both = simulateIncidents({ severity: 'SEV4' }, { severity: 'SEV4' });
    both.execute('b', ack);
    both.execute('a', into('b'));
    both.deliverAll();
    expect(both.get('b').escalation.open).toBe(false);
  });
});

describe('[LIFE-22] the severity of the target', () => {
  test.each([
    ['SEV1', 'SEV3', 'SEV1'],
    ['SEV3', 'SEV1', 'SEV1'],
    ['SEV2', 'SEV2', 'SEV2'],
  ] as const)('%s into %s is %s', (source, target, then) => {
    const { severity, highestSeverity } = merged({ severity: source }, { severity: target }).get('b');
    expect([severity, highestSeverity]).toEqual([then, then]);
  });

  test('raised by the merge it stays acknowledged when both were, and duties follow the highest reached', () => {
    const both = simulateIncidents({ severity: 'SEV1' }, { severity: 'SEV3' });
    both.execute('a', ack);
    both.execute('b', ack);
    both.execute('a', { type: 'setSeverity', severity: 'SEV2', reason: 'half of them' });
    both.execute('a', into('b'));
    both.deliverAll();
    expect(both.get('b')).toMatchObject({ severity: 'SEV2', highestSeverity: 'SEV1', escalation: { open: false } });
    expect(both.get('b').outbox.pages.filter(({ reason }) => reason === 'severity-raised')).toEqual([]);
  });

  test('leadership of one team is paged once for both', () => {
    const both = merged({ severity: 'SEV1' }, { severity: 'SEV2' });
    expect(both.get('b').outbox.pages.map(({ reason }) => reason)).not.toContain('leadership');
    const teams = merged({ severity: 'SEV1', team: 'shop' }, { severity: 'SEV2' });
    expect(teams.get('b').outbox.pages.map(({ reason }) => reason)).toContain('leadership');
  });
});

describe('[LIFE-22] a merge is refused', () => {
  const asked = (both: MultiIncidentSimulator, to = 'b'): string => {
    const decision = both.execute('a', into(to));
    if (decision.refused) return decision.reason;
    both.deliverAll();
    return both.get('a').merge.mergeRefused?.reason ?? 'it was not refused';
  };

  test('into itself', () => expect(asked(simulateIncidents({}), 'a')).toBe('an incident cannot be merged into itself'));

  test('into one that is resolved', () => {
    const both = simulateIncidents({}, {});
    both.receiveAlerts('b', { fingerprint: 'b', status: 'resolved' });
    both.record('b', { type: 'resolved', at: atMinute(31) });
    expect(asked(both)).toBe('that one is resolved: reopen it, or declare a new one');
    expect(both.get('a')).toMatchObject({ phase: 'declared', merge: { mergedInto: null, pendingMerge: null } });
    expect(lastLine(both, 'a')).toBe('Not merged into inc-b: that one is resolved: reopen it, or declare a new one');
  });

  test('into one that is closed', () => {
    const both = simulateIncidents({}, {});
    both.execute('b', { type: 'declareFalseAlarm', reason: 'a load test' });
    expect(asked(both)).toBe('that one is closed: declare a new one');
  });

  test('into one that was merged into another, which is over', () => {
    const all = simulateIncidents({}, {}, {});
    all.execute('b', into('c'));
    all.deliverAll();
    all.execute('c', { type: 'declareFalseAlarm', reason: 'a load test' });
    all.deliverAll();
    expect(asked(all)).toBe('that one was merged into another, which is over: declare a new one');
  });

  test('into nobody', () => expect(asked(simulateIncidents({}), 'z')).toBe('there is no open incident of that id'));

  test('while another merge is under way, but the same request is not another', () => {
    const both = simulateIncidents({}, {}, {});
    expect(both.execute('a', { ...into('b'), requestId: 'r1' }).refused).toBe(false);
    expect(both.execute('a', into('c'))).toMatchObject({ reason: 'it is being merged into inc-b already' });
    expect(both.execute('a', { ...into('b'), requestId: 'r1' })).toMatchObject({ refused: false, events: [] });
  });

  test('of a storm, of a test, and of a test with a real one', () => {
    expect(asked(simulateIncidents({ storm: true }, {}))).toContain('a storm cannot be merged away');
    expect(asked(simulateIncidents({ test: true }, {}))).toContain('a test cannot be merged');
    expect(asked(simulateIncidents({}, { test: true }))).toBe('a test and a real incident cannot be merged');
  });

  test('where it would tell what is restricted, or keep from the public what it was promised', () => {
    expect(asked(simulateIncidents({ restricted: true }, {}))).toBe('this one is restricted, and that one is not');
    const both = simulateIncidents({}, { restricted: true });
    both.record('a', { type: 'public-communication-started', at: atMinute(1), reason: 'SEV2 acknowledged' });
    expect(asked(both)).toContain('the public was told of this one');
    expect(asked(simulateIncidents({}, { restricted: true }))).toBe('it was not refused');
  });

  test('into what is a part of it', () => {
    const both = merged({}, {});
    both.execute('b', into('a'));
    both.deliverAll();
    expect(both.get('b').merge.mergeRefused?.reason).toBe('that one is a part of this very incident');
    expect([both.get('a').phase, both.get('b').phase]).toEqual(['closed', 'declared']);
  });

  test('by both, when each asks the other at once', () => {
    const both = simulateIncidents({}, {});
    both.execute('a', into('b'));
    both.execute('b', into('a'));
    both.deliverAll();
    expect(['a', 'b'].map((name) => both.get(name).merge.mergeRefused?.reason)).toEqual([
      'that one is itself being merged: try again in a moment',
      'that one is itself being merged: try again in a moment',
    ]);
    expect(['a', 'b'].map((name) => both.get(name).phase)).toEqual(['declared', 'declared']);
  });
});

describe('[LIFE-22] once merged', () => {
  test('the source is closed, names the other and owes no page; whoever was paged for it belongs to the other', () => {
    const both = simulateIncidents({ title: 'A', component: 'Search' }, { title: 'B' });
    both.put('a', { ...both.get('a'), escalation: { ...both.get('a').escalation, paged: ['bo'] } });
    both.execute('a', into('b'));
    both.deliverAll();
    const [a, b] = [both.get('a'), both.get('b')];
    expect(a).toMatchObject({
      phase: 'closed',
      outcome: 'merged',
      merge: { mergedInto: 'E-b' },
      escalation: { open: false },
    });
    expect(a.outbox.pages).toEqual([]);
    expect(a.outbox.notices.map(({ to, text }) => [to, text])).toEqual([
      [['bo'], [{ person: 'ana' }, ' merged this into "B". Follow it there.']],
    ]);
    expect(a.outbox.tickets.map(({ action }) => action)).toEqual(['open', 'close']);
    expect(b.escalation.paged).toEqual(['bo']);
    expect(b.outbox.posts.at(-1)?.text).toEqual(['"A" was merged into this. Its alerts count here from now on.']);
  });

  test('the public hears where it goes on, and only what was written for it', () => {
    const both = simulateIncidents({ component: 'Search', title: 'secret a' }, { title: 'secret b' });
    both.record('a', { type: 'public-communication-started', at: atMinute(1), reason: 'SEV2 acknowledged' });
    both.execute('a', into('b'));
    both.deliverAll();
    expect(both.get('a').outbox.publicEntries.at(-1)).toMatchObject({
      state: 'Resolved',
      text: 'The problem with Search is part of the problem with Checkout and is followed there.',
    });
    expect(both.get('b').outbox.publicEntries.map(({ text }) => text.split('\n')[0])).toEqual([
      'We are investigating a problem with Checkout.',
    ]);
  });

  test('the title of a restricted one is not told to those it was kept from', () => {
    const both = merged({}, { restricted: true, title: 'breach' });
    expect(JSON.stringify(both.get('a'))).not.toContain('breach');
    expect(lastLine(both, 'a')).toBe('ana merged this into a restricted incident. Follow it there.');
  });

  test('joining is no recurrence, but what fires holds the watch', () => {
    const both = simulateIncidents({}, {});
    both.execute('a', ack);
    both.execute('a', into('b'));
    both.deliverAll();
    both.execute('b', { type: 'resolve', resolution: 'fixed', ignoreAlerts: ['b'] });
    expect(both.get('b')).toMatchObject({ phase: 'monitoring', alerts: { recurredAt: [] } });
    expect(both.get('b').alerts.states['a']).toMatchObject({ status: 'firing', group: 'inc-a' });
  });

  test('alerts are forwarded: news as news, repeats, ends, and the clear of all', () => {
    const both = merged({}, {});
    expect(both.receiveAlerts('a', { fingerprint: 'a2', severity: 'SEV1', title: 'worse' })).toEqual([]);
    both.deliverAll();
    expect(both.get('b')).toMatchObject({ severity: 'SEV1' });
    expect(both.get('b').alerts.states['a2']).toMatchObject({ status: 'firing', group: 'inc-a' });
    both.receiveAlerts('a', { fingerprint: 'a', status: 'resolved' }, { fingerprint: 'a2', status: 'resolved' });
    both.deliverAll();
    expect(both.get('b').phase).toBe('declared');
    both.receiveAlerts('b', { fingerprint: 'b', status: 'resolved' });
    expect(both.get('b').phase).toBe('monitoring');
    expect(kinds(both, 'a').filter((kind) => kind.startsWith('alerts-'))).toEqual(['alerts-fired']);
  });

  test('an alert that the target had ignored, or never had, does not end it by its end', () => {
    const both = simulateIncidents({ declaredBy: null }, {});
    both.receiveAlerts('a', { fingerprint: 'gone', status: 'resolved' });
    both.execute('a', into('b'));
    both.deliverAll();
    expect(both.get('b').alerts.states['gone']).toMatchObject({ status: 'resolved', group: 'inc-a' });
    expect(both.get('b').phase).toBe('declared');
  });

  test('what its senders leave out keeps the target from being clear, until their messages are whole', () => {
    const both = simulateIncidents({}, {});
    both.put('a', { ...both.get('a'), alerts: { ...both.get('a').alerts, truncated: 3 } });
    both.execute('a', into('b'));
    both.deliverAll();
    both.receiveAlerts('a', { fingerprint: 'a', status: 'resolved' });
    both.put('a', { ...both.get('a'), alerts: { ...both.get('a').alerts, truncated: 3 } });
    both.deliverAll();
    both.receiveAlerts('b', { fingerprint: 'b', status: 'resolved' });
    expect(both.get('b')).toMatchObject({
      phase: 'declared',
      alerts: { truncated: 0 },
      merge: { mergedFrom: [{ truncated: 3 }] },
    });
    both.receiveAlerts('a', { fingerprint: 'a', status: 'resolved' });
    both.deliverAll();
    expect(both.get('b')).toMatchObject({ phase: 'monitoring', merge: { mergedFrom: [{ truncated: 0 }] } });
  });

  test('an answer to its page is an answer to the target', () => {
    const both = merged({}, {});
    expect(both.execute('b', { ...ack, by: 'bo', incidentId: 'E-a' })).toMatchObject({ refused: false });
    expect(both.get('b').acknowledgedBy).toBe('bo');
    expect(both.execute('a', ack)).toMatchObject({
      reason: 'tocsin ack is not possible here: this was merged into "Checkout fails": run it there',
    });
  });

  test('more alerts than fit into one word arrive all the same', () => {
    const both = simulateIncidents({}, {});
    const many = Array.from({ length: 2_000 }, (_, n) => ({ fingerprint: `m${n}`, labels: { host: 'h'.repeat(100) } }));
    both.receiveAlerts('a', ...many);
    both.execute('a', into('b'));
    for (const { message } of both.get('a').outbox.mergeMessages ?? [])
      expect(JSON.stringify(message).length).toBeLessThan(100_000);
    both.deliverAll();
    expect(Object.keys(both.get('b').alerts.states)).toHaveLength(2_002);
    expect(Object.keys(both.get('b').alerts.details)).toHaveLength(50);
    expect(both.get('a').merge.undeliveredAlerts?.alerts).toEqual([]);
  });
});

describe('[LIFE-22] chains follow to the root', () => {
  test('who asks one that was merged is taken in by what that one is a part of', () => {
    const all = simulateIncidents({}, {}, {});
    all.execute('b', into('c'));
    all.deliverAll();
    all.execute('a', into('b'));
    all.deliverAll();
    expect(all.get('a')).toMatchObject({ phase: 'closed', merge: { mergedTo: { workflowId: 'inc-c' } } });
    expect(all.get('c').merge.mergedFrom?.map(({ workflowId }) => workflowId)).toEqual(['inc-b', 'inc-a']);
  });

  test('when the target itself is merged, everything in it goes along', () => {
    const all = simulateIncidents({}, {}, {});
    all.execute('a', into('b'));
    all.deliverAll();
    all.execute('b', into('c'));
    all.deliverAll();
    expect(all.get('a').merge.mergedTo).toMatchObject({ workflowId: 'inc-c', isOver: false });
    expect(all.get('c').alerts.states['a']).toMatchObject({ status: 'firing', group: 'inc-a' });
    all.receiveAlerts('a', { fingerprint: 'a2' });
    all.deliverAll();
    expect(all.get('c').alerts.states['a2']).toMatchObject({ status: 'firing', group: 'inc-a' });
    expect(all.execute('c', { ...ack, incidentId: 'E-a' }).refused).toBe(false);
  });

  test('a chain of hops has an end', () => {
    const both = simulateIncidents({}, {});
    both.execute('a', into('b'));
    for (let hop = 0; hop < 10; hop += 1) {
      const { merge } = both.get('a');
      const message = {
        kind: 'redirected',
        incidentId: 'E-a',
        requestNumber: merge.pendingMerge?.requestNumber ?? 0,
        workflowId: `inc-x${hop}`,
      } as const;
      both.put('b', {
        ...both.get('b'),
        outbox: { ...both.get('b').outbox, mergeMessages: [{ id: 'w', to: 'inc-a', message }] },
      });
      both.deliverNext('b', 'a');
      expect(both.get('a').merge.pendingMerge).not.toBeNull();
    }
    const ask = both.get('a').merge.pendingMerge?.requestNumber ?? 0;
    const message = { kind: 'redirected', incidentId: 'E-a', requestNumber: ask, workflowId: 'inc-x' } as const;
    both.put('b', {
      ...both.get('b'),
      outbox: { ...both.get('b').outbox, mergeMessages: [{ id: 'w', to: 'inc-a', message }] },
    });
    both.deliverNext('b', 'a');
    expect(both.get('a').merge.mergeRefused?.reason).toContain('without end');
  });
});

describe('[LIFE-22] reopening what was merged', () => {
  test('takes its alerts home, and leaves the severity', () => {
    const both = merged({ severity: 'SEV1' }, { severity: 'SEV3' });
    expect(both.execute('a', { type: 'reopen', reason: 'another cause' }).refused).toBe(false);
    both.deliverAll();
    expect(both.get('a')).toMatchObject({
      ...{ phase: 'mitigating', outcome: null, closedAt: null },
      merge: { mergedInto: null, mergedTo: null },
      alerts: { states: { a: { status: 'firing' } } },
    });
    expect(Object.keys(both.get('b').alerts.states)).toEqual(['b']);
    expect(both.get('b')).toMatchObject({ severity: 'SEV1', merge: { mergedFrom: [] } });
    expect(lastLine(both, 'b')).toBe('"Checkout fails" was reopened and took its alerts back');
    both.receiveAlerts('a', { fingerprint: 'a2' });
    both.deliverAll();
    expect(both.get('b').alerts.states['a2']).toBeUndefined();
  });

  test('lets the target begin its watch, when nothing else fires there', () => {
    const both = merged({}, {});
    both.receiveAlerts('b', { fingerprint: 'b', status: 'resolved' });
    expect(both.get('b').phase).toBe('declared');
    both.execute('a', { type: 'reopen', reason: 'another cause' });
    both.deliverAll();
    expect(both.get('b').phase).toBe('monitoring');
  });

  test('reaches what it has become a part of by way of another', () => {
    const all = simulateIncidents({}, {}, {});
    all.execute('a', into('b'));
    all.deliverAll();
    all.execute('b', into('c'));
    all.deliverNext('b', 'c');
    all.deliverNext('c', 'b');
    all.execute('a', { type: 'reopen', reason: 'another cause' });
    all.deliverAll();
    expect(all.get('a').phase).toBe('mitigating');
    expect(Object.keys(all.get('c').alerts.states).sort()).toEqual(['b', 'c']);
    expect(all.get('c').merge.mergedFrom?.map(({ workflowId }) => workflowId)).toEqual(['inc-b']);
  });

  test('is refused once the target is over', () => {
    const both = merged({}, {});
    both.execute('b', { type: 'declareFalseAlarm', reason: 'a load test' });
    both.deliverAll();
    expect(both.execute('a', { type: 'reopen', reason: 'another cause' })).toMatchObject({
      reason: 'a closed incident cannot be reopened: declare a new one (tocsin declare)',
      allowed: expect.not.arrayContaining(['reopen']),
    });
  });
});

describe('[LIFE-22] when the target is over', () => {
  function over(): MultiIncidentSimulator {
    const both = merged({}, {});
    both.execute('b', { type: 'declareFalseAlarm', reason: 'a load test' });
    return both;
  }

  test('a later firing of the source is a new incident', () => {
    const both = over();
    both.deliverAll();
    expect(lastLine(both, 'a')).toContain('is over; alerts that fire here from now on open a new incident');
    expect(awaitsLateAlertsUntil(both.get('a'))).toBeGreaterThan(atMinute(60));
    expect(both.receiveAlerts('a', { fingerprint: 'a' })).toEqual([]);
    expect(both.receiveAlerts('a', { fingerprint: 'a', startsAt: 9_000 })).toHaveLength(1);
  });

  test('what fires before the source has heard of it is not lost: it is given back', () => {
    const both = over();
    expect(both.receiveAlerts('a', { fingerprint: 'late', title: 'late', severity: 'SEV1' })).toEqual([]);
    both.deliverNext('a', 'b');
    both.deliverAll();
    const { merge } = both.get('a');
    expect(merge.mergedTo?.isOver).toBe(true);
    expect(merge.undeliveredAlerts?.alerts).toMatchObject([
      { fingerprint: 'late', severity: 'SEV1', title: 'late', predatesMerge: false },
    ]);
  });
});

test('[LIFE-22] an answer that comes when it was given up does not keep the source', () => {
  const both = simulateIncidents({}, {});
  both.execute('a', into('b'));
  both.deliverNext('a', 'b');
  both.giveUpMerge('a');
  both.deliverAll();
  expect(both.get('a')).toMatchObject({ phase: 'declared', merge: { mergedInto: null } });
  expect(both.get('b').merge.mergedFrom).toEqual([]);
  expect(Object.keys(both.get('b').alerts.states)).toEqual(['b']);
});

test('[LIFE-22] what is said twice happens once', () => {
  const both = simulateIncidents({}, {});
  both.execute('b', ack);
  both.execute('a', into('b'));
  both.deliverNext('a', 'b', true);
  both.deliverNext('b', 'a', true);
  const [a, b] = [both.get('a'), both.get('b')];
  both.deliverAll();
  expect(both.get('a')).toMatchObject({
    phase: a.phase,
    projection: { seq: a.projection.seq },
    merge: { mergedTo: a.merge.mergedTo },
  });
  expect(both.get('b')).toMatchObject({
    projection: { seq: b.projection.seq },
    escalation: b.escalation,
    merge: { mergedFrom: b.merge.mergedFrom },
  });
});
