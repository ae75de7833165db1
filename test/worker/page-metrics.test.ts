/** What a worker's `/metrics` says of pages, over a real socket. */
import { Registry } from 'prom-client';
import { serveMetrics, type MetricsEndpoint } from '../../worker/metrics-endpoint.ts';
import { createPageMetrics } from '../../worker/page-metrics.ts';

const registry = new Registry();
const metrics = createPageMetrics(registry);
let endpoint: MetricsEndpoint;
beforeAll(async () => {
  endpoint = await serveMetrics(registry, '127.0.0.1', 0);
});
afterAll(() => endpoint.close());

const read = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${endpoint.port}${path}`);

test('pages are counted by kind of method and result, whichever of their webhooks a person was paged by', async () => {
  metrics.tried('webhook', 'retrying', null);
  metrics.tried('webhook-2', 'accepted', 1_400);
  metrics.tried('pagerduty', 'failed', null);
  const answer = await read('/metrics');
  const text = await answer.text();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, registry.contentType]);
  for (const line of [
    'tocsin_pages_total{method="webhook",result="retrying"} 1',
    'tocsin_pages_total{method="webhook",result="accepted"} 1',
    'tocsin_pages_total{method="pagerduty",result="failed"} 1',
    'tocsin_page_latency_seconds_bucket{le="1",method="webhook"} 0',
    'tocsin_page_latency_seconds_bucket{le="2.5",method="webhook"} 1',
    'tocsin_page_latency_seconds_sum{method="webhook"} 1.4',
  ])
    expect(text.split('\n')).toContain(line);
});

test('nothing else is served', async () => {
  expect((await read('/')).status).toBe(404);
});

test('a port that is taken ends the start, with what to change', async () => {
  await expect(serveMetrics(registry, '127.0.0.1', endpoint.port)).rejects.toMatchObject({
    exitCode: 69,
    remedy: expect.stringContaining('TOCSIN_METRICS_PORT'),
  });
});
