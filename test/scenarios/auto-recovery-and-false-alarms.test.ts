import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postIncidentOf } from '../support/scenario-commands.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

test('[PAGE-23] [LIFE-11] cleared before anyone had it: those paged hear so, nothing goes public, and it closes as auto-recovered', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendAlerts, view } = driver;
    await advanceMinutes(16);
    await sendAlerts(CLEAR);
    expect(await view()).toMatchObject({ phase: 'monitoring', firingCount: 0 });
    await advanceMinutes(24);
    await sendAlerts({ ...CLEAR, fingerprint: 'f2' });
    await advanceMinutes(7);
    expect(await view()).toMatchObject({ phase: 'resolved', outcome: 'auto-recovered' });
    const { view: cared, status } = postIncidentOf(driver, (await view()).id);
    expect([await status(), (await cared()).phase, (await cared()).outcome]).toEqual([
      'RUNNING',
      'closed',
      'auto-recovered',
    ]);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
    '00:16 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:16 notice ana: Cleared by itself.',
    '00:16 notice bo: Cleared by itself.',
    '00:46 chat: ALL CLEAR: Checkout fails is resolved (it recovered by itself).',
  ]);
});

test('[LIFE-13] a false alarm corrects what was public, tells those paged, closes and frees nothing of the repeats', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
    await advanceMinutes(16);
    await sendCommand({ type: 'acknowledge', by: 'bo' });
    await advanceMinutes(4);
    await sendCommand({ type: 'declareFalseAlarm', by: 'bo', reason: 'a load test' });
    await sendAlerts({});
    await advanceMinutes(60);
    expect(await view()).toMatchObject({ phase: 'closed', outcome: 'false-alarm' });
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
    '00:16 chat: bo has it and is incident commander.',
    '00:16 notice ana: bo has it.',
    '00:16 public Investigating: We are investigating a problem with Checkout.',
    '00:20 chat: bo declared a false alarm: a load test',
    '00:20 notice ana: bo declared a false alarm: a load test',
    '00:20 public Resolved: This was a false alarm: there was no problem with Checkout.',
  ]);
});

test('[LIFE-13] a false alarm that nobody had acknowledged stops the chain, and nothing was public to correct', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendCommand }) => {
    await advanceMinutes(16);
    await sendCommand({ type: 'declareFalseAlarm', by: 'bo', reason: 'a load test' });
    await advanceMinutes(60);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
    '00:16 chat: bo declared a false alarm: a load test',
    '00:16 notice ana: bo declared a false alarm: a load test',
  ]);
});

test('[LIFE-15] a fix that failed proposes the rollback', async () => {
  const told = await runScenario(world, {}, async ({ sendCommand, advanceMinutes, view }) => {
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] });
    await advanceMinutes(5);
    await sendCommand({ type: 'reportMitigation', outcome: 'failed', text: 'still failing' });
    expect((await view()).phase).toBe('mitigating');
  });
  expect(told).toEqual([
    '00:00 chat: ana decided to fix forward.',
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Identified: We have identified the problem with Checkout and are fixing it.',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: ana: the fix FAILED: still failing. Roll back, then check health again.',
    '00:05 public Investigating: Our attempt to fix the problem with Checkout did not work. We are still working on it.',
  ]);
});
