/** Real payloads of many senders: every one is read, and firing is told from resolved for each alert. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toRoutedAlerts } from '../../../../webhook-server/ingest/route-and-group.ts';
import { parseAlertmanager } from '../../../../webhook-server/ingest/sources/alertmanager.ts';
import { parseGrafana } from '../../../../webhook-server/ingest/sources/grafana.ts';
import type { SourceMessage } from '../../../../webhook-server/ingest/sources/message.ts';
import { configFromYaml } from '../../support/test-http-server.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/webhooks');
const NOW = Date.UTC(2026, 10, 21);
const config = configFromYaml();

const files = ['alertmanager', 'grafana', 'grafana-legacy', 'odd'].flatMap((kind) =>
  readdirSync(join(FOLDER, kind)).map((name) => `${kind}/${name}`),
);

function read(file: string): { message: SourceMessage; source: 'grafana' | 'alertmanager' } {
  const source = file.startsWith('grafana') ? 'grafana' : 'alertmanager';
  const body: unknown = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  const parsed = (source === 'grafana' ? parseGrafana : parseAlertmanager)(body, NOW);
  if ('problems' in parsed) throw new Error(`${file}: ${JSON.stringify(parsed.problems)}`);
  const [message] = parsed.messages;
  if (!message) throw new Error(`${file}: no message`);
  return { message, source };
}

/** firing, resolved, routed alerts, title of the first */
const EXPECTED: Readonly<Record<string, readonly [number, number, number, string]>> = {
  'alertmanager/goalert-smoke.json': [1, 0, 1, 'TestAlert: My alert summary'],
  'alertmanager/google-irc-relay-resolved-no-version.json': [
    0,
    2,
    1,
    '2 alerts: airDown (prometheus), such as instance1:3456: service /prometheus air down on instance1',
  ],
  'alertmanager/msteams-2-alerts.json': [2, 0, 1, '2 alerts: high_memory_load, high_memory_load2'],
  'alertmanager/msteams-basic.json': [1, 0, 1, 'high_memory_load 10.80.40.11:9100: Server High Memory usage'],
  'alertmanager/msteams-grafana-inspired.json': [
    3,
    0,
    1,
    '3 alerts: JustATestAlert_1 (whatever/promstack), such as whatever/promstack grafana: Ratio(Max(Working Set, RSS) / Reservation) [5m Avg] < 40 %',
  ],
  'alertmanager/msteams-large.json': [
    19,
    0,
    1,
    '19 alerts: NodeEvent (7 services), such as infrastructurevmenvironmentcuser3cne1: Server is down. `infrastructure002A` - `user3environmentc`',
  ],
  'alertmanager/oneuptime-docs-curl.json': [2, 0, 2, 'HighCPU web-1'],
  'alertmanager/zulip-alert.json': [
    2,
    0,
    1,
    '2 alerts: High CPU Temperature (andromeda), such as andromeda: High CPU core temperature',
  ],
  'grafana/keep-grafana12-test-alert.json': [1, 0, 1, 'TestAlert Grafana: TEST'],
  'grafana/zulip-9-mixed.json': [1, 2, 1, 'Second webhook test: Testing **another** failing alert'],
  'grafana/zulip-alert-new-multiple.json': [2, 0, 1, '2 alerts: High memory usage, High CPU usage'],
  'grafana/zulip-alert-values-v11.json': [1, 0, 1, 'Memory: High memory usage'],
  'grafana-legacy/zulip-alert.json': [1, 0, 1, 'Test rule'],
  'odd/incaller-v3-groupKey-beyond-int64-empty-annotations.json': [
    1,
    0,
    1,
    'empty_value prometheus_bot server01.int:9100: Oops, empty value!',
  ],
  'odd/incaller-version-0-no-alert-status-heartbeat-emoji.json': [
    2,
    0,
    1,
    '2 alerts: LoadAverage_15MIN, CPU_Percentage_Worning (statsd)',
  ],
  'odd/sachet-v3-integer-groupKey-mixed.json': [1, 1, 1, 'TooManyGophers localhost:9091'],
};

test('no payload is without an expectation', () => expect(files.sort()).toEqual(Object.keys(EXPECTED).sort()));

test.each(files)('%s is understood', (file) => {
  const { message, source } = read(file);
  const count = (status: string): number => message.alerts.filter((alert) => alert.status === status).length;
  const routedAlerts = toRoutedAlerts([message], { config, source, receivedAt: NOW });
  const told = [count('firing'), count('resolved'), routedAlerts.length, routedAlerts[0]?.declaration.title];
  expect(told).toEqual(EXPECTED[file]);
});

test('an integer group key is not an identity: the group labels are', () => {
  const { message, source } = read('odd/sachet-v3-integer-groupKey-mixed.json');
  expect(message.groupKey).toBeNull();
  const again = { ...message, groupKey: null };
  const ids = [message, again].map(
    (m) => toRoutedAlerts([m], { config, source, receivedAt: NOW })[0]?.declaration.workflowId,
  );
  expect(ids[0]).toBe(ids[1]);
});

test("Grafana's test button opens a test incident, the same labels from Alertmanager a real one", () => {
  const { message } = read('grafana/keep-grafana12-test-alert.json');
  expect(message.test).toBe(true);
  const body: unknown = JSON.parse(readFileSync(join(FOLDER, 'grafana/keep-grafana12-test-alert.json'), 'utf8'));
  expect(parseAlertmanager(body, NOW)).toMatchObject({ messages: [{ test: false }] });
  expect(message.alerts[0]?.links).toEqual({
    dashboard: 'https://grafana.example.com/d/dashboard_uid',
    silence: 'https://grafana.example.com/alerting/silence/new',
  });
});

test('times with nanoseconds and offsets are the right instants; a missing start is the time of receipt', () => {
  expect(read('odd/incaller-version-0-no-alert-status-heartbeat-emoji.json').message.alerts[0]).toMatchObject({
    startsAt: Date.UTC(2017, 0, 26, 13, 31, 54, 865),
    startGuessed: false,
  });
  expect(read('alertmanager/goalert-smoke.json').message.alerts[0]).toMatchObject({
    startsAt: NOW,
    startGuessed: true,
  });
});
