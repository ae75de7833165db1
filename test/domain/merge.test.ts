/** [LIFE-22] Merging, judged and carried out by two incidents that only hear each other's words. */
import { describe, expect, test } from '@jest/globals';
import type { Opening } from '../../domain/opening.ts';
import { nextInChain } from '../../domain/escalation.ts';
import { lingersUntil } from '../../domain/watch.ts';
import { at } from '../support/play.ts';
import type { Town } from '../support/town.ts';
import { town } from '../support/town.ts';

const ack = { type: 'acknowledge' } as const;
const into = (name: string) => ({ type: 'merge', into: `inc-${name}` }) as const;

/** `a` becomes a part of `b`. */
function merged(...openings: readonly Partial<Opening>[]): Town {
  const both = town(...openings);
  both.say('a', into('b'));
  both.settle();
  return both;
}

const kinds = (both: Town, name: string): readonly string[] => both.get(name).timeline.map(({ kind }) => kind);
const lastLine = (both: Town, name: string): string => both.get(name).timeline.at(-1)?.text ?? '';

describe('[LIFE-22] the chain of the target', () => {
  test.each([
    { source: 'open', target: 'open', then: 'goes on where it was' },
    { source: 'acknowledged', target: 'open', then: 'goes on where it was' },
    { source: 'open', target: 'acknowledged', then: 'begins anew at once' },
    { source: 'acknowledged', target: 'acknowledged', then: 'stays silent' },
  ] as const)('$then: source $source, target $target', ({ source, target, then }) => {
    const both = town({}, {});
    if (source === 'acknowledged') both.say('a', { ...ack, by: 'bo' });
    if (target === 'acknowledged') both.say('b', ack);
    const before = both.get('b').chain;
    both.say('a', into('b'), 3);
    both.settle();
    const { chain } = both.get('b');
    expect(both.get('a').chain.open).toBe(false);
    if (then === 'goes on where it was') expect(chain).toEqual(before);
    if (then === 'stays silent') expect(chain).toMatchObject({ open: false, cycle: before.cycle });
    if (then === 'begins anew at once') {
      expect(chain).toMatchObject({ open: true, level: 0, cycle: before.cycle + 1 });
      expect(nextInChain(both.get('b'))?.at).toBeLessThanOrEqual(at(3.1));
      expect(both.get('b').roles.ic).toBe('ana');
    }
  });

  test('begins anew also when the source came back after it was asked', () => {
    const both = town({}, {});
    both.say('a', { ...ack, by: 'bo' });
    both.say('b', ack);
    both.say('a', { type: 'resolve', resolution: 'fixed' });
    both.say('a', into('b'));
    both.carry('a', 'b');
    both.hear('a', { fingerprint: 'a2' });
    expect(both.get('a')).toMatchObject({ phase: 'mitigating', chain: { open: true } });
    both.settle();
    expect(both.get('a').phase).toBe('closed');
    expect(both.get('b').chain.open).toBe(true);
  });

  test('of a SEV3 that nobody had answered begins when the source would have paged', () => {
    const both = town({ severity: 'SEV3' }, { severity: 'SEV3' });
    both.say('b', ack);
    both.say('a', into('b'));
    both.settle();
    expect(both.get('b').chain).toMatchObject({ open: true, nextLevelAt: at(60) });
  });

  test('is not begun by SEV4, for which nobody is paged', () => {
    const both = town({ severity: 'SEV4' }, { severity: 'SEV4' });
    both.say('b', ack);
    both.say('a', into('b'));
    both.settle();
    expect(both.get('b').chain.open).toBe(false);
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
    const both = town({ severity: 'SEV1' }, { severity: 'SEV3' });
    both.say('a', ack);
    both.say('b', ack);
    both.say('a', { type: 'setSeverity', severity: 'SEV2', reason: 'half of them' });
    both.say('a', into('b'));
    both.settle();
    expect(both.get('b')).toMatchObject({ severity: 'SEV2', highestSeverity: 'SEV1', chain: { open: false } });
    expect(both.get('b').orders.pages.filter(({ reason }) => reason === 'severity-raised')).toEqual([]);
  });

  test('leadership of one team is paged once for both', () => {
    const both = merged({ severity: 'SEV1' }, { severity: 'SEV2' });
    expect(both.get('b').orders.pages.map(({ reason }) => reason)).not.toContain('leadership');
    const teams = merged({ severity: 'SEV1', team: 'shop' }, { severity: 'SEV2' });
    expect(teams.get('b').orders.pages.map(({ reason }) => reason)).toContain('leadership');
  });
});

describe('[LIFE-22] a merge is refused', () => {
  const asked = (both: Town, to = 'b'): string => {
    const decision = both.say('a', into(to));
    if (decision.refused) return decision.reason;
    both.settle();
    return both.get('a').mergeRefused?.reason ?? 'it was not refused';
  };

  test('into itself', () => expect(asked(town({}), 'a')).toBe('an incident cannot be merged into itself'));

  test('into one that is resolved', () => {
    const both = town({}, {});
    both.hear('b', { fingerprint: 'b', status: 'resolved' });
    both.record('b', { type: 'resolved', at: at(31) });
    expect(asked(both)).toBe('that one is resolved: reopen it, or declare a new one');
    expect(both.get('a')).toMatchObject({ phase: 'declared', mergedInto: null, merging: null });
    expect(lastLine(both, 'a')).toBe('Not merged into inc-b: that one is resolved: reopen it, or declare a new one');
  });

  test('into one that is closed', () => {
    const both = town({}, {});
    both.say('b', { type: 'declareFalseAlarm', reason: 'a load test' });
    expect(asked(both)).toBe('that one is closed: declare a new one');
  });

  test('into one that was merged into another, which is over', () => {
    const all = town({}, {}, {});
    all.say('b', into('c'));
    all.settle();
    all.say('c', { type: 'declareFalseAlarm', reason: 'a load test' });
    all.settle();
    expect(asked(all)).toBe('that one was merged into another, which is over: declare a new one');
  });

  test('into nobody', () => expect(asked(town({}), 'z')).toBe('there is no open incident of that id'));

  test('while another merge is under way, but the same request is not another', () => {
    const both = town({}, {}, {});
    expect(both.say('a', { ...into('b'), requestId: 'r1' }).refused).toBe(false);
    expect(both.say('a', into('c'))).toMatchObject({ reason: 'it is being merged into inc-b already' });
    expect(both.say('a', { ...into('b'), requestId: 'r1' })).toMatchObject({ refused: false, events: [] });
  });

  test('of a storm, of a test, and of a test with a real one', () => {
    expect(asked(town({ storm: true }, {}))).toContain('a storm cannot be merged away');
    expect(asked(town({ test: true }, {}))).toContain('a test cannot be merged');
    expect(asked(town({}, { test: true }))).toBe('a test and a real incident cannot be merged');
  });

  test('where it would tell what is restricted, or keep from the public what it was promised', () => {
    expect(asked(town({ restricted: true }, {}))).toBe('this one is restricted, and that one is not');
    const both = town({}, { restricted: true });
    both.record('a', { type: 'public-begun', at: at(1), why: 'SEV2 acknowledged' });
    expect(asked(both)).toContain('the public was told of this one');
    expect(asked(town({}, { restricted: true }))).toBe('it was not refused');
  });

  test('into what is a part of it', () => {
    const both = merged({}, {});
    both.say('b', into('a'));
    both.settle();
    expect(both.get('b').mergeRefused?.reason).toBe('that one is a part of this very incident');
    expect([both.get('a').phase, both.get('b').phase]).toEqual(['closed', 'declared']);
  });

  test('by both, when each asks the other at once', () => {
    const both = town({}, {});
    both.say('a', into('b'));
    both.say('b', into('a'));
    both.settle();
    expect(['a', 'b'].map((name) => both.get(name).mergeRefused?.reason)).toEqual([
      'that one is itself being merged: try again in a moment',
      'that one is itself being merged: try again in a moment',
    ]);
    expect(['a', 'b'].map((name) => both.get(name).phase)).toEqual(['declared', 'declared']);
  });
});

describe('[LIFE-22] once merged', () => {
  test('the source is closed, names the other and owes no page; whoever was paged for it belongs to the other', () => {
    const both = town({ title: 'A', component: 'Search' }, { title: 'B' });
    both.put('a', { ...both.get('a'), paged: ['bo'] });
    both.say('a', into('b'));
    both.settle();
    const [a, b] = [both.get('a'), both.get('b')];
    expect(a).toMatchObject({ phase: 'closed', outcome: 'merged', mergedInto: 'E-b', chain: { open: false } });
    expect(a.orders.pages).toEqual([]);
    expect(a.orders.notices.map(({ to, text }) => [to, text])).toEqual([
      [['bo'], ['Merged into "B", which goes on there.']],
    ]);
    expect(a.orders.tickets.map(({ act }) => act)).toEqual(['open', 'close']);
    expect(b.paged).toEqual(['bo']);
    expect(b.orders.posts.at(-1)?.text).toEqual(['"A" was merged into this. Its alerts count here from now on.']);
  });

  test('the public hears where it goes on, and only what was written for it', () => {
    const both = town({ component: 'Search', title: 'secret a' }, { title: 'secret b' });
    both.record('a', { type: 'public-begun', at: at(1), why: 'SEV2 acknowledged' });
    both.say('a', into('b'));
    both.settle();
    expect(both.get('a').orders.entries.at(-1)).toMatchObject({
      state: 'Resolved',
      text: 'The problem with Search is a part of the problem with Checkout, and is followed there.',
    });
    expect(both.get('b').orders.entries.map(({ text }) => text)).toEqual([
      'We are investigating a problem with Checkout.',
    ]);
  });

  test('the title of a restricted one is not told to those it was kept from', () => {
    const both = merged({}, { restricted: true, title: 'breach' });
    expect(JSON.stringify(both.get('a'))).not.toContain('breach');
    expect(lastLine(both, 'a')).toBe('Merged into a restricted incident, which goes on there');
  });

  test('joining is no recurrence, but what fires holds the watch', () => {
    const both = town({}, {});
    both.say('a', ack);
    both.say('a', into('b'));
    both.settle();
    both.say('b', { type: 'resolve', resolution: 'fixed', ignoreAlerts: ['b'] });
    expect(both.get('b')).toMatchObject({ phase: 'monitoring', recurredAt: [] });
    expect(both.get('b').alerts['a']).toMatchObject({ status: 'firing', group: 'inc-a' });
  });

  test('alerts are forwarded: news as news, repeats, ends, and the clear of all', () => {
    const both = merged({}, {});
    expect(both.hear('a', { fingerprint: 'a2', severity: 'SEV1', title: 'worse' })).toEqual([]);
    both.settle();
    expect(both.get('b')).toMatchObject({ severity: 'SEV1' });
    expect(both.get('b').alerts['a2']).toMatchObject({ status: 'firing', group: 'inc-a' });
    both.hear('a', { fingerprint: 'a', status: 'resolved' }, { fingerprint: 'a2', status: 'resolved' });
    both.settle();
    expect(both.get('b').phase).toBe('declared');
    both.hear('b', { fingerprint: 'b', status: 'resolved' });
    expect(both.get('b').phase).toBe('monitoring');
    expect(kinds(both, 'a').filter((kind) => kind.startsWith('alerts-'))).toEqual(['alerts-fired']);
  });

  test('an alert that the target had ignored, or never had, does not end it by its end', () => {
    const both = town({ declaredBy: null }, {});
    both.hear('a', { fingerprint: 'gone', status: 'resolved' });
    both.say('a', into('b'));
    both.settle();
    expect(both.get('b').alerts['gone']).toMatchObject({ status: 'resolved', group: 'inc-a' });
    expect(both.get('b').phase).toBe('declared');
  });

  test('what its senders leave out keeps the target from being clear, until their messages are whole', () => {
    const both = town({}, {});
    both.put('a', { ...both.get('a'), truncated: 3 });
    both.say('a', into('b'));
    both.settle();
    both.hear('a', { fingerprint: 'a', status: 'resolved' });
    both.put('a', { ...both.get('a'), truncated: 3 });
    both.settle();
    both.hear('b', { fingerprint: 'b', status: 'resolved' });
    expect(both.get('b')).toMatchObject({ phase: 'declared', truncated: 0, absorbed: [{ truncated: 3 }] });
    both.hear('a', { fingerprint: 'a', status: 'resolved' });
    both.settle();
    expect(both.get('b')).toMatchObject({ phase: 'monitoring', absorbed: [{ truncated: 0 }] });
  });

  test('an answer to its page is an answer to the target', () => {
    const both = merged({}, {});
    expect(both.say('b', { ...ack, by: 'bo', incidentId: 'E-a' })).toMatchObject({ refused: false });
    expect(both.get('b').acknowledgedBy).toBe('bo');
    expect(both.say('a', ack)).toMatchObject({
      reason: 'acknowledge is not possible here: it was merged into "Checkout fails", say it there',
    });
  });

  test('more alerts than fit into one word arrive all the same', () => {
    const both = town({}, {});
    const many = Array.from({ length: 2_000 }, (_, n) => ({ fingerprint: `m${n}`, labels: { host: 'h'.repeat(100) } }));
    both.hear('a', ...many);
    both.say('a', into('b'));
    for (const { word } of both.get('a').orders.words ?? []) expect(JSON.stringify(word).length).toBeLessThan(100_000);
    both.settle();
    expect(Object.keys(both.get('b').alerts)).toHaveLength(2_002);
    expect(Object.keys(both.get('b').details)).toHaveLength(50);
    expect(both.get('a').unforwarded?.alerts).toEqual([]);
  });
});

describe('[LIFE-22] chains follow to the root', () => {
  test('who asks one that was merged is taken in by what that one is a part of', () => {
    const all = town({}, {}, {});
    all.say('b', into('c'));
    all.settle();
    all.say('a', into('b'));
    all.settle();
    expect(all.get('a')).toMatchObject({ phase: 'closed', mergedTo: { workflowId: 'inc-c' } });
    expect(all.get('c').absorbed?.map(({ workflowId }) => workflowId)).toEqual(['inc-b', 'inc-a']);
  });

  test('when the target itself is merged, everything in it goes along', () => {
    const all = town({}, {}, {});
    all.say('a', into('b'));
    all.settle();
    all.say('b', into('c'));
    all.settle();
    expect(all.get('a').mergedTo).toMatchObject({ workflowId: 'inc-c', isOver: false });
    expect(all.get('c').alerts['a']).toMatchObject({ status: 'firing', group: 'inc-a' });
    all.hear('a', { fingerprint: 'a2' });
    all.settle();
    expect(all.get('c').alerts['a2']).toMatchObject({ status: 'firing', group: 'inc-a' });
    expect(all.say('c', { ...ack, incidentId: 'E-a' }).refused).toBe(false);
  });

  test('a chain of hops has an end', () => {
    const both = town({}, {});
    both.say('a', into('b'));
    for (let hop = 0; hop < 10; hop += 1) {
      const { merging } = both.get('a');
      const word = { say: 'ask-there', incidentId: 'E-a', ask: merging?.ask ?? 0, workflowId: `inc-x${hop}` } as const;
      both.put('b', { ...both.get('b'), orders: { ...both.get('b').orders, words: [{ id: 'w', to: 'inc-a', word }] } });
      both.carry('b', 'a');
      expect(both.get('a').merging).not.toBeNull();
    }
    const ask = both.get('a').merging?.ask ?? 0;
    const word = { say: 'ask-there', incidentId: 'E-a', ask, workflowId: 'inc-x' } as const;
    both.put('b', { ...both.get('b'), orders: { ...both.get('b').orders, words: [{ id: 'w', to: 'inc-a', word }] } });
    both.carry('b', 'a');
    expect(both.get('a').mergeRefused?.reason).toContain('without end');
  });
});

describe('[LIFE-22] reopening what was merged', () => {
  test('takes its alerts home, and leaves the severity', () => {
    const both = merged({ severity: 'SEV1' }, { severity: 'SEV3' });
    expect(both.say('a', { type: 'reopen', reason: 'another cause' }).refused).toBe(false);
    both.settle();
    expect(both.get('a')).toMatchObject({
      ...{ phase: 'mitigating', outcome: null, mergedInto: null, mergedTo: null, closedAt: null },
      alerts: { a: { status: 'firing' } },
    });
    expect(Object.keys(both.get('b').alerts)).toEqual(['b']);
    expect(both.get('b')).toMatchObject({ severity: 'SEV1', absorbed: [] });
    expect(lastLine(both, 'b')).toBe('"Checkout fails" is reopened and takes its alerts home');
    both.hear('a', { fingerprint: 'a2' });
    both.settle();
    expect(both.get('b').alerts['a2']).toBeUndefined();
  });

  test('lets the target begin its watch, when nothing else fires there', () => {
    const both = merged({}, {});
    both.hear('b', { fingerprint: 'b', status: 'resolved' });
    expect(both.get('b').phase).toBe('declared');
    both.say('a', { type: 'reopen', reason: 'another cause' });
    both.settle();
    expect(both.get('b').phase).toBe('monitoring');
  });

  test('reaches what it has become a part of by way of another', () => {
    const all = town({}, {}, {});
    all.say('a', into('b'));
    all.settle();
    all.say('b', into('c'));
    all.carry('b', 'c');
    all.carry('c', 'b');
    all.say('a', { type: 'reopen', reason: 'another cause' });
    all.settle();
    expect(all.get('a').phase).toBe('mitigating');
    expect(Object.keys(all.get('c').alerts).sort()).toEqual(['b', 'c']);
    expect(all.get('c').absorbed?.map(({ workflowId }) => workflowId)).toEqual(['inc-b']);
  });

  test('is refused once the target is over', () => {
    const both = merged({}, {});
    both.say('b', { type: 'declareFalseAlarm', reason: 'a load test' });
    both.settle();
    expect(both.say('a', { type: 'reopen', reason: 'another cause' })).toMatchObject({
      reason: 'it is closed: declare a new one',
      allowed: expect.not.arrayContaining(['reopen']),
    });
  });
});

describe('[LIFE-22] when the target is over', () => {
  function over(): Town {
    const both = merged({}, {});
    both.say('b', { type: 'declareFalseAlarm', reason: 'a load test' });
    return both;
  }

  test('a later firing of the source is a new incident', () => {
    const both = over();
    both.settle();
    expect(lastLine(both, 'a')).toContain('is over: what fires here from now on is a new incident');
    expect(lingersUntil(both.get('a'))).toBeGreaterThan(at(60));
    expect(both.hear('a', { fingerprint: 'a' })).toEqual([]);
    expect(both.hear('a', { fingerprint: 'a', startsAt: 9_000 })).toHaveLength(1);
  });

  test('what fires before the source has heard of it is not lost: it is given back', () => {
    const both = over();
    expect(both.hear('a', { fingerprint: 'late', title: 'late', severity: 'SEV1' })).toEqual([]);
    both.carry('a', 'b');
    both.settle();
    const { mergedTo, unforwarded } = both.get('a');
    expect(mergedTo?.isOver).toBe(true);
    expect(unforwarded?.alerts).toMatchObject([{ fingerprint: 'late', severity: 'SEV1', title: 'late', joins: false }]);
  });
});

test('[LIFE-22] an answer that comes when it was given up does not keep the source', () => {
  const both = town({}, {});
  both.say('a', into('b'));
  both.carry('a', 'b');
  both.giveUp('a');
  both.settle();
  expect(both.get('a')).toMatchObject({ phase: 'declared', mergedInto: null });
  expect(both.get('b').absorbed).toEqual([]);
  expect(Object.keys(both.get('b').alerts)).toEqual(['b']);
});

test('[LIFE-22] what is said twice happens once', () => {
  const both = town({}, {});
  both.say('b', ack);
  both.say('a', into('b'));
  both.carry('a', 'b', true);
  both.carry('b', 'a', true);
  const [a, b] = [both.get('a'), both.get('b')];
  both.settle();
  expect(both.get('a')).toMatchObject({ phase: a.phase, seq: a.seq, mergedTo: a.mergedTo });
  expect(both.get('b')).toMatchObject({ seq: b.seq, chain: b.chain, absorbed: b.absorbed });
});
