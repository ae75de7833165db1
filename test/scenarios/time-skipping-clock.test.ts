/** The scenarios' own clock: what the time-skipping server forgets is released, and nothing else is. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { TASK_QUEUES } from '../../workflows/contract.ts';
import { endOpenWorkflows, sleepReleasingLocks } from '../support/settle.ts';
import type { World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';

const HOUR = 3_600_000;
let world: World;

beforeAll(async () => void (world = await createWorld()));
afterEach(() => endOpenWorkflows(world.env));
afterAll(() => world.close());

/** How far a sleep of so long moved the server's clock, and ours, ms. */
async function slept(ms: number): Promise<{ server: number; ours: number }> {
  const before = { server: await world.env.currentTimeMs(), ours: performance.now() };
  await sleepReleasingLocks(world.env, ms);
  return { server: (await world.env.currentTimeMs()) - before.server, ours: performance.now() - before.ours };
}

test('several locks that nobody holds any more are all released, and the clock skips again', async () => {
  const { testService } = world.env.connection;
  for (let lock = 0; lock < 3; lock += 1) await testService?.lockTimeSkipping({});
  expect((await slept(5 * HOUR)).server).toBeGreaterThanOrEqual(5 * HOUR);
  const next = await slept(5 * HOUR);
  expect(next.server).toBeGreaterThanOrEqual(5 * HOUR);
  // The base lock is still there: between two sleeps the server's clock runs as ours does.
  expect((await slept(0)).server).toBeLessThan(60_000);
});

test('a task that no worker has taken yet keeps the clock', async () => {
  await world.env.client.workflow.start('nobody', { workflowId: 'untaken', taskQueue: TASK_QUEUES.incidents });
  const { server, ours } = await slept(4_000);
  expect(ours).toBeGreaterThan(3_500);
  expect(server).toBeLessThan(ours + 1_000);
});
