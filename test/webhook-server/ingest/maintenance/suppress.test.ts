/** What maintenance holds back at the edge: which routed alerts, and until when. */
import type { Config } from '../../../../config/config.ts';
import type { MaintenanceWindow } from '../../../../domain/kernel/maintenance.ts';
import { mergeRoutedAlerts } from '../../../../webhook-server/delivery/merge-alerts.ts';
import { AlertDeduplication } from '../../../../webhook-server/ingest/deduplicate.ts';
import { markSuppressed } from '../../../../webhook-server/ingest/maintenance/suppress.ts';
import { activeWindows } from '../../../../webhook-server/ingest/maintenance/windows.ts';
import { configFromYaml, HTTP_TEST_YAML } from '../../support/test-http-server.ts';
import { alert, resolved, routed, T0 } from '../../support/routed-alerts.ts';

const HOUR = 3_600_000;
// T0 is a Monday, 09:00 UTC.
const config: Config = configFromYaml(`${HTTP_TEST_YAML}
timeZone: UTC
maintenance:
  - { name: backups, match: { service: payments }, every: "mon 08:00-10:00" }
  - { name: disks, match: { alertname: "disk*", service: "*" }, from: "2026-01-05 08:00", until: "2026-01-05 09:30" }
`);
const window: MaintenanceWindow = {
  ...{ id: 'maintenance-1', match: { service: 'payments' }, reason: 'disk swap', by: 'ana' },
  ...{ from: T0 - HOUR, until: T0 + 4 * HOUR },
};
const mark = (seen: ReturnType<typeof routed>, at = T0, declared: readonly MaintenanceWindow[] = []) =>
  markSuppressed(seen, activeWindows({ configured: config.maintenance, declared }, at));
const payments = (name: string, over = {}) =>
  alert(name, { labels: { alertname: name, service: 'payments' }, ...over });
const backups = { window: 'backups', windowWorkflowId: null, until: T0 + HOUR };

test('[ALERT-16] an alert that matches is held back until the end of its window; one that does not is not', () => {
  const held = mark(routed('inc-a', [payments('x')]));
  expect(held.alerts[0]?.suppressedBy).toEqual([backups]);
  expect(held.declaration.suppressed).toBe(true);
  const free = routed('inc-b', [alert('x', { labels: { alertname: 'x', service: 'search' } })]);
  expect(mark(free)).toBe(free);
  expect(mark(routed('inc-a', [payments('x')]), T0 + HOUR).alerts[0]).not.toHaveProperty('suppressedBy');
});

test('[ALERT-16] every window that it lies in is named, the longest first; a window of tomorrow or yesterday is none', () => {
  const tomorrow = { ...window, id: 'maintenance-2', from: T0 + 1 };
  const over = { ...window, id: 'maintenance-3', until: T0 };
  const held = mark(routed('inc-a', [payments('disk-full')]), T0, [tomorrow, over, window]);
  expect(held.alerts[0]?.suppressedBy).toEqual([
    { window: 'disk swap', windowWorkflowId: 'maintenance-1', until: window.until },
    backups,
    { window: 'disks', windowWorkflowId: null, until: T0 + HOUR / 2 },
  ]);
});

test('[ALERT-16] a group of which something fires that no window holds begins for that alone', () => {
  const worse = payments('worse', { severity: 'SEV1' });
  const mixed = mark(routed('inc-a', [worse, alert('other')], 'SEV1'));
  expect(mixed.declaration.suppressed).toBeUndefined();
  expect(mixed.declaration).toMatchObject({ severity: 'SEV2', title: 'other fires' });
  expect(mixed.alerts.map(({ suppressedBy }) => suppressedBy !== undefined)).toEqual([true, false]);
});

test('[ALERT-16] what has resolved, a test, and what Tocsin says of itself are never held back', () => {
  for (const seen of [
    routed('inc-a', [resolved('x', { labels: { service: 'payments' } })]),
    { ...routed('inc-a', [payments('x')]), source: 'tocsin' },
    { ...routed('inc-a', [payments('x')]), declaration: { ...routed('inc-a', []).declaration, test: true } },
  ])
    expect(mark(seen)).toBe(seen);
});

test('[ALERT-16] messages that go together: one that is not held back opens the incident, as bad as itself', () => {
  const held = mark(routed('inc-a', [payments('x', { severity: 'SEV1' })], 'SEV1'));
  const free = routed('inc-a', [alert('y', { severity: 'SEV3' })], 'SEV3');
  const cleared = routed('inc-a', [resolved('z')], 'SEV1');
  expect(mergeRoutedAlerts([held, free, cleared]).declaration).toMatchObject({ severity: 'SEV3' });
  expect(mergeRoutedAlerts([held, free]).declaration).not.toHaveProperty('suppressed');
  expect(mergeRoutedAlerts([cleared, held]).declaration).toMatchObject({ severity: 'SEV1', suppressed: true });
});

test('[ALERT-16] what the edge has paged about while Temporal was away is not held back any more', () => {
  const page = { to: 'ana', method: 'webhook', key: 'bg/1', at: T0, incidentId: 'E1' };
  const held = { ...mark(routed('inc-a', [payments('x')])), alreadyPaged: [page] };
  const { declaration, batch } = mergeRoutedAlerts([held]);
  expect(declaration).not.toHaveProperty('suppressed');
  expect(batch.alerts[0]).not.toHaveProperty('suppressedBy');
});

test('[ALERT-16] a repeat that nothing holds back any more is told, however soon it comes', () => {
  const repeats = new AlertDeduplication({ isAlone: () => true });
  const seen = routed('inc-a', [payments('x')]);
  repeats.delivered([mark(seen)]);
  expect(repeats.workflowsThatKnow(seen)).toBeNull();
  repeats.delivered([seen]);
  expect(repeats.workflowsThatKnow(seen)).toEqual(['inc-a']);
});
