import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { timelineKinds, sendAlertBatch } from '../support/scenario-commands.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

test('[ALERT-9] a worse alert that joins raises the severity and pages the IC though it is acknowledged', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3' }, firstAlerts: [{ severity: 'SEV3' }] },
    async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(10);
      await sendAlerts({ fingerprint: 'f2', severity: 'SEV2', title: 'Half of all payments fail' });
      expect(await view()).toMatchObject({ severity: 'SEV2', phase: 'investigating', alertCount: 2 });
      await advanceMinutes(10);
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:10 chat: Severity SEV3 → SEV2: Half of all payments fail is SEV2',
    '00:10 page ana by webhook: severity-raised 1.0.1',
    '00:20 notice ana: The internal update is due at HH:MM: `tocsin update INC-2026-001 --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
  ]);
});

test('[ALERT-9] an equal or milder alert that joins is a line on the timeline and nothing more', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts, view } = driver;
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(5);
    await sendAlerts({ fingerprint: 'f2', severity: 'SEV2' }, { fingerprint: 'f3', severity: 'SEV4' });
    await advanceMinutes(5);
    expect(await view()).toMatchObject({ severity: 'SEV2', alertCount: 3 });
    expect((await timelineKinds(driver)).slice(-2)).toEqual(['public-communication-started', 'alerts-fired']);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
  ]);
});

test('[ALERT-3] [LIFE-1] one message with firing and resolved alerts: the watch opens only when every alert has cleared', async () => {
  const told = await runScenario(
    world,
    { firstAlerts: [{}, { fingerprint: 'f2' }] },
    async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(5);
      await sendAlerts(CLEAR, { fingerprint: 'f2' });
      expect(await view()).toMatchObject({ phase: 'investigating', firingCount: 1 });
      await advanceMinutes(5);
      await sendAlerts(CLEAR, { ...CLEAR, fingerprint: 'f2' });
      expect(await view()).toMatchObject({ phase: 'monitoring', firingCount: 0 });
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:10 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:10 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
  ]);
});

test('[ALERT-5] resolved before firing: the firing that was received before changes nothing', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
    await sendCommand({ type: 'acknowledge' });
    const late = { fingerprint: 'f2', receivedAt: 0 };
    await sendAlerts({ ...CLEAR, fingerprint: 'f2' });
    await sendAlerts(late);
    expect(await view()).toMatchObject({ phase: 'investigating', firingCount: 1, alertCount: 2 });
    await advanceMinutes(5);
    await sendAlerts(CLEAR);
    expect((await view()).phase).toBe('monitoring');
    await sendAlerts(late);
    expect((await view()).phase).toBe('monitoring');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:05 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
  ]);
});

const LEFT_OUT =
  'Every alert that alertmanager sent has cleared, but 3 alerts were never sent. Please look there. ' +
  'If all is well, say `resolve`.';

test('[ALERT-5] a message that leaves alerts out never clears the incident; the next whole one does', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendCommand, view } = driver;
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(5);
    await sendAlertBatch(driver, [CLEAR], { truncated: 3 });
    expect(await view()).toMatchObject({ phase: 'investigating', firingCount: 0, truncatedAlerts: 3 });
    await advanceMinutes(5);
    await sendAlertBatch(driver, [CLEAR], { truncated: 0 });
    expect((await view()).phase).toBe('monitoring');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    `00:05 chat: ${LEFT_OUT}`,
    `00:05 notice ana: ${LEFT_OUT}`,
    '00:10 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:10 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
  ]);
});

test('[ALERT-6] an alert without a start, repeated, is the same alert while it fires, and a new one after', async () => {
  const told = await runScenario(
    world,
    { firstAlerts: [{ startGuessed: true }] },
    async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(5);
      await sendAlerts({ startGuessed: true, startsAt: 2_000 });
      expect((await view()).alertCount).toBe(1);
      await sendAlerts({ ...CLEAR, startGuessed: true, startsAt: 3_000 });
      await sendAlerts({ ...CLEAR, startGuessed: true, startsAt: 4_000 });
      expect((await view()).phase).toBe('monitoring');
      await advanceMinutes(5);
      await sendAlerts({ startGuessed: true, startsAt: 5_000 });
      expect((await view()).phase).toBe('mitigating');
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:05 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '00:10 chat: It is back: Checkout fails.',
    '00:10 page ana by webhook: recurrence 2.0.1',
    '00:10 public Investigating: The problem with Checkout is back. We are working on it.',
  ]);
});

test('[ALERT-10] a repeat of what fires is heard and says nothing: no page, no line', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts } = driver;
    await sendCommand({ type: 'acknowledge' });
    const before = await timelineKinds(driver);
    for (let n = 0; n < 5; n += 1) {
      await advanceMinutes(1);
      await sendAlerts({});
    }
    expect(await timelineKinds(driver)).toEqual(before);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
  ]);
});
