import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kinds, message } from '../support/doors.ts';
import type { World } from '../support/story.ts';
import { createWorld, story } from '../support/story.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

test('[ALERT-9] a worse alert that joins raises the severity and pages the IC though it is acknowledged', async () => {
  const told = await story(
    world,
    { opening: { severity: 'SEV3' }, first: [{ severity: 'SEV3' }] },
    async ({ pass, say, alerts, view }) => {
      await say({ type: 'acknowledge' });
      await pass(10);
      await alerts({ fingerprint: 'f2', severity: 'SEV2', title: 'Half of all payments fail' });
      expect(await view()).toMatchObject({ severity: 'SEV2', phase: 'investigating', alertCount: 2 });
      await pass(10);
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:10 chat: Severity: SEV3 → SEV2. Half of all payments fail is SEV2',
    '00:10 page ana by webhook: severity-raised 1.0.1',
    '00:20 notice ana: The internal update is due at HH:MM. Draft: Status: investigating. Impact: Checkout fails. Wanted: technical lead, communications lead and scribe.',
  ]);
});

test('[ALERT-9] an equal or milder alert that joins is a line on the timeline and nothing more', async () => {
  const told = await story(world, {}, async (teller) => {
    const { pass, say, alerts, view } = teller;
    await say({ type: 'acknowledge' });
    await pass(5);
    await alerts({ fingerprint: 'f2', severity: 'SEV2' }, { fingerprint: 'f3', severity: 'SEV4' });
    await pass(5);
    expect(await view()).toMatchObject({ severity: 'SEV2', alertCount: 3 });
    expect((await kinds(teller)).slice(-2)).toEqual(['public-begun', 'alerts-fired']);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
  ]);
});

test('[ALERT-3] [LIFE-1] one message with firing and resolved alerts: the watch opens only when every alert has cleared', async () => {
  const told = await story(world, { first: [{}, { fingerprint: 'f2' }] }, async ({ pass, say, alerts, view }) => {
    await say({ type: 'acknowledge' });
    await pass(5);
    await alerts(CLEAR, { fingerprint: 'f2' });
    expect(await view()).toMatchObject({ phase: 'investigating', firingCount: 1 });
    await pass(5);
    await alerts(CLEAR, { ...CLEAR, fingerprint: 'f2' });
    expect(await view()).toMatchObject({ phase: 'monitoring', firingCount: 0 });
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:10 chat: Every alert has cleared. Watching until HH:MM.',
    '00:10 public Monitoring: A fix for Checkout is in place. We are watching it.',
  ]);
});

test('[ALERT-5] resolved before firing: the late firing of the same start changes nothing', async () => {
  const told = await story(world, {}, async ({ pass, say, alerts, view }) => {
    await say({ type: 'acknowledge' });
    await alerts({ ...CLEAR, fingerprint: 'f2' });
    await alerts({ fingerprint: 'f2' });
    expect(await view()).toMatchObject({ phase: 'investigating', firingCount: 1, alertCount: 2 });
    await pass(5);
    await alerts(CLEAR);
    expect((await view()).phase).toBe('monitoring');
    await alerts({ fingerprint: 'f2' });
    expect((await view()).phase).toBe('monitoring');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: Every alert has cleared. Watching until HH:MM.',
    '00:05 public Monitoring: A fix for Checkout is in place. We are watching it.',
  ]);
});

test('[ALERT-5] a message that leaves alerts out never clears the incident; the next whole one does', async () => {
  const told = await story(world, {}, async (teller) => {
    const { pass, say, view } = teller;
    await say({ type: 'acknowledge' });
    await pass(5);
    await message(teller, [CLEAR], { truncated: 3 });
    expect(await view()).toMatchObject({ phase: 'investigating', firingCount: 0, truncatedAlerts: 3 });
    await pass(5);
    await message(teller, [CLEAR], { truncated: 0 });
    expect((await view()).phase).toBe('monitoring');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:10 chat: Every alert has cleared. Watching until HH:MM.',
    '00:10 public Monitoring: A fix for Checkout is in place. We are watching it.',
  ]);
});

test('[ALERT-6] an alert without a start, repeated, is the same alert while it fires, and a new one after', async () => {
  const told = await story(world, { first: [{ startGuessed: true }] }, async ({ pass, say, alerts, view }) => {
    await say({ type: 'acknowledge' });
    await pass(5);
    await alerts({ startGuessed: true, startsAt: 2_000 });
    expect((await view()).alertCount).toBe(1);
    await alerts({ ...CLEAR, startGuessed: true, startsAt: 3_000 });
    await alerts({ ...CLEAR, startGuessed: true, startsAt: 4_000 });
    expect((await view()).phase).toBe('monitoring');
    await pass(5);
    await alerts({ startGuessed: true, startsAt: 5_000 });
    expect((await view()).phase).toBe('mitigating');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: Every alert has cleared. Watching until HH:MM.',
    '00:05 public Monitoring: A fix for Checkout is in place. We are watching it.',
    '00:10 chat: It is back: Checkout fails.',
    '00:10 page ana by webhook: recurrence 2.0.1',
    '00:10 public Identified: The problem with Checkout is back. We are working on it.',
  ]);
});

test('[ALERT-10] a repeat of what fires is heard and says nothing: no page, no line', async () => {
  const told = await story(world, {}, async (teller) => {
    const { pass, say, alerts } = teller;
    await say({ type: 'acknowledge' });
    const before = await kinds(teller);
    for (let n = 0; n < 5; n += 1) {
      await pass(1);
      await alerts({});
    }
    expect(await kinds(teller)).toEqual(before);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
  ]);
});
