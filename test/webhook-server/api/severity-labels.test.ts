/** How bad an alert is, from the body of a sender to the routed alerts and the metrics. */
import { bearer, HTTP_TEST_SECRETS, HTTP_TEST_YAML, startTestHttpServer } from '../support/test-http-server.ts';

const sender = bearer(HTTP_TEST_SECRETS.GENERIC_TOKEN);
const EXPECTED = {
  P0: 'SEV1',
  SEV0: 'SEV1',
  'SEV-1': 'SEV1',
  'sev 1': 'SEV1',
  S1: 'SEV1',
  blocker: 'SEV1',
  crit: 'SEV2',
  urgent: 'SEV2',
  Information: 'SEV4',
  'Not classified': 'SEV3',
  CATASTROPHE: 'SEV1',
};

test('words for the worst are not taken for SEV3; what had to be guessed says so and is counted', async () => {
  const server = await startTestHttpServer({ yaml: `${HTTP_TEST_YAML}\nseverityLabels: { catastrophe: SEV1 }\n` });
  for (const severity of Object.keys(EXPECTED)) {
    const body = { key: `sev-${severity}`, status: 'firing', title: `x ${severity}`, severity };
    expect((await server.post('/webhooks/generic', body, sender)).status).toBe(202);
  }
  const event = { routing_key: HTTP_TEST_SECRETS.PD_KEY, event_action: 'trigger', payload: { summary: 'y' } };
  expect((await server.post('/v2/enqueue', event)).status).toBe(202);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  await server.close();
  const declared = server.reportedAlerts.map(({ declaration }) => declaration);
  expect(declared.slice(0, -1).map(({ severity }) => severity)).toEqual(Object.values(EXPECTED));
  expect(declared.filter(({ severityGuessed }) => severityGuessed).map(({ title }) => title)).toEqual([
    'x Not classified',
    'y',
  ]);
  expect(metrics).toContain('tocsin_severity_guessed_total{source="generic"} 1');
  expect(metrics).toContain('tocsin_severity_guessed_total{source="pagerdutyEvents"} 1');
});

test('an end goes on to its incident, whatever its severity has become', async () => {
  const server = await startTestHttpServer();
  const ends = ['none', 'nonsense'].map((severity) => ({ key: severity, status: 'resolved', severity }));
  expect((await server.post('/webhooks/generic', ends, sender)).status).toBe(202);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  await server.close();
  const alerts = server.reportedAlerts.flatMap((routed) => routed.alerts.map(({ status, labels }) => [status, labels]));
  expect(alerts).toEqual([
    ['resolved', { severity: 'none' }],
    ['resolved', { severity: 'nonsense' }],
  ]);
  expect(metrics).not.toContain('tocsin_severity_guessed_total{source="generic"} 1');
});
