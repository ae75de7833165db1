/** [LIFE-22] Whatever people, monitoring and the way between incidents do to three of them, merging stays in order. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firingUndeliveredAlerts } from '../../../domain/merge/forwarding.ts';
import { mergeTarget } from '../../../domain/kernel/merge-messages.ts';
import { isOpen } from '../../../domain/kernel/phase.ts';
import type { MultiIncidentSimulator } from '../../support/multi-incident-simulator.ts';
import { simulateIncidents } from '../../support/multi-incident-simulator.ts';

const name = fc.constantFrom('a', 'b', 'c');
const move = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('merge' as const), who: name, into: name }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('carry' as const), pick: fc.nat(5), again: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reopen' as const), who: name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), who: name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('falseAlarm' as const), who: name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('giveUp' as const), who: name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fire' as const), who: name, n: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clear' as const), who: name, n: fc.nat(3) }) },
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

let starts = 1_000;

function make(all: MultiIncidentSimulator, moved: Move): void {
  switch (moved.do) {
    case 'merge':
      return void all.execute(moved.who, { type: 'merge', into: `inc-${moved.into}` });
    case 'carry': {
      const pairs = all.pendingPairs();
      const pair = pairs[moved.pick % Math.max(1, pairs.length)];
      return pair && all.deliverNext(...pair, moved.again);
    }
    case 'reopen':
      return void all.execute(moved.who, { type: 'reopen', reason: 'not the same' });
    case 'acknowledge':
      return void all.execute(moved.who, { type: 'acknowledge' });
    case 'falseAlarm':
      return void all.execute(moved.who, { type: 'declareFalseAlarm', reason: 'nothing' });
    case 'giveUp':
      return all.giveUpMerge(moved.who);
    case 'fire':
      // A start of its own: nothing that fires is a repeat.
      return void all.receiveAlerts(moved.who, { fingerprint: `${moved.who}${moved.n}`, startsAt: (starts += 1) });
    case 'clear': {
      const known = all.get(moved.who).alerts.states[`${moved.who}${moved.n}`];
      if (known === undefined) return;
      const { fingerprint, startsAt } = known;
      all.receiveAlerts(moved.who, { fingerprint, startsAt, status: 'resolved', endsAt: startsAt });
    }
  }
}

/** Where it goes on, as far as that leads. */
function rootOf(all: MultiIncidentSimulator, who: string): string {
  const seen = [who];
  for (;;) {
    const next = mergeTarget(all.get(seen.at(-1) ?? who))?.workflowId.replace('inc-', '');
    if (next === undefined) return seen.at(-1) ?? who;
    if (seen.includes(next)) throw new Error(`merged in a ring: ${[...seen, next].join(' → ')}`);
    seen.push(next);
  }
}

function isInOrder(all: MultiIncidentSimulator): void {
  for (const who of all.names) {
    const here = all.get(who);
    const root = rootOf(all, who);
    for (const one of here.merge.mergedFrom ?? []) {
      expect([one.workflowId, mergeTarget(all.get(one.workflowId.replace('inc-', '')))?.workflowId]).toEqual([
        one.workflowId,
        `inc-${who}`,
      ]);
    }
    if (root === who) continue;
    const there = all.get(root);
    expect([who, root, there.phase === 'closed']).toEqual([who, root, false]);
    expect(there.merge.mergedFrom?.map(({ workflowId }) => workflowId)).toContain(`inc-${who}`);
    for (const alert of Object.values(here.alerts.states)) {
      const { status, startsAt, group } = alert;
      // What came from another, that one tells by itself: the copy of whom it passed through may be older.
      if (group !== undefined && group !== `inc-${who}`) continue;
      expect({ who, alert: there.alerts.states[alert.fingerprint] }).toMatchObject({
        who,
        alert: { status, startsAt },
      });
    }
    // Nobody pages for what is merged.
    expect([here.escalation.open, here.outbox.pages]).toEqual([false, []]);
  }
}

test('[LIFE-22] nobody is merged in a ring, whoever is merged is a part of one that is open and knows its alerts, and all others stand for themselves', () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 1, maxLength: 40 }), (moves) => {
      const all = simulateIncidents({}, {}, {});
      for (const moved of moves) {
        make(all, moved);
        for (const who of all.names) rootOf(all, who);
      }
      all.deliverAll();
      isInOrder(all);
      const isEnded = moves.some((moved) => moved.do === 'falseAlarm' || moved.do === 'clear');
      expect(isEnded || all.names.some((who) => isOpen(all.get(who).phase))).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('[LIFE-22] nothing that fires is swallowed: an open incident has heard of it, or it is kept to open one of its own', () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 1, maxLength: 40 }), (moves) => {
      const all = simulateIncidents({}, {}, {});
      const recurring = new Set<string>();
      for (const moved of moves) {
        if (moved.do !== 'fire') {
          make(all, moved);
          continue;
        }
        const report = { fingerprint: `${moved.who}${moved.n}`, startsAt: (starts += 1) };
        for (const { fingerprint, startsAt } of all.receiveAlerts(moved.who, report))
          recurring.add(`${fingerprint}/${startsAt}`);
      }
      all.deliverAll();
      const kept = new Set(
        all.names.flatMap((who) =>
          firingUndeliveredAlerts(all.get(who)).map((alert) => `${alert.fingerprint}/${alert.startsAt}`),
        ),
      );
      const firing = all.names.flatMap((who) =>
        Object.values(all.get(who).alerts.states).filter(({ status }) => status === 'firing'),
      );
      const swallowed = firing
        .map(({ fingerprint, startsAt }) => `${fingerprint}/${startsAt}`)
        .filter((one) => !all.heardFirings.has(one) && !kept.has(one) && !recurring.has(one));
      const open = all.names.filter((who) => isOpen(all.get(who).phase)).map((who) => all.get(who).alerts.states);
      expect(swallowed.filter((one) => !open.some((alerts) => Object.hasOwn(alerts, one.split('/')[0] ?? '')))).toEqual(
        [],
      );
    }),
    { numRuns: 150 },
  );
});
