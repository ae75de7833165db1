/** One alert fires in two incidents, each in its own workflow: real records see it, and the two become one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import { openRecords, type Records } from '../../records/open-records.ts';
import {
  ALERTS_SIGNAL,
  INCIDENT_QUERY,
  INCIDENT_WORKFLOW,
  TASK_QUEUES,
  TIMELINE_QUERY,
} from '../../workflows/contract.ts';
import { anAlert, anAlertBatch, aDeclaration } from '../support/builders.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';
import { waitUntilSettled } from '../support/settle.ts';
import { until } from '../support/until.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const DISK = { fingerprint: 'disk', labels: { alertname: 'DiskFull', instance: 'db1' } };
const POOL = { fingerprint: 'pool' };

let world: World;
let records: Records;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-duplicates-'));
  const paths = { directory: join(home, 'database'), archiveDirectory: home, exportDirectory: home };
  records = openRecords({ ...paths, timeZone: 'UTC', log: SILENT });
  [world] = await Promise.all([createWorld(), records.ready()]);
});
afterAll(async () => {
  await Promise.all([world.close(), records.close()]);
  rmSync(home, { recursive: true, force: true });
});

const failures = () => ({ records: { ...records, prepare: () => Promise.resolve() } });

/** A younger incident of the same team, with its own group of alerts. */
async function younger(driver: ScenarioDriver, alerts: readonly Partial<AlertReport>[]) {
  const { env, ledger } = driver;
  const workflowId = `${driver.workflowId}-younger`;
  const ids = { workflowId, incidentId: `${workflowId}-incident` };
  const handle = await env.client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
    ...{ workflowId, taskQueue: TASK_QUEUES.incidents },
    args: [{ declaration: aDeclaration({ title: 'Search is slow', ...ids }) }],
    ...{ signal: ALERTS_SIGNAL, signalArgs: [anAlertBatch(alerts.map(anAlert))] },
  });
  const view = (): Promise<IncidentView> => handle.query<IncidentView>(INCIDENT_QUERY);
  return {
    ...ids,
    view,
    timeline: async () => (await handle.query<TimelineView>(TIMELINE_QUERY)).timeline.map(({ text }) => text),
    /** The records are real, so the merge takes real time. */
    merged: () =>
      until(async () => {
        await waitUntilSettled(env, [workflowId], ledger);
        await driver.settle();
        return (await view()).outcome === 'merged';
      }, 30_000),
  };
}

const ownersOf = async (fingerprint: string): Promise<readonly string[]> => {
  const owners = await records.findAlertOwners({
    source: 'alertmanager',
    fingerprints: [fingerprint],
    messageGroup: null,
  });
  return owners.map(({ workflowId }) => workflowId);
};

test('[LIFE-22] the alert fires in a younger incident too: that asks by itself, once, and its page stays true', async () => {
  const told = await runScenario(world, { firstAlerts: [DISK], failures: failures() }, async (driver) => {
    const other = await younger(driver, [DISK, { fingerprint: 'slow' }]);
    await other.merged();
    const { reference, firingCount } = await driver.view();
    expect(await other.view()).toMatchObject({ phase: 'closed', mergedInto: reference, peopleInvolved: [] });
    expect(firingCount).toBe(2);
    const timeline = await other.timeline();
    expect(timeline.filter((text) => text.includes('asked to merge'))).toEqual([
      `Tocsin asked to merge this into ${reference}: the same alert fires there (DiskFull on db1)`,
    ]);
    expect((await ownersOf('disk'))[0]).toBe(driver.workflowId);
    expect(await ownersOf('slow')).toContain(driver.workflowId);
    await driver.sendCommand({ type: 'acknowledge', incidentId: other.incidentId });
    expect(await driver.view()).toMatchObject({ phase: 'investigating', acknowledgedBy: 'ana' });
  });
  expect(told.filter((line) => line.includes('page ana'))).toEqual([
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 page ana by webhook: on-call 1.1.1',
  ]);
  const merged = 'Tocsin merged this into INC-2026-001: the same alert fires there. Follow it there.';
  expect(told.filter((line) => line.includes('merged this into'))).toEqual([
    `00:00 chat: ${merged}`,
    `00:00 notice ana: ${merged}`,
  ]);
});

test('[LIFE-22] the alert comes to the older incident last: that tells the younger one, which asks', async () => {
  await runScenario(world, { failures: failures() }, async (driver) => {
    const other = await younger(driver, [POOL]);
    await driver.settle();
    expect((await other.view()).phase).toBe('declared');
    await driver.sendAlerts(POOL);
    await other.merged();
    const { reference, phase, outcome } = await driver.view();
    expect([phase, outcome]).toEqual(['declared', null]);
    expect(await other.view()).toMatchObject({ phase: 'closed', mergedInto: reference });
  });
});
