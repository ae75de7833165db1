/** What the edge tells a heartbeat's workflow, and when: beats, and that it listens. */
import { jest } from '@jest/globals';
import { Heartbeats } from '../../../../webhook-server/ingest/heartbeats/heartbeats.ts';
import { NotDurable } from '../../../../webhook-server/delivery/durable-delivery.ts';
import { configFromYaml, HTTP_TEST_YAML } from '../../support/test-http-server.ts';
import { silentLog } from '../../support/routed-alerts.ts';
import { inMemoryTemporal } from '../../ingest/heartbeats/in-memory-temporal.ts';

const config = configFromYaml(`${HTTP_TEST_YAML}heartbeats:
  Watchdog: { every: 5m }
  backup: { every: 26h, team: data, severity: SEV3, service: payments }
`);
let temporal: ReturnType<typeof inMemoryTemporal>;
let heartbeats: Heartbeats;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000_000_000 });
  temporal = inMemoryTemporal();
  heartbeats = new Heartbeats({ ...temporal, config: () => config, log: silentLog() });
});
afterEach(async () => {
  await heartbeats.close();
  jest.useRealTimers();
});
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const of = (name: string) => temporal.sent.filter(({ workflowId }) => workflowId.includes(name.toLowerCase()));

test('[HEART-1] every configured heartbeat is begun when the server begins to listen, also one that never beats', async () => {
  heartbeats.startListening();
  await pass(0);
  expect(temporal.sent.map(({ workflow, signal }) => `${workflow} ${signal}`)).toEqual([
    'heartbeatWorkflow listening',
    'heartbeatWorkflow listening',
  ]);
  const [watchdog, backup] = temporal.sent;
  expect(watchdog?.payload).toMatchObject({
    since: 1_000_000_000_000,
    at: 1_000_000_000_000,
    setting: { everyMs: 300_000 },
  });
  expect(backup?.workflowId).toBe('heartbeat-backup');
  expect(backup?.args).toEqual([{ setting: backup?.payload['setting'] }]);
  expect(backup?.payload['setting']).toMatchObject({
    declaration: { team: 'data', severity: 'SEV3', service: 'payments', component: 'Checkout', source: 'heartbeat' },
  });
  expect(watchdog?.payload['setting']).toMatchObject({
    declaration: { team: 'platform', severity: 'SEV2', service: null },
  });
});

test('[HEART-2] the server says that it listens three times in the grace, and its setting once', async () => {
  heartbeats.startListening();
  await pass(300_000);
  const words = of('Watchdog').map(({ payload }) => payload);
  expect(words.map(({ at }) => (Number(at) - 1_000_000_000_000) / 1000)).toEqual([0, 100, 200, 300]);
  expect(words.map(({ setting }) => setting !== undefined)).toEqual([true, false, false, false]);
  expect(new Set(words.map(({ since }) => since))).toEqual(new Set([1_000_000_000_000]));
});

test('[HEART-1] many beats a minute are one signal every few seconds, and one that is heard needs no word besides', async () => {
  heartbeats.startListening();
  await pass(0);
  temporal.sent.length = 0;
  for (let n = 0; n < 120; n += 1) {
    expect(await heartbeats.beat('Watchdog', Date.now())).toBe('beaten');
    await pass(500);
  }
  const beats = of('Watchdog');
  expect(new Set(beats.map(({ signal }) => signal))).toEqual(new Set(['beat']));
  expect(beats).toHaveLength(12);
  expect(await heartbeats.beat('nobody', Date.now())).toBe('unknown');
});

test('[HEART-1] beats that come at once wait for the signal that is under way', async () => {
  heartbeats.startListening();
  await pass(0);
  temporal.sent.length = 0;
  const release = temporal.holdCalls();
  const answers = Promise.all(Array.from({ length: 50 }, () => heartbeats.beat('Watchdog', Date.now())));
  await pass(10);
  expect(temporal.sent).toEqual([]);
  release();
  expect(new Set(await answers)).toEqual(new Set(['beaten']));
  expect(temporal.signals()).toEqual(['beat']);
});

test('[HEART-2] a beat that Temporal did not take is refused, and brought along when it is back', async () => {
  heartbeats.startListening();
  await pass(0);
  temporal.sent.length = 0;
  temporal.goAway();
  const at = Date.now();
  await expect(heartbeats.beat('Watchdog', at)).rejects.toThrow(NotDurable);
  await pass(3_600_000);
  expect(temporal.sent).toEqual([]);
  temporal.comeBack();
  await pass(0);
  const back = Date.now();
  expect(of('Watchdog').map(({ signal, payload }) => [signal, payload['at'], payload['since']])).toEqual([
    ['beat', at, at],
    ['listening', back, back],
  ]);
  expect(of('Watchdog')[1]?.payload['setting']).toMatchObject({ name: 'Watchdog' });
});

test('[HEART-2] a process that was stopped did not listen meanwhile', async () => {
  heartbeats.startListening();
  await pass(5_000);
  jest.setSystemTime(Date.now() + 600_000);
  await pass(1_000);
  expect(of('Watchdog').at(-1)?.payload['since']).toBe(Date.now());
  temporal.sent.length = 0;
  await heartbeats.close();
  await pass(600_000);
  expect(temporal.sent).toEqual([]);
});
