/** A storm from its first page to its end, and pages that the edge sent before an incident could begin. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StormGroup } from '../../domain/kernel/alert.ts';
import { INCIDENT_QUERY, STORM_MEMBERS_QUERY } from '../../workflows/contract.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import { anAlertBatch, anAlert } from '../support/builders.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const group = (n: number): StormGroup => ({
  workflowId: `inc-stormy-${n}`,
  title: `service ${n} is down`,
  severity: 'SEV2',
  service: null,
});

async function join(driver: ScenarioDriver, ...numbers: readonly number[]): Promise<void> {
  const alerts = numbers.map((n) => anAlert(alertOf(n)));
  const groups = numbers.map(group);
  await driver.env.client.workflow
    .getHandle(driver.workflowId)
    .signal('alerts', anAlertBatch(alerts, { groups, receivedAt: await driver.env.currentTimeMs() }));
  await driver.settle();
}

const namesOf = ({ ledger }: ScenarioDriver): readonly (readonly [string, readonly string[]])[] =>
  ledger.pages.map(({ reason, to, incidents = [] }) => [`${reason} ${to}`, incidents.map(({ title }) => title)]);

const alertOf = (n: number) => {
  const { workflowId, title } = group(n);
  return { fingerprint: `fp-${n}`, title, group: workflowId };
};
const STORM = {
  declaration: { storm: true, title: 'Storm of alerts for platform' },
  first: [alertOf(1), alertOf(2)],
  batch: { groups: [group(1), group(2)] },
} as const;

test('[ALERT-17] names come with the first page and 10 s later, and stop when somebody has it; [ALERT-18] who is split off pages by himself', async () => {
  await runScenario(world, STORM, async (driver) => {
    const { advanceMinutes, sendCommand, env, workflowId, ledger } = driver;
    await join(driver, 3);
    await advanceMinutes(0.25);
    expect(namesOf(driver)).toEqual([
      ['on-call ana', ['service 1 is down', 'service 2 is down']],
      ['storm ana', ['service 3 is down']],
    ]);
    await sendCommand({ type: 'acknowledge' });
    await join(driver, 4);
    await advanceMinutes(3);
    expect(ledger.pages.filter(({ kind }) => kind === 'page')).toHaveLength(2);
    const handle = (n: number) => env.client.workflow.getHandle(group(n).workflowId);
    const members = await env.client.workflow.getHandle(workflowId).query(STORM_MEMBERS_QUERY);
    expect(members).toEqual([1, 2, 3, 4].map((n) => group(n).workflowId));

    await sendCommand({ type: 'split', alert: 'service 3 is down' });
    await driver.settle();
    const own = await handle(3).query<IncidentView>(INCIDENT_QUERY);
    expect(own).toMatchObject({ title: 'service 3 is down', phase: 'declared', alertCount: 1, severity: 'SEV2' });
    expect(ledger.pages.at(-1)).toMatchObject({ to: 'ana', incident: { title: 'service 3 is down' } });
    await handle(3).terminate();
  });
});

test('[PAGE-40] whom the edge paged while Temporal was away is not paged again by level 1; notification rules and chain go on', async () => {
  const alreadyPaged = [{ to: 'ana', method: 'webhook', key: 'bg/1', at: Date.now(), incidentId: '01EDGE' }];
  await runScenario(
    world,
    { batch: { alreadyPaged } },
    async ({ advanceMinutes, ledger: { pages }, sendCommand, view }) => {
      await advanceMinutes(1);
      expect(pages).toEqual([]);
      await advanceMinutes(16);
      expect(pages.map(({ to, level, attempt }) => [to, level, attempt])).toEqual([
        ['ana', 1, 2],
        ['bo', 2, 1],
      ]);
      expect((await view()).deliveries[0]).toMatchObject({ to: 'ana', key: 'bg/1', state: 'accepted' });
      expect(await sendCommand({ type: 'acknowledge', incidentId: '01EDGE' })).toMatchObject({ changed: true });
    },
  );
});
