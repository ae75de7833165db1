/** Severities that people set: lowered, corrected, and left alone by what was known already. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  repeatedPages,
  ledgerAt,
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
const leadership = (minute: number, cycle = 1) => one(minute, 'lea', [cycle, 0, 1], 'leadership');
const changed = (minute: number, from: string, to: string, why: string) =>
  ledgerAt([minute], `chat: Severity ${from} → ${to}: ${why}`);
const has = (minute: number, person: string, ...others: readonly string[]) => [
  ...ledgerAt([minute], `chat: ${person} has it and is incident commander.`),
  ...others.flatMap((other) => ledgerAt([minute], `notice ${other}: ${person} has it.`)),
];

test('[SEV-4] a guessed severity is said to be guessed, until somebody sets it', async () => {
  const declaration = { severity: 'SEV3' as const, severityGuessed: true };
  const told = await runPagingScenario(world, { declaration }, async ({ sendCommand, view, timeline }) => {
    expect(await view()).toMatchObject({ severity: 'SEV3', severityGuessed: true });
    expect((await timeline()).timeline[0]?.text).toContain('SEV3 (guessed)');
    await sendCommand({ type: 'setSeverity', severity: 'SEV4', reason: 'a typo' });
    expect(await view()).toMatchObject({ severity: 'SEV4', severityGuessed: false });
  });
  expect(told).toEqual(sortedLedger([DECLARED], changed(0, 'SEV3', 'SEV4', 'a typo'), has(0, 'ana')));
});

test('[SEV-10] who lowers what nobody has, has it; an alert never lowers', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
    await advanceMinutes(1);
    await sendAlerts({ fingerprint: 'f2', severity: 'SEV3', title: 'Slow' });
    expect((await view()).severity).toBe('SEV2');
    await advanceMinutes(1);
    await sendCommand({ type: 'setSeverity', by: 'bo', severity: 'SEV3', reason: 'only internal' });
    expect(await view()).toMatchObject({ phase: 'investigating', roles: { ic: 'bo' }, severity: 'SEV3' });
    await advanceMinutes(20);
  });
  expect(told).toEqual(
    sortedLedger([DECLARED], anaAt0, changed(2, 'SEV2', 'SEV3', 'only internal'), has(2, 'bo', 'ana')),
  );
});

test('[SEV-10] lowering needs a reason', async () => {
  await runPagingScenario(world, {}, async ({ sendCommand }) => {
    await expect(sendCommand({ type: 'setSeverity', severity: 'SEV3', reason: ' ' })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('reason') },
    });
  });
});

test('[SEV-11] lowered after it went public: the public hears at the pace of the highest severity', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV1' } },
    async ({ advanceMinutes, sendCommand }) => {
      await sendCommand({ type: 'acknowledge' });
      await sendCommand({ type: 'setSeverity', severity: 'SEV3', reason: 'contained' });
      await advanceMinutes(31);
    },
  );
  // When ana is reminded is told by the stories of communication.
  expect(told.filter((line) => !line.includes(' notice ana: The public update'))).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      leadership(0),
      has(0, 'ana', 'lea'),
      changed(0, 'SEV1', 'SEV3', 'contained'),
      ledgerAt([0], PUBLIC),
      ledgerAt([15, 30], 'public Investigating: We are still working on the problem with Checkout.'),
    ),
  );
});

test('[SEV-12] a severity that a person set is not moved by repeats of the alerts already known', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
    await advanceMinutes(1);
    await sendCommand({ type: 'setSeverity', severity: 'SEV3', reason: 'only internal' });
    await advanceMinutes(4);
    await sendAlerts({});
    await sendAlerts({ annotations: { description: 'still' } });
    await advanceMinutes(5);
    expect((await view()).severity).toBe('SEV3');
  });
  expect(told).toEqual(sortedLedger([DECLARED], anaAt0, changed(1, 'SEV2', 'SEV3', 'only internal'), has(1, 'ana')));
});
