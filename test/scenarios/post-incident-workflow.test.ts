import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postIncidentOf, advanceAfterPostIncident, sendRawSignal } from '../support/scenario-commands.ts';
import { postmortemNotice } from '../support/postmortem-notice.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
/** Acknowledged, resolved and watched to its end, 31 min after the declaration. */
async function resolved(driver: ScenarioDriver): Promise<void> {
  const { sendAlerts, sendCommand } = driver;
  await sendCommand({ type: 'acknowledge' });
  await sendAlerts(CLEAR);
  await sendCommand({ type: 'resolve', resolution: 'done' });
  await driver.advanceMinutes(31);
}

/** The same, with alerts that clear so late that the run still remembers them. */
async function resolvedAndLingering(driver: ScenarioDriver): Promise<void> {
  const { sendAlerts, advanceMinutes, sendCommand } = driver;
  await sendCommand({ type: 'acknowledge' });
  await sendCommand({ type: 'resolve', resolution: 'done' });
  await driver.advanceMinutes(25);
  await sendAlerts(CLEAR);
  await advanceMinutes(6);
}

test('[LIFE-11] the post-incident flow holds the final state after the run has ended, and takes close', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    await resolved(driver);
    const before = await driver.view();
    await driver.advanceMinutes(60);
    const postIncident = postIncidentOf(driver, before.id);
    const { deadlines, deliveries, seq, ...rest } = await postIncident.view();
    expect({ ...rest, deadlines: [], deliveries: before.deliveries, seq: before.seq }).toEqual(before);
    expect([deadlines.map(({ kind }) => kind), deliveries.length, seq]).toEqual([['reminder', 'postmortem'], 2, 11]);
    await postIncident.sendCommand({ type: 'addNote', text: 'the release had a bad flag' });
    expect(await postIncident.sendCommand({ type: 'close', reason: 'written up' })).toMatchObject({
      changed: true,
      phase: 'closed',
    });
    expect([await postIncident.status(), (await postIncident.view()).outcome]).toEqual(['RUNNING', 'resolved']);
    expect((await postIncident.timeline()).timeline.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
      '1 declared',
      '2 alerts-fired',
      '3 paged',
      '4 acknowledged',
      '5 public-communication-started',
      '6 alerts-cleared',
      '7 monitoring-started',
      '8 resolve-confirmed',
      '9 resolved',
      '10 follow-ups-reviewed',
      '11 draft-ready',
      '12 note-added',
      '13 closed',
    ]);
  });
  expect(told).toEqual([
    '00:00 chat: All alerts have cleared. Monitoring until HH:MM.',
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Monitoring: The problem with Checkout has cleared. We are monitoring it.',
    '00:30 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:30 ${postmortemNotice()}`,
    '00:30 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[LIFE-11] a signal that comes to the lingering run finds the post-incident flow, and what it does not take is refused there', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    await resolvedAndLingering(driver);
    const { id: incidentId } = await driver.view();
    await sendRawSignal(driver, 'acknowledge', { by: 'bo' });
    await sendRawSignal(driver, 'close', { by: 'ana' });
    const postIncident = postIncidentOf(driver, incidentId);
    expect([await postIncident.status(), (await postIncident.view()).phase]).toEqual(['RUNNING', 'closed']);
    await sendRawSignal(driver, 'close', { by: 'bo' });
    await sendRawSignal(driver, 'addNote', { by: 'eve', text: 'said too late' });
    expect((await postIncident.timeline()).timeline.slice(-4).map(({ kind, by }) => [kind, by])).toEqual([
      ['command-refused', 'bo'],
      ['closed', 'ana'],
      ['command-refused', 'bo'],
      ['note-added', 'eve'],
    ]);
    expect((await driver.view()).phase).toBe('resolved');
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: Fixed: done. Monitoring until HH:MM. Still firing: CheckoutFails.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Monitoring: We have applied a fix for the problem with Checkout and are checking whether it works.',
    '00:20 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: monitoring. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '00:30 chat: ALL CLEAR: Checkout fails is resolved. The team stands down.',
    `00:30 ${postmortemNotice()}`,
    '00:30 public Resolved: The problem with Checkout is resolved.',
  ]);
});

test('[CARE-3] closed while something is left: what is left is said on the timeline and in the ticket, and nobody is reminded', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    await resolved(driver);
    const { id: incidentId } = await driver.view();
    const postIncident = postIncidentOf(driver, incidentId);
    await postIncident.sendCommand({ type: 'addActionItem', text: 'Watch the pool', owner: 'bo', due: '2030-12-01' });
    await postIncident.sendCommand({ type: 'addActionItem', text: 'Write it down' });
    await postIncident.sendCommand({ type: 'completeActionItem', item: 'A2' });
    await postIncident.sendCommand({ type: 'close', reason: 'moved to the board' });
    const left = 'Left open: the post-mortem; A1: Watch the pool, owner bo, due 2030-12-01.';
    expect((await postIncident.timeline()).timeline.at(-1)).toMatchObject({
      ...{ kind: 'closed', by: 'ana', text: `Closed: moved to the board. ${left}` },
    });
    expect(driver.ledger.tickets.at(-1)).toBe(`comment: Closed. ${left}`);
    await advanceAfterPostIncident(driver, 5 * 24 * 60);
  });
  expect(told.filter((line) => !line.startsWith('00:'))).toEqual([]);
});
