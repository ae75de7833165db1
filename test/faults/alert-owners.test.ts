/** Who holds an alert, with Temporal at hand: other groups, ends without labels, several servers, records away, restarts. */
import { join } from 'node:path';
import type { AlertOwner } from '../../records/records.ts';
import { startFreezableTemporal, type FreezableTemporal } from '../webhook-server/support/freezable-temporal.ts';
import {
  openTestGateway,
  startStandInWorker,
  temporaryDirectory,
  until,
  type TestGateway,
} from '../webhook-server/support/test-gateway.ts';
import { alert, resolved, routed } from '../webhook-server/support/routed-alerts.ts';
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../../webhook-server/incidents/gateway.ts';

const home = temporaryDirectory();
let server: FreezableTemporal;
let stopWorker: () => Promise<void>;
const open: TestGateway[] = [];

/** What the records know. */
let recorded: (AlertOwner & { readonly messageGroup?: string })[] = [];
let areRecordsUp = true;

beforeAll(async () => {
  server = await startFreezableTemporal();
  stopWorker = await startStandInWorker(server);
});
beforeEach(() => {
  recorded = [];
  areRecordsUp = true;
});
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});
afterAll(async () => {
  await stopWorker();
  await server.stop();
  home.remove();
});

async function aServer(name: string): Promise<TestGateway> {
  const gateway = await openTestGateway(server, join(home.path, name), 'grpc', undefined, {
    find: async (query) => {
      if (!areRecordsUp) throw new Error('the records are away');
      return recorded.filter(
        ({ fingerprint, messageGroup }) =>
          query.fingerprints.includes(fingerprint) || (messageGroup ?? '') === query.messageGroup,
      );
    },
    findAll: () => Promise.reject(new Error('no test lasts so long that everything is read')),
  });
  open.push(gateway);
  return gateway;
}

const now = (workflowId: string, ...alerts: Parameters<typeof routed>[1]): RoutedAlerts => ({
  ...routed(workflowId, alerts),
  receivedAt: Date.now(),
});
const startedAs = async (gateway: TestGateway, workflowId: string) => (await gateway.receivedBy(workflowId)).batches;

test('an alert in two groups of its sender is one incident, also when both messages come at the same time', async () => {
  const { incidents, ...gateway } = await aServer('two-groups');
  const reached = await Promise.all([
    incidents.report([now('inc-first', alert('both'))]),
    incidents.report([now('inc-second', alert('both'))]),
  ]);
  expect(reached).toEqual([['inc-first'], ['inc-first']]);
  expect(await incidents.report([now('inc-second', alert('both'), alert('other'))])).toEqual([
    'inc-second',
    'inc-first',
  ]);
  const { alerts } = await gateway.receivedBy('inc-second');
  expect(Object.keys(alerts)).toEqual([expect.stringMatching(/^other@/)]);
});

test('a fingerprint under another name is another alert: it opens its own incident, and its end is only its own', async () => {
  const { incidents, ...gateway } = await aServer('two-names');
  const called = (alertname: string, one: AlertReport): AlertReport => ({ ...one, labels: { alertname } });
  await incidents.report([now('inc-link', called('LinkDown', alert('same')))]);
  expect(await incidents.report([now('inc-disk', called('DiskFull', alert('same')))])).toEqual(['inc-disk']);
  expect(await incidents.report([now('inc-disk', called('DiskFull', resolved('same')))])).toEqual(['inc-disk']);
  expect(Object.values((await gateway.receivedBy('inc-link')).alerts)).toEqual(['firing']);
});

test('an end that takes another way than its firing reaches the incident that has it, and the answer names that', async () => {
  const { incidents, ...gateway } = await aServer('other-way');
  await incidents.report([now('inc-data', alert('split'))]);
  expect(await incidents.report([now('inc-platform', resolved('split'))])).toEqual(['inc-data']);
  expect(Object.values((await gateway.receivedBy('inc-data')).alerts)).toEqual(['resolved']);
});

test('an end reaches the incident of another server by the records; with them away it waits on the disk', async () => {
  const one = await aServer('records-1');
  const two = await aServer('records-2');
  await one.incidents.report([now('inc-there', alert('x1')), now('inc-there-too', alert('x2'))]);
  recorded = [{ fingerprint: 'x1', workflowId: 'inc-there' }];
  expect(await two.incidents.report([now('inc-elsewhere', resolved('x1'))])).toEqual(['inc-there']);
  areRecordsUp = false;
  expect(await two.incidents.report([now('inc-elsewhere', resolved('x2'))])).toEqual([]);
  expect(two.endsSpool.pendingCount()).toBe(1);
  areRecordsUp = true;
  recorded = [{ fingerprint: 'x2', workflowId: 'inc-there-too' }];
  await until('the end is told', 20_000, () => two.endsSpool.pendingCount() === 0);
  expect(Object.values((await two.receivedBy('inc-there-too')).alerts)).toEqual(['resolved']);
  expect(two.incidents.counts().endsDropped).toBe(0);
});

test('an end that waits survives a restart of its server', async () => {
  const before = await aServer('restart');
  expect(await before.incidents.report([now('inc-unknown', resolved('y'))])).toEqual([]);
  await open.pop()?.close();
  const other = await aServer('restart-other');
  await other.incidents.report([{ ...now('inc-late', alert('y')), receivedAt: Date.now() - 60_000 }]);
  recorded = [{ fingerprint: 'y', workflowId: 'inc-late' }];
  const after = await aServer('restart');
  await until('the end is told', 20_000, () => after.endsSpool.pendingCount() === 0);
  expect(Object.values((await after.receivedBy('inc-late')).alerts)).toEqual(['resolved']);
});

test('an end that waited is old once its alert has fired again', async () => {
  const { incidents, endsSpool, ...gateway } = await aServer('again');
  await incidents.report([now('inc-unknown-2', resolved('z'))]);
  expect(endsSpool.pendingCount()).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await incidents.report([now('inc-z', alert('z'))])).toEqual(['inc-z']);
  await until('the end is dropped', 20_000, () => endsSpool.pendingCount() === 0);
  expect(Object.values((await gateway.receivedBy('inc-z')).alerts)).toEqual(['firing']);
});

test('a run that has ended does not swallow a firing: it opens the incident of its own group', async () => {
  const { incidents } = await aServer('ended');
  await incidents.report([now('inc-ended', alert('w'))]);
  await incidents.command('inc-ended', { type: 'resolve', by: 'ana', resolution: 'done' });
  await until('the run has ended', 20_000, async () => {
    const reached = await incidents.report([now('inc-next', alert('w'))]);
    return reached.includes('inc-next');
  });
  expect(await incidents.report([now('inc-next', alert('w'))])).toEqual(['inc-next']);
});

test('[SEC] a firing never goes to an incident of another secrecy', async () => {
  const { incidents, ...gateway } = await aServer('secret');
  await incidents.report([now('inc-open', alert('s'))]);
  const secret = now('inc-secret', alert('s'));
  const restricted = { ...secret, declaration: { ...secret.declaration, restricted: true } };
  expect(await incidents.report([restricted])).toEqual(['inc-secret']);
  expect(await startedAs(gateway as TestGateway, 'inc-open')).toEqual([['s']]);
});

test('a run that holds an alert of the group hears that the message no longer lists it', async () => {
  const { incidents, ...gateway } = await aServer('absent');
  const group = { messageGroup: 'g1', listed: ['d1', 'd2'] };
  await incidents.report([
    { ...now('inc-d1', alert('d1')), ...group },
    { ...now('inc-d2', alert('d2')), ...group },
  ]);
  const whole = { ...now('', ...[]), messageGroup: 'g1', listed: ['d2'] };
  expect(await incidents.reportAbsences([whole], new Set(['inc-d2']))).toEqual(['inc-d1']);
  expect(await startedAs(gateway as TestGateway, 'inc-d1')).toEqual([['d1'], []]);
  expect(await incidents.reportAbsences([{ ...whole, listed: ['d1', 'd2'] }], new Set())).toEqual([]);
});

test('after a restart the records say which runs hold alerts of a group', async () => {
  const before = await aServer('absent-before');
  await before.incidents.report([{ ...now('inc-e1', alert('e1')), messageGroup: 'g2', listed: ['e1'] }]);
  recorded = [{ fingerprint: 'e1', workflowId: 'inc-e1', messageGroup: 'g2' }];
  const after = await aServer('absent-after');
  const whole = { ...now('', ...[]), messageGroup: 'g2', listed: [] };
  expect(await after.incidents.reportAbsences([whole], new Set())).toEqual(['inc-e1']);
});
