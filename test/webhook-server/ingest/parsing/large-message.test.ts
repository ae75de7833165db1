/** What a sender of a large message may rely on, over HTTP: 202 when all of it is durable, and nothing else. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../../../config/load.ts';
import { NotDurable } from '../../../../webhook-server/delivery/durable-delivery.ts';
import { createServerMetrics } from '../../../../webhook-server/health/metrics.ts';
import { bearer, startTestHttpServer, HTTP_TEST_SECRETS, type TestHttpServer } from '../../support/test-http-server.ts';

const message = {
  groupKey: '{}:{alertname="Down"}',
  alerts: Array.from({ length: 1000 }, (_, n) => ({
    status: 'firing',
    labels: { alertname: 'Down', instance: `host-${n}` },
    startsAt: '2026-01-05T08:00:00Z',
  })),
};
const send = (edge: TestHttpServer): Promise<Response> =>
  edge.post('/webhooks/alertmanager', message, bearer(HTTP_TEST_SECRETS.AM_TOKEN));

test('the answer waits for every piece, and names their one incident once', async () => {
  const pieces: number[] = [];
  let durable = 0;
  const report = async (
    routedAlerts: readonly { alerts: readonly unknown[]; declaration: { workflowId: string } }[],
  ) => {
    pieces.push(routedAlerts.flatMap(({ alerts }) => alerts).length);
    await sleep(30 * pieces.length);
    durable += 1;
    return routedAlerts.map(({ declaration }) => declaration.workflowId);
  };
  const edge = await startTestHttpServer({ gateway: { report } });
  const answer = await send(edge);
  expect([answer.status, pieces, durable]).toEqual([202, [250, 250, 250, 250], 4]);
  expect(((await answer.json()) as { incidents: unknown[] }).incidents).toHaveLength(1);
  await edge.close();
});

test('one piece that nobody took makes the whole message a 503: part of it is never a success', async () => {
  let pieces = 0;
  const report = () =>
    (pieces += 1) === 3 ? Promise.reject(new NotDurable('nobody took it')) : Promise.resolve(['inc']);
  const edge = await startTestHttpServer({ gateway: { report } });
  const answer = await send(edge);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(pieces).toBe(4);
  await edge.close();
});

test('a configuration is plain data: the parsing thread gets a copy of it', () => {
  const path = 'test/fixtures/config/valid-everything.yaml';
  const names = [...readFileSync(path, 'utf8').matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const env = Object.fromEntries(names.map((name) => [name, 'x'.repeat(32)]));
  const config = loadConfig({ path, env });
  expect(structuredClone(config)).toEqual(config);
});

test('the metrics say how late the event loop was, and begin anew with each scrape', async () => {
  const { registry } = createServerMetrics();
  const late = async (): Promise<number> =>
    Number(/^tocsin_event_loop_delay_seconds\{of="max"\} (\S+)$/m.exec(await registry.metrics())?.[1]);
  await sleep(50);
  await late();
  await sleep(50);
  for (const until = performance.now() + 150; performance.now() < until;);
  await sleep(50);
  expect(await late()).toBeGreaterThan(0.1);
});
