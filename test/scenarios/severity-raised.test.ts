/** What a raised severity does to paging, by a person or by a worse alert, answered or not. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  repeatedPages,
  ledgerAt,
  DECLARED,
  escalationExhaustedPost,
  sortedLedger,
  runPagingScenario,
  PUBLIC,
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
const leadership = (minute: number, cycle = 1) => one(minute, 'lea', [cycle, 0, 1], 'leadership');
const changed = (minute: number, from: string, to: string, why: string) =>
  ledgerAt([minute], `chat: Severity ${from} → ${to}: ${why}`);
const has = (minute: number, person: string, ...others: readonly string[]) => [
  ...ledgerAt([minute], `chat: ${person} has it and is incident commander.`),
  ...others.flatMap((other) => ledgerAt([minute], `notice ${other}: ${person} has it.`)),
];

test('[SEV-7] [PAGE-16] a SEV2 raised at 3 min: level 1 and leadership are paged at the change, level 2 at the later of 5 min and change + 5', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand }) => {
    await advanceMinutes(3);
    await sendCommand({ type: 'setSeverity', by: 'hal', severity: 'SEV1', reason: 'all of it' });
    await advanceMinutes(11);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      changed(3, 'SEV2', 'SEV1', 'all of it'),
      one(3, 'ana', [1, 1, 2], 'severity-raised'),
      leadership(3),
      repeatedPages([5, 7], { of: 'ana by webhook', at: [1, 1, 3] }),
      one(8, 'bo', [1, 2, 1]),
      repeatedPages([10, 12], { of: 'bo by webhook', at: [1, 2, 2] }),
      one(13, 'eve', [1, 3, 1]),
    ),
  );
});

test('[SEV-7] raised at level 2: level 1 is paged at the change, and the chain keeps the level it had reached', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendAlerts }) => {
    await advanceMinutes(16);
    await sendAlerts({ fingerprint: 'f2', severity: 'SEV1', title: 'Everything fails' });
    await advanceMinutes(6);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      one(8, 'ana', [1, 1, 2], 'repeat'),
      one(15, 'bo', [1, 2, 1]),
      changed(16, 'SEV2', 'SEV1', 'Everything fails is SEV1'),
      one(16, 'ana', [1, 1, 3], 'severity-raised'),
      leadership(16),
      repeatedPages([18, 20], { of: 'bo by webhook', at: [1, 2, 2] }),
      ledgerAt([21], UPDATE),
      one(21, 'eve', [1, 3, 1]),
    ),
  );
});

test('[SEV-7] a SEV3 raised to SEV2 before its first page pages level 1 at the change', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV3' } },
    async ({ advanceMinutes, sendAlerts }) => {
      await advanceMinutes(20);
      await sendAlerts({ fingerprint: 'f2', severity: 'SEV2', title: 'Half of it fails' });
      await advanceMinutes(16);
    },
  );
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      changed(20, 'SEV3', 'SEV2', 'Half of it fails is SEV2'),
      one(20, 'ana', [1, 1, 1], 'severity-raised'),
      one(28, 'ana', [1, 1, 2], 'repeat'),
      one(35, 'bo', [1, 2, 1]),
      ledgerAt([35], UPDATE),
    ),
  );
});

test('[SEV-7] a SEV4 raised to SEV3 pages level 1 an hour after the change', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV4' } },
    async ({ advanceMinutes, sendAlerts }) => {
      await advanceMinutes(30);
      await sendAlerts({ fingerprint: 'f2', severity: 'SEV3', title: 'Slow' });
      await advanceMinutes(61);
    },
  );
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      changed(30, 'SEV4', 'SEV3', 'Slow is SEV3'),
      ledgerAt([90], UPDATE),
      one(90, 'ana', [1, 1, 1], 'on-call'),
    ),
  );
});

test('[SEV-7] [PAGE-12] a SEV3 whose chain is exhausted, raised to SEV2, is paged again, and for ever', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV3' } },
    async ({ advanceMinutes, sendAlerts }) => {
      await advanceMinutes(421);
      await sendAlerts({ fingerprint: 'f2', severity: 'SEV2', title: 'Half of it fails' });
      await advanceMinutes(31);
    },
  );
  const together = (cycle: number, minute: number) =>
    ['ana', 'bo', 'eve'].flatMap((person, i) => one(minute, person, [cycle, i + 1, 1]));
  expect(told.filter((line) => line >= '07:01')).toEqual(
    sortedLedger(
      changed(421, 'SEV3', 'SEV2', 'Half of it fails is SEV2'),
      one(421, 'ana', [2, 1, 2], 'severity-raised'),
      one(429, 'eve', [2, 3, 2], 'repeat'),
      ledgerAt([436], escalationExhaustedPost('SEV2', 2)),
      together(3, 436),
      ['ana', 'bo', 'eve'].flatMap((person, i) => one(444, person, [3, i + 1, 2], 'repeat')),
      ledgerAt([451], escalationExhaustedPost('SEV2', 3)),
      together(4, 451),
      ledgerAt([450], UPDATE),
    ),
  );
});

test('[SEV-8] raised by a person on an answered incident: it stays answered, the chain stays stopped, leadership is paged once', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand, view }) => {
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'setSeverity', severity: 'SEV1', reason: 'all of it' });
    expect((await view()).phase).toBe('investigating');
    await advanceMinutes(4);
    await sendCommand({ type: 'setSeverity', severity: 'SEV2', reason: 'half of it' });
    await sendCommand({ type: 'setSeverity', severity: 'SEV1', reason: 'all of it after all' });
    await advanceMinutes(1);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      has(1, 'ana'),
      ledgerAt([1], PUBLIC),
      changed(1, 'SEV2', 'SEV1', 'all of it'),
      leadership(1),
      changed(5, 'SEV1', 'SEV2', 'half of it'),
      changed(5, 'SEV2', 'SEV1', 'all of it after all'),
    ),
  );
});

test('[SEV-9] raised by an alert on an answered incident: its IC is paged, and the chain stays stopped', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge', by: 'bo' });
    await advanceMinutes(1);
    await sendAlerts({ fingerprint: 'f2', severity: 'SEV1', title: 'Everything fails' });
    expect(await view()).toMatchObject({ phase: 'investigating', severity: 'SEV1' });
    await advanceMinutes(6);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      has(1, 'bo', 'ana'),
      ledgerAt([1], PUBLIC),
      changed(2, 'SEV2', 'SEV1', 'Everything fails is SEV1'),
      one(2, 'bo', [1, 0, 1], 'severity-raised'),
      one(2, 'lea', [1, 0, 2], 'leadership'),
    ),
  );
});
