/** Dead man's switches of every source: each feeds the heartbeat of its name while it fires, and opens nothing. */
import { base, bearer, HTTP_TEST_SECRETS, HTTP_TEST_YAML, startTestHttpServer } from '../support/test-http-server.ts';

const NAME = 'PrometheusAlertmanagerE2eDeadManSwitch';
const yaml = `${HTTP_TEST_YAML}heartbeats: { ${NAME}: { every: 5m, team: platform } }\n`;

const groupWith = (status: string): object => {
  const labels = { alertname: NAME, severity: 'critical' };
  const alerts = [{ status, labels, startsAt: '2026-01-05T08:00:00Z', fingerprint: '00000000000000a1' }];
  return base({ status, groupKey: `{}:{alertname="${NAME}"}`, alerts });
};
const pagerduty = (event_action: string): object => ({
  ...{ routing_key: HTTP_TEST_SECRETS.PD_KEY, event_action, dedup_key: 'e2e' },
  payload: { summary: NAME, source: 'alertmanager', severity: 'critical' },
});
const generic = (status: string, more: object): object => ({ key: 'e2e', status, title: NAME, ...more });
const am = bearer(HTTP_TEST_SECRETS.AM_TOKEN);
const sender = bearer(HTTP_TEST_SECRETS.GENERIC_TOKEN);

async function sent(path: string, body: object, headers: Record<string, string>) {
  const beats: string[] = [];
  const beat = (name: string) => Promise.resolve(beats.push(name)).then(() => 'beaten' as const);
  const server = await startTestHttpServer({ yaml, heartbeats: { beat } });
  const { status } = await server.post(path, body, headers);
  await server.close();
  return { status, beats, opened: server.reportedAlerts.filter(({ alerts }) => alerts[0]?.status === 'firing').length };
}

test.each([
  ['/webhooks/alertmanager', groupWith('firing'), groupWith('resolved'), am],
  ['/webhooks/grafana', groupWith('firing'), groupWith('resolved'), am],
  ['/webhooks/generic', generic('firing', {}), generic('resolved', {}), sender],
  [
    '/webhooks/generic',
    generic('firing', { title: 'All is well', labels: { alertname: NAME } }),
    generic('ok', { labels: { alertname: NAME } }),
    sender,
  ],
  ['/v2/enqueue', pagerduty('trigger'), pagerduty('resolve'), {}],
])('%s: it feeds its heartbeat while it fires, never when it ends', async (path, firing, resolved, headers) => {
  expect(await sent(path, firing, headers)).toEqual({ status: 202, beats: [NAME], opened: 0 });
  expect(await sent(path, resolved, headers)).toEqual({ status: 202, beats: [], opened: 0 });
});
