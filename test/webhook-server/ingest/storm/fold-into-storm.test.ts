/** What a storm is sent: names, bones, and no more of them in one signal than Temporal takes. */
import { splitIntoSignals, SIGNAL_BYTES } from '../../../../webhook-server/delivery/deliver-to-temporal.ts';
import { mergeRoutedAlerts } from '../../../../webhook-server/delivery/merge-alerts.ts';
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import { foldIntoStorm } from '../../../../webhook-server/ingest/storm/fold-into-storm.ts';
import { configFromYaml } from '../../support/test-http-server.ts';
import { alert, resolved, routed } from '../../support/routed-alerts.ts';

const config = configFromYaml();
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

function large(n: number): RoutedAlerts {
  const labels = { alertname: 'DiskFull', severity: 'high', service: 'payments', zone: 'b', extra: 'x'.repeat(500) };
  const links = { runbook: 'https://runbooks.example/disk', source: `https://prometheus.example/${'q'.repeat(500)}` };
  const annotations = { description: 'y'.repeat(2000) };
  const title = `DiskFull ${'🚨'.repeat(300)}`;
  const whole = routed(`inc-platform-${String(n).padStart(20, '0')}`, [
    alert(`fingerprint-${n}`, { labels, links, annotations, title: n % 2 === 0 ? title : 'Disk full' }),
  ]);
  return { ...whole, declaration: { ...whole.declaration, title, summary: 'z'.repeat(5000), service: 'payments' } };
}

test('the storm opens as one incident of the team, as bad as the worst that fires, never SEV1', () => {
  const { declaration, groups } = foldIntoStorm(routed('inc-1', [alert('x', { severity: 'SEV3' })], 'SEV3'), config);
  expect(declaration).toMatchObject({
    workflowId: 'storm-platform',
    title: 'Storm of alerts for platform',
    severity: 'SEV3',
    source: 'storm',
    service: null,
    component: null,
    storm: true,
    declaredBy: null,
  });
  expect(declaration.summary).toContain('More than 30 new incidents in a minute');
  expect(groups).toEqual([{ workflowId: 'inc-1', title: 'inc-1 is down', severity: 'SEV3', service: null }]);
  const over = foldIntoStorm(routed('inc-2', [resolved('x', { severity: 'SEV1' })], 'SEV1'), config);
  expect(mergeRoutedAlerts([foldIntoStorm(routed('inc-1', [alert('y')]), config), over]).declaration.severity).toBe(
    'SEV2',
  );
});

test('an alert in a storm keeps its identity and what tells most, in 400 bytes', () => {
  const [longTitle, one] = [0, 1].map((n) => foldIntoStorm(large(n), config).alerts[0]);
  expect(bytes(one)).toBeLessThan(400);
  // Sixty pictures and nothing else that could be left out.
  expect(bytes(longTitle)).toBeLessThan(500);
  expect(one).toMatchObject({
    fingerprint: 'fingerprint-1',
    group: `inc-platform-${'1'.padStart(20, '0')}`,
    title: 'Disk full',
    labels: { alertname: 'DiskFull', service: 'payments', severity: 'high', zone: 'b' },
    links: { runbook: 'https://runbooks.example/disk' },
    annotations: {},
  });
});

test('ten thousand groups are some forty signals of at most 256 KiB, each with the groups of its alerts', () => {
  const { batch } = mergeRoutedAlerts(Array.from({ length: 10_000 }, (_, n) => foldIntoStorm(large(n), config)));
  const chunks = splitIntoSignals(batch);
  expect(chunks.length).toBeLessThan(60);
  expect(Math.max(...chunks.map(bytes))).toBeLessThanOrEqual(SIGNAL_BYTES);
  for (const { alerts, groups = [] } of chunks) {
    expect(groups.map(({ workflowId }) => workflowId)).toEqual(alerts.map(({ group }) => group));
  }
  expect(chunks.flatMap(({ groups = [] }) => groups)).toHaveLength(10_000);
});

test('one alert in two groups joins with both; a group of which nothing fires does not join', () => {
  const { batch } = mergeRoutedAlerts([
    foldIntoStorm(routed('inc-1', [alert('x')]), config),
    foldIntoStorm(routed('inc-2', [alert('x')]), config),
    foldIntoStorm(routed('inc-3', [resolved('y')]), config),
  ]);
  const [only] = splitIntoSignals(batch);
  expect(only?.groups?.map(({ workflowId }) => workflowId)).toEqual(['inc-1', 'inc-2']);
  expect(only?.alerts.map(({ group, status }) => [group, status])).toEqual([
    ['inc-1', 'firing'],
    ['inc-2', 'firing'],
    ['inc-3', 'resolved'],
  ]);
});

test('hostile labels are ordinary labels', () => {
  const labels = JSON.parse('{"__proto__":"p","constructor":"c","alertname":"\\ud800"}') as Record<string, string>;
  const [one] = foldIntoStorm(routed('inc-1', [alert('x', { labels })]), config).alerts;
  expect(
    Object.entries(one?.labels ?? {})
      .map(([name]) => name)
      .sort(),
  ).toEqual(['__proto__', 'alertname', 'constructor']);
});
