import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { shortenSummaries } from '../support/paging-scenario.ts';
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

test('[PAGE-24] [LIFE-6] firing again before anyone had it goes on with the chain at the level reached', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendAlerts, view }) => {
    await advanceMinutes(16);
    await sendAlerts(CLEAR);
    await advanceMinutes(4);
    await sendAlerts(ANEW);
    expect((await view()).phase).toBe('declared');
    await advanceMinutes(16);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
    '00:16 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:16 notice ana: Cleared by itself.',
    '00:16 notice bo: Cleared by itself.',
    '00:20 chat: It is back: Checkout fails.',
    '00:20 page bo by webhook: recurrence 1.2.2',
    '00:28 page bo by webhook: repeat 1.2.3',
    '00:30 chat: ⚠ The public has been told nothing: nobody has acknowledged SEV2 "Checkout fails", and the first public entry was due at HH:MM. To tell the public now: `tocsin update INC-2026-001 --status Investigating`.',
    '00:30 notice lea: The public has been told nothing: nobody has acknowledged SEV2 "Checkout fails", and the first public entry was due at HH:MM. To tell the public now: `tocsin update INC-2026-001 --status Investigating`.',
    '00:35 page eve by webhook: escalation 1.3.1',
  ]);
});

test('[PAGE-25] [LIFE-6] firing again after an acknowledgement pages the IC, and 15 min later the chain in a new round, until someone has it', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendAlerts, sendCommand, view }) => {
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(5);
    await sendAlerts(CLEAR);
    await advanceMinutes(5);
    await sendAlerts(ANEW);
    expect((await view()).phase).toBe('mitigating');
    await advanceMinutes(16);
    await sendCommand({ type: 'acknowledge', by: 'bo' });
    expect(await view()).toMatchObject({ phase: 'mitigating', roles: { ic: 'bo' } });
    await advanceMinutes(3);
  });
  expect(shortenSummaries(told)).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:05 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '00:10 chat: It is back: Checkout fails.',
    '00:10 page ana by webhook: recurrence 2.0.1',
    '00:10 public Investigating: The problem with Checkout is back. We are working on it.',
    '00:25 page ana by webhook: on-call 2.1.1',
    '00:26 chat: bo has it and is incident commander.',
    '00:26 notice ana: bo has it.',
    '00:26 notice bo: You are incident commander.',
  ]);
});

test('[PAGE-25] work on it answers a recurrence as well as an acknowledgement: no chain follows', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendAlerts, sendCommand }) => {
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(5);
    await sendAlerts(CLEAR);
    await advanceMinutes(5);
    await sendAlerts(ANEW);
    await sendCommand({ type: 'decideMitigation', decision: 'rollback' });
    await advanceMinutes(19);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:05 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:05 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '00:10 chat: ana decided to roll back.',
    '00:10 chat: It is back: Checkout fails.',
    '00:10 page ana by webhook: recurrence 2.0.1',
    '00:10 public Investigating: The problem with Checkout is back. We are working on it.',
  ]);
});

test('[LIFE-7] the fourth return within an hour marks it flapping: later ones page nobody, and quiet alone does not end it', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3' }, firstAlerts: [{ severity: 'SEV3' }] },
    async ({ advanceMinutes, sendAlerts, sendCommand, view }) => {
      await sendCommand({ type: 'acknowledge' });
      for (let n = 1; n <= 5; n += 1) {
        await advanceMinutes(4);
        await sendAlerts({ ...CLEAR, severity: 'SEV3', startsAt: n * 1_000 });
        await advanceMinutes(1);
        await sendAlerts({ severity: 'SEV3', startsAt: (n + 1) * 1_000 });
        expect((await view()).flapping).toBe(n >= 4);
      }
      await sendAlerts({ ...CLEAR, severity: 'SEV3', startsAt: 6_000 });
      await advanceMinutes(40);
      expect((await view()).phase).toBe('monitoring');
      await sendCommand({ type: 'resolve', resolution: 'really' });
      expect((await view()).phase).toBe('resolved');
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:04 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:05 chat: It is back: Checkout fails.',
    '00:05 page ana by webhook: recurrence 1.0.1',
    '00:09 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:10 chat: It is back: Checkout fails.',
    '00:10 page ana by webhook: recurrence 2.0.1',
    '00:14 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:15 chat: It is back: Checkout fails.',
    '00:15 page ana by webhook: recurrence 3.0.1',
    '00:19 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:20 chat: It is back: Checkout fails. This incident is flapping.',
    '00:20 page ana by webhook: recurrence 4.0.1',
    '00:24 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:25 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:25 chat: It is back: Checkout fails. This incident is flapping.',
    '00:40 notice ana: The internal update is due at HH:MM: `tocsin update INC-2026-001 --text "…"`. Draft: Status: monitoring. Impact: Checkout fails.',
    '00:55 chat: No alert has fired during monitoring. Are customers fine? If so: `tocsin resolve INC-2026-001 --resolution "…"`',
    '00:55 chat: UPDATE [HH:MM]',
    '00:55 notice ana: No alert has fired during monitoring. Are customers fine? If so: `tocsin resolve INC-2026-001 --resolution "…"`',
    '00:55 notice ana: The internal update due at HH:MM was missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --text "…"`.',
    '01:05 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
  ]);
});
