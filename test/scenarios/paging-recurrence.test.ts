/** Alerts that clear, and come back: before anyone had it, and after. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aPolicy } from '../support/builders.ts';
import {
  repeatedPages,
  ledgerAt,
  shortenSummaries,
  rosterOf,
  DECLARED,
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
const has = (minute: number, person: string, ...others: readonly string[]) => [
  ...ledgerAt([minute], `chat: ${person} has it and is incident commander.`),
  ...ledgerAt([minute], PUBLIC),
  ...others.flatMap((other) => ledgerAt([minute], `notice ${other}: ${person} has it.`)),
];

const WATCHING = 'chat: All alerts have cleared. Monitoring until HH:MM.';

test('[PAGE-23] every alert clears before anyone had it: the chain stops, the paged hear it, and a quiet watch ends it with nothing public', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendAlerts, view }) => {
    await advanceMinutes(16);
    await sendAlerts({ status: 'resolved', endsAt: 2_000 });
    await advanceMinutes(29);
    expect((await view()).phase).toBe('monitoring');
    await advanceMinutes(2);
    expect(await view()).toMatchObject({ phase: 'resolved', outcome: 'auto-recovered', acknowledgedAt: null });
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      one(8, 'ana', [1, 1, 2], 'repeat'),
      one(15, 'bo', [1, 2, 1]),
      ledgerAt([16], WATCHING),
      ['ana', 'bo'].flatMap((person) => ledgerAt([16], `notice ${person}: Cleared by itself.`)),
      ledgerAt([46], 'chat: ALL CLEAR: Checkout fails is resolved (it recovered by itself).'),
    ),
  );
});

test('[PAGE-24] it fires again in that watch: the chain goes on at the level it had reached', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendAlerts }) => {
    await advanceMinutes(16);
    await sendAlerts({ status: 'resolved', endsAt: 2_000 });
    await advanceMinutes(10);
    await sendAlerts({ startsAt: 3_000 });
    await advanceMinutes(16);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      one(8, 'ana', [1, 1, 2], 'repeat'),
      one(15, 'bo', [1, 2, 1]),
      ledgerAt([16], WATCHING),
      ['ana', 'bo'].flatMap((person) => ledgerAt([16], `notice ${person}: Cleared by itself.`)),
      ledgerAt([26], 'chat: It is back: Checkout fails.'),
      one(26, 'bo', [1, 2, 2], 'recurrence'),
      one(34, 'bo', [1, 2, 3], 'repeat'),
      one(41, 'eve', [1, 3, 1]),
    ),
  );
});

test('[PAGE-24] in a later pass all levels are paged together again when it comes back', async () => {
  const declaration = {
    severity: 'SEV1' as const,
    policy: aPolicy({ levels: [['onCall'], ['bo']], leadership: ['bo'] }),
  };
  const told = await runPagingScenario(world, { declaration }, async ({ advanceMinutes, sendAlerts }) => {
    await advanceMinutes(11);
    await sendAlerts({ severity: 'SEV1', status: 'resolved', endsAt: 2_000 });
    await advanceMinutes(5);
    await sendAlerts({ severity: 'SEV1', startsAt: 3_000 });
    await advanceMinutes(1);
  });
  expect(told.filter((line) => line.startsWith('00:16'))).toEqual(
    sortedLedger(
      ledgerAt([16], 'chat: It is back: Checkout fails.'),
      one(16, 'ana', [2, 1, 2], 'recurrence'),
      one(16, 'bo', [2, 2, 2], 'recurrence'),
    ),
  );
  expect(told.filter((line) => line > '00:16').filter((line) => !line.startsWith('00:16'))).toEqual([]);
});

test('[PAGE-24] an unanswered SEV3 that comes back as a SEV1 pages at once, though no level had begun', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV3' } },
    async ({ advanceMinutes, sendAlerts }) => {
      await advanceMinutes(5);
      await sendAlerts({ severity: 'SEV3', status: 'resolved', endsAt: 2_000 });
      await advanceMinutes(5);
      await sendAlerts({ severity: 'SEV1', startsAt: 3_000 });
      await advanceMinutes(1);
    },
  );
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      ledgerAt([5], WATCHING),
      ledgerAt([10], 'chat: It is back: Checkout fails.'),
      ledgerAt([10], 'chat: Severity SEV3 → SEV1: Checkout fails is SEV1'),
      one(10, 'ana', [1, 1, 1], 'severity-raised'),
      one(10, 'lea', [1, 0, 1], 'leadership'),
    ),
  );
});

const recurrence = (minute: number) => [
  ...ledgerAt([minute], 'chat: It is back: Checkout fails.'),
  ...ledgerAt([minute], 'public Investigating: The problem with Checkout is back. We are working on it.'),
];
const watched = (minute: number) => [
  ...ledgerAt([minute], WATCHING),
  ...ledgerAt([minute], 'public Monitoring: The problem with Checkout has cleared. We are monitoring it.'),
];

test('[PAGE-25] it comes back after an acknowledgement: its IC is paged, then the chain from level 1 in a new round', async () => {
  const roster = rosterOf({}, ['eve']);
  const policy = aPolicy({ levels: [['onCall'], ['bo'], ['hal']] });
  const told = await runPagingScenario(
    world,
    { roster, declaration: { policy } },
    async ({ advanceMinutes, sendCommand, sendAlerts }) => {
      await advanceMinutes(1);
      await sendCommand({ type: 'acknowledge', by: 'ana' });
      await advanceMinutes(1);
      await sendAlerts({ status: 'resolved', endsAt: 2_000 });
      await advanceMinutes(3);
      await sendAlerts({ startsAt: 3_000 });
      await advanceMinutes(16);
      await sendCommand({ type: 'acknowledge', by: 'eve' });
      await advanceMinutes(2);
    },
  );
  expect(shortenSummaries(told)).toEqual(
    sortedLedger(
      [DECLARED],
      one(0, 'eve', [1, 1, 1], 'on-call'),
      has(1, 'ana', 'eve'),
      watched(2),
      recurrence(5),
      one(5, 'ana', [2, 0, 1], 'recurrence'),
      one(20, 'eve', [2, 1, 1], 'on-call'),
      ledgerAt([21], 'chat: eve has it and is incident commander.'),
      ledgerAt([21], 'notice ana: eve has it.'),
      ledgerAt([21], 'notice eve: You are incident commander.'),
    ),
  );
});

test.each([
  ['decideMitigation', { type: 'decideMitigation', decision: 'rollback' }],
  ['reportMitigation', { type: 'reportMitigation', outcome: 'worked' }],
  ['resolve', { type: 'resolve', resolution: 'restarted' }],
  ['declareFalseAlarm', { type: 'declareFalseAlarm', reason: 'a test of the vendor' }],
] as const)(
  '[PAGE-25] %s answers a recurrence: the chain does not begin',
  async (_name, command) => {
    const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts }) => {
      await sendCommand({ type: 'acknowledge' });
      await sendAlerts({ status: 'resolved', endsAt: 2_000 });
      await sendAlerts({ startsAt: 3_000 });
      await advanceMinutes(4);
      await sendCommand(command);
      await advanceMinutes(14);
    });
    expect(told.filter((line) => line.includes(' page '))).toEqual([
      ...anaAt0,
      ...one(0, 'ana', [2, 0, 1], 'recurrence'),
    ]);
  },
  60_000,
);

test('[PAGE-25] a recurrence in which every level is unreachable makes no pass shorter than one escalation time', async () => {
  const failing = new Map<string, number | null>();
  const told = await runPagingScenario(
    world,
    { failures: { failing } },
    async ({ advanceMinutes, sendCommand, sendAlerts }) => {
      await sendCommand({ type: 'acknowledge' });
      await sendAlerts({ status: 'resolved', endsAt: 2_000 });
      await sendAlerts({ startsAt: 3_000 });
      for (const person of ['ana', 'bo', 'eve']) failing.set(`${person}.webhook`, 410);
      await advanceMinutes(29);
    },
  );
  expect(told.filter((line) => line.includes('EXHAUSTED'))).toEqual([]);
});
