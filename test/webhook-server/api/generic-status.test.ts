/** What senders call a status, from the body to the routed alerts: no word of theirs keeps an alert from paging. */
import { bearer, HTTP_TEST_SECRETS, HTTP_TEST_YAML, startTestHttpServer } from '../support/test-http-server.ts';

const sender = bearer(HTTP_TEST_SECRETS.GENERIC_TOKEN);
const yamlWith = (settings: string): string =>
  HTTP_TEST_YAML.replace(
    'generic: { token: "${GENERIC_TOKEN}" }',
    `generic: { token: "\${GENERIC_TOKEN}", ${settings} }`,
  );

const MAPPED = 'fields: { key: aggreg_key, status: alert_transition, title: title, severity: priority }';

test('the transitions of another product, mapped by fields: each is accepted, and only a recovery resolves', async () => {
  const server = await startTestHttpServer({ yaml: yamlWith(MAPPED) });
  const words = ['Triggered', 'Warn', 'No Data', 'Re-Triggered', 'Renotify', 'Re-No Data', 'Flummoxed', 'Recovered'];
  for (const word of words) {
    const body = { title: 'CPU on host:a', alert_transition: word, aggreg_key: 'dd1', priority: 'P1' };
    expect((await server.post('/webhooks/generic', body, sender)).status).toBe(202);
  }
  await server.close();
  const alerts = server.reportedAlerts.flatMap((routed) => routed.alerts);
  expect(alerts.map(({ status }) => status)).toEqual([...words.slice(1).map(() => 'firing'), 'resolved']);
  const summaries = server.reportedAlerts.map(({ declaration }) => declaration.summary);
  expect(summaries.filter((summary) => summary !== '')).toEqual([
    'Its status "Flummoxed" is not known, so it counts as firing; values.status of the source can say what it means.',
  ]);
});

test('values map what a sender calls its status: numbers, booleans, words', async () => {
  const values =
    'fields: { key: id, status: heartbeat.status }, values: { status: { 0: firing, 1: resolved, true: resolved, Muted: ignored } }';
  const server = await startTestHttpServer({ yaml: yamlWith(values) });
  const all = [0, 1, true, 'MUTED'].map((status) => ({ id: `k-${status}`, heartbeat: { status }, title: 't' }));
  expect((await server.post('/webhooks/generic', all, sender)).status).toBe(202);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  await server.close();
  const alerts = server.reportedAlerts.flatMap((routed) => routed.alerts.map(({ status }) => status));
  expect(alerts.sort()).toEqual(['firing', ...Array.from({ length: alerts.length - 1 }, () => 'resolved')]);
  expect(alerts.length).toBeGreaterThan(2);
  expect(metrics).toContain('tocsin_ingest_alerts_total{source="generic",status="ignored"} 1');
});
