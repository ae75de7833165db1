/** How what happens moves the chain, and how long an order to page stands. */
import { describe, expect, test } from '@jest/globals';
import { nextInChain } from '../../domain/escalation.ts';
import type { EventOf, IncidentEvent } from '../../domain/events.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import type { PageOrder } from '../../domain/orders.ts';
import { isWorthRepeating, latenessMs, outlivesTheChain } from '../../domain/page-orders.ts';
import { pagedIncident } from '../../domain/paged-incident.ts';
import { edgeStoodIn } from '../../domain/paging.ts';
import { quietUntil } from '../../domain/quiet.ts';
import { aPolicy } from '../support/builders.ts';
import { after, alarmed, at, declared, heard, told } from '../support/play.ts';

const begun = (incident: Incident, over: Partial<EventOf<'level-begun'>> = {}): Incident =>
  after(incident, {
    ...{ type: 'level-begun', at: at(0), cycleInRun: 1, cycle: 1, level: 1, together: false, reason: 'on-call' },
    ...{ dueAt: at(0), nextLevelAt: at(15), ...over },
  });
const level = (n: number, minute: number): Partial<EventOf<'level-begun'>> => ({
  ...{ level: n, at: at(minute), dueAt: at(minute), nextLevelAt: at(minute + 15), reason: 'escalation' },
});
/** The newest page reached these. */
function reached(incident: Incident, names: readonly string[], over: Partial<EventOf<'paged'>> = {}): Incident {
  const order = incident.orders.pages.at(-1);
  const deliveries = names.map((to) => ({
    ...{ at: at(1), to, method: 'mail', key: `${order?.n}/${to}`, state: 'accepted' as const, reason: null },
    level: order?.targets[0]?.level ?? 0,
  }));
  const paged: IncidentEvent = {
    ...{ type: 'paged', at: at(1), order: order?.n ?? 0, deliveries, methods: 2, unknown: [], again: false },
    ...over,
  };
  return after(incident, paged);
}
const pageOf = (incident: Incident): PageOrder => incident.orders.pages.at(-1) as PageOrder;
const taken = (over: Partial<Opening> = {}): Incident => told(alarmed(over), { type: 'acknowledge' }, 2);

describe('[PAGE-11] whoever was paged in this pass', () => {
  const first = reached(begun(alarmed()), ['ana', 'bo']);

  test('is left out of its later levels, and once only', () => {
    expect(first.chain.pagedInCycle).toEqual(['ana', 'bo']);
    const again = reached(after(first, { type: 'notification-rule-due', at: at(2), dueAt: at(2) }), ['ana']);
    expect([again.chain.pagedInCycle, again.paged]).toEqual([
      ['ana', 'bo'],
      ['ana', 'bo'],
    ]);
    expect(pageOf(begun(again, level(2, 15))).except).toEqual(['ana', 'bo']);
  });

  test('is paged again in the next pass, which begins its own time', () => {
    const next = begun(first, { ...level(1, 45), cycleInRun: 2, cycle: 2 });
    expect(next.chain).toMatchObject({ pagedInCycle: [], exceptHere: [], passStartedAt: at(45) });
    expect(begun(first, level(2, 15)).chain).toMatchObject({ passStartedAt: at(0) });
  });

  test('does not count when paged as leadership, by hand, or by a page that failed', () => {
    const byHand = after(begun(alarmed()), { type: 'escalated', at: at(1), by: 'ana', to: 'hal', reason: 'x' });
    expect(reached(byHand, ['hal'])).toMatchObject({ paged: ['hal'], chain: { pagedInCycle: [] } });
    const leadership = reached(declared({ severity: 'SEV1' }), ['lea']);
    expect(leadership).toMatchObject({ paged: [], leadershipPaged: ['lea'], chain: { pagedInCycle: [] } });
    const failed = { at: at(1), to: 'eve', method: 'mail', key: 'k', state: 'failed', reason: 'x', level: 1 } as const;
    const none = reached(begun(alarmed()), [], { deliveries: [failed] });
    expect(none).toMatchObject({ paged: [], chain: { pagedInCycle: [] } });
    expect(none.deliveries).toMatchObject([{ to: 'eve', state: 'failed' }]);
  });

  test('of a pass that is over changes nothing of the one that runs', () => {
    const next = begun(first, { ...level(1, 45), cycleInRun: 2, cycle: 2 });
    const order = begun(alarmed()).orders.pages[0]?.n ?? 0;
    const late = after(begun(alarmed()), {
      ...{ type: 'level-begun', at: at(45), cycleInRun: 2, cycle: 2, level: 1, together: true, reason: 'escalation' },
      ...{ dueAt: at(45), nextLevelAt: at(60) },
    });
    expect(reached(late, ['ana'], { order }).chain).toEqual(late.chain);
    expect(reached(next, ['ana'], { order: 99 }).chain).toEqual(next.chain);
  });
});

test('a page that reaches some and is tried again keeps whom it has reached, and its place', () => {
  const incident = begun(alarmed());
  const { n } = pageOf(incident);
  const once = reached(incident, ['ana'], { again: true });
  const twice = reached(once, ['bo'], { again: true });
  expect(pageOf(twice)).toMatchObject({ n, accepted: [`${n}/ana`, `${n}/bo`] });
  expect(reached(twice, ['eve']).orders.pages).toEqual([]);
});

test('[PAGE-16] leadership that is reached in two goes was reached both times', () => {
  const once = reached(declared({ severity: 'SEV1' }), ['lea'], { again: true });
  expect(reached(once, ['kim', 'lea']).leadershipPaged).toEqual(['lea', 'kim']);
});

test('[PAGE-6] somebody without any method counts as one: the notification rules go on', () => {
  expect(reached(begun(alarmed()), ['ana'], { methods: 0 }).chain.methods).toBe(1);
  expect(reached(begun(alarmed()), ['ana'], { methods: 3 }).chain.methods).toBe(3);
  const byHand = after(begun(alarmed()), { type: 'escalated', at: at(1), by: 'ana', to: 'hal', reason: 'x' });
  expect(reached(byHand, ['hal'], { methods: 3 }).chain.methods).toBeNull();
});

test('[PAGE-32] a level that had to wait begins its notification rules anew', () => {
  const extended = after(begun(alarmed()), { type: 'level-extended', at: at(40), nextLevelAt: at(55) });
  expect(extended.chain).toMatchObject({ nextLevelAt: at(55), rulesFrom: at(40), stepsTaken: 1, level: 1 });
});

describe('[SEV-7] a severity that is raised', () => {
  const change = (incident: Incident, from: Opening['severity'], to: Opening['severity'], minute: number): Incident =>
    after(incident, { type: 'severity-changed', at: at(minute), by: null, from, to, reason: 'x' });

  test('before the first page begins the chain when the new one pages', () => {
    expect(change(declared({ severity: 'SEV3' }), 'SEV3', 'SEV2', 20).chain.nextLevelAt).toBe(at(20));
    expect(change(declared({ severity: 'SEV4' }), 'SEV4', 'SEV3', 20).chain.nextLevelAt).toBe(at(80));
    const policy = aPolicy();
    const mild = { ...policy.severities, SEV3: { ...policy.severities.SEV3, pageAfterMs: null } };
    const silent = declared({ severity: 'SEV4', policy: { ...policy, severities: mild } });
    expect(change(silent, 'SEV4', 'SEV3', 20).chain.nextLevelAt).toBeNull();
  });

  test('moves nothing when it is lowered', () => {
    const incident = begun(alarmed());
    expect(change(incident, 'SEV2', 'SEV3', 5).chain).toEqual(incident.chain);
  });

  test('wakes a chain that had run out, and begins its notification rules anew', () => {
    const out = after(begun(alarmed({ severity: 'SEV3' })), {
      type: 'escalation-exhausted',
      at: at(30),
      cycle: 1,
      last: true,
    });
    expect(nextInChain(out)).toBeNull();
    const raised = change(out, 'SEV3', 'SEV2', 40);
    expect(raised.chain).toMatchObject({ exhausted: false, nextLevelAt: at(55), rulesFrom: at(40), stepsTaken: 1 });
  });

  test('leaves a chain alone that somebody stopped', () => {
    const incident = told(begun(alarmed()), { type: 'acknowledge' });
    expect(change(incident, 'SEV2', 'SEV1', 5).chain).toEqual(incident.chain);
  });
});

describe('[CMD-11] a policy that is taken meanwhile', () => {
  const policy = aPolicy();
  const paging = { ...policy.severities, SEV4: { ...policy.severities.SEV4, pageAfterMs: 10 * 60_000 } };
  const move = (incident: Incident, minute: number, to = aPolicy({ severities: paging })): Incident =>
    after(incident, { type: 'policy-moved', at: at(minute), by: 'ana', policy: to });

  test('pages where the one before did not: at its time, or now if that has passed', () => {
    expect(move(declared({ severity: 'SEV4' }), 5).chain.nextLevelAt).toBe(at(10));
    expect(move(declared({ severity: 'SEV4' }), 50).chain.nextLevelAt).toBe(at(50));
  });

  test('moves no chain that has its time already, or none', () => {
    for (const incident of [
      ...[
        declared({ severity: 'SEV3' }),
        declared({ severity: 'SEV2' }),
        begun(alarmed()),
        taken({ severity: 'SEV4' }),
      ],
      declared({ severity: 'SEV4', test: true }),
    ]) {
      expect(move(incident, 5).chain).toEqual(incident.chain);
    }
    expect(move(declared({ severity: 'SEV4' }), 5, policy).chain.nextLevelAt).toBeNull();
  });
});

test('[PAGE-26] [PAGE-27] calling for others by hand: each call is the next level, the last one again; a name moves nothing', () => {
  const call = (incident: Incident, to: string | null): Incident =>
    after(incident, { type: 'escalated', at: at(5), by: 'ana', to, reason: 'x' });
  const levels = [1, 2, 3].map((n) =>
    Array.from({ length: n }).reduce<Incident>((soFar) => call(soFar, null), taken()),
  );
  expect(levels.map(({ chain }) => chain.level)).toEqual([1, 2, 3]);
  expect(levels.map((incident) => pageOf(incident).targets.map(({ level: n }) => n))).toEqual([[1], [2], [3]]);
  const beyond = call(levels[2] ?? taken(), null);
  expect([beyond.chain.level, pageOf(beyond).targets[0]?.names]).toEqual([3, ['eve']]);
  expect(call(taken(), 'hal').chain).toEqual(taken().chain);
  expect(call(begun(alarmed()), null).chain).toEqual(begun(alarmed()).chain);
});

describe('[PAGE-24] [PAGE-25] it comes back', () => {
  const back = (incident: Incident, minute: number): Incident => {
    const cleared = heard(incident, minute - 1, [{ status: 'resolved' }]).incident;
    return heard(cleared, minute, [{ startsAt: minute * 1_000 + 2_000, severity: incident.severity }]).incident;
  };

  test('before anybody was paged: the chain begins when it would have, or now', () => {
    expect(back(alarmed({ severity: 'SEV3' }), 5).chain).toMatchObject({ open: true, nextLevelAt: at(60) });
    expect(back(alarmed({ severity: 'SEV3' }), 70).chain).toMatchObject({ open: true, nextLevelAt: at(70) });
    expect(back(alarmed({ severity: 'SEV4' }), 5).chain.nextLevelAt).toBeNull();
  });

  test('and nobody had it: it goes on at its level, with its full time', () => {
    const incident = back(reached(begun(alarmed(), level(2, 0)), ['bo']), 6);
    expect(incident.chain).toMatchObject({
      open: true,
      level: 2,
      nextLevelAt: at(21),
      rulesFrom: at(6),
      stepsTaken: 1,
    });
  });

  test('and somebody had it: the chain follows the page to the IC; at once where there is none', () => {
    expect(back(taken(), 6).chain).toMatchObject({ open: true, level: 0, nextLevelAt: at(21), cycle: 1 });
    const nobody = { ...taken(), roles: { ...taken().roles, ic: null } };
    expect(back(nobody, 6).chain.nextLevelAt).toBe(at(6));
    expect(back(taken({ severity: 'SEV4' }), 6).chain.nextLevelAt).toBeNull();
  });
});

describe('[PAGE-40] the edge stood in', () => {
  const page = (n: number) =>
    ({ at: at(-5), to: `p${n}`, method: 'mail', key: `bg/${n}`, state: 'accepted', reason: null }) as const;
  const byEdge = (incident: Incident, from: number, to: number): Incident => {
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    const incidentIds = numbers.map((n) => `E${n}`);
    return after(incident, { type: 'fallback-paged', at: at(0), deliveries: numbers.map(page), incidentIds });
  };

  test('at level 1 of the first pass alone', () => {
    const incident = begun(byEdge(alarmed(), 0, 1));
    expect(edgeStoodIn(incident)).toBe(true);
    expect(edgeStoodIn(begun(incident, level(2, 15)))).toBe(false);
    expect(edgeStoodIn(begun(incident, { ...level(1, 45), cycleInRun: 2, cycle: 2 }))).toBe(false);
    expect(edgeStoodIn(begun(alarmed()))).toBe(false);
  });

  test('only the first page leaves out whom it paged: the notification rules go on with them', () => {
    const incident = begun(byEdge(alarmed(), 0, 1));
    expect(pageOf(incident).except).toEqual(['p0']);
    expect(pageOf(after(incident, { type: 'notification-rule-due', at: at(2), dueAt: at(2) })).except).toEqual([]);
  });

  test('the last hundred links of its pages are known', () => {
    const incident = byEdge(byEdge(alarmed(), 0, 60), 50, 120);
    expect(incident.aliases).toHaveLength(100);
    expect([incident.aliases?.[0], incident.aliases?.at(-1)]).toEqual(['E20', 'E119']);
    expect(incident.chain.pagedInCycle).toHaveLength(120);
  });
});

describe('[PAGE-10] an order to page', () => {
  test('outlives an answer when leadership, or somebody by hand, must hear of it', () => {
    const byHand = after(taken(), { type: 'escalated', at: at(3), by: 'ana', to: 'hal', reason: 'x' });
    expect(outlivesTheChain(pageOf(byHand))).toBe(true);
    expect(outlivesTheChain(pageOf(declared({ severity: 'SEV1' })))).toBe(true);
    const climbed = told(begun(alarmed()), { type: 'escalate', reason: 'too big' }, 3);
    expect(pageOf(climbed)).toMatchObject({ reason: 'by-hand', opensLevel: true });
    expect(outlivesTheChain(pageOf(climbed))).toBe(false);
    expect(outlivesTheChain(pageOf(begun(alarmed())))).toBe(false);
    const again = after(begun(alarmed()), { type: 'notification-rule-due', at: at(2), dueAt: at(2) });
    expect(outlivesTheChain(pageOf(again))).toBe(false);
    const called = told(taken(), { type: 'escalate', reason: 'too big' }, 3);
    expect(outlivesTheChain(pageOf(called))).toBe(true);
    const back = heard(heard(taken(), 4, [{ status: 'resolved' }]).incident, 5, [{ startsAt: 9_000 }]).incident;
    expect(pageOf(back)).toMatchObject({ reason: 'recurrence', targets: [{ level: 0 }] });
    expect(outlivesTheChain(pageOf(back))).toBe(false);
  });

  test('is repeated until an answer, or a newer page to its level', () => {
    const first = begun(alarmed());
    const order = pageOf(first);
    expect(isWorthRepeating(first, order)).toBe(true);
    const stepped = after(first, { type: 'notification-rule-due', at: at(2), dueAt: at(2) });
    expect([isWorthRepeating(stepped, order), isWorthRepeating(stepped, pageOf(stepped))]).toEqual([false, true]);
    expect(isWorthRepeating(begun(first, level(2, 15)), order)).toBe(true);
    expect(isWorthRepeating(told(first, { type: 'acknowledge' }), order)).toBe(false);
  });

  test('[PAGE-32] is late beyond five seconds, by all of them', () => {
    const order = { ...pageOf(begun(alarmed())), dueAt: at(0) };
    expect([0, 5_000, 5_001, 60_000].map((ms) => latenessMs(order, at(0) + ms))).toEqual([0, 0, 5_001, 60_000]);
  });
});

describe('[PAGE-34] from when on a page may be loud', () => {
  const page = { severity: 'SEV3', reason: 'on-call', test: false } as const;
  const open = { teamFrom: (t: number) => Math.max(t, 100), quietUntil: () => null };

  test('when the team works and the person is awake', () => {
    expect(quietUntil(page, open, 10)).toBe(100);
    expect(quietUntil(page, open, 100)).toBeNull();
    const asleep = { ...open, quietUntil: (t: number) => (t < 150 ? 150 : null) };
    expect(quietUntil(page, asleep, 10)).toBe(150);
    const awake = { teamFrom: (t: number) => t, quietUntil: (t: number) => (t < 50 ? 50 : null) };
    expect(quietUntil(page, awake, 10)).toBe(50);
  });

  test('by the hours of the team alone, for somebody who is never awake in them', () => {
    const never = { teamFrom: (t: number) => Math.ceil(t / 100) * 100, quietUntil: (t: number) => t + 50 };
    expect(quietUntil(page, never, 10)).toBe(100);
    expect(quietUntil(page, never, 100)).toBeNull();
  });

  test('[PAGE-28] [PAGE-29] at once for a SEV1 or SEV2, a test, and whoever is asked for by name', () => {
    for (const over of [
      ...[{ severity: 'SEV1' }, { severity: 'SEV2' }, { test: true }],
      ...[{ reason: 'by-hand' }, { reason: 'leadership' }, { reason: 'rollback-failed' }, { reason: 'fallback' }],
    ] as const) {
      expect(quietUntil({ ...page, ...over }, open, 10)).toBeNull();
    }
  });
});

test('a page shows what fits on a telephone: five alerts, twenty labels of two hundred characters each', () => {
  const labels = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`l${n}`, 'x'.repeat(300)]));
  const alerts = Array.from({ length: 7 }, (_, n) => ({ fingerprint: `g${n}`, labels }));
  const shown = pagedIncident(heard(declared({ summary: 's'.repeat(900) }), 1, alerts).incident);
  expect(shown).toMatchObject({ alertCount: 7, reference: null, severity: 'SEV2' });
  expect(shown.alerts).toHaveLength(5);
  expect(Object.keys(shown.alerts[0]?.labels ?? {})).toHaveLength(20);
  expect(shown.alerts[0]?.labels['l0']).toHaveLength(200);
  expect(shown.summary).toHaveLength(500);
});
