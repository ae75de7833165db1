/** What holds for every page: tests, quiet hours, other people's outages, and workers that were away. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  repeatedPages,
  ledgerAt,
  rosterOf,
  DECLARED,
  expectRefused,
  sortedLedger,
  runPagingScenario,
  PUBLIC,
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

const TEST_DECLARED = '00:00 chat: [TEST] INCIDENT DECLARED: Checkout fails';

test.each(['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const)(
  '[PAGE-28] a test of %s pages the on-call level once as a test, nobody else ever, and is over in 10 min',
  async (severity) => {
    const declaration = { severity, test: true };
    const told = await runPagingScenario(
      world,
      { declaration },
      async ({ advanceMinutes, sendCommand, view, ledger: { pages } }) => {
        await advanceMinutes(4);
        await expectRefused(sendCommand({ type: 'escalate', reason: 'trying' }), 'never escalates');
        await expectRefused(
          sendCommand({ type: 'postUpdate', text: 'hello', audience: 'public' }),
          'never goes public',
        );
        await advanceMinutes(5);
        expect((await view()).phase).toBe('declared');
        await advanceMinutes(2);
        expect((await view()).phase).toBe('closed');
        await advanceMinutes(60);
        expect(pages.map(({ text }) => text)).toEqual([`TEST ${severity} Checkout fails (payments). You are on call.`]);
      },
    );
    expect(told).toEqual([TEST_DECLARED, '00:00 test ana by webhook: on-call 1.1.1']);
  },
  60_000,
);

test('[PAGE-28] a test that is declined, acknowledged, fails and comes back pages nobody again', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { test: true } },
    async ({ advanceMinutes, sendCommand, sendAlerts }) => {
      await sendCommand({ type: 'decline' });
      await sendAlerts({ status: 'resolved', endsAt: 2_000 });
      await sendAlerts({ startsAt: 3_000 });
      await advanceMinutes(1);
      await sendCommand({ type: 'acknowledge' });
      await sendCommand({ type: 'decideMitigation', decision: 'rollback' });
      await sendCommand({ type: 'reportMitigation', outcome: 'failed' });
      await sendAlerts({ fingerprint: 'f2', severity: 'SEV1' });
      await advanceMinutes(12);
    },
  );
  expect(told.filter((line) => !line.includes('chat: [TEST] '))).toEqual(['00:00 test ana by webhook: on-call 1.1.1']);
});

test('[PAGE-28] a test pages nobody in their quiet hours', async () => {
  const roster = { ...rosterOf({}), quiet: ['ana'] };
  const told = await runPagingScenario(world, { declaration: { test: true }, roster }, async ({ advanceMinutes }) =>
    advanceMinutes(12),
  );
  expect(told).toEqual([TEST_DECLARED]);
});

test.each(['SEV1', 'SEV2'] as const)(
  '[PAGE-29] quiet hours hold back no page about a %s',
  async (severity) => {
    const roster = { ...rosterOf({}), quiet: ['ana', 'lea'] };
    const told = await runPagingScenario(world, { declaration: { severity }, roster }, async ({ advanceMinutes }) =>
      advanceMinutes(1),
    );
    expect(told).toEqual(
      sortedLedger([DECLARED], anaAt0, severity === 'SEV1' ? one(0, 'lea', [1, 0, 1], 'leadership') : []),
    );
  },
  60_000,
);

test('[PAGE-30] chat and status page are down: the pages leave at their minute, and the rest is made up', async () => {
  let down = true;
  const failures = { chatDown: () => down, statusPageDown: () => down };
  const told = await runPagingScenario(world, { failures }, async ({ advanceMinutes, sendCommand }) => {
    await advanceMinutes(16);
    await sendCommand({ type: 'acknowledge', by: 'bo' });
    await advanceMinutes(3);
    down = false;
    await advanceMinutes(6);
  });
  const pages = told.filter((line) => line.includes(' page ') || line.includes(' notice '));
  expect(pages).toEqual(
    sortedLedger(
      anaAt0,
      one(8, 'ana', [1, 1, 2], 'repeat'),
      one(15, 'bo', [1, 2, 1]),
      ledgerAt([16], 'notice ana: bo has it.'),
    ),
  );
  const madeUp = told.filter((line) => !pages.includes(line));
  expect(madeUp.map((line) => line.slice(6)).sort()).toEqual(
    ['chat: INCIDENT DECLARED: Checkout fails', 'chat: bo has it and is incident commander.', PUBLIC].sort(),
  );
  expect(madeUp.every((line) => line >= '00:19')).toBe(true);
});

test('[PAGE-30] the provider of the first page is down: chat does not wait for it', async () => {
  const failures = { failing: new Map([['ana.webhook', 503]]) };
  const told = await runPagingScenario(world, { failures }, async ({ advanceMinutes }) => advanceMinutes(0.3));
  expect(told).toEqual([DECLARED]);
});

test('[PAGE-32] the alert waited 12 min for a worker: the page leaves once and says so, and the level has its full time from then', async () => {
  const declaration = { spooledAt: (await world.env.currentTimeMs()) - 12 * 60_000 };
  const told = await runPagingScenario(world, { declaration }, async ({ advanceMinutes, ledger: { pages } }) => {
    expect(pages).toMatchObject([
      {
        to: 'ana',
        text: 'SEV2 Checkout fails (payments). You are on call. (late by 12 min)',
        lateByMs: expect.any(Number),
      },
    ]);
    await advanceMinutes(16);
  });
  expect(told).toEqual(sortedLedger([DECLARED], anaAt0, one(8, 'ana', [1, 1, 2], 'repeat'), one(15, 'bo', [1, 2, 1])));
});
