/** Acknowledged, and then nobody is heard of; command that passes from one to another; today's policy on request. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Severity } from '../../domain/kernel/severity.ts';
import type { Policy, SeverityPolicy } from '../../domain/kernel/policy.ts';
import { aPolicy } from '../support/builders.ts';
import {
  repeatedPages,
  ledgerAt,
  shortenSummaries,
  DECLARED,
  sortedLedger,
  runPagingScenario,
  PUBLIC,
} from '../support/paging-scenario.ts';
import type { World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** The runbook's policy with other times for one severity. */
function policyWith(severity: Severity, times: Partial<SeverityPolicy>): Policy {
  const { severities } = aPolicy();
  return aPolicy({ severities: { ...severities, [severity]: { ...severities[severity], ...times } } });
}

/** Nothing is said on any clock, so that the silence alone is heard. */
const QUIET = policyWith('SEV2', { updateEveryMs: null });
const HAS_IT = [...ledgerAt([0], 'chat: ana has it and is incident commander.'), ...ledgerAt([0], PUBLIC)];
const anaAt0 = repeatedPages([0], { of: 'ana by webhook', reason: 'on-call', at: [1, 1, 1] });
const STILL = [
  ...ledgerAt([60], 'chat: No activity for a while. ana, are you still on it?'),
  ...ledgerAt(
    [60],
    'notice ana: No activity for a while. Are you still on it? Anything will do: a note, an update, or the link in this message.',
  ),
];
const CALLED = [
  ...ledgerAt([70], 'chat: Still no activity: paging ana.'),
  ...repeatedPages([70], { of: 'ana by webhook', reason: 'inactive', at: [1, 0, 1] }),
];

test('[PAGE-35] [ROLE-2] nobody is heard of for an hour: the IC is asked, paged, then the next level, who takes command', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { policy: QUIET } },
    async ({ sendCommand, advanceMinutes, view }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(90);
      expect((await view()).roles.ic).toBe('ana');
      await sendCommand({ type: 'acknowledge', by: 'bo' });
      expect((await view()).roles.ic).toBe('bo');
      await advanceMinutes(59);
    },
  );
  expect(shortenSummaries(told)).toEqual(
    sortedLedger(
      [DECLARED],
      anaAt0,
      HAS_IT,
      STILL,
      CALLED,
      ledgerAt([85], 'chat: Still no activity: paging the next level. Whoever answers takes command.'),
      repeatedPages([85], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      ledgerAt([90], 'chat: bo has it and is incident commander.'),
      ledgerAt([90], 'notice ana: bo has it.'),
      ledgerAt([90], 'notice bo: You are incident commander.'),
    ),
  );
});

test('[PAGE-35] a word from anybody is enough, and the time begins anew', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { policy: QUIET } },
    async ({ sendCommand, advanceMinutes }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(62);
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(40);
      await sendCommand({ type: 'addNote', text: 'looking at the pool', by: 'bo' });
      await advanceMinutes(59);
    },
  );
  expect(told).toEqual(sortedLedger([DECLARED], anaAt0, HAS_IT, STILL, ledgerAt([62], 'chat: ana is still on it.')));
});

test('[PAGE-35] a missed update is no page by itself: a SEV1 is silent for 30 min before the IC is asked', async () => {
  const told = await runPagingScenario(
    world,
    { declaration: { severity: 'SEV1' } },
    async ({ sendCommand, advanceMinutes }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(39);
    },
  );
  expect(told.filter((line) => / page /.test(line))).toEqual(
    sortedLedger(
      repeatedPages([0], { of: 'ana by webhook', reason: 'on-call', at: [1, 1, 1] }),
      repeatedPages([0], { of: 'lea by webhook', reason: 'leadership', at: [1, 0, 1] }),
    ),
  );
  expect(told.filter((line) => line.includes('Are you still on it?'))).toHaveLength(1);
});

test('[CMD-11] a running incident keeps the policy it began with, until somebody asks for the one of today', async () => {
  const today = { ...policyWith('SEV2', { escalateEveryMs: 5 * 60_000 }), digest: 'today' };
  const setting = { declaration: { policy: QUIET }, failures: { policyFor: () => today } };
  const told = await runPagingScenario(world, setting, async ({ sendCommand, advanceMinutes, timeline }) => {
    await advanceMinutes(16);
    expect(await sendCommand({ type: 'movePolicy' })).toMatchObject({ changed: true });
    await advanceMinutes(7);
    const { timeline: lines } = await timeline();
    expect(lines.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['policy-move-requested', 'policy-moved']));
    expect(await sendCommand({ type: 'movePolicy' })).toMatchObject({ changed: true });
    expect((await timeline()).timeline.at(-1)).toMatchObject({
      kind: 'policy-kept',
      text: expect.stringMatching(/today/),
    });
  });
  // Level 2 was to have 15 min; by the new rules it has 5.
  expect(told.filter((line) => / escalation /.test(line))).toEqual(
    sortedLedger(
      repeatedPages([15], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      repeatedPages([20], { of: 'eve by webhook', reason: 'escalation', at: [1, 3, 1] }),
    ),
  );
});
