import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postmortemNotice } from '../support/postmortem-notice.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

/** So many notes at once: enough history for a hand-over, and nothing that anybody hears of. */
async function manyNotes(driver: ScenarioDriver, count: number): Promise<void> {
  const { env, workflowId } = driver;
  const handle = env.client.workflow.getHandle(workflowId);
  for (let sent = 0; sent < count; sent += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => handle.signal('addNote', { by: 'bo', text: `note ${sent + n}` })),
    );
  }
  await driver.settle();
}

/** Waits for the run after `before`. */
async function runAfter(driver: ScenarioDriver, before: string): Promise<string> {
  for (;;) {
    const now = await runOf(driver);
    if (now !== before) return now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const runOf = async ({ env, workflowId }: ScenarioDriver): Promise<string> =>
  (await env.client.workflow.getHandle(workflowId).describe()).runId;

test('[LIFE-16] after a hand-over to a new run the chain, the clocks and the watch go on to the minute, and nothing is done twice', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts, view, timeline } = driver;
    await advanceMinutes(1);
    const first = await runOf(driver);
    await manyNotes(driver, 600);
    const second = await runAfter(driver, first);
    expect(await view()).toMatchObject({ phase: 'declared', seq: 603, firingCount: 1 });
    await advanceMinutes(15);
    await sendCommand({ type: 'acknowledge', by: 'bo', requestId: 'r1' });
    await manyNotes(driver, 600);
    await runAfter(driver, second);
    expect(await sendCommand({ type: 'acknowledge', by: 'bo', requestId: 'r1' })).toMatchObject({
      changed: true,
      text: 'bo has it.',
    });
    await advanceMinutes(34);
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', by: 'bo', resolution: 'restarted' });
    const third = await runOf(driver);
    await manyNotes(driver, 600);
    await runAfter(driver, third);
    await advanceMinutes(31);
    expect(await view()).toMatchObject({ phase: 'resolved', outcome: 'resolved' });
    const { timeline: lines, cut } = await timeline();
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => cut + 1 + i));
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
    '00:16 chat: bo has it and is incident commander.',
    '00:16 notice ana: bo has it.',
    '00:16 public Investigating: We are investigating a problem with Checkout.',
    '00:36 notice bo: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: investigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:46 chat: UPDATE [HH:MM]',
    '00:46 notice bo: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '00:46 public Investigating: We are still working on the problem with Checkout.',
    '00:50 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:50 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '01:20 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `01:20 ${postmortemNotice('SEV2', 'INC-2026-001', 'bo')}`,
    '01:20 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[LIFE-16] [PAGE-31] a page that is under way at the hand-over goes out once, under the key it had', async () => {
  const failing = new Map<string, number | null>([['ana.webhook', null]]);
  const told = await runScenario(world, { failures: { failing } }, async (driver) => {
    const { advanceMinutes, ledger, view } = driver;
    const first = await runOf(driver);
    await manyNotes(driver, 600);
    failing.clear();
    await advanceMinutes(3);
    expect(await runOf(driver)).not.toBe(first);
    const keys = ledger.pages.filter(({ kind }) => kind === 'page').map(({ key }) => key);
    expect(keys).toEqual([`${(await view()).id}/page/1.1.1/ana.webhook`]);
  });
  expect(told).toEqual(['00:00 chat: INCIDENT DECLARED: Checkout fails', '00:00 page ana by webhook: on-call 1.1.1']);
});

test('[LIFE-16] [PAGE-30] a chat that hangs while a run hands over keeps no page waiting', async () => {
  let down = false;
  const told = await runScenario(world, { failures: { chatDown: () => down } }, async (driver) => {
    const { advanceMinutes, sendCommand, env, ledger, workflowId } = driver;
    await sendCommand({ type: 'acknowledge' });
    const first = await runOf(driver);
    down = true;
    await sendCommand({ type: 'postUpdate', text: 'half of it is back', audience: 'internal' });
    await advanceMinutes(1);
    await manyNotes(driver, 600);
    // The call to the chat is still being tried, so this run has not ended.
    expect(await runOf(driver)).toBe(first);
    await env.client.workflow
      .getHandle(workflowId)
      .signal('escalate', { by: 'ana', to: 'bo', reason: 'I cannot find it' });
    await driver.settle();
    expect(await runOf(driver)).toBe(first);
    expect(ledger.pages.map(({ key }) => key).at(-1)).toContain('/bo.webhook');
    down = false;
    await advanceMinutes(2);
    expect(await runOf(driver)).not.toBe(first);
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:01 chat: UPDATE [HH:MM]',
    '00:01 page bo by webhook: by-hand 1.0.1',
    '00:02 chat: ana escalated to bo: I cannot find it',
  ]);
});
