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

test('[COMM-14] nothing about a restricted incident is ever public, whoever asks', async () => {
  const told = await runScenario(world, { declaration: { restricted: true } }, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts } = driver;
    await sendCommand({ type: 'acknowledge' });
    const refusal = await refusalOf(driver, { type: 'postUpdate', text: 'hello', audience: 'public' });
    expect(refusal.reason).toBe('a restricted incident never goes public');
    await sendCommand({ type: 'decideMitigation', decision: 'rollback' });
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', resolution: 'keys rotated' });
    await advanceMinutes(31);
  });
  expect(told).toEqual([
    '00:00 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:00 chat: ana decided to roll back.',
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:30 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:30 ${postmortemNotice()}`,
  ]);
});

test('[COMM-16] a SEV3 has the internal clock only', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3' }, firstAlerts: [{ severity: 'SEV3' }] },
    async ({ advanceMinutes, sendCommand }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(125);
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:45 notice ana: The internal update is due at HH:MM: `tocsin update INC-2026-001 --text "…"`. Draft: Status: investigating. Impact: Checkout fails.',
    '01:00 chat: UPDATE [HH:MM]',
    '01:00 notice ana: The internal update due at HH:MM was missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --text "…"`.',
    '01:45 notice ana: The internal update is due at HH:MM: `tocsin update INC-2026-001 --text "…"`. Draft: Status: investigating. Impact: Checkout fails.',
    '02:00 chat: UPDATE [HH:MM]',
    '02:00 notice ana: The internal update due at HH:MM was missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --text "…"`.',
  ]);
});

test('[COMM-16] a SEV4 has no clock', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV4' }, firstAlerts: [{ severity: 'SEV4' }] },
    async ({ advanceMinutes, sendCommand }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(600);
    },
  );
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
  ]);
});
