/** Which alerts are dead man's switches, and which heartbeat each feeds. */
import { configFromYaml, HTTP_TEST_YAML } from '../../support/test-http-server.ts';
import { selfMonitoringReason, watchdogBeats } from '../../../../webhook-server/ingest/sources/watchdog.ts';
import { alert, T0 } from '../../support/routed-alerts.ts';

const HEARTBEATS = `heartbeats:
  E2eDeadManSwitch: { every: 5m }
  watch.dog: { every: 5m, token: own-token-of-the-watchdog }
  nightly-export: { every: 1d }
  backup: { every: 1d, token: own-token-of-the-backup }
  local: { every: 5m, token: none }
`;
const config = configFromYaml(`${HTTP_TEST_YAML}${HEARTBEATS}`);
const without = configFromYaml();

const named = (alertname: string) => ({ ...alert('a1'), labels: { alertname } });

test.each([
  ['E2eDeadManSwitch', 'E2eDeadManSwitch'],
  ['E2E Dead-Man_Switch', 'E2eDeadManSwitch'],
  ['Watchdog', 'watch.dog'],
  ['Nightly Export', 'nightly-export'],
  ['local', 'local'],
])('%s feeds the heartbeat %s and opens nothing', (alertname, heartbeat) => {
  expect(selfMonitoringReason(named(alertname), config)).toBe(`it only feeds the heartbeat ${heartbeat}`);
  const message = { alerts: [named(alertname)] } as never;
  expect(watchdogBeats([message], { config, receivedAt: T0 })).toEqual([{ name: heartbeat, at: T0, status: 'firing' }]);
});

test.each([
  'Watchdog',
  'DeadMansSwitch',
  'DeadManSwitch',
  "Dead man's switch",
  'deadmanssnitch',
  'PrometheusAlertmanagerE2eDeadManSwitch',
  'PrometheusDeadManSwitch',
  'AlwaysFiring',
  'ALWAYS_FIRING',
])('%s is known by its name: without a heartbeat it feeds nothing and opens nothing', (alertname) => {
  expect(selfMonitoringReason(named(alertname), without)).toBe(
    "a dead man's switch always fires, and no heartbeat has its name",
  );
  expect(watchdogBeats([{ alerts: [named(alertname)] } as never], { config: without, receivedAt: T0 })).toEqual([]);
});

test.each(['DeadMansSwitchMissing', 'NoDeadMansSwitch', 'WatchdogDown', 'NodeWatchdog', 'Down', 'backup', '', '-'])(
  'an alert called "%s" is an alert, and pages',
  (alertname) => {
    expect(selfMonitoringReason(named(alertname), config)).toBeNull();
    expect(watchdogBeats([{ alerts: [named(alertname)] } as never], { config, receivedAt: T0 })).toEqual([]);
  },
);

test('an alert without a label for its name goes by its title', () => {
  const untitled = { ...alert('a1'), labels: {}, title: 'Nightly export' };
  expect(selfMonitoringReason(untitled, config)).toBe('it only feeds the heartbeat nightly-export');
});
