/** Alerts and their ends through the whole server, before real incidents; the records are away all the time. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { IncidentView } from '../../domain/engine/view.ts';
import { runServerScenario, SCENARIO_SENDER_TOKEN, type ServerScenarioDriver } from '../support/server-scenario.ts';
import { createWorld, type World } from '../support/scenario.ts';
import { base } from '../webhook-server/support/test-http-server.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const KEY = 'routing-key-of-this-story';
const YAML = `
organization: Test House
publicUrl: http://tocsin.test
people:
  ana: { contact: [terminal] }
  bo: { contact: [terminal] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo] }
  data: { onCall: bo, escalation: [onCall, ana] }
sources:
  alertmanager: { token: ${SCENARIO_SENDER_TOKEN} }
  generic: { token: ${SCENARIO_SENDER_TOKEN} }
  pagerdutyEvents: { routingKeys: { am: ${KEY} } }
routes:
  - { match: { severity: critical, tier: split }, team: data }
  - { match: { component: corr }, team: platform, correlateBy: [component] }
  - { team: platform }
lastResort: off
`;

type Post = readonly [path: string, body: unknown];

/** The incidents that an answer names. */
async function reachedBy({ post }: ServerScenarioDriver, [path, body]: Post): Promise<readonly string[]> {
  const answer = await post(path, body, SCENARIO_SENDER_TOKEN);
  expect(answer.status).toBe(202);
  return (answer.json['incidents'] as { workflowId: string }[]).map(({ workflowId }) => workflowId);
}

const viewOf = async (driver: ServerScenarioDriver, id = ''): Promise<IncidentView> =>
  (await driver.get(`/api/v1/incidents/${id}`)).json as unknown as IncidentView;

const generic = (body: object): Post => ['/webhooks/generic', { key: 'temp-a', title: 'temperature', ...body }];
const pagerduty = (body: object): Post => ['/v2/enqueue', { routing_key: KEY, dedup_key: 'corr-1', ...body }];

test('an end whose labels lead to another team clears the incident that has the alert', async () => {
  await runServerScenario(world, { yaml: YAML }, async (driver) => {
    const labels = { host: 'a', tier: 'split' };
    const opened = await reachedBy(driver, generic({ status: 'firing', severity: 'critical', labels }));
    expect(opened).toEqual([expect.stringMatching(/^inc-data-/)]);
    expect(await reachedBy(driver, generic({ status: 'ok', labels }))).toEqual(opened);
    expect((await viewOf(driver, opened[0])).alerts).toMatchObject([{ status: 'resolved' }]);
  });
});

test('a resolve of PagerDuty without a payload clears what began on a route that correlates by labels', async () => {
  await runServerScenario(world, { yaml: YAML }, async (driver) => {
    const payload = { summary: 'cart errors', source: 's', severity: 'critical', component: 'corr' };
    const opened = await reachedBy(driver, pagerduty({ event_action: 'trigger', payload }));
    expect(opened).toHaveLength(1);
    expect(await reachedBy(driver, pagerduty({ event_action: 'resolve' }))).toEqual(opened);
    expect((await viewOf(driver, opened[0])).phase).toBe('monitoring');
  });
});

test('one alert by two routes of Alertmanager is one incident, and pages once', async () => {
  const told = await runServerScenario(world, { yaml: YAML }, async (driver) => {
    const alert = { labels: { alertname: 'TwoRoutes', severity: 'critical' }, fingerprint: '00000000000000a1' };
    const by = (route: string): Post => [
      '/webhooks/alertmanager',
      base({ groupKey: `{}/{${route}}:{alertname="TwoRoutes"}`, groupLabels: { alertname: 'TwoRoutes' } }, alert),
    ];
    const opened = await reachedBy(driver, by('namespace="shop"'));
    expect(await reachedBy(driver, by('severity="critical"'))).toEqual(opened);
  });
  expect(told.filter((line) => line.includes('page ana'))).toHaveLength(1);
});

test('the incident of an alert that a whole message no longer lists is told, although the message has nothing else for it', async () => {
  await runServerScenario(world, { yaml: YAML }, async (driver) => {
    const listing = (...alerts: readonly object[]): Post => [
      '/webhooks/alertmanager',
      { ...base({ groupKey: '{}:{cluster="c1"}', groupLabels: { cluster: 'c1' }, truncatedAlerts: 0 }), alerts },
    ];
    const one = (name: string, labels: object = {}): object => ({
      status: 'firing',
      labels: { alertname: name, severity: 'critical', ...labels },
      startsAt: new Date(Date.now() - 60_000).toISOString(),
      fingerprint: name,
    });
    const split = one('DiskA', { tier: 'split' });
    const opened = await reachedBy(driver, listing(split, one('DiskB')));
    const ofData = opened.find((id) => id.startsWith('inc-data-'));
    expect(await reachedBy(driver, listing(one('DiskB')))).toEqual(expect.arrayContaining([ofData]));
  });
});
