/** What waits for people to be at work: the noise of a SEV3, and the reminders of a SEV4. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Calendars } from '../../activities/ports.ts';
import { ALWAYS_OPEN } from '../support/ledger.ts';
import {
  repeatedPages,
  ledgerAt,
  rosterOf,
  DECLARED,
  sortedLedger,
  runPagingScenario,
} from '../support/paging-scenario.ts';
import type { World } from '../support/scenario.ts';
import { createWorld } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const HOUR = 60;
const HOUR_MS = 3_600_000;
const opening = { declaredBy: 'cy' };
const METHODS = ['phone', 'mail'];

/** Asked for the first time an hour after the declaration, and open from 34 h after it. */
function awayOverTheWeekend(): Calendars {
  let opensAt: number | null = null;
  return {
    ...ALWAYS_OPEN,
    audibleFrom: (_team, now) => Math.max(now, (opensAt ??= now + 33 * HOUR_MS)),
  };
}

const pagesOf = (lines: readonly string[]): string[] => lines.filter((line) => line.includes(' page '));

test('[PAGE-3] [PAGE-34] a SEV3 on Saturday night: by mail after an hour, aloud on Monday morning, the next level an hour later', async () => {
  const roster = { ...rosterOf({ ana: METHODS, bo: METHODS }), calendars: awayOverTheWeekend() };
  const told = await runPagingScenario(
    world,
    { declaration: { ...opening, severity: 'SEV3' }, roster },
    async (driver) => {
      await driver.advanceMinutes(30 * HOUR);
      const { deadlines } = await driver.view();
      expect(deadlines.map(({ kind }) => kind)).toEqual(['internal-update', 'page-again', 'escalation']);
      const { timeline } = await driver.timeline();
      expect(timeline.filter(({ kind }) => kind === 'paged' || kind === 'level-unreachable')).toMatchObject([
        { kind: 'paged', text: expect.stringContaining('quiet methods only until ') },
      ]);
      await driver.advanceMinutes(5 * HOUR + 15);
      await driver.sendCommand({ type: 'acknowledge', by: 'bo' });
      await driver.advanceMinutes(3 * HOUR);
    },
  );
  expect(pagesOf(told)).toEqual(
    sortedLedger(
      repeatedPages([1 * HOUR], { of: 'ana by mail', reason: 'on-call', at: [1, 1, 1] }),
      repeatedPages([34 * HOUR], { of: 'ana by phone', at: [1, 1, 2] }),
      repeatedPages([34 * HOUR + 10], { of: 'ana by mail', at: [1, 1, 3] }),
      repeatedPages([35 * HOUR], { of: 'bo by phone', reason: 'escalation', at: [1, 2, 1] }),
      repeatedPages([35 * HOUR + 10], { of: 'bo by mail', at: [1, 2, 2] }),
    ),
  );
});

test('[PAGE-34] nobody has a quiet method: nothing is heard at night, and nobody is taken for absent', async () => {
  const roster = { ...rosterOf({}), calendars: awayOverTheWeekend() };
  const told = await runPagingScenario(
    world,
    { declaration: { ...opening, severity: 'SEV3' }, roster },
    ({ advanceMinutes }) => advanceMinutes(35 * HOUR + 5),
  );
  expect(pagesOf(told)).toEqual(
    sortedLedger(
      repeatedPages([34 * HOUR], { of: 'ana by webhook', at: [1, 1, 2] }),
      repeatedPages([35 * HOUR], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
    ),
  );
});

test('[PAGE-34] [SEV-7] raised to SEV2 in the night: paged aloud at once, by the notification rules of a SEV2', async () => {
  const roster = { ...rosterOf({ ana: METHODS }), calendars: awayOverTheWeekend() };
  const told = await runPagingScenario(
    world,
    { declaration: { ...opening, severity: 'SEV3' }, roster },
    async (driver) => {
      await driver.advanceMinutes(2 * HOUR);
      await driver.sendCommand({ type: 'setSeverity', severity: 'SEV2', reason: 'worse', by: 'cy' });
      await driver.advanceMinutes(16);
    },
  );
  expect(pagesOf(told)).toEqual(
    sortedLedger(
      repeatedPages([1 * HOUR], { of: 'ana by mail', reason: 'on-call', at: [1, 1, 1] }),
      repeatedPages([2 * HOUR], { of: 'ana by phone', reason: 'severity-raised', at: [1, 1, 2] }),
      repeatedPages([2 * HOUR + 2], { of: 'ana by mail', at: [1, 1, 3] }),
      repeatedPages([2 * HOUR + 8], { of: 'ana by phone', at: [1, 1, 4] }),
      repeatedPages([2 * HOUR + 10], { of: 'ana by mail', at: [1, 1, 5] }),
      repeatedPages([2 * HOUR + 15], { of: 'bo by webhook', reason: 'escalation', at: [1, 2, 1] }),
    ),
  );
});

test('[SEV-14] [PAGE-4] a SEV4 on Friday: reminded when its business days open, until somebody has it, and paged never', async () => {
  let asked = 0;
  const DAY_MS = 24 * HOUR_MS;
  const calendars: Calendars = {
    ...ALWAYS_OPEN,
    // Monday is a holiday.
    nextBusinessDay: (_team, now) => now + (asked++ === 0 ? 4 * DAY_MS : DAY_MS),
  };
  const roster = { ...rosterOf({}), calendars };
  const told = await runPagingScenario(
    world,
    { declaration: { ...opening, severity: 'SEV4' }, roster },
    async (driver) => {
      await driver.advanceMinutes(1);
      const { declaredAt, deadlines } = await driver.view();
      const by = new Date(Date.parse(declaredAt) + 4 * DAY_MS).toISOString();
      expect(deadlines).toEqual([{ kind: 'acknowledge', at: by, text: expect.any(String) }]);
      await driver.advanceMinutes(121 * HOUR);
      expect(driver.ledger.tickets).toEqual([
        'open: INCIDENT DECLARED: Checkout fails',
        ...Array.from({ length: 2 }, () => expect.stringContaining('comment: Nobody has acknowledged this SEV4 yet')),
      ]);
      await driver.sendCommand({ type: 'acknowledge' });
      await driver.advanceMinutes(72 * HOUR);
    },
  );
  const reminder =
    'chat: Nobody has acknowledged this SEV4 yet: Checkout fails. It was due this business day: acknowledge it, or declare it a false alarm.';
  const acknowledged = '121:01 chat: ana has it and is incident commander.';
  expect(told.map((line) => (line.startsWith(acknowledged) ? acknowledged : line))).toEqual(
    sortedLedger([DECLARED, acknowledged], ledgerAt([96 * HOUR, 120 * HOUR], reminder)),
  );
});
