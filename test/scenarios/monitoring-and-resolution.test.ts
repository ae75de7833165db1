import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { refusalOf } from '../support/scenario-commands.ts';
import { postmortemNotice } from '../support/postmortem-notice.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

test('[LIFE-1] [LIFE-2] [LIFE-3] [LIFE-8] [COMM-12] [COMM-13] [COMM-15] acknowledged, mitigated, resolved by a person, quiet for 30 min: the all-clear', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts, view } = driver;
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge' });
    expect((await view()).phase).toBe('investigating');
    await advanceMinutes(1);
    await sendCommand({ type: 'decideMitigation', decision: 'rollback', reason: 'the release at noon' });
    expect((await view()).phase).toBe('mitigating');
    await advanceMinutes(2);
    await sendCommand({ type: 'reportMitigation', outcome: 'worked' });
    await sendAlerts(CLEAR);
    expect((await view()).phase).toBe('monitoring');
    await advanceMinutes(1);
    await sendCommand({ type: 'resolve', resolution: 'rolled back' });
    await advanceMinutes(28);
    expect((await view()).phase).toBe('monitoring');
    await advanceMinutes(2);
    expect(await view()).toMatchObject({ phase: 'resolved', outcome: 'resolved', deadlines: [] });
    await advanceMinutes(300);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:01 chat: ana has it and is incident commander.',
    '00:01 public Investigating: We are investigating a problem with Checkout.',
    '00:02 chat: ana decided to roll back: the release at noon',
    '00:02 public Investigating: We are restoring service, and still investigating the problem with Checkout.',
    '00:04 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:04 chat: ana: the rollback worked.',
    '00:04 public Monitoring: A fix for Checkout is in place. We are monitoring it.',
    '00:34 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:34 ${postmortemNotice()}`,
    '00:34 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[LIFE-2] [LIFE-14] [COMM-11] a fix forward needs its three ticks and is watched for 60 min, with an update at 30', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts, view } = driver;
    await sendCommand({ type: 'acknowledge' });
    const refusal = await refusalOf(driver, { type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor'] });
    expect(refusal.reason).toContain('add --tick understood --tick faster, or roll back');
    await sendCommand({ type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] });
    await advanceMinutes(5);
    await sendCommand({ type: 'resolve', resolution: 'patched' });
    await sendAlerts(CLEAR);
    await advanceMinutes(59);
    expect((await view()).phase).toBe('monitoring');
    await advanceMinutes(2);
    expect((await view()).phase).toBe('resolved');
  });
  expect(told).toEqual([
    '00:00 chat: ana decided to fix forward.',
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Identified: We have identified the problem with Checkout and are fixing it.',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: Fixed: patched. Monitoring until HH:MM. Still firing: CheckoutFails.',
    '00:05 public Monitoring: We have applied a fix for the problem with Checkout and are checking whether it works.',
    '00:25 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: monitoring. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:35 chat: UPDATE [HH:MM]',
    '00:35 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:35 public Monitoring: We are still monitoring Checkout.',
    '01:05 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `01:05 ${postmortemNotice()}`,
    '01:05 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[LIFE-4] alerts that clear by themselves prove nothing for an acknowledged SEV2: the IC is asked, and the watch waits', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(5);
    await sendAlerts(CLEAR);
    await advanceMinutes(65);
    expect((await view()).phase).toBe('monitoring');
    await sendCommand({ type: 'resolve', resolution: 'it holds' });
    expect((await view()).phase).toBe('resolved');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:05 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '00:25 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: monitoring. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:35 chat: No alert has fired during monitoring. Are customers fine? If so: `tocsin resolve INC-2026-001 --resolution "…"`',
    '00:35 chat: UPDATE [HH:MM]',
    '00:35 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:35 notice ana: No alert has fired during monitoring. Are customers fine? If so: `tocsin resolve INC-2026-001 --resolution "…"`',
    '00:35 public Monitoring: We are still monitoring Checkout.',
    '00:55 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: monitoring. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '01:05 chat: UPDATE [HH:MM]',
    '01:05 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '01:05 public Monitoring: We are still monitoring Checkout.',
    '01:10 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `01:10 ${postmortemNotice()}`,
    '01:10 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[LIFE-4] a SEV3 ends by itself though it was acknowledged', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3' }, firstAlerts: [{ severity: 'SEV3' }] },
    async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(5);
      await sendAlerts(CLEAR);
      await advanceMinutes(24);
      await sendAlerts({ ...CLEAR, fingerprint: 'f2' });
      await advanceMinutes(7);
      expect(await view()).toMatchObject({ phase: 'resolved', outcome: 'resolved' });
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:05 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:35 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
  ]);
});

test('[LIFE-5] resolving while alerts fire warns, and the watch cannot end until they clear or are ignored by name', async () => {
  const told = await runScenario(
    world,
    { firstAlerts: [{}, { fingerprint: 'f2', labels: { alertname: 'DiskFull' } }] },
    async ({ advanceMinutes, sendCommand, sendAlerts, view }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(5);
      const { text } = await sendCommand({ type: 'resolve', resolution: 'restarted' });
      expect(text).toBe(
        'Monitoring, but 2 still firing: CheckoutFails, DiskFull. The window cannot end until they clear or are ignored by name (--ignore-alert).',
      );
      await advanceMinutes(40);
      await sendAlerts(CLEAR);
      await advanceMinutes(5);
      expect((await view()).phase).toBe('monitoring');
      await sendCommand({ type: 'resolve', resolution: 'known', ignoreAlerts: ['DiskFull'] });
      expect((await view()).phase).toBe('resolved');
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: Fixed: restarted. Monitoring until HH:MM. Still firing: CheckoutFails, DiskFull.',
    '00:05 public Monitoring: We have applied a fix for the problem with Checkout and are checking whether it works.',
    '00:25 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: monitoring. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:35 chat: UPDATE [HH:MM]',
    '00:35 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:35 public Monitoring: We are still monitoring Checkout.',
    '00:50 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:50 ${postmortemNotice()}`,
    '00:50 public Resolved: The problem with Checkout is resolved.',
  ]);
});
