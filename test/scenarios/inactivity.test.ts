/** Acknowledged, and then nobody is heard of; command that passes from one to another; today's policy on request. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Severity } from '../../domain/severity.ts';
import type { Policy, SeverityPolicy } from '../../domain/policy.ts';
import { aPolicy } from '../support/builders.ts';
import { again, at, briefly, DECLARED, ledger, pagingStory, PUBLIC } from '../support/paging.ts';
import type { World } from '../support/story.ts';
import { createWorld } from '../support/story.ts';

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
const HAS_IT = [...at([0], 'chat: ana has it and is incident commander.'), ...at([0], PUBLIC)];
const anaAt0 = again([0], { of: 'ana by webhook', reason: 'on-call', at: [1, 1, 1] });
const STILL = [
  ...at([60], 'chat: Nobody has been heard of for a while. ana, still on it?'),
  ...at(
    [60],
    'notice ana: Nobody has been heard of for a while. Still on it? Any word will do: a note, an update, or the link of this message.',
  ),
];
const CALLED = [
  ...at([70], 'chat: Still no word: the incident commander is paged.'),
  ...again([70], { of: 'ana by webhook', reason: 'inactive', at: [1, 0, 1] }),
];

test('[PAGE-35] [ROLE-2] nobody is heard of for an hour: the IC is asked, paged, then the next level, who takes command', async () => {
  const told = await pagingStory(world, { opening: { policy: QUIET } }, async ({ say, pass, view }) => {
    await say({ type: 'acknowledge' });
    await pass(90);
    expect((await view()).roles.ic).toBe('ana');
    await say({ type: 'acknowledge', by: 'bo' });
    expect((await view()).roles.ic).toBe('bo');
    await pass(59);
  });
  expect(briefly(told)).toEqual(
    ledger(
      [DECLARED],
      anaAt0,
      HAS_IT,
      STILL,
      CALLED,
      at([85], 'chat: Still no word: the next level is paged. Whoever answers takes command.'),
      again([85], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      at([90], 'chat: bo has it and takes command.'),
      at([90], 'notice ana: bo has it.'),
      at([90], 'notice bo: You are incident commander.'),
    ),
  );
});

test('[PAGE-35] a word from anybody is enough, and the time begins anew', async () => {
  const told = await pagingStory(world, { opening: { policy: QUIET } }, async ({ say, pass }) => {
    await say({ type: 'acknowledge' });
    await pass(62);
    await say({ type: 'acknowledge' });
    await pass(40);
    await say({ type: 'addNote', text: 'looking at the pool', by: 'bo' });
    await pass(59);
  });
  expect(told).toEqual(ledger([DECLARED], anaAt0, HAS_IT, STILL, at([62], 'chat: ana is still on it.')));
});

test('[PAGE-35] a missed update is no page by itself: a SEV1 is silent for 30 min before the IC is asked', async () => {
  const told = await pagingStory(world, { opening: { severity: 'SEV1' } }, async ({ say, pass }) => {
    await say({ type: 'acknowledge' });
    await pass(39);
  });
  expect(told.filter((line) => / page /.test(line))).toEqual(
    ledger(
      again([0], { of: 'ana by webhook', reason: 'on-call', at: [1, 1, 1] }),
      again([0], { of: 'lea by webhook', reason: 'leadership', at: [1, 0, 1] }),
    ),
  );
  expect(told.filter((line) => line.includes('Still on it?'))).toHaveLength(1);
});

test('[CMD-11] a running incident keeps the policy it began with, until somebody asks for the one of today', async () => {
  const today = { ...policyWith('SEV2', { escalateEveryMs: 5 * 60_000 }), digest: 'today' };
  const setting = { opening: { policy: QUIET }, troubles: { policyFor: () => today } };
  const told = await pagingStory(world, setting, async ({ say, pass, timeline }) => {
    await pass(16);
    expect(await say({ type: 'movePolicy' })).toMatchObject({ changed: true });
    await pass(7);
    const { timeline: lines } = await timeline();
    expect(lines.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['policy-asked', 'policy-moved']));
    expect(await say({ type: 'movePolicy' })).toMatchObject({ changed: true });
    expect((await timeline()).timeline.at(-1)).toMatchObject({
      kind: 'policy-kept',
      text: expect.stringMatching(/today/),
    });
  });
  // Level 2 was to have 15 min; by the new rules it has 5.
  expect(told.filter((line) => / escalation /.test(line))).toEqual(
    ledger(
      again([15], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
      again([20], { of: 'eve by webhook', reason: 'escalation', at: [1, 3, 1] }),
    ),
  );
});
