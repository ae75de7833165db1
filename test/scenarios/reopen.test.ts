import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postIncidentOf, advanceAfterPostIncident, refusalOf, sendRawSignal } from '../support/scenario-commands.ts';
import { postmortemNotice } from '../support/postmortem-notice.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
/** The same alert, firing anew. */
const ANEW = { startsAt: 5_000 } as const;

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

test('[LIFE-12] reopened from the post-incident flow while the run lingers, the same incident goes on', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    await resolvedAndLingering(driver);
    const { id: incidentId } = await driver.view();
    const postIncident = postIncidentOf(driver, incidentId);
    expect(await postIncident.sendCommand({ type: 'reopen', reason: 'still slow' })).toMatchObject({
      changed: true,
      phase: 'mitigating',
    });
    expect(await driver.view()).toMatchObject({
      id: incidentId,
      phase: 'mitigating',
      outcome: null,
      resolvedAt: null,
      roles: { ic: 'ana' },
    });
    expect(await postIncident.status()).toBe('COMPLETED');
    await driver.sendCommand({ type: 'resolve', resolution: 'now really' });
    expect((await driver.view()).deadlines.map(({ kind }) => kind)).toEqual(['monitoring-end']);
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
    '00:31 chat: Fixed: now really. Monitoring until HH:MM.',
    '00:31 chat: Reopened by ana: still slow',
    '00:31 public Investigating: The problem with Checkout is back. We are working on it.',
    '00:31 public Monitoring: A fix for Checkout is in place. We are monitoring it.',
  ]);
});

test('[LIFE-12] reopened after the run has ended, the same incident goes on in a run of its own', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    await resolved(driver);
    await driver.advanceMinutes(60);
    const { id: incidentId } = await driver.view();
    const { seq } = await postIncidentOf(driver, incidentId).view();
    await postIncidentOf(driver, incidentId).sendCommand({ type: 'reopen', reason: 'still slow', requestId: 'r1' });
    expect(await driver.view()).toMatchObject({ id: incidentId, phase: 'mitigating', seq: seq + 1 });
    expect(await driver.sendCommand({ type: 'reopen', reason: 'still slow', requestId: 'r1' })).toMatchObject({
      text: 'Reopened.',
    });
    await advanceAfterPostIncident(driver, 31);
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
    '01:31 chat: Reopened by ana: still slow',
    '01:31 public Investigating: The problem with Checkout is back. We are working on it.',
    '01:51 notice ana: Internal and public updates are due at HH:MM: `tocsin update INC-2026-001 --public --text "…"`. Draft: Status: mitigating. Impact: Checkout fails. Needed: technical (operations) lead, communications lead and scribe.',
    '02:01 chat: UPDATE [HH:MM]',
    '02:01 notice ana: Internal and public updates due at HH:MM were missed; a holding update without news went out. Post one now: `tocsin update INC-2026-001 --public --text "…"`.',
    '02:01 public Investigating: We are still working on the problem with Checkout.',
  ]);
});

test('[LIFE-12] reopen is refused while a newer incident has its place, and nothing is lost', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    await resolvedAndLingering(driver);
    const { id: incidentId } = await driver.view();
    await driver.sendAlerts(ANEW);
    const newer = await driver.view();
    const postIncident = postIncidentOf(driver, incidentId);
    expect(await refusalOf(driver, { type: 'reopen', reason: 'still slow' }, postIncident.id)).toEqual({
      reason: 'a newer incident has its place: work on that one',
      phase: 'resolved',
      allowed: ['assessImpact', 'postUpdate', 'addNote', 'cause', 'addActionItem', 'completePostmortem', 'close'],
    });
    await sendRawSignal(driver, 'reopen', { by: 'bo', reason: 'still slow' }, postIncident.id);
    await until(async () => (await postIncident.timeline()).timeline.at(-1)?.kind === 'command-refused', 10_000);
    expect((await postIncident.timeline()).timeline.at(-1)).toMatchObject({ by: 'bo' });
    expect([await postIncident.status(), (await postIncident.view()).phase]).toEqual(['RUNNING', 'resolved']);
    expect((await driver.view()).id).toBe(newer.id);
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
    '00:31 chat: INCIDENT DECLARED: Checkout fails',
    '00:31 page ana by webhook: on-call 1.1.1',
  ]);
});

test('[LIFE-12] [CMD-2] reopened in the watch it is mitigating again; closed it cannot be', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { sendCommand, view } = driver;
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'resolve', resolution: 'done' });
    await driver.advanceMinutes(3);
    await sendCommand({ type: 'reopen', reason: 'not fixed' });
    expect(await view()).toMatchObject({ phase: 'mitigating', mitigatedAt: null });
    await sendCommand({ type: 'declareFalseAlarm', reason: 'a load test' });
    expect(await refusalOf(driver, { type: 'reopen', reason: 'again' })).toEqual({
      reason: 'a closed incident cannot be reopened: declare a new one (tocsin declare)',
      phase: 'closed',
      allowed: ['addNote', 'addActionItem'],
    });
  });
  expect(told).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: Fixed: done. Monitoring until HH:MM. Still firing: CheckoutFails.',
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We are investigating a problem with Checkout.',
    '00:00 public Monitoring: We have applied a fix for the problem with Checkout and are checking whether it works.',
    '00:03 chat: ana declared a false alarm: a load test',
    '00:03 chat: Reopened by ana: not fixed',
    '00:03 public Investigating: The problem with Checkout is back. We are working on it.',
    '00:03 public Resolved: This was a false alarm: there was no problem with Checkout.',
  ]);
});
