/** What a raised severity does to paging, by a person or by a worse alert, answered or not. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { again, at, DECLARED, exhausted, ledger, pagingStory, PUBLIC, UPDATE } from '../support/paging.ts';
import type { World } from '../support/story.ts';
import { createWorld } from '../support/story.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const one = (minute: number, of: string, key: readonly [number, number, number], reason = 'escalation') =>
  again([minute], { of: `${of} by webhook`, reason, at: key });
const anaAt0 = one(0, 'ana', [1, 1, 1], 'on-call');
const leadership = (minute: number, cycle = 1) => one(minute, 'lea', [cycle, 0, 1], 'leadership');
const changed = (minute: number, from: string, to: string, why: string) =>
  at([minute], `chat: Severity: ${from} → ${to}. ${why}`);
const has = (minute: number, person: string, ...others: readonly string[]) => [
  ...at([minute], `chat: ${person} has it and is incident commander.`),
  ...others.flatMap((other) => at([minute], `notice ${other}: ${person} has it.`)),
];

test('[SEV-7] [PAGE-16] a SEV2 raised at 3 min: level 1 and leadership are paged at the change, level 2 at the later of 5 min and change + 5', async () => {
  const told = await pagingStory(world, {}, async ({ pass, say }) => {
    await pass(3);
    await say({ type: 'setSeverity', by: 'hal', severity: 'SEV1', reason: 'all of it' });
    await pass(11);
  });
  expect(told).toEqual(
    ledger(
      [DECLARED],
      anaAt0,
      changed(3, 'SEV2', 'SEV1', 'all of it'),
      one(3, 'ana', [1, 1, 2], 'severity-raised'),
      leadership(3),
      again([5, 7], { of: 'ana by webhook', at: [1, 1, 3] }),
      one(8, 'bo', [1, 2, 1]),
      again([10, 12], { of: 'bo by webhook', at: [1, 2, 2] }),
      one(13, 'eve', [1, 3, 1]),
    ),
  );
});

test('[SEV-7] raised at level 2: level 1 is paged at the change, and the chain keeps the level it had reached', async () => {
  const told = await pagingStory(world, {}, async ({ pass, alerts }) => {
    await pass(16);
    await alerts({ fingerprint: 'f2', severity: 'SEV1', title: 'Everything fails' });
    await pass(6);
  });
  expect(told).toEqual(
    ledger(
      [DECLARED],
      anaAt0,
      one(8, 'ana', [1, 1, 2], 'repeat'),
      one(15, 'bo', [1, 2, 1]),
      changed(16, 'SEV2', 'SEV1', 'Everything fails is SEV1'),
      one(16, 'ana', [1, 1, 3], 'severity-raised'),
      leadership(16),
      again([18, 20], { of: 'bo by webhook', at: [1, 2, 2] }),
      at([21], UPDATE),
      one(21, 'eve', [1, 3, 1]),
    ),
  );
});

test('[SEV-7] a SEV3 raised to SEV2 before its first page pages level 1 at the change', async () => {
  const told = await pagingStory(world, { opening: { severity: 'SEV3' } }, async ({ pass, alerts }) => {
    await pass(20);
    await alerts({ fingerprint: 'f2', severity: 'SEV2', title: 'Half of it fails' });
    await pass(16);
  });
  expect(told).toEqual(
    ledger(
      [DECLARED],
      changed(20, 'SEV3', 'SEV2', 'Half of it fails is SEV2'),
      one(20, 'ana', [1, 1, 1], 'severity-raised'),
      one(28, 'ana', [1, 1, 2], 'repeat'),
      one(35, 'bo', [1, 2, 1]),
      at([35], UPDATE),
    ),
  );
});

test('[SEV-7] a SEV4 raised to SEV3 pages level 1 an hour after the change', async () => {
  const told = await pagingStory(world, { opening: { severity: 'SEV4' } }, async ({ pass, alerts }) => {
    await pass(30);
    await alerts({ fingerprint: 'f2', severity: 'SEV3', title: 'Slow' });
    await pass(61);
  });
  expect(told).toEqual(
    ledger(
      [DECLARED],
      changed(30, 'SEV4', 'SEV3', 'Slow is SEV3'),
      at([90], UPDATE),
      one(90, 'ana', [1, 1, 1], 'on-call'),
    ),
  );
});

test('[SEV-7] [PAGE-12] a SEV3 whose chain is exhausted, raised to SEV2, is paged again, and for ever', async () => {
  const told = await pagingStory(world, { opening: { severity: 'SEV3' } }, async ({ pass, alerts }) => {
    await pass(421);
    await alerts({ fingerprint: 'f2', severity: 'SEV2', title: 'Half of it fails' });
    await pass(31);
  });
  const together = (cycle: number, minute: number) =>
    ['ana', 'bo', 'eve'].flatMap((person, i) => one(minute, person, [cycle, i + 1, 1]));
  expect(told.filter((line) => line >= '07:01')).toEqual(
    ledger(
      changed(421, 'SEV3', 'SEV2', 'Half of it fails is SEV2'),
      one(421, 'ana', [2, 1, 2], 'severity-raised'),
      one(429, 'eve', [2, 3, 2], 'repeat'),
      at([436], exhausted('SEV2', 2)),
      together(3, 436),
      ['ana', 'bo', 'eve'].flatMap((person, i) => one(444, person, [3, i + 1, 2], 'repeat')),
      at([451], exhausted('SEV2', 3)),
      together(4, 451),
      at([450], UPDATE),
    ),
  );
});

test('[SEV-8] raised by a person on an answered incident: it stays answered, the chain stays stopped, leadership is paged once', async () => {
  const told = await pagingStory(world, {}, async ({ pass, say, view }) => {
    await pass(1);
    await say({ type: 'acknowledge' });
    await say({ type: 'setSeverity', severity: 'SEV1', reason: 'all of it' });
    expect((await view()).phase).toBe('investigating');
    await pass(4);
    await say({ type: 'setSeverity', severity: 'SEV2', reason: 'half of it' });
    await say({ type: 'setSeverity', severity: 'SEV1', reason: 'all of it after all' });
    await pass(1);
  });
  expect(told).toEqual(
    ledger(
      [DECLARED],
      anaAt0,
      has(1, 'ana'),
      at([1], PUBLIC),
      changed(1, 'SEV2', 'SEV1', 'all of it'),
      leadership(1),
      changed(5, 'SEV1', 'SEV2', 'half of it'),
      changed(5, 'SEV2', 'SEV1', 'all of it after all'),
    ),
  );
});

test('[SEV-9] raised by an alert on an answered incident: its IC is paged, and the chain stays stopped', async () => {
  const told = await pagingStory(world, {}, async ({ pass, say, alerts, view }) => {
    await pass(1);
    await say({ type: 'acknowledge', by: 'bo' });
    await pass(1);
    await alerts({ fingerprint: 'f2', severity: 'SEV1', title: 'Everything fails' });
    expect(await view()).toMatchObject({ phase: 'investigating', severity: 'SEV1' });
    await pass(6);
  });
  expect(told).toEqual(
    ledger(
      [DECLARED],
      anaAt0,
      has(1, 'bo', 'ana'),
      at([1], PUBLIC),
      changed(2, 'SEV2', 'SEV1', 'Everything fails is SEV1'),
      one(2, 'bo', [1, 0, 1], 'severity-raised'),
      one(2, 'lea', [1, 0, 2], 'leadership'),
    ),
  );
});
