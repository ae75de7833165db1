/** How the four severities page when nobody answers: notification rules, levels, passes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  repeatedPages,
  ledgerAt,
  rosterOf,
  DECLARED,
  escalationExhaustedPost,
  expectRefused,
  sortedLedger,
  runPagingScenario,
  UPDATE,
} from '../support/paging-scenario.ts';
import { aPolicy } from '../support/builders.ts';
import type { World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('[PAGE-1] [PAGE-5] [PAGE-7] [PAGE-12] [PAGE-14] [PAGE-16] [PAGE-31] nobody answers a SEV1: all methods every 2 min, a level every 5, leadership once, then all levels for ever', async () => {
  const roster = rosterOf({ ana: ['phone', 'webhook'] });
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV1' }, roster },
    async ({ advanceMinutes }) => {
      await advanceMinutes(31);
    },
  );
  const together = (cycle: number, minute: number) =>
    ['ana by phone 1', 'ana by webhook 1', 'bo by webhook 2', 'eve by webhook 3'].flatMap((who) => {
      const of = who.slice(0, -2);
      const level = Number(who.slice(-1));
      return [
        ...repeatedPages([minute], { of, reason: 'escalation', at: [cycle, level, 1] }),
        ...repeatedPages([minute + 2, minute + 4], { of, at: [cycle, level, 2] }),
      ];
    });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED, '00:00 page lea by webhook: leadership 1.0.1'],
      ...['ana by phone', 'ana by webhook'].map((of) => [
        ...repeatedPages([0], { of, reason: 'on-call', at: [1, 1, 1] }),
        ...repeatedPages([2, 4], { of, at: [1, 1, 2] }),
      ]),
      repeatedPages([5], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      repeatedPages([7, 9], { of: 'bo by webhook', at: [1, 2, 2] }),
      repeatedPages([10], { of: 'eve by webhook', reason: 'escalation', at: [1, 3, 1] }),
      repeatedPages([12, 14], { of: 'eve by webhook', at: [1, 3, 2] }),
      ledgerAt([15], escalationExhaustedPost('SEV1', 1)),
      together(2, 15),
      ledgerAt([20], escalationExhaustedPost('SEV1', 2)),
      together(3, 20),
      ledgerAt([25], escalationExhaustedPost('SEV1', 3)),
      together(4, 25),
      ledgerAt([30], escalationExhaustedPost('SEV1', 4)),
      together(5, 30).filter((line) => !/00:3[1-9]/.test(line)),
      ledgerAt([15, 30], UPDATE),
    ),
  );
});

test('[PAGE-2] [PAGE-6] [PAGE-7] [PAGE-12] [PAGE-14] nobody answers a SEV2 with one method each: again at +8, a level every 15 min, then all levels for ever', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, timeline }) => {
    await advanceMinutes(92);
    const lines = (await timeline()).timeline.filter(({ kind }) => kind === 'escalation-exhausted');
    expect(lines.map(({ text }) => text.split(':')[1])).toEqual(
      [1, 2, 3, 4].map((n) => expect.stringContaining(`pass ${n} `)),
    );
  });
  const pass = (cycle: number, minute: number) =>
    ['ana', 'bo', 'eve'].flatMap((person, i) => [
      ...repeatedPages([minute], { of: `${person} by webhook`, reason: 'escalation', at: [cycle, i + 1, 1] }),
      ...repeatedPages([minute + 8], { of: `${person} by webhook`, at: [cycle, i + 1, 2] }),
    ]);
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      repeatedPages([0], { of: 'ana by webhook', reason: 'on-call', at: [1, 1, 1] }),
      repeatedPages([8], { of: 'ana by webhook', at: [1, 1, 2] }),
      repeatedPages([15], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      repeatedPages([23], { of: 'bo by webhook', at: [1, 2, 2] }),
      repeatedPages([30], { of: 'eve by webhook', reason: 'escalation', at: [1, 3, 1] }),
      repeatedPages([38], { of: 'eve by webhook', at: [1, 3, 2] }),
      ledgerAt([45], escalationExhaustedPost('SEV2', 1)),
      pass(2, 45),
      ledgerAt([60], escalationExhaustedPost('SEV2', 2)),
      pass(3, 60),
      ledgerAt([75], escalationExhaustedPost('SEV2', 3)),
      pass(4, 75),
      ledgerAt([90], escalationExhaustedPost('SEV2', 4)),
      pass(5, 90).filter((line) => line.startsWith('01:30')),
      ledgerAt([30, 60, 90], UPDATE),
    ),
  );
});

test('[PAGE-6] a SEV2 and a person with three methods: 0, +2, +4, again from +8; the notification rules stops when the next level begins', async () => {
  const roster = rosterOf({ ana: ['phone', 'webhook', 'mail'] });
  const told = await runPagingScenario(world, { roster }, async ({ advanceMinutes }) => advanceMinutes(22));
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      repeatedPages([0], { of: 'ana by phone', reason: 'on-call', at: [1, 1, 1] }),
      repeatedPages([2], { of: 'ana by webhook', at: [1, 1, 2] }),
      repeatedPages([4], { of: 'ana by mail', at: [1, 1, 3] }),
      repeatedPages([8], { of: 'ana by phone', at: [1, 1, 4] }),
      repeatedPages([10], { of: 'ana by webhook', at: [1, 1, 5] }),
      repeatedPages([12], { of: 'ana by mail', at: [1, 1, 6] }),
      repeatedPages([15], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
    ),
  );
});

test('[PAGE-3] [PAGE-13] [PAGE-14] nobody answers a SEV3: chat at once, a level an hour from 1 h, two passes, then it stops loudly', async () => {
  const roster = rosterOf({ ana: ['phone', 'webhook'] });
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV3' }, roster },
    async ({ advanceMinutes, sendCommand, view }) => {
      // An hour later its alert would be stale, which is another story.
      await advanceMinutes(11 * 60);
      expect((await view()).phase).toBe('declared');
      await expectRefused(sendCommand({ type: 'escalate', reason: 'hello?' }), 'name the person to page');
    },
  );
  const level = (minute: number, of: string, key: readonly [number, number, number], reason = 'escalation') =>
    repeatedPages([minute], { of, reason, at: key });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      level(60, 'ana by phone', [1, 1, 1], 'on-call'),
      level(70, 'ana by webhook', [1, 1, 2], 'repeat'),
      level(120, 'bo by webhook', [1, 2, 1]),
      level(180, 'eve by webhook', [1, 3, 1]),
      ledgerAt([240], escalationExhaustedPost('SEV3', 1)),
      level(240, 'ana by phone', [2, 1, 1]),
      level(250, 'ana by webhook', [2, 1, 2], 'repeat'),
      level(300, 'bo by webhook', [2, 2, 1]),
      level(360, 'eve by webhook', [2, 3, 1]),
      ledgerAt([420], escalationExhaustedPost('SEV3', 2, 'Nobody is left to page.')),
      ledgerAt(
        Array.from({ length: 11 }, (_, hour) => (hour + 1) * 60),
        UPDATE,
      ),
    ),
  );
});

test('[PAGE-4] a SEV4 is a line in the chat and a ticket, and pages nobody in a day', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV4' } },
    async ({ advanceMinutes, ledger: { tickets } }) => {
      await advanceMinutes(26 * 60);
      expect(tickets[0]).toBe('open: INCIDENT DECLARED: Checkout fails');
    },
  );
  // After 12 h the chat hears that its alert is stale, and on the next business day that nobody has acknowledged.
  const others = told.filter((line) => !line.includes('No reports about CheckoutFails'));
  expect(others).toEqual([DECLARED, expect.stringMatching(/^24:00 chat: Nobody has acknowledged this SEV4 yet/)]);
});

test('[SEV-1] lengths of the configuration are kept: 7 min to acknowledge, a level every 20, a set of notification rules of its own', async () => {
  const { severities, ...policy } = aPolicy();
  const SEV2 = {
    ...severities.SEV2,
    acknowledgeWithinMs: 7 * 60_000,
    escalateEveryMs: 20 * 60_000,
    notificationRules: { allAtOnce: false, stepEveryMs: 60_000, repeatEveryMs: null },
  };
  const declaration = { policy: { ...policy, severities: { ...severities, SEV2 } } };
  const roster = rosterOf({ ana: ['phone', 'webhook'] });
  const told = await runPagingScenario(world, { declaration, roster }, async ({ advanceMinutes }) =>
    advanceMinutes(68),
  );
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      repeatedPages([0], { of: 'ana by phone', reason: 'on-call', at: [1, 1, 1] }),
      repeatedPages([1], { of: 'ana by webhook', at: [1, 1, 2] }),
      repeatedPages([7], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      repeatedPages([27], { of: 'eve by webhook', reason: 'escalation', at: [1, 3, 1] }),
      ledgerAt([47], escalationExhaustedPost('SEV2', 1)),
      ledgerAt([67], escalationExhaustedPost('SEV2', 2)),
      [47, 67].flatMap((minute, i) => [
        ...repeatedPages([minute], { of: 'ana by phone', reason: 'escalation', at: [i + 2, 1, 1] }),
        ...repeatedPages([minute], { of: 'bo by webhook', reason: 'escalation', at: [i + 2, 2, 1] }),
        ...repeatedPages([minute], { of: 'eve by webhook', reason: 'escalation', at: [i + 2, 3, 1] }),
        ...repeatedPages([minute + 1], { of: 'ana by webhook', at: [i + 2, 1, 2] }),
      ]),
      ledgerAt([30, 60], UPDATE),
    ),
  );
});
