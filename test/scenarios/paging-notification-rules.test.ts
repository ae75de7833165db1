/** How the four severities page when nobody answers: notification rules, levels, passes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  again,
  at,
  crewOf,
  DECLARED,
  exhausted,
  expectRefused,
  ledger,
  pagingStory,
  UPDATE,
} from '../support/paging.ts';
import { aPolicy } from '../support/builders.ts';
import type { World } from '../support/story.ts';
import { createWorld } from '../support/story.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('[PAGE-1] [PAGE-5] [PAGE-7] [PAGE-12] [PAGE-14] [PAGE-16] [PAGE-31] nobody answers a SEV1: all methods every 2 min, a level every 5, leadership once, then all levels for ever', async () => {
  const crew = crewOf({ ana: ['phone', 'webhook'] });
  const told = await pagingStory(world, { opening: { severity: 'SEV1' }, crew }, async ({ pass }) => {
    await pass(31);
  });
  const together = (cycle: number, minute: number) =>
    ['ana by phone 1', 'ana by webhook 1', 'bo by webhook 2', 'eve by webhook 3'].flatMap((who) => {
      const of = who.slice(0, -2);
      const level = Number(who.slice(-1));
      return [
        ...again([minute], { of, reason: 'escalation', at: [cycle, level, 1] }),
        ...again([minute + 2, minute + 4], { of, at: [cycle, level, 2] }),
      ];
    });
  expect(told).toEqual(
    ledger(
      [DECLARED, '00:00 page lea by webhook: leadership 1.0.1'],
      ...['ana by phone', 'ana by webhook'].map((of) => [
        ...again([0], { of, reason: 'on-call', at: [1, 1, 1] }),
        ...again([2, 4], { of, at: [1, 1, 2] }),
      ]),
      again([5], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      again([7, 9], { of: 'bo by webhook', at: [1, 2, 2] }),
      again([10], { of: 'eve by webhook', reason: 'escalation', at: [1, 3, 1] }),
      again([12, 14], { of: 'eve by webhook', at: [1, 3, 2] }),
      at([15], exhausted('SEV1', 1)),
      together(2, 15),
      at([20], exhausted('SEV1', 2)),
      together(3, 20),
      at([25], exhausted('SEV1', 3)),
      together(4, 25),
      at([30], exhausted('SEV1', 4)),
      together(5, 30).filter((line) => !/00:3[1-9]/.test(line)),
      at([15, 30], UPDATE),
    ),
  );
});

test('[PAGE-2] [PAGE-6] [PAGE-7] [PAGE-12] [PAGE-14] nobody answers a SEV2 with one method each: again at +8, a level every 15 min, then all levels for ever', async () => {
  const told = await pagingStory(world, {}, async ({ pass, timeline }) => {
    await pass(92);
    const lines = (await timeline()).timeline.filter(({ kind }) => kind === 'escalation-exhausted');
    expect(lines.map(({ text }) => text.split(':')[1])).toEqual(
      [1, 2, 3, 4].map((n) => expect.stringContaining(`pass ${n} `)),
    );
  });
  const pass = (cycle: number, minute: number) =>
    ['ana', 'bo', 'eve'].flatMap((person, i) => [
      ...again([minute], { of: `${person} by webhook`, reason: 'escalation', at: [cycle, i + 1, 1] }),
      ...again([minute + 8], { of: `${person} by webhook`, at: [cycle, i + 1, 2] }),
    ]);
  expect(told).toEqual(
    ledger(
      [DECLARED],
      again([0], { of: 'ana by webhook', reason: 'on-call', at: [1, 1, 1] }),
      again([8], { of: 'ana by webhook', at: [1, 1, 2] }),
      again([15], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      again([23], { of: 'bo by webhook', at: [1, 2, 2] }),
      again([30], { of: 'eve by webhook', reason: 'escalation', at: [1, 3, 1] }),
      again([38], { of: 'eve by webhook', at: [1, 3, 2] }),
      at([45], exhausted('SEV2', 1)),
      pass(2, 45),
      at([60], exhausted('SEV2', 2)),
      pass(3, 60),
      at([75], exhausted('SEV2', 3)),
      pass(4, 75),
      at([90], exhausted('SEV2', 4)),
      pass(5, 90).filter((line) => line.startsWith('01:30')),
      at([30, 60, 90], UPDATE),
    ),
  );
});

test('[PAGE-6] a SEV2 and a person with three methods: 0, +2, +4, again from +8; the notification rules stops when the next level begins', async () => {
  const crew = crewOf({ ana: ['phone', 'webhook', 'mail'] });
  const told = await pagingStory(world, { crew }, async ({ pass }) => pass(22));
  expect(told).toEqual(
    ledger(
      [DECLARED],
      again([0], { of: 'ana by phone', reason: 'on-call', at: [1, 1, 1] }),
      again([2], { of: 'ana by webhook', at: [1, 1, 2] }),
      again([4], { of: 'ana by mail', at: [1, 1, 3] }),
      again([8], { of: 'ana by phone', at: [1, 1, 4] }),
      again([10], { of: 'ana by webhook', at: [1, 1, 5] }),
      again([12], { of: 'ana by mail', at: [1, 1, 6] }),
      again([15], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
    ),
  );
});

test('[PAGE-3] [PAGE-13] [PAGE-14] nobody answers a SEV3: chat at once, a level an hour from 1 h, two passes, then it stops loudly', async () => {
  const crew = crewOf({ ana: ['phone', 'webhook'] });
  const told = await pagingStory(world, { opening: { severity: 'SEV3' }, crew }, async ({ pass, say, view }) => {
    // An hour later its alert would be stale, which is another story.
    await pass(11 * 60);
    expect((await view()).phase).toBe('declared');
    await expectRefused(say({ type: 'escalate', reason: 'hello?' }), 'name whom to page');
  });
  const level = (minute: number, of: string, key: readonly [number, number, number], reason = 'escalation') =>
    again([minute], { of, reason, at: key });
  expect(told).toEqual(
    ledger(
      [DECLARED],
      level(60, 'ana by phone', [1, 1, 1], 'on-call'),
      level(70, 'ana by webhook', [1, 1, 2], 'repeat'),
      level(120, 'bo by webhook', [1, 2, 1]),
      level(180, 'eve by webhook', [1, 3, 1]),
      at([240], exhausted('SEV3', 1)),
      level(240, 'ana by phone', [2, 1, 1]),
      level(250, 'ana by webhook', [2, 1, 2], 'repeat'),
      level(300, 'bo by webhook', [2, 2, 1]),
      level(360, 'eve by webhook', [2, 3, 1]),
      at([420], exhausted('SEV3', 2, 'Nobody is left to page.')),
      at(
        Array.from({ length: 11 }, (_, hour) => (hour + 1) * 60),
        UPDATE,
      ),
    ),
  );
});

test('[PAGE-4] a SEV4 is a line in the chat and a ticket, and pages nobody in a day', async () => {
  const told = await pagingStory(world, { opening: { severity: 'SEV4' } }, async ({ pass, ledger: { tickets } }) => {
    await pass(26 * 60);
    expect(tickets[0]).toBe('open: INCIDENT DECLARED: Checkout fails');
  });
  // After 12 h the chat hears that its alert is stale, and on the next business day that nobody has acknowledged.
  const others = told.filter((line) => !line.includes('No word of CheckoutFails'));
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
  const opening = { policy: { ...policy, severities: { ...severities, SEV2 } } };
  const crew = crewOf({ ana: ['phone', 'webhook'] });
  const told = await pagingStory(world, { opening, crew }, async ({ pass }) => pass(68));
  expect(told).toEqual(
    ledger(
      [DECLARED],
      again([0], { of: 'ana by phone', reason: 'on-call', at: [1, 1, 1] }),
      again([1], { of: 'ana by webhook', at: [1, 1, 2] }),
      again([7], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      again([27], { of: 'eve by webhook', reason: 'escalation', at: [1, 3, 1] }),
      at([47], exhausted('SEV2', 1)),
      at([67], exhausted('SEV2', 2)),
      [47, 67].flatMap((minute, i) => [
        ...again([minute], { of: 'ana by phone', reason: 'escalation', at: [i + 2, 1, 1] }),
        ...again([minute], { of: 'bo by webhook', reason: 'escalation', at: [i + 2, 2, 1] }),
        ...again([minute], { of: 'eve by webhook', reason: 'escalation', at: [i + 2, 3, 1] }),
        ...again([minute + 1], { of: 'ana by webhook', at: [i + 2, 1, 2] }),
      ]),
      at([30, 60], UPDATE),
    ),
  );
});
