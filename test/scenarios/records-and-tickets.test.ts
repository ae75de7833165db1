import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aPolicy } from '../support/builders.ts';
import { releaseClock } from '../support/settle.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

/** The record of the story's one incident. */
function recordOf({ ledger }: ScenarioDriver) {
  const [record] = ledger.records.values();
  if (!record) throw new Error('there is no record');
  return record;
}

/** Lines 1 to n, all of them. */
function expectWhole(driver: ScenarioDriver, seq: number): void {
  const { lines } = recordOf(driver);
  expect([...lines.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
}

const HOURS = 8;

test('[REC-8] [PAGE-30] the records away for eight hours: nobody waits, and they catch up exactly', async () => {
  let down = true;
  const told = await runScenario(world, { failures: { recordsDown: () => down } }, async (driver) => {
    const { advanceMinutes, sendCommand, view, ledger } = driver;
    await sendCommand({ type: 'acknowledge' });
    for (let hour = 0; hour < HOURS; hour += 1) {
      await sendCommand({ type: 'postUpdate', audience: 'internal', text: `hour ${hour}` });
      await advanceMinutes(60);
    }
    expect(ledger.records.size).toBe(0);
    expect((await view()).reference).toBeNull();
    down = false;
    await advanceMinutes(10);
    const now = await view();
    expectWhole(driver, now.seq);
    const record = recordOf(driver);
    expect(now.reference).toBe(record.reference);
    expect(record.head).toMatchObject({ phase: 'investigating', seq: now.seq, acknowledgedBy: 'ana' });
    expect([...record.messages.values()].filter(({ about }) => about === 'update-posted')).toHaveLength(HOURS);
    const outages = [...record.lines.values()].filter(({ kind }) => kind === 'notification-failed');
    expect(outages.map(({ text }) => text)).toEqual(['Could not deliver the records yet: records: ECONNREFUSED']);
  });
  expect(told.slice(0, 3)).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 chat: UPDATE [HH:MM]',
  ]);
});

test('[REC-4] an incident has its number a moment after its page, and keeps it to the end; [REC-9] closed, its record is kept', async () => {
  await runScenario(world, {}, async (driver) => {
    const { advanceMinutes, sendCommand, sendAlerts, view, postIncident } = driver;
    expect((await view()).reference).toBe('INC-2026-001');
    await sendCommand({ type: 'acknowledge' });
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', resolution: 'restarted' });
    await advanceMinutes(31);
    expect(recordOf(driver).archived).toBe(false);
    const resolved = await postIncident();
    expect(resolved).toMatchObject({ reference: 'INC-2026-001', phase: 'resolved' });
    expectWhole(driver, resolved.seq);
    await driver.env.client.workflow.getHandle(`post-incident-${resolved.id}`).signal('close', { by: 'ana' });
    await driver.settle();
    await releaseClock(driver.env);
    expect(recordOf(driver)).toMatchObject({ archived: true, reference: 'INC-2026-001', head: { phase: 'closed' } });
    expectWhole(driver, resolved.seq + 1);
  });
});

test('[REC-4] a test has no number and no ticket', async () => {
  await runScenario(world, { declaration: { test: true } }, async (driver) => {
    await driver.advanceMinutes(11);
    expect(recordOf(driver)).toMatchObject({ reference: null, head: { test: true, phase: 'closed' } });
    expect(driver.ledger.tickets).toEqual([]);
  });
});

test('[REC-8] a false alarm while the records are away is in them as soon as they are back', async () => {
  let down = true;
  await runScenario(world, { failures: { recordsDown: () => down } }, async (driver) => {
    await driver.advanceMinutes(1);
    await driver.sendCommand({ type: 'declareFalseAlarm', reason: 'a load test' });
    await driver.advanceMinutes(5);
    down = false;
    await driver.advanceMinutes(10);
    expect(recordOf(driver)).toMatchObject({ archived: true, head: { outcome: 'false-alarm', phase: 'closed' } });
    expect([...recordOf(driver).lines.values()].map(({ kind }) => kind)).toContain('false-alarm-declared');
  });
});

test('[LIFE-17] the ticket is opened once, hears of what matters, and is closed', async () => {
  await runScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, ledger }) => {
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'addNote', text: 'not for outsiders' });
    await sendCommand({ type: 'setSeverity', severity: 'SEV1', reason: 'worse' });
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', resolution: 'restarted' });
    await advanceMinutes(31);
    expect(ledger.tickets).toEqual([
      'open: INCIDENT DECLARED: Checkout fails',
      'comment: ana has it and is incident commander.',
      'comment: Severity SEV2 → SEV1: worse',
      expect.stringMatching(/^comment: All alerts have cleared/),
      'close: ALL CLEAR: Checkout fails is resolved. The team stands down.',
      expect.stringMatching(/^comment: The post-mortem of INC-2026-001, SEV1 "Checkout fails" is due at /),
    ]);
  });
});

test('[PAGE-41] an answer settles the alarms that pages raised elsewhere, and the end of the incident ends them', async () => {
  await runScenario(world, {}, async ({ advanceMinutes, sendCommand, sendAlerts, ledger }) => {
    await advanceMinutes(16);
    await sendCommand({ type: 'acknowledge' });
    expect(ledger.settled.every((line) => line.startsWith('acknowledge'))).toBe(true);
    expect(new Set(ledger.settled.map((line) => line.split('/').at(-1)))).toEqual(
      new Set(['ana.webhook', 'bo.webhook']),
    );
    const acknowledged = ledger.settled.length;
    await sendAlerts(CLEAR);
    await sendCommand({ type: 'resolve', resolution: 'restarted' });
    await advanceMinutes(31);
    expect(ledger.settled.slice(acknowledged).map((line) => line.split(' ')[0])).toEqual(
      Array.from({ length: acknowledged }, () => 'resolve'),
    );
  });
});

const OWNED = { people: { ana: ['webhook'], bo: ['webhook'], 'pagerduty:platform': ['pagerduty'] }, onCall: ['ana'] };
const owned = () => aPolicy({ owner: 'platform', levels: [['pagerduty:platform'], ['onCall'], ['bo']] });

test('[PAGE-42] who owns the escalation is paged once, and this chain stands by', async () => {
  const told = await runScenario(
    world,
    { roster: OWNED, declaration: { policy: owned() } },
    async ({ advanceMinutes }) => {
      await advanceMinutes(120);
    },
  );
  expect(told.filter((line) => line.includes('page '))).toEqual([
    '00:00 page pagerduty:platform by pagerduty: on-call 1.1.1',
  ]);
});

test('[PAGE-42] when the owner cannot be reached the own chain is climbed at once', async () => {
  const failing = new Map([['pagerduty:platform.pagerduty', 400]]);
  const told = await runScenario(
    world,
    { roster: OWNED, declaration: { policy: owned() }, failures: { failing } },
    async ({ advanceMinutes, sendCommand }) => {
      await advanceMinutes(16);
      await sendCommand({ type: 'acknowledge' });
    },
  );
  expect(told.filter((line) => line.includes('page ')).slice(0, 1)).toEqual([
    '00:00 page ana by webhook: escalation 1.2.1',
  ]);
  expect(told.some((line) => line.startsWith('00:15 page bo by webhook: escalation 1.3'))).toBe(true);
});
