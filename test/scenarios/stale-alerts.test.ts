import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DeliveryError } from '../../runtime/failures.ts';
import type { AlertSource } from '../../activities/ports.ts';
import { timelineKinds } from '../support/scenario-commands.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const HOURS = 60;
const QUIET = { severity: 'SEV4' } as const;
const DECLARED = '00:00 chat: INCIDENT DECLARED: Checkout fails';
const QUESTION =
  'If it is over: `tocsin resolve INC-2026-001 --resolution "…" --ignore-alert ALERT`. Until then it counts as firing.';

/** A source in which these alerts fire, as long as it is well. */
function source(there: () => readonly string[] | null): ReadonlyMap<string, AlertSource> {
  const firing: AlertSource['firing'] = async () => {
    const found = there();
    if (found === null) throw new DeliveryError('alertmanager', { status: 503 });
    return new Set(found);
  };
  return new Map([['alertmanager', { firing }]]);
}

test('[LIFE-24] an alert that the source still has counts as heard of, however long; gone there, the IC is asked once and nothing has cleared', async () => {
  let there: readonly string[] = ['f1', 'of another incident'];
  const alertSources = source(() => there);
  const told = await runScenario(
    world,
    { declaration: QUIET, firstAlerts: [QUIET], failures: { alertSources } },
    async (driver) => {
      const { advanceMinutes, sendCommand, view } = driver;
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(25 * HOURS);
      expect(await timelineKinds(driver)).not.toContain('alerts-stale');
      there = [];
      await advanceMinutes(12 * HOURS);
      expect(await view()).toMatchObject({ phase: 'investigating', firingCount: 1, alerts: [{ stale: 'gone' }] });
      await advanceMinutes(13 * HOURS);
      expect((await timelineKinds(driver)).filter((kind) => kind === 'alerts-stale').length).toBe(1);
      await sendCommand({ type: 'resolve', resolution: 'gone', ignoreAlerts: ['f1'] });
      await advanceMinutes(31);
      expect((await view()).phase).not.toBe('monitoring');
    },
  );
  const text = 'No reports about CheckoutFails for 12 h; alertmanager has silenced or dropped it.';
  expect(told.filter((line) => line.includes('No reports about'))).toEqual([
    `36:00 chat: ${text} ${QUESTION}`,
    `36:00 notice ana: ${text} ${QUESTION}`,
  ]);
  expect(told[1]).toBe(DECLARED);
});

test('[LIFE-25] nobody to ask: said all the same; the next report of the alert takes the mark away', async () => {
  const told = await runScenario(world, { declaration: QUIET, firstAlerts: [QUIET] }, async (driver) => {
    const { advanceMinutes, sendAlerts, view } = driver;
    await advanceMinutes(13 * HOURS);
    expect((await view()).alerts).toMatchObject([{ status: 'firing', stale: 'unknown' }]);
    await sendAlerts(QUIET);
    expect((await view()).alerts[0]).not.toHaveProperty('stale');
  });
  expect(told).toEqual([
    DECLARED,
    `12:00 chat: No reports about CheckoutFails for 12 h; alertmanager could not be asked. ${QUESTION}`,
  ]);
});

test('[LIFE-25] the source is away: it is asked for five minutes, then a person is', async () => {
  let asked = 0;
  const alertSources = source(() => {
    asked += 1;
    return null;
  });
  const told = await runScenario(
    world,
    { declaration: QUIET, firstAlerts: [QUIET], failures: { alertSources } },
    async ({ advanceMinutes }) => {
      await advanceMinutes(12 * HOURS + 10);
    },
  );
  expect(asked).toBeGreaterThan(5);
  expect(told).toEqual([
    DECLARED,
    `12:05 chat: No reports about CheckoutFails for 12 h 5 min; alertmanager could not be asked. ${QUESTION}`,
  ]);
});

test('[ALERT-13] its series vanishes: the chain goes on, and nothing recovers by itself', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendAlerts, view }) => {
    await advanceMinutes(2);
    await sendAlerts({ status: 'resolved', vanished: true });
    await advanceMinutes(40);
    expect(await view()).toMatchObject({ phase: 'declared', firingCount: 1 });
  });
  expect(told.filter((line) => line.includes(' page bo by webhook: escalation'))).toHaveLength(1);
  expect(told.filter((line) => line.includes('because the rule or its data changed')).length).toBeGreaterThan(0);
});
