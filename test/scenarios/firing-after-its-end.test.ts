/** An alert that fires again with the start it had: a recurrence, unless it may be a late copy by a cluster peer. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AlertSource } from '../../activities/ports.ts';
import { sendAlertBatch, timelineKinds } from '../support/scenario-commands.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
const CLUSTER = { lateCopyMs: 20_000 };
const QUARTER = 0.25;
const DECLARED = ['00:00 chat: INCIDENT DECLARED: Checkout fails', '00:00 page ana by webhook: on-call 1.1.1'];
const CLEARED = [
  '00:02 chat: All alerts have cleared. Monitoring until HH:MM.',
  '00:02 notice ana: Cleared by itself.',
];

/** A source in which these alerts fire. */
const sourceWith = (...firing: readonly string[]): ReadonlyMap<string, AlertSource> =>
  new Map([['alertmanager', { firing: () => Promise.resolve(new Set(firing)) }]]);

test('[ALERT-5] [ALERT-10] a minute and a half after its end it fires with the start it had: the incident is back, and pages again', async () => {
  const told = await runScenario(world, { batch: CLUSTER }, async (driver) => {
    const { advanceMinutes, view } = driver;
    await advanceMinutes(2);
    await sendAlertBatch(driver, [CLEAR], CLUSTER);
    await advanceMinutes(1.5);
    await sendAlertBatch(driver, [{}], CLUSTER);
    expect(await view()).toMatchObject({ phase: 'declared', firingCount: 1 });
    for (let n = 0; n < 3; n += 1) {
      await advanceMinutes(QUARTER);
      await sendAlertBatch(driver, [{}], CLUSTER);
    }
  });
  expect(told).toEqual([
    ...DECLARED,
    ...CLEARED,
    '00:04 chat: It is back: Checkout fails.',
    '00:04 page ana by webhook: recurrence 1.1.2',
  ]);
});

test('[ALERT-10] it fires 15 s after its end, and its source says that it has ended: a late copy changes nothing', async () => {
  const told = await runScenario(
    world,
    { batch: CLUSTER, failures: { alertSources: sourceWith() } },
    async (driver) => {
      const { advanceMinutes, view } = driver;
      await advanceMinutes(2);
      await sendAlertBatch(driver, [CLEAR], CLUSTER);
      await advanceMinutes(QUARTER);
      await sendAlertBatch(driver, [{}], CLUSTER);
      await advanceMinutes(5);
      expect(await view()).toMatchObject({ phase: 'monitoring', firingCount: 0 });
      expect((await timelineKinds(driver)).slice(-1)).toEqual(['late-copies-noted']);
    },
  );
  expect(told).toEqual([...DECLARED, ...CLEARED]);
});

test('[ALERT-10] it fires 15 s after its end, and its source says that it does: the incident is back 5 s later', async () => {
  const told = await runScenario(
    world,
    { batch: CLUSTER, failures: { alertSources: sourceWith('f1') } },
    async (driver) => {
      const { advanceMinutes, view } = driver;
      await advanceMinutes(2);
      await sendAlertBatch(driver, [CLEAR], CLUSTER);
      await advanceMinutes(QUARTER);
      await sendAlertBatch(driver, [{}], CLUSTER);
      await advanceMinutes(0.1);
      expect(await view()).toMatchObject({ phase: 'declared', firingCount: 1 });
    },
  );
  expect(told).toEqual([
    ...DECLARED,
    CLEARED[0],
    '00:02 chat: It is back: Checkout fails.',
    CLEARED[1],
    '00:02 page ana by webhook: recurrence 1.1.2',
  ]);
});

const QUESTION =
  'alertmanager reported CheckoutFails firing again right after it resolved, and could not be asked whether it still fires. ' +
  'This may be an old message. Check CheckoutFails; if it fires: `tocsin reopen INC-2026-001 --reason "…"`';

test('[ALERT-10] it fires 15 s after its end, and nobody can be asked: the on-call is told once', async () => {
  const told = await runScenario(world, { batch: CLUSTER }, async (driver) => {
    const { advanceMinutes, sendCommand, view } = driver;
    await advanceMinutes(2);
    await sendAlertBatch(driver, [CLEAR], CLUSTER);
    await advanceMinutes(QUARTER);
    await sendAlertBatch(driver, [{}], CLUSTER);
    await sendAlertBatch(driver, [{}], CLUSTER);
    await advanceMinutes(1);
    expect(await view()).toMatchObject({ phase: 'monitoring', firingCount: 0 });
    await sendCommand({ type: 'declareFalseAlarm', reason: 'a test load' });
    await sendAlertBatch(driver, [{ startsAt: 5_000 }], CLUSTER);
  });
  expect(told.filter((line) => line.includes('right after it resolved'))).toEqual([
    `00:02 chat: ${QUESTION}`,
    `00:02 notice ana: ${QUESTION}`,
  ]);
});

test('[ALERT-10] the incident is over, it may be a late copy, and nobody can be told: it opens the next incident', async () => {
  const told = await runScenario(world, { batch: CLUSTER }, async (driver) => {
    const { advanceMinutes, sendCommand, view } = driver;
    const { id } = await view();
    await sendCommand({ type: 'declareFalseAlarm', reason: 'a test load' });
    await advanceMinutes(1);
    await sendAlertBatch(driver, [CLEAR], CLUSTER);
    await advanceMinutes(QUARTER);
    await sendAlertBatch(driver, [{}], CLUSTER);
    expect((await view()).id).toBe(id);
    await advanceMinutes(QUARTER);
    expect(await view()).toMatchObject({ phase: 'declared', recurrenceOf: id, firingCount: 1 });
  });
  expect(told.filter((line) => line.includes('page ana'))).toEqual([
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:01 page ana by webhook: on-call 1.1.1',
  ]);
});
