/** Heartbeats through a reload: what their workflows are told of a configuration that has changed. */
import { jest } from '@jest/globals';
import type { Config } from '../../../../config/config.ts';
import { Heartbeats } from '../../../../webhook-server/ingest/heartbeats/heartbeats.ts';
import { configFromYaml, HTTP_TEST_YAML } from '../../support/test-http-server.ts';
import { silentLog } from '../../support/routed-alerts.ts';
import { inMemoryTemporal } from '../../ingest/heartbeats/in-memory-temporal.ts';

const configWith = (...heartbeats: readonly string[]): Config =>
  configFromYaml(
    heartbeats.length === 0
      ? HTTP_TEST_YAML
      : `${HTTP_TEST_YAML}heartbeats:\n${heartbeats.map((line) => `  ${line}\n`).join('')}`,
  );
const WATCHDOG = 'Watchdog: { every: 5m }';
const BACKUP = 'backup: { every: 26h }';
const BEGUN = 1_000_000_000_000;

let config: Config;
let temporal: ReturnType<typeof inMemoryTemporal>;
let heartbeats: Heartbeats;

beforeEach(async () => {
  jest.useFakeTimers({ now: BEGUN });
  temporal = inMemoryTemporal();
  config = configWith(WATCHDOG);
  heartbeats = new Heartbeats({ ...temporal, config: () => config, log: silentLog() });
  heartbeats.startListening();
  await pass(60_000);
  temporal.sent.length = 0;
});
afterEach(async () => {
  await heartbeats.close();
  jest.useRealTimers();
});
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
const of = (name: string) => temporal.sent.filter(({ workflowId }) => workflowId.includes(name));
async function reload(next: Config): Promise<void> {
  config = next;
  heartbeats.onConfigChanged();
  await pass(0);
}

test('[CMD-11] [HEART-1] a new heartbeat is begun at once, and listened for from now on', async () => {
  expect(await heartbeats.beat('backup', Date.now())).toBe('unknown');
  await reload(configWith(WATCHDOG, BACKUP));
  const now = Date.now();
  expect(of('backup')[0]).toMatchObject({
    signal: 'listening',
    payload: { since: now, at: now, setting: { name: 'backup' } },
  });
  expect(await heartbeats.beat('backup', now)).toBe('beaten');
  expect(temporal.sent.at(-1)).toMatchObject({ signal: 'beat', payload: { at: now, since: now } });
});

test('[CMD-11] a changed heartbeat is told at once, also while it is being told the old; the others only that we listen', async () => {
  await reload(configWith('Watchdog: { every: 10m }', BACKUP));
  expect(of('watchdog').map(({ payload }) => [payload['since'], payload['setting']])).toMatchObject([
    [BEGUN, { everyMs: 600_000 }],
  ]);
  const release = temporal.holdCalls();
  await reload(configWith('Watchdog: { every: 15m }', BACKUP));
  await reload(configWith('Watchdog: { every: 20m }', BACKUP));
  release();
  await pass(2_000);
  expect((of('watchdog').at(-1)?.payload['setting'] as { everyMs: number }).everyMs).toBe(1_200_000);
});

test('[CMD-11] [HEART-2] one that comes back was not listened for meanwhile: its beats were turned away', async () => {
  await reload(configWith(BACKUP));
  temporal.sent.length = 0;
  await pass(3_600_000);
  expect(of('watchdog')).toEqual([]);
  await reload(configWith(BACKUP, WATCHDOG));
  const now = Date.now();
  const said = of('watchdog');
  expect(said.map(({ payload }) => [payload['since'], payload['at']])).toEqual([[now, now]]);
});
