import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postIncidentOf } from '../support/scenario-commands.ts';
import { aPolicy } from '../support/builders.ts';
import { DEFAULT_ROSTER } from '../support/ledger.ts';
import { businessHoursOpeningAt } from '../support/business-hours-calendar.ts';
import { sleepReleasingLocks } from '../support/settle.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
const HOUR = 60;
const DAY = 24 * HOUR;
const HOOKS = [{ name: 'logs', severities: ['SEV1', 'SEV2'] }] as const;

/** Acknowledged, resolved and watched to its end, 31 min after the declaration. */
async function resolved(
  driver: ScenarioDriver,
  calendars?: { zero: number },
): Promise<ReturnType<typeof postIncidentOf>> {
  const { declaredAt, id: incidentId } = await driver.view();
  if (calendars !== undefined) calendars.zero = Date.parse(declaredAt);
  await driver.sendCommand({ type: 'acknowledge' });
  await driver.sendAlerts(CLEAR);
  await driver.sendCommand({ type: 'resolve', resolution: 'done' });
  await driver.advanceMinutes(31);
  return postIncidentOf(driver, incidentId);
}

/** What is told once it is over, in order: the story up to then is told elsewhere. */
const afterwards = (lines: readonly string[]): readonly string[] =>
  lines
    .filter((line) => minuteOf(line) >= 30 && !/ALL CLEAR|public Resolved/.test(line))
    .map((line) => line.replace(/ E\d+\//, ' E/').replace(/\d{4}-\d\d-\d\d$/, 'DAY'))
    .sort((a, b) => minuteOf(a) - minuteOf(b));
const minuteOf = (line: string): number => {
  const [hours, minutes] = line.split(/[: ]/).map(Number);
  return (hours ?? 0) * HOUR + (minutes ?? 0);
};
const kindsOf = async ({ timeline }: ReturnType<typeof postIncidentOf>): Promise<readonly string[]> =>
  (await timeline()).timeline.map(({ kind }) => kind).filter((kind) => !BEFORE.includes(kind));
const BEFORE = [
  'declared',
  'alerts-fired',
  'paged',
  'acknowledged',
  'public-communication-started',
  'alerts-cleared',
  'monitoring-started',
  'resolve-confirmed',
  'inactivity-nudged',
];

const OWED = (id: string, severity = 'SEV2'): string =>
  `The post-mortem of ${id}, ${severity} "Checkout fails" is yours, due at DAY HH:MM. Start from the draft: \`tocsin postmortem ${id}\`. ` +
  'Add action items with an owner and a date.';
const DUE = (id: string): string => `The post-mortem of ${id}, SEV2 "Checkout fails" is due at DAY HH:MM.`;
const OVERDUE = (id: string, severity = 'SEV2'): string =>
  `OVERDUE: the post-mortem of ${id}, ${severity} "Checkout fails" was due at DAY HH:MM.`;

test('[LIFE-21] [CARE-1] [CARE-2] export, draft and evidence at once, the post-mortem and the items reminded in the team’s hours, then closed', async () => {
  // Resolved at night: business opens at minute 600, and each day at that time.
  const calendars = businessHoursOpeningAt([600]);
  let tickets: readonly string[] = [];
  const told = await runScenario(
    world,
    {
      roster: { ...DEFAULT_ROSTER, calendars },
      failures: { evidence: ['logs'] },
      declaration: { policy: aPolicy({ evidence: HOOKS }) },
    },
    async (driver) => {
      const postIncident = await resolved(driver, calendars);
      expect(await kindsOf(postIncident)).toEqual(['resolved', 'evidence-settled', 'draft-ready']);
      const { deadlines, postmortem } = await postIncident.view();
      expect(deadlines.map(({ kind }) => kind)).toEqual(['reminder', 'postmortem']);
      expect(postmortem).toMatchObject({ doneAt: null });
      await driver.advanceMinutes(15 * HOUR);
      const due = new Date(calendars.zero + 600 * 60_000 + 3 * DAY * 60_000).toISOString().slice(0, 10);
      await postIncident.sendCommand({ type: 'addActionItem', text: 'watch the pool', owner: 'bo', due });
      await driver.advanceMinutes(DAY);
      await postIncident.sendCommand({ type: 'completePostmortem', url: 'https://wiki.example/pm' });
      await driver.advanceMinutes(3 * DAY);
      expect((await postIncident.view()).phase).toBe('resolved');
      await postIncident.sendCommand({ type: 'completeActionItem', item: 'A1', by: 'bo' });
      expect((await postIncident.view()).phase).toBe('closed');
      expect(await kindsOf(postIncident)).toEqual([
        ...[
          'resolved',
          'evidence-settled',
          'draft-ready',
          'follow-ups-reviewed',
          'action-item-added',
          'follow-ups-reviewed',
        ],
        ...[
          'postmortem-completed',
          'follow-ups-reviewed',
          'follow-ups-reviewed',
          'follow-ups-reviewed',
          'action-item-completed',
          'closed',
        ],
      ]);
      ({ tickets } = driver.ledger);
      const [record] = driver.ledger.records.values();
      expect(record).toMatchObject({ prepared: true, archived: true });
    },
  );
  const items = (due: string) =>
    `Your open action items of INC-2026-001, SEV2 "Checkout fails":\n- A1: watch the pool, owner bo, due ${due}`;
  expect(afterwards(told)).toEqual([
    '00:30 evidence logs: E/evidence/1/logs',
    `10:00 notice ana: ${OWED('INC-2026-001')}`,
    `34:00 notice ana: ${DUE('INC-2026-001')}`,
    '39:31 chat: ana completed the post-mortem: https://wiki.example/pm',
    `58:00 notice bo: ${items('DAY')}`,
    `82:00 notice bo: ${items('DAY')}`,
    `106:00 notice bo: ${items('DAY')}`,
  ]);
  expect(tickets.slice(-5).map((line) => line.replace(/due at .* UTC/, 'due at DAY HH:MM'))).toEqual([
    `comment: ${OWED('INC-2026-001').replace('is yours, due', 'is due')}`,
    expect.stringMatching(/^comment: ana added action item A1: watch the pool, owner bo, due /),
    `comment: ${DUE('INC-2026-001')}`,
    'comment: ana completed the post-mortem: https://wiki.example/pm',
    expect.stringMatching(/^comment: bo completed action item A1: watch the pool/),
  ]);
});

test('[SEV-13] [LIFE-21] lowered to SEV3 the post-mortem is owed all the same; overdue over a weekend, each business day', async () => {
  // Resolved on a Friday at noon, due on Sunday; business opens on Monday, on Tuesday, and so on.
  const calendars = businessHoursOpeningAt([-4 * HOUR, -4 * HOUR + 3 * DAY]);
  const told = await runScenario(world, { roster: { ...DEFAULT_ROSTER, calendars } }, async (driver) => {
    await driver.sendCommand({ type: 'setSeverity', severity: 'SEV3', reason: 'only a few' });
    const postIncident = await resolved(driver, calendars);
    await driver.advanceMinutes(4 * DAY);
    expect(await postIncident.view()).toMatchObject({ phase: 'resolved', severity: 'SEV3', highestSeverity: 'SEV2' });
    await postIncident.sendCommand({ type: 'close', reason: 'nobody is left who knows' });
    expect((await postIncident.timeline()).timeline.at(-1)?.text).toBe(
      'Closed: nobody is left who knows. Left open: the post-mortem.',
    );
    expect(driver.ledger.tickets.at(-1)).toBe('comment: Closed. Left open: the post-mortem.');
    await driver.advanceMinutes(3 * DAY);
  });
  const overdue = OVERDUE('INC-2026-001', 'SEV3');
  expect(afterwards(told)).toEqual([
    `00:30 notice ana: ${OWED('INC-2026-001', 'SEV3')}`,
    `68:00 chat: ${overdue}`,
    `68:00 notice ana: ${overdue}`,
    `92:00 chat: ${overdue}`,
    `92:00 notice ana: ${overdue}`,
  ]);
});

test('[LIFE-11] [LIFE-21] nothing owed closes at once; for a week it takes notes and items, and is kept again with them', async () => {
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3' }, firstAlerts: [{ severity: 'SEV3' }] },
    async (driver) => {
      const postIncident = await resolved(driver);
      const record = () => [...driver.ledger.records.values()][0];
      expect([(await postIncident.view()).phase, await postIncident.status(), record()?.archived]).toEqual([
        ...['closed', 'RUNNING', true],
      ]);
      Object.assign(record() ?? {}, { archived: false });
      expect(await postIncident.sendCommand({ type: 'addActionItem', text: 'alert sooner' })).toMatchObject({
        phase: 'closed',
      });
      await driver.advanceMinutes(6 * DAY);
      expect([record()?.archived, await postIncident.status()]).toEqual([true, 'RUNNING']);
      await postIncident.sendCommand({ type: 'completeActionItem', item: 'A1' });
      // It ends, and keeps the clock.
      await sleepReleasingLocks(driver.env, (DAY + HOUR) * 60_000);
      expect([await postIncident.status(), (await postIncident.view()).actionItems[0]?.doneBy]).toEqual([
        'COMPLETED',
        'ana',
      ]);
    },
  );
  expect(afterwards(told)).toEqual([]);
});

test('[LIFE-21] [LIFE-12] reopened, nobody is reminded; resolved again, everything is owed anew', async () => {
  const calendars = businessHoursOpeningAt([600]);
  const failures = { evidence: ['logs'] };
  const declaration = { policy: aPolicy({ evidence: HOOKS }) };
  const told = await runScenario(
    world,
    { roster: { ...DEFAULT_ROSTER, calendars }, failures, declaration },
    async (driver) => {
      const { declaredAt, id: incidentId } = await driver.view();
      calendars.zero = Date.parse(declaredAt);
      const postIncident = postIncidentOf(driver, incidentId);
      await driver.sendCommand({ type: 'acknowledge' });
      await driver.sendCommand({ type: 'resolve', resolution: 'done' });
      await driver.advanceMinutes(25);
      await driver.sendAlerts(CLEAR);
      await driver.advanceMinutes(6);
      await postIncident.sendCommand({ type: 'addActionItem', text: 'watch the pool', owner: 'bo' });
      await postIncident.sendCommand({ type: 'reopen', reason: 'still slow' });
      await driver.sendCommand({ type: 'resolve', resolution: 'now really' });
      await driver.advanceMinutes(11 * HOUR);
      const { actionItems, postmortem, resolvedAt } = await postIncident.view();
      expect(actionItems.map(({ id }) => id)).toEqual(['A1']);
      expect(Date.parse(postmortem?.dueAt ?? '') - Date.parse(resolvedAt ?? '')).toBe(2 * DAY * 60_000);
    },
  );
  expect(afterwards(told).filter((line) => /evidence|post-mortem|item/.test(line))).toEqual([
    '00:30 evidence logs: E/evidence/1/logs',
    '01:01 evidence logs: E/evidence/2/logs',
    `10:00 notice ana: ${OWED('INC-2026-001')}`,
  ]);
});

test('[LIFE-21] a draft that fails for hours is tried until it is there, and said aloud; evidence is gathered when its hook is back', async () => {
  let hours = 0;
  const failures = { evidence: ['logs'], evidenceDown: () => hours < 1, draftFails: () => hours < 3 };
  const declaration = { policy: aPolicy({ evidence: HOOKS }) };
  const told = await runScenario(world, { failures, declaration }, async (driver) => {
    const postIncident = await resolved(driver);
    const lines: (readonly string[])[] = [];
    for (; hours < 4; hours += 1) {
      await driver.advanceMinutes(HOUR);
      lines.push((await kindsOf(postIncident)).filter((kind) => /draft|evidence/.test(kind)));
    }
    expect(lines).toEqual([
      [],
      ['evidence-settled', 'draft-late'],
      ['evidence-settled', 'draft-late'],
      ['evidence-settled', 'draft-late', 'draft-ready'],
    ]);
  });
  expect(afterwards(told)).toEqual([
    `00:30 notice ana: ${OWED('INC-2026-001')}`,
    expect.stringMatching(/^01:\d\d evidence logs: E\/evidence\/1\/logs$/),
    '02:30 chat: ⚠ The export and the post-mortem draft are not ready two hours after the incident ended. Still trying.',
  ]);
});

test('[CARE-1] a hook that stays away for two hours is given up, aloud, and the incident can close', async () => {
  const failures = { evidence: ['logs'], evidenceDown: () => true };
  const declaration = { policy: aPolicy({ evidence: HOOKS }) };
  const told = await runScenario(world, { failures, declaration }, async (driver) => {
    const postIncident = await resolved(driver);
    await postIncident.sendCommand({ type: 'completePostmortem' });
    await driver.advanceMinutes(HOUR);
    expect((await postIncident.view()).phase).toBe('resolved');
    await driver.advanceMinutes(70);
    expect((await postIncident.view()).phase).toBe('closed');
  });
  expect(afterwards(told).map((line) => line.replace(/^02:\d\d/, '02:MM'))).toEqual([
    `00:30 notice ana: ${OWED('INC-2026-001')}`,
    '00:31 chat: ana completed the post-mortem',
    '02:MM chat: ⚠ EVIDENCE NOT KEPT: logs (evidence: HTTP 503)',
  ]);
});
