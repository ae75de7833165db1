import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postIncidentOf, timelineKinds } from '../support/scenario-commands.ts';
import { postmortemNotice } from '../support/postmortem-notice.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
/** The same alert, firing anew. */
const ANEW = { startsAt: 5_000 } as const;

test('[ALERT-5] [ALERT-10] a repeat received before the end opens and reopens nothing: in the watch, nor once it is over', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendAlerts, sendCommand, view } = driver;
    await sendCommand({ type: 'acknowledge' });
    await sendAlerts({});
    await sendCommand({ type: 'resolve', resolution: 'done' });
    await advanceMinutes(25);
    await sendAlerts(CLEAR);
    await sendAlerts({ receivedAt: 0 });
    expect((await view()).phase).toBe('monitoring');
    await advanceMinutes(6);
    const over = await view();
    await sendAlerts({ receivedAt: 0 });
    expect(await view()).toMatchObject({ phase: 'resolved', id: over.id, firingCount: 0 });
    await advanceMinutes(5);
    expect(await timelineKinds(driver)).toEqual([
      'declared',
      'alerts-fired',
      'paged',
      'acknowledged',
      'public-communication-started',
      'monitoring-started',
      'update-reminded',
      'alerts-cleared',
      'resolved',
    ]);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: Fixed: done. Monitoring until HH:MM. Still firing: CheckoutFails.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Monitoring: We have applied a fix for the problem with Checkout and are checking whether it works.',
    '00:20 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: monitoring. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:30 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:30 ${postmortemNotice()}`,
    '00:30 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[LIFE-9] a new start after resolution is a new incident: it pages, and names the one whose recurrence it is', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendAlerts, sendCommand, view } = driver;
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'resolve', resolution: 'done' });
    await advanceMinutes(25);
    await sendAlerts(CLEAR);
    await advanceMinutes(6);
    const first = await view();
    expect(first).toMatchObject({ phase: 'resolved', recurrenceOf: null });
    await sendAlerts(ANEW);
    const second = await view();
    expect(second).toMatchObject({
      phase: 'declared',
      recurrenceOf: first.id,
      acknowledgedAt: null,
      firingCount: 1,
    });
    expect(second.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    await advanceMinutes(1);
    const postIncident = postIncidentOf(driver, first.id);
    expect([await postIncident.status(), (await postIncident.view()).phase]).toEqual(['RUNNING', 'resolved']);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: Fixed: done. Monitoring until HH:MM. Still firing: CheckoutFails.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Monitoring: We have applied a fix for the problem with Checkout and are checking whether it works.',
    '00:20 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: monitoring. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:30 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:30 ${postmortemNotice()}`,
    '00:30 public Resolved: The problem with Checkout is resolved.',
    '00:31 chat: INCIDENT DECLARED: Checkout fails',
    '00:31 page ana by webhook: on-call 1.1.1',
  ]);
});

test('[LIFE-10] a resolved incident lingers until 10 min after its last alert resolved; a false one as well', async () => {
  const told = await runScenario(world, { firstAlerts: [{}, { fingerprint: 'f2' }] }, async (driver) => {
    const { advanceMinutes, sendAlerts, sendCommand } = driver;
    const status = async () => (await driver.env.client.workflow.getHandle(driver.workflowId).describe()).status.name;
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'declareFalseAlarm', reason: 'a drill' });
    await advanceMinutes(60);
    await sendAlerts(CLEAR, { ...CLEAR, fingerprint: 'f2' });
    await advanceMinutes(9);
    expect(await status()).toBe('RUNNING');
    await advanceMinutes(2);
    expect(await status()).toBe('COMPLETED');
  });
  expect(told).toEqual([
    '00:00 chat: ana declared a false alarm: a drill',
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Resolved: This was a false alarm: there was no problem with Checkout.',
  ]);
});

test('[ALERT-11] [LIFE-10] what is not heard of for 12 h is stale: it never counts as clear, but a run that is over forgets it', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV4' }, firstAlerts: [{ severity: 'SEV4' }] },
    async (driver) => {
      const { advanceMinutes, sendCommand, view } = driver;
      const status = async () => (await driver.env.client.workflow.getHandle(driver.workflowId).describe()).status.name;
      await advanceMinutes(13 * 60);
      expect(await view()).toMatchObject({ phase: 'declared', firingCount: 1 });
      await driver.sendAlerts({ severity: 'SEV4' });
      await sendCommand({ type: 'declareFalseAlarm', reason: 'a drill' });
      await advanceMinutes(11 * 60);
      expect(await status()).toBe('RUNNING');
      await advanceMinutes(62);
      expect(await status()).toBe('COMPLETED');
    },
  );
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    expect.stringMatching(/^12:00 chat: No reports about CheckoutFails for 12 h/),
    '13:00 chat: ana declared a false alarm: a drill',
  ]);
});
