/** When an alert began, from the body of a sender to the routed alerts. */
import { base, bearer, HTTP_TEST_SECRETS, startTestHttpServer } from '../support/test-http-server.ts';

const NOW = Date.UTC(2026, 10, 30, 12);

test('a sender whose clock is ahead: the alert began when its message arrived', async () => {
  const server = await startTestHttpServer({ now: () => NOW });
  const sentStartsAt = NOW + 3 * 3_600_000;
  const labels = { alertname: 'Down', severity: 'critical' };
  const alerts = [{ status: 'firing', labels, startsAt: new Date(sentStartsAt).toISOString() }];
  const answer = await server.post('/webhooks/alertmanager', base({ alerts }), bearer(HTTP_TEST_SECRETS.AM_TOKEN));
  await server.close();
  expect(answer.status).toBe(202);
  expect(server.reportedAlerts.flatMap((routed) => routed.alerts)).toMatchObject([
    { startsAt: NOW, startGuessed: true, sentStartsAt },
  ]);
});

test('the timestamp of PagerDuty’s own documentation is its instant', async () => {
  const server = await startTestHttpServer({ now: () => NOW });
  const payload = {
    summary: 'documented',
    source: 'db1',
    severity: 'critical',
    timestamp: '2026-11-30T08:42:58.315+0000',
  };
  const event = { routing_key: HTTP_TEST_SECRETS.PD_KEY, event_action: 'trigger', dedup_key: 'ts-1', payload };
  const answer = await server.post('/v2/enqueue', event);
  await server.close();
  expect(answer.status).toBe(202);
  expect(server.reportedAlerts.flatMap((routed) => routed.alerts)).toMatchObject([
    { startsAt: Date.UTC(2026, 10, 30, 8, 42, 58, 315), startGuessed: false },
  ]);
});
