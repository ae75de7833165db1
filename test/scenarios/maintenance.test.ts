/** Maintenance in skipped time: what it holds back, what fires at its end, and what it never holds back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MaintenanceWindow } from '../../domain/kernel/maintenance.ts';
import type { SuppressedAnswer } from '../../workflows/contract.ts';
import { ALERTS_SIGNAL, INCIDENT_QUERY, INCIDENT_WORKFLOW, TASK_QUEUES } from '../../workflows/contract.ts';
import { anAlertBatch, anAlert, aDeclaration } from '../support/builders.ts';
import { postIncidentOf, sendAlertBatch, advanceAfterPostIncident } from '../support/scenario-commands.ts';
import { aWindow, heldFor } from '../support/maintenance-scenario.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const HELD = { suppressed: true } as const;
const pages = (lines: readonly string[]): string[] => lines.filter((line) => line.includes(' page '));
const statusOf = async (workflowId: string): Promise<string> =>
  (await world.env.client.workflow.getHandle(workflowId).describe()).status.name;

test('[ALERT-16] an alert that is held back pages nobody and tells nobody; what still fires at the end begins then, and pages then', async () => {
  const startsAt = await world.env.currentTimeMs();
  const held = { ...(await heldFor(world, 60)), startsAt };
  const told = await runScenario(
    world,
    { declaration: HELD, firstAlerts: [held] },
    async ({ advanceMinutes, ledger, view, sendAlerts, env, workflowId }) => {
      await advanceMinutes(30);
      await sendAlerts(held); // a repeat
      const asked: unknown = await env.client.workflow.getHandle(workflowId).query<SuppressedAnswer>(INCIDENT_QUERY);
      expect(asked).toEqual({ suppressedBy: expect.stringContaining('"disk swap" until') as unknown });
      await advanceMinutes(29);
      expect([ledger.count(), ledger.records.size, ledger.tickets]).toEqual([0, 0, []]);
      await advanceMinutes(2);
      const now = await env.currentTimeMs();
      const incident = await view();
      expect(incident).toMatchObject({ phase: 'declared', severity: 'SEV2', firingCount: 1 });
      expect(now - Date.parse(incident.declaredAt)).toBeLessThan(2 * 60_000);
      expect(incident.detectedAt).toBe(new Date(startsAt).toISOString());
    },
  );
  expect(pages(told)).toEqual(['01:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] what has cleared before the end was never an incident', async () => {
  const held = await heldFor(world, 60);
  const told = await runScenario(
    world,
    { declaration: HELD, firstAlerts: [held] },
    async ({ advanceMinutes, sendAlerts, ledger, workflowId }) => {
      await advanceMinutes(10);
      await sendAlerts({ status: 'resolved', endsAt: 2_000 });
      // Its firing comes once more, by a way that took longer.
      await sendAlerts({ ...held, receivedAt: 0 });
      await advanceMinutes(55);
      expect(await statusOf(workflowId)).toBe('COMPLETED');
      expect([ledger.records.size, ledger.tickets]).toEqual([0, []]);
    },
  );
  expect(told).toEqual([]);
});

test('[ALERT-16] it begins as bad as what still fires at the end', async () => {
  const held = await heldFor(world, 30);
  const told = await runScenario(
    world,
    {
      declaration: { ...HELD, severity: 'SEV1', title: 'All is down' },
      firstAlerts: [
        { ...held, severity: 'SEV1' },
        { ...held, fingerprint: 'f2', title: 'Slow' },
      ],
    },
    async ({ advanceMinutes, sendAlerts, view }) => {
      await sendAlerts({ status: 'resolved', endsAt: 2_000 });
      await advanceMinutes(31);
      expect(await view()).toMatchObject({ severity: 'SEV2', title: 'Slow', alertCount: 1 });
    },
  );
  expect(pages(told)).toEqual(['00:30 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] something that no window holds back begins the incident at once; what is held joins at the end, and raises it then', async () => {
  const held = await heldFor(world, 60);
  const told = await runScenario(
    world,
    { declaration: HELD, firstAlerts: [held] },
    async ({ advanceMinutes, sendAlerts, sendCommand, view, timeline }) => {
      await advanceMinutes(10);
      await sendAlerts({ fingerprint: 'f2', title: 'Checkout is slow' });
      expect(await view()).toMatchObject({ phase: 'declared', title: 'Checkout fails', alertCount: 1 });
      await sendCommand({ type: 'acknowledge' });
      await sendAlerts({ ...held, fingerprint: 'f3', severity: 'SEV1', title: 'Disk is gone' });
      expect(await view()).toMatchObject({ severity: 'SEV2', alertCount: 1 });
      const lines = (await timeline()).timeline.map(({ text }) => text);
      expect(lines).toContainEqual(
        expect.stringMatching(/^Suppressed by maintenance "disk swap" until .*: Disk is gone$/),
      );
      await advanceMinutes(51);
      expect(await view()).toMatchObject({ severity: 'SEV1', alertCount: 3 });
    },
  );
  expect(pages(told).filter((line) => !line.includes('leadership'))).toEqual([
    '00:10 page ana by webhook: on-call 1.1.1',
    expect.stringMatching(/^01:00 page ana /),
  ]);
});

test('[ALERT-16] held back beside an incident it neither pages nor brings it back; the end of the window does', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendAlerts, sendCommand, view }) => {
    await sendCommand({ type: 'acknowledge' });
    const held = await heldFor(world, 20);
    await sendAlerts({ ...held }); // known already: it only still fires
    await sendAlerts({ status: 'resolved', endsAt: 2_000 });
    expect(await view()).toMatchObject({ phase: 'monitoring' });
    await sendAlerts({ ...held, startsAt: 3_000 });
    await advanceMinutes(10);
    expect(await view()).toMatchObject({ phase: 'monitoring', firingCount: 0 });
    await advanceMinutes(11);
    expect(await view()).toMatchObject({ phase: 'mitigating', firingCount: 1 });
  });
  expect(pages(told)).toEqual([
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:20 page ana by webhook: recurrence 2.0.1',
  ]);
});

test('[ALERT-16] held back after the end of an incident it is a new one only when its window is over, however long that takes', async () => {
  const told = await runScenario(world, {}, async ({ advanceMinutes, sendAlerts, sendCommand, view }) => {
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'resolve', resolution: 'rolled back', ignoreAlerts: ['f1'] });
    await advanceMinutes(31);
    const before = await view();
    expect(before.phase).toBe('resolved');
    await sendAlerts({ ...(await heldFor(world, 60)), fingerprint: 'f2' });
    // Ten minutes from now the run has nothing left to remember, but for what waits.
    await sendAlerts({ status: 'resolved', endsAt: 2_000 });
    await advanceMinutes(59);
    expect((await view()).id).toBe(before.id);
    await advanceMinutes(2);
    expect(await view()).toMatchObject({ phase: 'declared', recurrenceOf: before.id });
  });
  expect(pages(told)).toEqual(['00:00 page ana by webhook: on-call 1.1.1', '01:31 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] a window that is ended early lets in at once what waits beside an incident', async () => {
  const window = aWindow(world, 120);
  const told = await runScenario(
    world,
    { before: window.declare },
    async ({ advanceMinutes, sendAlerts, sendCommand, view }) => {
      await sendCommand({ type: 'acknowledge' });
      const held = await heldFor(world, 120, { windowWorkflowId: window.id });
      await sendAlerts({ ...held, fingerprint: 'f2', severity: 'SEV1' });
      await advanceMinutes(10);
      expect(await view()).toMatchObject({ severity: 'SEV2' });
      await window.end();
      await advanceMinutes(1);
      expect(await view()).toMatchObject({ severity: 'SEV1' });
      expect(await statusOf(window.id)).toBe('COMPLETED');
    },
  );
  await window.terminate();
  expect(pages(told)).toContainEqual(expect.stringMatching(/^00:10 page ana /));
});

test('[ALERT-16] a window that is ended early begins at once what still fires', async () => {
  const window = aWindow(world, 120);
  const held = await heldFor(world, 120, { windowWorkflowId: window.id });
  const setting = { declaration: HELD, firstAlerts: [held], before: window.declare };
  const told = await runScenario(world, setting, async ({ advanceMinutes }) => {
    await advanceMinutes(15);
    await window.end();
    await advanceMinutes(1);
  });
  await window.terminate();
  expect(pages(told)).toEqual(['00:15 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] a window that is extended goes on holding back what it held, and servers can read its new end', async () => {
  const window = aWindow(world, 30);
  const held = await heldFor(world, 30, { windowWorkflowId: window.id });
  const setting = { declaration: HELD, firstAlerts: [held], before: window.declare };
  const told = await runScenario(world, setting, async ({ advanceMinutes, env }) => {
    await advanceMinutes(20);
    await window.move(40);
    await advanceMinutes(39);
    const { memo } = await window.handle.describe();
    const { until } = memo?.['window'] as MaintenanceWindow;
    expect(Math.round((until - (await env.currentTimeMs())) / 60_000)).toBe(1);
    await advanceMinutes(2);
  });
  await window.terminate();
  expect(pages(told)).toEqual(['01:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] a window that nobody knows holds nothing back: when in doubt the alert pages', async () => {
  const held = await heldFor(world, 60, { windowWorkflowId: 'maintenance-that-never-was' });
  const told = await runScenario(world, { declaration: HELD, firstAlerts: [held] }, async ({ advanceMinutes }) =>
    advanceMinutes(2),
  );
  expect(pages(told)).toEqual(['00:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] held until a time that is past it pages at once', async () => {
  const held = await heldFor(world, -1);
  const told = await runScenario(world, { declaration: HELD, firstAlerts: [held] }, async ({ advanceMinutes }) =>
    advanceMinutes(2),
  );
  expect(pages(told)).toEqual(['00:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] a command in advance is refused, and does not silence the page of the end', async () => {
  const held = await heldFor(world, 30);
  const told = await runScenario(world, { declaration: HELD, firstAlerts: [held] }, async (driver) => {
    const handle = driver.env.client.workflow.getHandle(driver.workflowId);
    await handle.signal('acknowledge', { by: 'ana' });
    await driver.settle();
    await expect(handle.executeUpdate('acknowledge', { args: [{ by: 'ana' }] })).rejects.toMatchObject({
      cause: { type: 'CommandRefused', message: expect.stringContaining('held back') as unknown },
    });
    await driver.advanceMinutes(31);
    expect(await driver.view()).toMatchObject({ phase: 'declared', acknowledgedBy: null });
  });
  expect(pages(told)).toEqual(['00:30 page ana by webhook: on-call 1.1.1']);
});

test("[ALERT-16] a person's declaration for the same team pages while maintenance holds back its alerts", async () => {
  const held = await heldFor(world, 60);
  const told = await runScenario(world, { declaration: { declaredBy: 'bo' }, firstAlerts: [] }, async (driver) => {
    await sendAlertBatch(driver, [{ ...held, fingerprint: 'f9', severity: 'SEV1' }]);
    await driver.advanceMinutes(1);
    expect(await driver.view()).toMatchObject({ severity: 'SEV2', alertCount: 0 });
  });
  expect(pages(told)).toEqual(['00:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] a thousand repeats while it is held back hand over to a fresh history, which pages at the end all the same', async () => {
  const held = await heldFor(world, 60);
  const told = await runScenario(
    world,
    { declaration: HELD, firstAlerts: [held] },
    async ({ advanceMinutes, env, workflowId, ...driver }) => {
      const handle = env.client.workflow.getHandle(workflowId);
      const { runId } = await handle.describe();
      const repeat = anAlertBatch([anAlert(held)]);
      await Promise.all(Array.from({ length: 1_000 }, () => handle.signal(ALERTS_SIGNAL, repeat)));
      await until(async () => (await handle.describe()).runId !== runId, 10_000);
      await driver.settle();
      await advanceMinutes(61);
    },
  );
  expect(pages(told)).toEqual(['01:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-16] a person reopens the incident before, although its group is held back by now', async () => {
  const told = await runScenario(world, {}, async (driver) => {
    const { sendCommand, sendAlerts, advanceMinutes, view, env, workflowId } = driver;
    await sendCommand({ type: 'acknowledge' });
    await sendCommand({ type: 'resolve', resolution: 'rolled back' });
    await sendAlerts({ status: 'resolved', endsAt: 2_000 });
    await advanceMinutes(31);
    const { id: incidentId } = await view();
    expect(await statusOf(workflowId)).toBe('COMPLETED');
    const held = await heldFor(world, 30);
    const opening = aDeclaration({ ...HELD, workflowId, incidentId: 'of the held ones' });
    await env.client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
      ...{ workflowId, taskQueue: TASK_QUEUES.incidents, args: [{ declaration: opening }] },
      ...{ signal: ALERTS_SIGNAL, signalArgs: [anAlertBatch([anAlert({ ...held, startsAt: 3_000 })])] },
    });
    await driver.settle();
    await postIncidentOf(driver, incidentId).sendCommand({ type: 'reopen', reason: 'it is back' });
    expect(await view()).toMatchObject({ id: incidentId, phase: 'mitigating', firingCount: 0 });
    await advanceAfterPostIncident(driver, 31);
    expect(await view()).toMatchObject({ id: incidentId, phase: 'mitigating', firingCount: 1 });
  });
  expect(pages(told)[0]).toBe('00:00 page ana by webhook: on-call 1.1.1');
});
