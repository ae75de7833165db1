/** What is asked about the impact, and when a cause is claimed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('[IMPACT-3] [CAUSE-1] [COMM-20] [COMM-21] asked about the impact, a rollback that fails, then a cause: the public hears what is known', async () => {
  let messages: readonly string[] = [];
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendCommand, view, ledger }) => {
    await advanceMinutes(1);
    await sendCommand({ type: 'acknowledge', by: 'ana' });
    await advanceMinutes(1);
    await sendCommand({ type: 'assessImpact', by: 'ana', summary: 'Nobody can pay', scope: 'all' });
    await advanceMinutes(1);
    await sendCommand({ type: 'decideMitigation', by: 'ana', decision: 'rollback' });
    await advanceMinutes(1);
    await sendCommand({ type: 'reportMitigation', by: 'ana', outcome: 'failed', text: 'image missing' });
    await advanceMinutes(1);
    await sendCommand({ type: 'cause', by: 'ana', text: 'the 14:00 deploy dropped an index' });
    await advanceMinutes(1);
    await sendCommand({ type: 'postUpdate', by: 'ana', audience: 'public', status: 'Identified' });
    expect(await view()).toMatchObject({ cause: { text: 'the 14:00 deploy dropped an index', by: 'ana' } });
    await advanceMinutes(1);
    messages = [...ledger.records.values()].flatMap((record) => [...record.messages.values()].map(({ text }) => text));
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:01 chat: ana has it and is incident commander.',
    '00:01 public Investigating: We are investigating a problem with Checkout.',
    '00:02 chat: Impact: Nobody can pay; all users',
    '00:03 chat: ana decided to roll back.',
    '00:03 public Investigating: We are restoring service, and still investigating the problem with Checkout.',
    '00:04 chat: ana: the rollback FAILED: image missing. Paging hal.',
    '00:04 page hal by webhook: rollback-failed 1.0.1',
    '00:04 public Investigating: Our attempt to fix the problem with Checkout did not work. We are still working on it.',
    '00:05 chat: ana named the cause: the 14:00 deploy dropped an index',
    '00:05 public Identified: We have identified the problem with Checkout and are fixing it.',
    '00:06 chat: UPDATE [HH:MM]',
    '00:06 public Identified: We have found the cause of the problem with Checkout and are working on a fix.',
  ]);
  expect(messages[1]).toContain('Is it affecting all users or a subset? Is it causing data loss or corruption?');
  expect(messages[1]).toContain(
    '`tocsin impact INC-2026-001 "what users notice" --scope all|subset --data-loss yes|no`',
  );
  expect(messages.flatMap((text) => text.split('\n'))).toContain('Impact: all users of Checkout.');
});
