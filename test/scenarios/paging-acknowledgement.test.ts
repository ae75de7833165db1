/** What an answer does to the chain, and what counts as one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  repeatedPages,
  ledgerAt,
  DECLARED,
  expectRefused,
  sortedLedger,
  runPagingScenario,
  PUBLIC,
  shortenSummaries,
} from '../support/paging-scenario.ts';
import type { World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const one = (minute: number, of: string, key: readonly [number, number, number], reason = 'escalation') =>
  repeatedPages([minute], { of: `${of} by webhook`, reason, at: key });
const anaAt0 = one(0, 'ana', [1, 1, 1], 'on-call');
const has = (minute: number, person: string, ...others: readonly string[]) => [
  ...ledgerAt([minute], `chat: ${person} has it and is incident commander.`),
  ...ledgerAt([minute], PUBLIC),
  ...others.flatMap((other) => ledgerAt([minute], `notice ${other}: ${person} has it.`)),
];

test('[PAGE-18] [PAGE-19] [PAGE-22] an acknowledgement stops the chain; the others who were paged hear who has it; a second gets the same answer and no line', async () => {
  const told = await runPagingScenario(
    world,
    {},
    async ({ advanceMinutes, sendCommand, view, timeline, ledger: { pages } }) => {
      await advanceMinutes(17);
      expect(pages.map(({ acknowledgeUrl }) => acknowledgeUrl)).toEqual([
        'http://tocsin.test/ack/ana-1',
        'http://tocsin.test/ack/ana-1',
        'http://tocsin.test/ack/bo-1',
      ]);
      expect(await sendCommand({ type: 'acknowledge', by: 'bo' })).toMatchObject({
        changed: true,
        phase: 'investigating',
      });
      expect((await view()).roles.ic).toBe('bo');
      await advanceMinutes(1);
      const { length } = (await timeline()).timeline;
      expect(await sendCommand({ type: 'acknowledge', by: 'ana' })).toMatchObject({
        changed: false,
        text: 'bo has it.',
      });
      expect((await timeline()).timeline).toHaveLength(length);
      await advanceMinutes(15);
    },
  );
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      one(8, 'ana', [1, 1, 2], 'repeat'),
      one(15, 'bo', [1, 2, 1]),
      has(17, 'bo', 'ana'),
    ),
  );
});

test('[PAGE-18] an acknowledgement by signal stops a SEV1 too, and leadership hears of it', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV1' } },
    async ({ advanceMinutes, workflowId }) => {
      await advanceMinutes(1);
      await world.env.client.workflow.getHandle(workflowId).signal('acknowledge', { by: 'ana' });
      await advanceMinutes(8);
    },
  );
  expect(told).toEqual(sortedLedger([DECLARED], anaAt0, one(0, 'lea', [1, 0, 1], 'leadership'), has(1, 'ana', 'lea')));
});

test('[PAGE-18] a page under way is called off: who could not be reached before the answer is not paged after it', async () => {
  const failing = new Map([['ana.webhook', 503]]);
  const told = await runPagingScenario(
    world,
    { failures: { failing } },
    async ({ advanceMinutes, sendCommand, ledger: { pages } }) => {
      await advanceMinutes(3);
      await sendCommand({ type: 'acknowledge', by: 'bo' });
      failing.clear();
      await advanceMinutes(5);
      expect(pages.filter(({ kind, to }) => kind === 'page' && to === 'ana')).toEqual([]);
    },
  );
  expect(told).toEqual(sortedLedger([DECLARED], one(1, 'bo', [1, 2, 1]), has(3, 'bo', 'ana')));
});

test('[PAGE-20] who declares while on call has it: nobody of the chain is paged', async () => {
  const declaration = { declaredBy: 'ana', declarerIsOnCall: true };
  const told = await runPagingScenario(world, { declaration }, async ({ advanceMinutes, view }) => {
    await advanceMinutes(16);
    expect(await view()).toMatchObject({ phase: 'investigating', roles: { ic: 'ana' } });
  });
  expect(told).toEqual(sortedLedger([DECLARED], has(0, 'ana')));
});

test('[PAGE-20] [PAGE-16] a SEV1 declared on call pages leadership all the same', async () => {
  const declaration = { severity: 'SEV1' as const, declaredBy: 'ana', declarerIsOnCall: true };
  const told = await runPagingScenario(world, { declaration }, async ({ advanceMinutes }) => advanceMinutes(6));
  expect(told).toEqual(sortedLedger([DECLARED], one(0, 'lea', [1, 0, 1], 'leadership'), has(0, 'ana', 'lea')));
});

test('[PAGE-21] who declines sends it to the next level at once, which then has its full time; who was not paged cannot', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand }) => {
    await advanceMinutes(2);
    await expectRefused(sendCommand({ type: 'decline', by: 'bo' }), 'bo was not paged');
    await sendCommand({ type: 'decline', by: 'ana' });
    await advanceMinutes(14);
    await sendCommand({ type: 'decline', by: 'bo' });
    await advanceMinutes(1);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      one(2, 'bo', [1, 2, 1]),
      one(10, 'bo', [1, 2, 2], 'repeat'),
      one(16, 'eve', [1, 3, 1]),
    ),
  );
});

test('[PAGE-17] leadership has seen it, and the chain goes on; taking command ends it', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV1' } },
    async ({ advanceMinutes, sendCommand, view }) => {
      await advanceMinutes(1);
      expect(await sendCommand({ type: 'acknowledge', by: 'lea' })).toMatchObject({ phase: 'declared' });
      await advanceMinutes(5);
      await sendCommand({ type: 'assignRole', by: 'lea', role: 'ic', person: 'lea' });
      expect(await view()).toMatchObject({ phase: 'investigating', roles: { ic: 'lea' } });
      await advanceMinutes(4);
    },
  );
  expect(shortenSummaries(told)).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      one(0, 'lea', [1, 0, 1], 'leadership'),
      one(2, 'ana', [1, 1, 2], 'repeat'),
      one(4, 'ana', [1, 1, 3], 'repeat'),
      one(5, 'bo', [1, 2, 1]),
      ledgerAt([6], 'chat: lea is incident commander.'),
      ledgerAt([6], 'notice lea: You are incident commander.'),
      has(6, 'lea', 'ana', 'bo'),
    ),
  );
});

test('[PAGE-26] [PAGE-27] escalate with a name pages that person and moves nothing; without one the next level is paged at once', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand }) => {
    await advanceMinutes(1);
    await sendCommand({ type: 'escalate', to: 'hal', reason: 'the database is his' });
    await advanceMinutes(1);
    await sendCommand({ type: 'escalate', reason: 'too big for me' });
    await advanceMinutes(14);
    await sendCommand({ type: 'acknowledge', by: 'hal' });
    await advanceMinutes(2);
    await sendCommand({ type: 'escalate', reason: 'more hands' });
    await advanceMinutes(9);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      ledgerAt([1], 'chat: ana escalated to hal: the database is his'),
      one(1, 'hal', [1, 0, 1], 'by-hand'),
      ledgerAt([2], 'chat: ana escalated to the next level: too big for me'),
      one(2, 'bo', [1, 2, 1], 'by-hand'),
      one(10, 'bo', [1, 2, 2], 'repeat'),
      has(16, 'hal', 'ana', 'bo'),
      ledgerAt([18], 'chat: ana escalated to the next level: more hands'),
      one(18, 'eve', [1, 3, 1], 'by-hand'),
    ).filter((line) => !line.startsWith('00:26')),
  );
});

const ATTEMPT_FAILED = 'Our attempt to fix the problem with Checkout did not work. We are still working on it.';

test('[PAGE-33] a rollback that failed pages the Head of Engineering at once; a failed fix forward does not', async () => {
  const told = await runPagingScenario(world, {}, async ({ advanceMinutes, sendCommand }) => {
    await sendCommand({ type: 'acknowledge' });
    await advanceMinutes(1);
    await sendCommand({ type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] });
    await sendCommand({ type: 'reportMitigation', outcome: 'failed' });
    await advanceMinutes(1);
    await sendCommand({ type: 'decideMitigation', decision: 'rollback' });
    await sendCommand({ type: 'reportMitigation', outcome: 'failed' });
    await advanceMinutes(10);
  });
  expect(told).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      has(0, 'ana'),
      ledgerAt([1], 'chat: ana decided to fix forward.'),
      ledgerAt([1], 'chat: ana: the fix FAILED. Roll back, then check health again.'),
      ledgerAt([1], 'public Identified: We have identified the problem with Checkout and are fixing it.'),
      ledgerAt([1], `public Investigating: ${ATTEMPT_FAILED}`),
      ledgerAt([2], 'chat: ana decided to roll back.'),
      ledgerAt([2], 'chat: ana: the rollback FAILED. Paging hal.'),
      ledgerAt([2], `public Investigating: ${ATTEMPT_FAILED}`),
      one(2, 'hal', [1, 0, 1], 'rollback-failed'),
    ),
  );
});
