/** People called beside the escalation: they are called again until one of them answers, or for 15 minutes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aPolicy } from '../support/builders.ts';
import { ledgerAt, repeatedPages, runPagingScenario, sortedLedger } from '../support/paging-scenario.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const policy = aPolicy({ pursueForMs: 15 * 60_000, leadership: [] });
const sev1 = { severity: 'SEV1', policy } as const;
const calls = (minutes: readonly number[], of: string, reason: string, attempt = 1): string[] =>
  repeatedPages(minutes, { of: `${of} by webhook`, reason, at: [1, 0, attempt] });
/** Leadership, which has nobody here, had the first attempt beside the escalation. */
const halCalled = (...minutes: readonly number[]): string[] => calls(minutes, 'hal', 'rollback-failed', 2);
/** Pages beside the escalation, and what is said of them. */
const aboutCalls = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => / 1\.0\.\d+$|answered|No answer/.test(line));

async function failedRollback({ sendCommand, advanceMinutes }: ScenarioDriver): Promise<void> {
  await sendCommand({ type: 'acknowledge' });
  await sendCommand({ type: 'decideMitigation', decision: 'rollback' });
  await advanceMinutes(2);
  await sendCommand({ type: 'reportMitigation', outcome: 'failed', text: 'image missing' });
}

test('[PAGE-44] [PAGE-45] a rollback failed and the Head of Engineering does not answer: called every two minutes, and the person who reported it hears', async () => {
  const told = await runPagingScenario(world, { declaration: sev1 }, async (driver) => {
    await failedRollback(driver);
    await driver.advanceMinutes(20);
    const { text, why, calledBy } = driver.ledger.pages.filter(({ to }) => to === 'hal').at(-1) ?? {};
    expect(text).toMatch(
      /^SEV1 rollback failed: Checkout fails \(payments\)\. Ana asks for you: image missing; no answer from you since \d\d:\d\d UTC: 8th call\. INC-/,
    );
    expect([why?.startsWith('Ana asks for you: image missing; no answer from you since'), calledBy]).toEqual([
      true,
      'ana',
    ]);
  });
  expect(aboutCalls(told)).toEqual(
    sortedLedger(
      halCalled(2, 4, 6, 8, 10, 12, 14, 16),
      ledgerAt([17], 'chat: No answer from hal (rollback failed) since HH:MM. Tocsin has stopped calling.'),
      ledgerAt(
        [17],
        'notice ana: hal has not answered your call (rollback failed) since HH:MM. Tocsin has stopped calling: try somebody else.',
      ),
    ),
  );
});

test('[PAGE-45] the person called acknowledges what somebody else has: they are not called again', async () => {
  const told = await runPagingScenario(world, { declaration: sev1 }, async (driver) => {
    const { advanceMinutes, sendCommand } = driver;
    await failedRollback(driver);
    await advanceMinutes(3);
    expect(await sendCommand({ type: 'acknowledge', by: 'hal' })).toMatchObject({ changed: true, text: 'ana has it.' });
    await advanceMinutes(20);
  });
  expect(aboutCalls(told)).toEqual(
    sortedLedger(halCalled(2, 4), ledgerAt([5], 'chat: hal has answered the call (rollback failed).')),
  );
});

test('[PAGE-45] the incident ends: nobody is called any more, not even by a page that no provider has taken', async () => {
  const failures = { failing: new Map<string, number | null>([['hal.webhook', 503]]) };
  const told = await runPagingScenario(world, { declaration: sev1, failures }, async (driver) => {
    const { advanceMinutes, sendCommand, view } = driver;
    await failedRollback(driver);
    await advanceMinutes(3);
    await sendCommand({ type: 'declareFalseAlarm', reason: 'a load test' });
    failures.failing.clear();
    await advanceMinutes(20);
    expect((await view()).deadlines.filter(({ kind }) => kind === 'call')).toEqual([]);
  });
  expect(aboutCalls(told)).toEqual([]);
});

test('[PAGE-45] leadership of a SEV1 is called until one of them has seen it; the escalation goes on', async () => {
  const declaration = { severity: 'SEV1', policy: { ...policy, leadership: ['lea', 'hal'] } } as const;
  const told = await runPagingScenario(world, { declaration }, async ({ advanceMinutes, sendCommand }) => {
    await advanceMinutes(3);
    await sendCommand({ type: 'acknowledge', by: 'hal' });
    await advanceMinutes(4);
  });
  expect(aboutCalls(told)).toEqual(
    sortedLedger(
      calls([0, 2], 'lea', 'leadership'),
      calls([0, 2], 'hal', 'leadership'),
      ledgerAt([3], 'chat: hal has answered the call (leadership).'),
    ),
  );
  expect(told).toContain('00:05 page bo by webhook: escalation 1.2.1');
});

test('[PAGE-45] [LIFE-16] a run hands over in between: they are called again to the minute, under new keys', async () => {
  const told = await runPagingScenario(world, { declaration: sev1 }, async (driver) => {
    const { advanceMinutes, env, workflowId } = driver;
    await failedRollback(driver);
    await advanceMinutes(3);
    const handle = env.client.workflow.getHandle(workflowId);
    const { runId } = await handle.describe();
    for (let sent = 0; sent < 600; sent += 50) {
      await Promise.all(Array.from({ length: 50 }, () => handle.signal('addNote', { by: 'bo', text: 'a note' })));
    }
    await driver.settle();
    for (;;) if ((await handle.describe()).runId !== runId) break;
    await advanceMinutes(15);
  });
  expect(aboutCalls(told)).toEqual(
    sortedLedger(
      halCalled(2, 4, 6, 8, 10, 12, 14, 16),
      ledgerAt([17], 'chat: No answer from hal (rollback failed) since HH:MM. Tocsin has stopped calling.'),
      ledgerAt(
        [17],
        'notice ana: hal has not answered your call (rollback failed) since HH:MM. Tocsin has stopped calling: try somebody else.',
      ),
    ),
  );
});
