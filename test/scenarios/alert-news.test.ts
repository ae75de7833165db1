/** What a source says of alerts besides that they fire and end: news, other services, and silence. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sendAlertBatch } from '../support/scenario-commands.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('[ALERT-19] the severity rises under one key: the incident is raised, and the on-call is paged for it', async () => {
  const mild = { severity: 'SEV3', title: 'disk 85% on db1' } as const;
  const told = await runScenario(
    world,
    { declaration: { severity: 'SEV3', title: 'disk 85% on db1' }, firstAlerts: [mild] },
    async ({ advanceMinutes, sendAlerts, view, timeline }) => {
      await advanceMinutes(2);
      await sendAlerts({ severity: 'SEV2', title: 'disk 99% on db1' });
      expect(await view()).toMatchObject({ severity: 'SEV2' });
      const kinds = (await timeline()).timeline.map(({ kind }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(['alert-changed', 'severity-changed']));
    },
  );
  expect(told.filter((line) => line.includes(' page '))).toEqual(['00:02 page ana by webhook: severity-raised 1.1.1']);
});

test('[ALERT-20] another service joins an acknowledged incident: the IC is notified', async () => {
  const search = { fingerprint: 'f1', labels: { alertname: 'HighErrors', service: 'search' } };
  const orders = { fingerprint: 'f2', labels: { alertname: 'DatabaseDown', service: 'orders' }, title: 'DatabaseDown' };
  const told = await runScenario(
    world,
    { declaration: { service: 'search' }, firstAlerts: [search] },
    async ({ advanceMinutes, sendAlerts, sendCommand }) => {
      await sendCommand({ type: 'acknowledge' });
      await advanceMinutes(5);
      await sendAlerts(search, orders);
    },
  );
  expect(told.filter((line) => line.startsWith('00:05'))).toEqual([
    '00:05 chat: Another service is affected: orders (DatabaseDown).',
    '00:05 notice ana: Another service is affected: orders (DatabaseDown).',
  ]);
});

test('[ALERT-22] silenced at its source, it is listed no longer: the on-call is asked once, and nobody is paged for ever', async () => {
  const [a, b] = ['a', 'b'].map((name) => ({ fingerprint: name, labels: { alertname: `Disk${name.toUpperCase()}` } }));
  const group = { messageGroup: 'g' };
  const told = await runScenario(
    world,
    { firstAlerts: [a ?? {}, b ?? {}], batch: { ...group, listed: ['a', 'b'] } },
    async (driver) => {
      await driver.advanceMinutes(5);
      await sendAlertBatch(driver, [{ ...b, status: 'resolved', endsAt: 2_000 }], { ...group, listed: ['b'] });
      await driver.advanceMinutes(1);
      expect(await driver.view()).toMatchObject({ phase: 'declared', firingCount: 1 });
      await driver.advanceMinutes(120);
    },
  );
  expect(told.filter((line) => line.includes('DiskA')).map((line) => line.slice(0, 12))).toEqual([
    '00:05 chat: ',
    '00:05 notice',
  ]);
  expect(told.filter((line) => line.includes(' page '))).toEqual(['00:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-23] all that was sent has cleared, and some was never sent: the on-call is asked once', async () => {
  const told = await runScenario(world, { batch: { truncated: 3 } }, async (driver) => {
    await driver.advanceMinutes(5);
    await sendAlertBatch(driver, [{ status: 'resolved', endsAt: 2_000 }], { truncated: 3 });
    await driver.advanceMinutes(60);
    expect(await driver.view()).toMatchObject({ phase: 'declared', firingCount: 0, truncatedAlerts: 3 });
  });
  expect(told.filter((line) => line.includes('never sent')).map((line) => line.slice(0, 12))).toEqual([
    '00:05 chat: ',
    '00:05 notice',
  ]);
  expect(told.filter((line) => line.includes(' page '))).toEqual(['00:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-21] ten minutes after it resolved an alert is forgotten, while the others fire', async () => {
  await runScenario(world, {}, async (driver) => {
    await sendAlertBatch(driver, [{ fingerprint: 'f2' }]);
    await sendAlertBatch(driver, [{ fingerprint: 'f2', status: 'resolved' }]);
    const known = async () => (await driver.view()).alerts.map(({ fingerprint }) => fingerprint);
    expect(await known()).toContain('f2');
    await driver.advanceMinutes(11);
    await sendAlertBatch(driver, [{ fingerprint: 'f3' }]);
    expect(await known()).not.toContain('f2');
    expect(await known()).toContain('f3');
  });
});
