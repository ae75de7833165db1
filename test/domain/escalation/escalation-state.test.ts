/** How what happens moves the chain, and how long an order to page stands. */
import { describe, expect, test } from '@jest/globals';
import { nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import type { EventOf, IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { PageRequest } from '../../../domain/kernel/outbox.ts';
import {
  shouldReissuePage,
  pageLatenessMs,
  outlivesEscalation,
  pagedIncident,
} from '../../../domain/escalation/page-requests.ts';
import { fallbackCoversLevelOne } from '../../../domain/escalation/escalation-state.ts';
import { quietUntil } from '../../../domain/escalation/quiet-hours.ts';
import { aPolicy } from '../../support/builders.ts';
import { escalationStateOf } from '../escalation-steps.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';

const begun = (incident: Incident, over: Partial<EventOf<'level-started'>> = {}): Incident =>
  afterEvents(incident, {
    ...{
      type: 'level-started',
      at: atMinute(0),
      cycleInRun: 1,
      cycle: 1,
      level: 1,
      together: false,
      reason: 'on-call',
    },
    ...{ dueAt: atMinute(0), nextLevelAt: atMinute(15), ...over },
  });
const level = (n: number, minute: number): Partial<EventOf<'level-started'>> => ({
  ...{
    level: n,
    at: atMinute(minute),
    dueAt: atMinute(minute),
    nextLevelAt: atMinute(minute + 15),
    reason: 'escalation',
  },
});

/** The newest page reached these. */
function reached(incident: Incident, names: readonly string[], over: Partial<EventOf<'paged'>> = {}): Incident {
  const order = incident.outbox.pages.at(-1);
  const deliveries = names.map((to) => ({
    ...{ at: atMinute(1), to, method: 'mail', key: `${order?.n}/${to}`, state: 'accepted' as const, reason: null },
    level: order?.targets[0]?.level ?? 0,
  }));
  const paged: IncidentEvent = {
    ...{
      type: 'paged',
      at: atMinute(1),
      requestNumber: order?.n ?? 0,
      deliveries,
      methods: 2,
      unknown: [],
      again: false,
    },
    ...over,
  };
  return afterEvents(incident, paged);
}
const pageOf = (incident: Incident): PageRequest => incident.outbox.pages.at(-1) as PageRequest;
const taken = (over: Partial<Declaration> = {}): Incident =>
  afterCommand(firingIncident(over), { type: 'acknowledge' }, 2);

describe('[PAGE-11] whoever was paged in this pass', () => {
  const first = reached(begun(firingIncident()), ['ana', 'bo']);

  test('is left out of its later levels, and once only', () => {
    expect(first.escalation.pagedInCycle).toEqual(['ana', 'bo']);
    const again = reached(afterEvents(first, { type: 'notification-rule-due', at: atMinute(2), dueAt: atMinute(2) }), [
      'ana',
    ]);
    expect([again.escalation.pagedInCycle, again.escalation.paged]).toEqual([
      ['ana', 'bo'],
      ['ana', 'bo'],
    ]);
    expect(pageOf(begun(again, level(2, 15))).except).toEqual(['ana', 'bo']);
  });

  test('is paged again in the next pass, which begins its own time', () => {
    const next = begun(first, { ...level(1, 45), cycleInRun: 2, cycle: 2 });
    expect(next.escalation).toMatchObject({ pagedInCycle: [], excludedAtLevel: [], cycleStartedAt: atMinute(45) });
    expect(begun(first, level(2, 15)).escalation).toMatchObject({ cycleStartedAt: atMinute(0) });
  });

  test('does not count when paged as leadership, by hand, or by a page that failed', () => {
    const byHand = afterEvents(begun(firingIncident()), {
      type: 'escalated',
      at: atMinute(1),
      by: 'ana',
      to: 'hal',
      reason: 'x',
    });
    expect(reached(byHand, ['hal'])).toMatchObject({ escalation: { pagedInCycle: [], paged: ['hal'] } });
    const leadership = reached(declaredIncident({ severity: 'SEV1' }), ['lea']);
    expect(leadership).toMatchObject({ escalation: { pagedInCycle: [], paged: [], leadershipPaged: ['lea'] } });
    const failed = {
      at: atMinute(1),
      to: 'eve',
      method: 'mail',
      key: 'k',
      state: 'failed',
      reason: 'x',
      level: 1,
    } as const;
    const none = reached(begun(firingIncident()), [], { deliveries: [failed] });
    expect(none).toMatchObject({ escalation: { pagedInCycle: [], paged: [] } });
    expect(none.deliveries).toMatchObject([{ to: 'eve', state: 'failed' }]);
  });

  test('of a pass that is over changes nothing of the one that runs', () => {
    const next = begun(first, { ...level(1, 45), cycleInRun: 2, cycle: 2 });
    const requestNumber = begun(firingIncident()).outbox.pages[0]?.n ?? 0;
    const late = afterEvents(begun(firingIncident()), {
      ...{
        type: 'level-started',
        at: atMinute(45),
        cycleInRun: 2,
        cycle: 2,
        level: 1,
        together: true,
        reason: 'escalation',
      },
      ...{ dueAt: atMinute(45), nextLevelAt: atMinute(60) },
    });
    expect(escalationStateOf(reached(late, ['ana'], { requestNumber }))).toEqual(escalationStateOf(late));
    expect(escalationStateOf(reached(next, ['ana'], { requestNumber: 99 }))).toEqual(escalationStateOf(next));
  });
});

test('a page that reaches some and is tried again keeps whom it has reached, and its place', () => {
  const incident = begun(firingIncident());
  const { n } = pageOf(incident);
  const once = reached(incident, ['ana'], { again: true });
  const twice = reached(once, ['bo'], { again: true });
  expect(pageOf(twice)).toMatchObject({ n, accepted: [`${n}/ana`, `${n}/bo`] });
  expect(reached(twice, ['eve']).outbox.pages).toEqual([]);
});

test('[PAGE-16] leadership that is reached in two goes was reached both times', () => {
  const once = reached(declaredIncident({ severity: 'SEV1' }), ['lea'], { again: true });
  expect(reached(once, ['kim', 'lea']).escalation.leadershipPaged).toEqual(['lea', 'kim']);
});

test('[PAGE-6] somebody without any method counts as one: the notification rules go on', () => {
  expect(reached(begun(firingIncident()), ['ana'], { methods: 0 }).escalation.methods).toBe(1);
  expect(reached(begun(firingIncident()), ['ana'], { methods: 3 }).escalation.methods).toBe(3);
  const byHand = afterEvents(begun(firingIncident()), {
    type: 'escalated',
    at: atMinute(1),
    by: 'ana',
    to: 'hal',
    reason: 'x',
  });
  expect(reached(byHand, ['hal'], { methods: 3 }).escalation.methods).toBeNull();
});

test('[PAGE-32] a level that had to wait begins its notification rules anew', () => {
  const extended = afterEvents(begun(firingIncident()), {
    type: 'level-extended',
    at: atMinute(40),
    nextLevelAt: atMinute(55),
  });
  expect(extended.escalation).toMatchObject({
    nextLevelAt: atMinute(55),
    rulesStartedAt: atMinute(40),
    attemptsMade: 1,
    level: 1,
  });
});

describe('[SEV-7] a severity that is raised', () => {
  const change = (
    incident: Incident,
    from: Declaration['severity'],
    to: Declaration['severity'],
    minute: number,
  ): Incident =>
    afterEvents(incident, { type: 'severity-changed', at: atMinute(minute), by: null, from, to, reason: 'x' });

  test('before the first page begins the chain when the new one pages', () => {
    expect(change(declaredIncident({ severity: 'SEV3' }), 'SEV3', 'SEV2', 20).escalation.nextLevelAt).toBe(
      atMinute(20),
    );
    expect(change(declaredIncident({ severity: 'SEV4' }), 'SEV4', 'SEV3', 20).escalation.nextLevelAt).toBe(
      atMinute(80),
    );
    const policy = aPolicy();
    const mild = { ...policy.severities, SEV3: { ...policy.severities.SEV3, pageAfterMs: null } };
    const silent = declaredIncident({ severity: 'SEV4', policy: { ...policy, severities: mild } });
    expect(change(silent, 'SEV4', 'SEV3', 20).escalation.nextLevelAt).toBeNull();
  });

  test('moves nothing when it is lowered', () => {
    const incident = begun(firingIncident());
    expect(escalationStateOf(change(incident, 'SEV2', 'SEV3', 5))).toEqual(escalationStateOf(incident));
  });

  test('wakes a chain that had run out, and begins its notification rules anew', () => {
    const out = afterEvents(begun(firingIncident({ severity: 'SEV3' })), {
      type: 'escalation-exhausted',
      at: atMinute(30),
      cycle: 1,
      last: true,
    });
    expect(nextEscalationStep(out)).toBeNull();
    const raised = change(out, 'SEV3', 'SEV2', 40);
    expect(raised.escalation).toMatchObject({
      exhausted: false,
      nextLevelAt: atMinute(55),
      rulesStartedAt: atMinute(40),
      attemptsMade: 1,
    });
  });

  test('leaves a chain alone that somebody stopped', () => {
    const incident = afterCommand(begun(firingIncident()), { type: 'acknowledge' });
    expect(escalationStateOf(change(incident, 'SEV2', 'SEV1', 5))).toEqual(escalationStateOf(incident));
  });
});

describe('[CMD-11] a policy that is taken meanwhile', () => {
  const policy = aPolicy();
  const paging = { ...policy.severities, SEV4: { ...policy.severities.SEV4, pageAfterMs: 10 * 60_000 } };
  const move = (incident: Incident, minute: number, to = aPolicy({ severities: paging })): Incident =>
    afterEvents(incident, { type: 'policy-moved', at: atMinute(minute), by: 'ana', policy: to });

  test('pages where the one before did not: at its time, or now if that has passed', () => {
    expect(move(declaredIncident({ severity: 'SEV4' }), 5).escalation.nextLevelAt).toBe(atMinute(10));
    expect(move(declaredIncident({ severity: 'SEV4' }), 50).escalation.nextLevelAt).toBe(atMinute(50));
  });

  test('moves no chain that has its time already, or none', () => {
    for (const incident of [
      ...[
        declaredIncident({ severity: 'SEV3' }),
        declaredIncident({ severity: 'SEV2' }),
        begun(firingIncident()),
        taken({ severity: 'SEV4' }),
      ],
      declaredIncident({ severity: 'SEV4', test: true }),
    ]) {
      expect(escalationStateOf(move(incident, 5))).toEqual(escalationStateOf(incident));
    }
    expect(move(declaredIncident({ severity: 'SEV4' }), 5, policy).escalation.nextLevelAt).toBeNull();
  });
});

test('[PAGE-26] [PAGE-27] calling for others by hand: each call is the next level, the last one again; a name moves nothing', () => {
  const call = (incident: Incident, to: string | null): Incident =>
    afterEvents(incident, { type: 'escalated', at: atMinute(5), by: 'ana', to, reason: 'x' });
  const levels = [1, 2, 3].map((n) =>
    Array.from({ length: n }).reduce<Incident>((soFar) => call(soFar, null), taken()),
  );
  expect(levels.map(({ escalation }) => escalation.level)).toEqual([1, 2, 3]);
  expect(levels.map((incident) => pageOf(incident).targets.map(({ level: n }) => n))).toEqual([[1], [2], [3]]);
  const beyond = call(levels[2] ?? taken(), null);
  expect([beyond.escalation.level, pageOf(beyond).targets[0]?.names]).toEqual([3, ['eve']]);
  expect(escalationStateOf(call(taken(), 'hal'))).toEqual(escalationStateOf(taken()));
  expect(escalationStateOf(call(begun(firingIncident()), null))).toEqual(escalationStateOf(begun(firingIncident())));
});

describe('[PAGE-24] [PAGE-25] it comes back', () => {
  const back = (incident: Incident, minute: number): Incident => {
    const cleared = afterAlerts(incident, minute - 1, [{ status: 'resolved' }]).incident;
    return afterAlerts(cleared, minute, [{ startsAt: minute * 1_000 + 2_000, severity: incident.severity }]).incident;
  };

  test('before anybody was paged: the chain begins when it would have, or now', () => {
    expect(back(firingIncident({ severity: 'SEV3' }), 5).escalation).toMatchObject({
      open: true,
      nextLevelAt: atMinute(60),
    });
    expect(back(firingIncident({ severity: 'SEV3' }), 70).escalation).toMatchObject({
      open: true,
      nextLevelAt: atMinute(70),
    });
    expect(back(firingIncident({ severity: 'SEV4' }), 5).escalation.nextLevelAt).toBeNull();
  });

  test('and nobody had it: it goes on at its level, with its full time', () => {
    const incident = back(reached(begun(firingIncident(), level(2, 0)), ['bo']), 6);
    expect(incident.escalation).toMatchObject({
      open: true,
      level: 2,
      nextLevelAt: atMinute(21),
      rulesStartedAt: atMinute(6),
      attemptsMade: 1,
    });
  });

  test('and somebody had it: the chain follows the page to the IC; at once where there is none', () => {
    expect(back(taken(), 6).escalation).toMatchObject({ open: true, level: 0, nextLevelAt: atMinute(21), cycle: 1 });
    const nobody = { ...taken(), roles: { ...taken().roles, ic: null } };
    expect(back(nobody, 6).escalation.nextLevelAt).toBe(atMinute(6));
    expect(back(taken({ severity: 'SEV4' }), 6).escalation.nextLevelAt).toBeNull();
  });
});

describe('[PAGE-40] the edge stood in', () => {
  const page = (n: number) =>
    ({ at: atMinute(-5), to: `p${n}`, method: 'mail', key: `bg/${n}`, state: 'accepted', reason: null }) as const;
  const byEdge = (incident: Incident, from: number, to: number): Incident => {
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    const incidentIds = numbers.map((n) => `E${n}`);
    return afterEvents(incident, {
      type: 'fallback-paged',
      at: atMinute(0),
      deliveries: numbers.map(page),
      incidentIds,
    });
  };

  test('at level 1 of the first pass alone', () => {
    const incident = begun(byEdge(firingIncident(), 0, 1));
    expect(fallbackCoversLevelOne(incident)).toBe(true);
    expect(fallbackCoversLevelOne(begun(incident, level(2, 15)))).toBe(false);
    expect(fallbackCoversLevelOne(begun(incident, { ...level(1, 45), cycleInRun: 2, cycle: 2 }))).toBe(false);
    expect(fallbackCoversLevelOne(begun(firingIncident()))).toBe(false);
  });

  test('only the first page leaves out whom it paged: the notification rules go on with them', () => {
    const incident = begun(byEdge(firingIncident(), 0, 1));
    expect(pageOf(incident).except).toEqual(['p0']);
    expect(
      pageOf(afterEvents(incident, { type: 'notification-rule-due', at: atMinute(2), dueAt: atMinute(2) })).except,
    ).toEqual([]);
  });

  test('the last hundred links of its pages are known', () => {
    const incident = byEdge(byEdge(firingIncident(), 0, 60), 50, 120);
    expect(incident.escalation.aliases).toHaveLength(100);
    expect([incident.escalation.aliases?.[0], incident.escalation.aliases?.at(-1)]).toEqual(['E20', 'E119']);
    expect(incident.escalation.pagedInCycle).toHaveLength(120);
  });
});

describe('[PAGE-10] an order to page', () => {
  test('outlives an answer when leadership, or somebody by hand, must hear of it', () => {
    const byHand = afterEvents(taken(), { type: 'escalated', at: atMinute(3), by: 'ana', to: 'hal', reason: 'x' });
    expect(outlivesEscalation(pageOf(byHand))).toBe(true);
    expect(outlivesEscalation(pageOf(declaredIncident({ severity: 'SEV1' })))).toBe(true);
    const climbed = afterCommand(begun(firingIncident()), { type: 'escalate', reason: 'too big' }, 3);
    expect(pageOf(climbed)).toMatchObject({ reason: 'by-hand', startsLevel: true });
    expect(outlivesEscalation(pageOf(climbed))).toBe(false);
    expect(outlivesEscalation(pageOf(begun(firingIncident())))).toBe(false);
    const again = afterEvents(begun(firingIncident()), {
      type: 'notification-rule-due',
      at: atMinute(2),
      dueAt: atMinute(2),
    });
    expect(outlivesEscalation(pageOf(again))).toBe(false);
    const called = afterCommand(taken(), { type: 'escalate', reason: 'too big' }, 3);
    expect(outlivesEscalation(pageOf(called))).toBe(true);
    const back = afterAlerts(afterAlerts(taken(), 4, [{ status: 'resolved' }]).incident, 5, [
      { startsAt: 9_000 },
    ]).incident;
    expect(pageOf(back)).toMatchObject({ reason: 'recurrence', targets: [{ level: 0 }] });
    expect(outlivesEscalation(pageOf(back))).toBe(false);
  });

  test('is repeated until an answer, or a newer page to its level', () => {
    const first = begun(firingIncident());
    const order = pageOf(first);
    expect(shouldReissuePage(first, order)).toBe(true);
    const stepped = afterEvents(first, { type: 'notification-rule-due', at: atMinute(2), dueAt: atMinute(2) });
    expect([shouldReissuePage(stepped, order), shouldReissuePage(stepped, pageOf(stepped))]).toEqual([false, true]);
    expect(shouldReissuePage(begun(first, level(2, 15)), order)).toBe(true);
    expect(shouldReissuePage(afterCommand(first, { type: 'acknowledge' }), order)).toBe(false);
  });

  test('[PAGE-32] is late beyond five seconds, by all of them', () => {
    const order = { ...pageOf(begun(firingIncident())), dueAt: atMinute(0) };
    expect([0, 5_000, 5_001, 60_000].map((ms) => pageLatenessMs(order, atMinute(0) + ms))).toEqual([
      0, 0, 5_001, 60_000,
    ]);
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
  const shown = pagedIncident(afterAlerts(declaredIncident({ summary: 's'.repeat(900) }), 1, alerts).incident);
  expect(shown).toMatchObject({ alertCount: 7, reference: null, severity: 'SEV2' });
  expect(shown.alerts).toHaveLength(5);
  expect(Object.keys(shown.alerts[0]?.labels ?? {})).toHaveLength(20);
  expect(shown.alerts[0]?.labels['l0']).toHaveLength(200);
  expect(shown.summary).toHaveLength(500);
});
