/** From a message as Alertmanager sends it to who is woken, and when: labels, groups, and what is left out. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Severity } from '../../domain/kernel/severity.ts';
import type { RoutedAlerts } from '../../webhook-server/incidents/gateway.ts';
import { toRoutedAlerts } from '../../webhook-server/ingest/route-and-group.ts';
import { parseAlertmanager } from '../../webhook-server/ingest/sources/alertmanager.ts';
import { anAlert } from '../support/builders.ts';
import { sendAlertBatch } from '../support/scenario-commands.ts';
import type { ScenarioDriver, World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';
import { configFromYaml, HTTP_TEST_YAML } from '../webhook-server/support/test-http-server.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

type Labels = Readonly<Record<string, string>>;
interface Sent {
  readonly labels: readonly Labels[];
  readonly groupKey?: string;
  readonly status?: 'firing' | 'resolved';
  readonly routes?: string;
}

/** What the edge makes of a message; `routes` stand in place of the usual ones. */
function seen({ labels, groupKey = 'g', status = 'firing', routes }: Sent): readonly RoutedAlerts[] {
  const [head = ''] = HTTP_TEST_YAML.split('routes:');
  const config = configFromYaml(routes === undefined ? HTTP_TEST_YAML : `${head}routes:\n${routes}`);
  const at = Date.now() - 60_000;
  const startsAt = new Date(at).toISOString();
  const alerts = labels.map((own) => ({ status, labels: own, annotations: {}, startsAt }));
  const parsed = parseAlertmanager({ version: '4', groupKey, groupLabels: {}, status, alerts }, at);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return toRoutedAlerts(parsed.messages, { config, source: 'alertmanager', receivedAt: at });
}

async function tell(
  routed: RoutedAlerts | undefined,
  then: (driver: ScenarioDriver) => Promise<void>,
): Promise<string[]> {
  if (routed === undefined) throw new Error('the edge saw nothing');
  return runScenario(world, { declaration: routed.declaration, firstAlerts: routed.alerts }, then);
}

/** Minutes at which on-call was paged in the first two hours. */
async function woken(sent: Sent): Promise<readonly [Severity, string | undefined]> {
  const [routed] = seen(sent);
  const told = await tell(routed, ({ advanceMinutes }) => advanceMinutes(120));
  const page = told.find((line) => line.includes(' page ana'));
  return [routed?.declaration.severity ?? 'SEV4', page?.slice(0, 5)];
}

test.each<[string, Labels, Severity, string | undefined]>([
  ['critical', { severity: 'Critical' }, 'SEV2', '00:00'],
  ['emergency', { severity: 'emergency' }, 'SEV1', '00:00'],
  ['warning', { severity: 'WARNING' }, 'SEV3', '01:00'],
  ['info', { severity: 'info' }, 'SEV4', undefined],
  ['no label', {}, 'SEV3', '01:00'],
])(
  '[SEV-2] [SEV-4] %s: the label says who is woken, and when',
  async (_name, labels, severity, minute) => {
    expect(await woken({ labels: [{ alertname: 'Down', ...labels }] })).toEqual([severity, minute]);
  },
  60_000,
);

test('[SEV-3] a watchdog wakes nobody', () => {
  expect(seen({ labels: [{ alertname: 'Watchdog', severity: 'none' }] })).toEqual([]);
});

test('[SEV-5] a route that lifts makes no page of a warning, and a SEV1 of what pages already', async () => {
  const routes = '  - { team: platform, severity: SEV1 }\n';
  expect(await woken({ routes, labels: [{ alertname: 'Slow', severity: 'warning' }] })).toEqual(['SEV3', '01:00']);
  expect(await woken({ routes, labels: [{ alertname: 'Down', severity: 'critical' }] })).toEqual(['SEV1', '00:00']);
});

test('[SEV-6] a map of labels decides, and nothing exceeds the worst severity of the route', async () => {
  const routes = '  - { team: platform, severity: { critical: SEV1, warning: SEV2 }, maxSeverity: SEV2 }\n';
  expect(await woken({ routes, labels: [{ alertname: 'Slow', severity: 'warning' }] })).toEqual(['SEV2', '00:00']);
  expect(await woken({ routes, labels: [{ alertname: 'Down', severity: 'critical' }] })).toEqual(['SEV2', '00:00']);
});

test('[ALERT-1] [ALERT-2] the same group meets in one incident, a second group in another', async () => {
  const down = { alertname: 'Down', severity: 'critical' };
  const [first] = seen({ labels: [down] });
  const [again] = seen({ labels: [{ ...down, instance: 'b' }] });
  const [other] = seen({ labels: [down], groupKey: 'other' });
  const [berlin, munich] = ['ber', 'muc'].map((site) => seen({ labels: [{ ...down, site }], groupKey: site })[0]);
  const [berlinToo] = seen({ labels: [{ ...down, site: 'ber' }], groupKey: 'something else' });
  expect(again?.declaration.workflowId).toBe(first?.declaration.workflowId);
  expect(other?.declaration.workflowId).not.toBe(first?.declaration.workflowId);
  expect(berlinToo?.declaration.workflowId).toBe(berlin?.declaration.workflowId);
  expect(munich?.declaration.workflowId).not.toBe(berlin?.declaration.workflowId);
  const told = await tell(first, async ({ advanceMinutes, sendAlerts, view }) => {
    await advanceMinutes(1);
    await sendAlerts(...(again?.alerts ?? []));
    expect((await view()).alertCount).toBe(2);
  });
  expect(told.filter((line) => line.includes(' page '))).toEqual(['00:00 page ana by webhook: on-call 1.1.1']);
});

test('[ALERT-4] an alert without a status of its own has that of its group', () => {
  const startsAt = '2026-01-05T08:00:00Z';
  const body = { version: '4', groupKey: 'g', status: 'resolved', alerts: [{ labels: { a: '1' }, startsAt }] };
  const parsed = parseAlertmanager(body, Date.now());
  expect(parsed).toMatchObject({ messages: [{ alerts: [{ status: 'resolved' }] }] });
});

test('[ALERT-7] resolved alerts of an unknown group open nothing', async () => {
  const routedAlerts = seen({ labels: [{ alertname: 'Down', severity: 'critical' }], status: 'resolved' });
  expect(routedAlerts[0]?.alerts.every(({ status }) => status === 'resolved')).toBe(true);
  // Nothing fires, so the edge only tells a run that is there; and there is none.
  const gone = world.env.client.workflow.getHandle(routedAlerts[0]?.declaration.workflowId ?? '');
  await expect(gone.signal('alerts', {})).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
});

test('[ALERT-12] of more alerts than anybody reads the labels of fifty are kept, and the state of all', async () => {
  const many = Array.from({ length: 120 }, (_, n) => anAlert({ fingerprint: `f${n}`, labels: { shard: String(n) } }));
  await runScenario(world, { firstAlerts: many }, async (driver) => {
    await driver.advanceMinutes(1);
    expect(await driver.view()).toMatchObject({ alertCount: 120, firingCount: 120 });
    expect((await driver.view()).alerts).toHaveLength(50);
    await sendAlertBatch(
      driver,
      many.slice(0, 119).map((one) => ({ ...one, status: 'resolved' as const })),
    );
    expect(await driver.view()).toMatchObject({ phase: 'declared', firingCount: 1 });
    await sendAlertBatch(driver, [{ ...many[119], status: 'resolved' }]);
    expect(await driver.view()).toMatchObject({ phase: 'monitoring', firingCount: 0 });
  });
});
