/** Levels in which nobody can be reached, and vendors in trouble. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aPolicy } from '../support/builders.ts';
import {
  repeatedPages,
  ledgerAt,
  rosterOf,
  DECLARED,
  escalationExhaustedPost,
  sortedLedger,
  runPagingScenario,
  UPDATE,
} from '../support/paging-scenario.ts';
import type { World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const one = (minute: number, of: string, key: readonly [number, number, number], reason = 'escalation') =>
  repeatedPages([minute], { of: `${of} by webhook`, reason, at: key });
const anaAt0 = one(0, 'ana', [1, 1, 1], 'on-call');
const FOUR = [['onCall'], ['bo'], ['eve'], ['hal']];

test('[PAGE-8] the on-call level names nobody: the next is paged at once', async () => {
  const told = await runPagingScenario(world, { roster: rosterOf({}, []) }, async ({ advanceMinutes, timeline }) => {
    await advanceMinutes(16);
    expect((await timeline()).timeline.map(({ text }) => text)).toContain(
      'Level 1 could not be reached (nobody there); paging the next level',
    );
  });
  expect(told).toEqual(
    sortedLedger([DECLARED], one(0, 'bo', [1, 2, 1]), one(8, 'bo', [1, 2, 2], 'repeat'), one(15, 'eve', [1, 3, 1])),
  );
});

test('[PAGE-8] a person without methods, one whose methods fail for good, and a name that is gone: each level gives way at once', async () => {
  const declaration = { policy: aPolicy({ levels: [['onCall'], ['bo'], ['gone'], ['eve']] }) };
  const failures = { failing: new Map([['bo.webhook', 404]]) };
  const told = await runPagingScenario(
    world,
    { declaration, roster: rosterOf({ ana: [] }), failures },
    async ({ advanceMinutes, timeline }) => {
      await advanceMinutes(9);
      const texts = (await timeline()).timeline.map(({ text }) => text);
      expect(texts).toContain('Page FAILED: bo by webhook (webhook: HTTP 404).');
      expect(texts).toContain('Skipped "gone": not in the configuration.');
    },
  );
  expect(told).toEqual(sortedLedger([DECLARED], one(0, 'eve', [1, 4, 1]), one(8, 'eve', [1, 4, 2], 'repeat')));
});

test('[PAGE-8] a name that is gone does not keep the others of its level from being paged', async () => {
  const declaration = { policy: aPolicy({ levels: [['gone', 'onCall'], ['bo']] }) };
  const told = await runPagingScenario(world, { declaration }, async ({ advanceMinutes }) => advanceMinutes(3));
  expect(told).toEqual(sortedLedger([DECLARED], anaAt0));
});

test('[PAGE-12] nobody can be reached at all: a pass still lasts one escalation time, and so does each that follows', async () => {
  const failing = new Map(['ana', 'bo', 'eve'].map((person) => [`${person}.webhook`, 410]));
  const told = await runPagingScenario(
    world,
    { failures: { failing } },
    async ({ advanceMinutes, ledger: { tried } }) => {
      await advanceMinutes(46);
      expect(tried.map(({ key }) => key.slice(key.indexOf('/')))).toEqual(
        expect.arrayContaining(['/page/1.1.1/ana.webhook', '/page/1.3.1/eve.webhook', '/page/4.2.1/bo.webhook']),
      );
    },
  );
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      ledgerAt([15], escalationExhaustedPost('SEV2', 1)),
      ledgerAt([30], escalationExhaustedPost('SEV2', 2)),
      ledgerAt([45], escalationExhaustedPost('SEV2', 3)),
      ledgerAt([30], UPDATE),
    ),
  );
});

test('[PAGE-9] the first method fails for good: the next one is tried at once', async () => {
  const roster = rosterOf({ ana: ['phone', 'webhook', 'mail'] });
  const failures = { failing: new Map([['ana.phone', 400]]) };
  const told = await runPagingScenario(world, { roster, failures }, async ({ advanceMinutes }) => advanceMinutes(3));
  expect(told).toEqual(sortedLedger([DECLARED], anaAt0, one(2, 'ana', [1, 1, 2], 'repeat')));
});

test('[PAGE-9] the first method does not answer: the next is tried beside it within a second, and the level stays', async () => {
  const roster = rosterOf({ ana: ['phone', 'webhook'] });
  const failures = { failing: new Map([['ana.phone', 503]]) };
  const told = await runPagingScenario(world, { roster, failures }, async ({ advanceMinutes }) => advanceMinutes(1.5));
  expect(told).toEqual(sortedLedger([DECLARED], anaAt0));
});

test('[PAGE-10] [PAGE-31] a vendor down for minutes: the chain climbs after one, and the page goes on under its key until it is taken, once', async () => {
  const failing = new Map([['ana.webhook', 503]]);
  const told = await runPagingScenario(
    world,
    { failures: { failing } },
    async ({ advanceMinutes, ledger: { tried, pages } }) => {
      await advanceMinutes(5);
      const keys = new Set(tried.filter(({ to }) => to === 'ana').map(({ key }) => key.slice(key.indexOf('/'))));
      expect([...keys]).toEqual(['/page/1.1.1/ana.webhook']);
      failing.clear();
      await advanceMinutes(3);
      expect(pages.filter(({ to }) => to === 'ana').map(({ text }) => text)).toEqual([
        expect.stringMatching(
          /^SEV2 Checkout fails \(payments\)\. You are on call\. INC-\d+-001 \(late by [56] min\)$/,
        ),
      ]);
      await advanceMinutes(9);
    },
  );
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      one(1, 'bo', [1, 2, 1]),
      one(5, 'ana', [1, 1, 1], 'on-call'),
      one(9, 'bo', [1, 2, 2], 'repeat'),
      one(16, 'eve', [1, 3, 1]),
    ),
  );
});

test('[PAGE-10] one of two on-call is reached: the level stays, and the other goes on being tried under the same key', async () => {
  const failing = new Map([['ana.webhook', null]]);
  const told = await runPagingScenario(
    world,
    { roster: rosterOf({}, ['ana', 'bo']), failures: { failing } },
    async ({ advanceMinutes }) => {
      await advanceMinutes(4);
      failing.clear();
      await advanceMinutes(2);
    },
  );
  expect(told).toEqual(
    sortedLedger([DECLARED], one(0, 'bo', [1, 1, 1], 'on-call'), one(4, 'ana', [1, 1, 1], 'on-call')),
  );
});

test('[PAGE-10] a vendor down for many passes: when it is back each person hears once, not once for every pass', async () => {
  const failing = new Map(['ana', 'bo'].map((person) => [`${person}.webhook`, 500]));
  const declaration = { severity: 'SEV1' as const, policy: aPolicy({ levels: [['onCall'], ['bo']] }) };
  const told = await runPagingScenario(world, { declaration, failures: { failing } }, async ({ advanceMinutes }) => {
    await advanceMinutes(11.2);
    failing.clear();
    await advanceMinutes(0.5);
  });
  // The second pass began at 10, and its notification rules go on at 12.
  const back = told.filter((line) => line.includes(' page ') && line < '00:12');
  expect(back.map((line) => line.split(' ')[2]).sort()).toEqual(['ana', 'bo', 'lea']);
});

test('[PAGE-11] a person in two levels is paged once in a pass; a level with nobody new gives way at once', async () => {
  const declaration = { policy: aPolicy({ levels: [['onCall'], ['ana', 'bo'], ['ana'], ['eve']] }) };
  const told = await runPagingScenario(world, { declaration }, async ({ advanceMinutes }) => advanceMinutes(46));
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      one(8, 'ana', [1, 1, 2], 'repeat'),
      one(15, 'bo', [1, 2, 1]),
      one(23, 'bo', [1, 2, 2], 'repeat'),
      one(30, 'eve', [1, 4, 1]),
      one(38, 'eve', [1, 4, 2], 'repeat'),
      ledgerAt([45], escalationExhaustedPost('SEV2', 1)),
      one(45, 'ana', [2, 1, 1]),
      one(45, 'bo', [2, 2, 1]),
      one(45, 'eve', [2, 4, 1]),
      ledgerAt([30], UPDATE),
    ),
  );
});

test('[PAGE-11] [PAGE-16] having been paged as leadership does not spare anyone their level', async () => {
  const declaration = { severity: 'SEV1' as const, policy: aPolicy({ leadership: ['bo'] }) };
  const told = await runPagingScenario(world, { declaration }, async ({ advanceMinutes }) => advanceMinutes(6));
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      one(0, 'bo', [1, 0, 1], 'leadership'),
      one(2, 'ana', [1, 1, 2], 'repeat'),
      one(4, 'ana', [1, 1, 3], 'repeat'),
      one(5, 'bo', [1, 2, 1]),
    ),
  );
});

test('[PAGE-7] a provider that takes 40 s moves no later level', async () => {
  const failing = new Map<string, number | null>([['ana.webhook', 502]]);
  const declaration = { policy: aPolicy({ levels: FOUR }) };
  const told = await runPagingScenario(world, { declaration, failures: { failing } }, async ({ advanceMinutes }) => {
    await advanceMinutes(0.6);
    failing.clear();
    await advanceMinutes(30);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      one(1, 'ana', [1, 1, 1], 'on-call'),
      one(8, 'ana', [1, 1, 2], 'repeat'),
      one(15, 'bo', [1, 2, 1]),
      one(23, 'bo', [1, 2, 2], 'repeat'),
      one(30, 'eve', [1, 3, 1]),
      ledgerAt([30], UPDATE),
    ),
  );
});
