/** Storms with Temporal at hand: what joins, what does not, and what other servers and later ones know of it. */
import { Client } from '@temporalio/client';
import { createDataConverter } from '../../runtime/data-converter.ts';
import { connectClient } from '../../runtime/temporal-connection.ts';
import type { Severity } from '../../domain/kernel/severity.ts';
import { ServerCount } from '../../webhook-server/ingest/storm/storm-poller.ts';
import type { StormSettings } from '../../webhook-server/ingest/storm/storms.ts';
import { NotDurable } from '../../webhook-server/delivery/durable-delivery.ts';
import { startFreezableTemporal, type FreezableTemporal } from '../webhook-server/support/freezable-temporal.ts';
import {
  openTestGateway,
  startStandInWorker,
  temporaryDirectory,
  until,
  type TestGateway,
} from '../webhook-server/support/test-gateway.ts';
import { configFromYaml } from '../webhook-server/support/test-http-server.ts';
import { alert, resolved, routed } from '../webhook-server/support/routed-alerts.ts';

const home = temporaryDirectory();
const config = configFromYaml();
let server: FreezableTemporal;
let stopWorker: () => Promise<void>;
const edges: TestGateway[] = [];

beforeAll(async () => {
  server = await startFreezableTemporal();
  stopWorker = await startStandInWorker(server);
});
afterAll(async () => {
  for (const edge of edges) await edge.close();
  await stopWorker();
  await server.stop();
  home.remove();
});

/** A server of its own, beside `servers - 1` others; teams are told apart by their ids. */
async function edgeOf(name: string, { servers = 1, ...rest }: { servers?: number; now?: () => number } = {}) {
  const records = { state: () => 'up' as const, registerServer: () => Promise.resolve(servers) };
  const storm: StormSettings = { config: () => config, servers: new ServerCount(records, name), ...rest };
  const edge = await openTestGateway(server, `${home.path}/${name}`, 'grpc', storm);
  edges.push(edge);
  return edge;
}

const ids = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

/** As senders do: again while nobody takes it. */
async function fire(
  edge: TestGateway,
  id: string,
  team: string,
  severity: Severity = 'SEV2',
): Promise<readonly string[]> {
  const whole = routed(id, [alert(`${id}-x`, { severity })], severity);
  for (;;) {
    try {
      return await edge.incidents.report([{ ...whole, declaration: { ...whole.declaration, team } }]);
    } catch (err) {
      if (!(err instanceof NotDurable)) throw err;
    }
  }
}

const clear = (edge: TestGateway, id: string, team: string): Promise<readonly string[]> => {
  const whole = routed(id, [resolved(`${id}-x`)]);
  return edge.incidents.report([{ ...whole, declaration: { ...whole.declaration, team } }]);
};

test('[ALERT-15] of 300 groups at once 30 open an incident, the others join one storm in a few signals; SEV1 does not', async () => {
  const edge = await edgeOf('burst');
  const answers = await Promise.all(ids('burst', 300).map((id) => fire(edge, id, 'platform')));
  const folded = answers.flat().filter((id) => id === 'storm-platform');
  expect([answers.flat().length, folded.length]).toEqual([300, 270]);
  expect(await fire(edge, 'burst-grave', 'platform', 'SEV1')).toEqual(['burst-grave']);
  // A machine that is busy may have taken some of them to the spool.
  await until('all are with Temporal', 20_000, async () => (await edge.incidents.state()).spooled === 0);
  const told = await edge.receivedBy('storm-platform');
  expect(told.members).toHaveLength(270);
  expect(Object.keys(told.alerts)).toHaveLength(270);
  expect(told.batches.length).toBeLessThan(100);
  expect(told.declaration).toMatchObject({ storm: true, title: 'Storm of alerts for platform', severity: 'SEV2' });
  expect(edge.incidents.counts().joinedStorm).toBeGreaterThanOrEqual(270);
  expect((await edge.incidents.state()).storms).toBe(1);
});

test('a server that starts later knows the storm’s members and the open incidents; what is new is no member', async () => {
  const members = new Set((await edges[0]?.receivedBy('storm-platform'))?.members);
  const outside = ids('burst', 300).find((id) => !members.has(id)) ?? '';
  const [member = ''] = members;
  const edge = await edgeOf('later');
  await until('the storm is known', 10_000, async () => (await edge.incidents.state()).storms === 1);
  expect(await fire(edge, member, 'platform')).toEqual(['storm-platform']);
  expect(await fire(edge, outside, 'platform')).toEqual([outside]);
  expect(await fire(edge, 'later-new', 'platform')).toEqual(['later-new']);
  // Its own incident would be told, too, if there were one.
  expect(await clear(edge, member, 'platform')).toEqual(['storm-platform']);
  const states = Object.entries((await edge.receivedBy('storm-platform')).alerts);
  expect(states.filter(([, state]) => state === 'resolved').map(([key]) => key.split('@')[0])).toEqual([`${member}-x`]);
  expect(await clear(edge, outside, 'platform')).toEqual([outside]);
});

test('a storm that was closed is over: its members are new groups again, on every server', async () => {
  const edge = edges[0] as TestGateway;
  const [, , member = ''] = (await edge.receivedBy('storm-platform')).members;
  await edge.incidents.command('storm-platform', { type: 'resolve', by: 'ana', resolution: 'done' });
  await until('the other server sees it', 15_000, async () => (await edges[1]?.incidents.state())?.storms === 0);
  expect(await fire(edges[1] as TestGateway, member, 'platform')).toEqual([member]);
});

test('[ALERT-15] two servers divide the limit', async () => {
  const [one, two] = [await edgeOf('half-1', { servers: 2 }), await edgeOf('half-2', { servers: 2 })];
  const answers = await Promise.all([
    ...ids('half-1', 40).map((id) => fire(one, id, 'data')),
    ...ids('half-2', 40).map((id) => fire(two, id, 'data')),
  ]);
  expect(answers.flat().filter((id) => id !== 'storm-data')).toHaveLength(30);
});

test('[ALERT-15] what waited in the spool joins the storm like what comes: an outage does not open an incident for every group', async () => {
  const clock = { now: 0 };
  const edge = await edgeOf('spool', { now: () => clock.now });
  const { client, close } = connectClient(server.settings);
  const team = 'data';
  await server.kill();
  const answers = await Promise.all(ids('spool', 150).map((id) => fire(edge, id, team)));
  expect(answers.flat()).toHaveLength(150);
  expect(edge.incidents.counts().spooled).toBe(150);
  clock.now += 2 * 3_600_000;
  await server.restart();
  await until('the spool is empty', 60_000, async () => (await edge.incidents.state()).spooled === 0);
  const own: string[] = [];
  const query = `WorkflowType = 'incidentWorkflow'`;
  const all = new Client({ connection: client.connection, dataConverter: createDataConverter() });
  await until('the list is up to date', 10_000, async () => {
    own.length = 0;
    for await (const { workflowId } of all.workflow.list({ query }))
      if (workflowId.startsWith('spool-')) own.push(workflowId);
    return own.length >= 30;
  });
  expect(own).toHaveLength(30);
  expect((await edge.receivedBy('storm-data')).members.filter((id) => id.startsWith('spool-'))).toHaveLength(120);
  await close();
});
