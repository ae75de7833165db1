/** Where alerts wait while maintenance holds them back. */
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import { declarationAfterSuppression } from '../../../domain/alerts/suppressed-alerts.ts';
import {
  firingSuppressed,
  releaseAlerts,
  nextRelease,
  NOTHING_SUPPRESSED,
  suppressAlerts,
  windowsOf,
  windowsText,
  withEnd,
  type SuppressedAlerts,
} from '../../../domain/alerts/suppressed-alerts.ts';
import { anAlertBatch, anAlert, aDeclaration } from '../../support/builders.ts';

const NOW = 10_000;
const until = (end: number, id: string | null = null) => ({
  suppressedBy: [{ window: 'disk swap', windowWorkflowId: id, until: end }],
});
const told = (
  room: SuppressedAlerts,
  alerts: readonly Partial<AlertReport>[],
  known: readonly string[] = [],
  at = NOW,
) =>
  suppressAlerts(room, anAlertBatch(alerts.map(anAlert), { receivedAt: at }), {
    at,
    news: ({ status, fingerprint }) =>
      known.includes(fingerprint) ? 'seen' : status === 'firing' ? 'fired' : 'cleared',
    known: (fingerprint) => known.includes(fingerprint),
  });
const heard = (room: SuppressedAlerts, alert: Partial<AlertReport>, at = NOW): SuppressedAlerts =>
  told(room, [alert], [], at).suppressedAlerts;
const HELD = until(20_000);
const waits = heard(NOTHING_SUPPRESSED, HELD);

test('[ALERT-16] what is held back waits, everything else goes on', () => {
  const { suppressedAlerts, batch, arrived } = told(NOTHING_SUPPRESSED, [
    HELD,
    { fingerprint: 'f2' },
    { fingerprint: 'f3', status: 'resolved' },
  ]);
  expect(batch?.alerts.map(({ fingerprint }) => fingerprint)).toEqual(['f2', 'f3']);
  expect(arrived.map(({ fingerprint }) => fingerprint)).toEqual(['f1']);
  expect(firingSuppressed(suppressedAlerts)).toHaveLength(1);
  expect(nextRelease(suppressedAlerts)).toBe(20_000);
  expect(told(suppressedAlerts, [HELD])).toMatchObject({ batch: null, arrived: [] });
});

test('[ALERT-16] a firing that is known is no news: it is seen, and does not wait', () => {
  const { suppressedAlerts, batch } = told(NOTHING_SUPPRESSED, [HELD], ['f1']);
  expect([suppressedAlerts.suppressed, batch?.alerts.length]).toEqual([[], 1]);
});

test('[ALERT-16] it is let in at the end, without its mark, and not a moment before', () => {
  expect(releaseAlerts(waits, 19_999)).toEqual({ suppressedAlerts: waits, batches: [] });
  const { suppressedAlerts, batches } = releaseAlerts(waits, 20_000);
  expect(suppressedAlerts).toBe(NOTHING_SUPPRESSED);
  expect(batches).toMatchObject([
    { source: 'alertmanager', staleAfterMs: 12 * 3_600_000, alerts: [{ fingerprint: 'f1' }] },
  ]);
  expect(batches[0]?.alerts[0]).not.toHaveProperty('suppressedBy');
});

test('[ALERT-16] what has resolved is not let in, and its firing that comes late does not wait again', () => {
  const resolved = heard(waits, { status: 'resolved', endsAt: 9_000 });
  const late = heard(resolved, { ...HELD, receivedAt: NOW - 5_000 });
  expect(firingSuppressed(late)).toEqual([]);
  expect(releaseAlerts(late, 20_000).batches).toEqual([]);
  // Received after the end, it fires again, though it started when it did.
  expect(firingSuppressed(heard(resolved, HELD, NOW + 1_000))).toHaveLength(1);
  // A later start is another firing.
  expect(firingSuppressed(heard(resolved, { ...HELD, startsAt: 5_000 }))).toHaveLength(1);
  // The end of an older one does not end it.
  const again = heard(heard(resolved, { ...HELD, startsAt: 5_000 }), { status: 'resolved', startsAt: 1_000 });
  expect(firingSuppressed(again)).toHaveLength(1);
});

test('[ALERT-13] that there is nothing left to measure of it does not end what waits', () => {
  const { suppressedAlerts, batch } = told(waits, [{ status: 'resolved', vanished: true }]);
  expect([firingSuppressed(suppressedAlerts).length, batch]).toEqual([1, null]);
});

test('[ALERT-16] an alert without a start of its own waits once, from its first report', () => {
  const first = heard(NOTHING_SUPPRESSED, { ...HELD, startGuessed: true, startsAt: 2_000 });
  const second = heard(first, { ...HELD, startGuessed: true, startsAt: 3_000 });
  expect(firingSuppressed(second)).toMatchObject([{ startsAt: 2_000 }]);
  expect(firingSuppressed(heard(second, { status: 'resolved', startGuessed: true, startsAt: 4_000 }))).toEqual([]);
});

test('[ALERT-16] where no window holds it any more it goes on, and nobody waits in its place', () => {
  const { suppressedAlerts, batch } = told(waits, [{}]);
  expect([suppressedAlerts.suppressed, batch?.alerts.length]).toEqual([[], 1]);
  expect(told(NOTHING_SUPPRESSED, [until(NOW)]).batch?.alerts).toHaveLength(1);
});

test('[ALERT-16] the end of an alert that the incident knows is told to it, also when a newer firing waits', () => {
  expect(told(waits, [{ status: 'resolved' }], ['f1']).batch?.alerts).toHaveLength(1);
  expect(told(waits, [{ status: 'resolved' }]).batch).toBeNull();
});

test('[ALERT-16] a repeat knows the windows as they are now; the word of the window itself goes before', () => {
  const window = 'maintenance-1';
  const room = heard(NOTHING_SUPPRESSED, until(20_000, window));
  expect(windowsOf(room)).toEqual([window]);
  expect(nextRelease(heard(room, until(30_000, window)))).toBe(30_000);
  const ended = withEnd(room, window, 12_000);
  expect(nextRelease(ended)).toBe(12_000);
  expect(releaseAlerts(ended, 12_000).batches).toHaveLength(1);
  // A server that has not heard of the end yet marks what fires all the same.
  expect(told(ended, [{ ...until(20_000, window), fingerprint: 'f2' }], [], 12_000).batch?.alerts).toHaveLength(1);
  expect(nextRelease(withEnd(room, window, 40_000))).toBe(40_000);
});

test('[ALERT-16] of several windows the last counts', () => {
  const both = { suppressedBy: [...until(20_000, 'maintenance-1').suppressedBy, ...until(15_000).suppressedBy] };
  const room = heard(NOTHING_SUPPRESSED, both);
  expect(nextRelease(room)).toBe(20_000);
  expect(nextRelease(withEnd(room, 'maintenance-1', 12_000))).toBe(15_000);
  expect(windowsText(room, both.suppressedBy)).toBe('"disk swap" until 1970-01-01T00:00Z');
});

test('[ALERT-16] whoever is called __proto__ waits like anybody', () => {
  const room = heard(heard(NOTHING_SUPPRESSED, { ...HELD, fingerprint: '__proto__' }), {
    ...HELD,
    fingerprint: '__proto__',
  });
  expect(releaseAlerts(room, 20_000).batches[0]?.alerts).toMatchObject([{ fingerprint: '__proto__' }]);
});

test('[ALERT-12] ten thousand that wait fit into what goes on to a fresh history: all of them, fifty with labels', () => {
  const labels = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`label${n}`, 'x'.repeat(100)]));
  const alerts = Array.from({ length: 10_000 }, (_, n) => ({ ...HELD, fingerprint: `f${n}`, labels }));
  const { suppressedAlerts } = told(NOTHING_SUPPRESSED, alerts);
  expect(suppressedAlerts.suppressed).toHaveLength(10_000);
  expect(suppressedAlerts.suppressed.filter(({ report }) => Object.keys(report.labels).length > 0)).toHaveLength(50);
  expect(JSON.stringify(suppressedAlerts).length / 10_000).toBeLessThan(450);
});

test('[ALERT-16] an incident begins as bad as what fires when it begins', () => {
  const opening = aDeclaration({ suppressed: true, severity: 'SEV1', severityGuessed: true });
  expect(declarationAfterSuppression(opening, [anAlert({ severity: 'SEV1' })])).toEqual(
    aDeclaration({ severity: 'SEV1', severityGuessed: true }),
  );
  const milder = declarationAfterSuppression(opening, [
    anAlert({ severity: 'SEV3', title: 'Slow', annotations: { description: 'd' } }),
  ]);
  expect(milder).toMatchObject({ severity: 'SEV3', title: 'Slow', summary: 'd', severityGuessed: false });
  expect(milder).not.toHaveProperty('suppressed');
  expect(declarationAfterSuppression(opening, [])).not.toHaveProperty('suppressed');
});

describe('[ALERT-16] at its edges, suppressed alerts', () => {
  const hear = (room: SuppressedAlerts, alerts: readonly Partial<AlertReport>[], over = {}, now = 1_000) =>
    suppressAlerts(room, anAlertBatch(alerts.map(anAlert), over), {
      ...{ at: now, known: () => false },
      news: ({ status }: AlertReport) => (status === 'firing' ? 'fired' : 'cleared'),
    });
  const waits = hear(NOTHING_SUPPRESSED, [until(5_000)]).suppressedAlerts;

  test('passes a message on that holds nobody back, and one that only says who was paged', () => {
    const batch = anAlertBatch([anAlert()]);
    const free = { at: 1_000, news: () => 'fired' as const, known: () => false };
    expect(suppressAlerts(NOTHING_SUPPRESSED, batch, free).batch).toBe(batch);
    expect(hear(NOTHING_SUPPRESSED, []).batch?.alerts).toEqual([]);
    const page = { to: 'ana', method: 'mail', key: 'k', at: 1, incidentId: 'E' };
    expect(hear(NOTHING_SUPPRESSED, [until(5_000)], { alreadyPaged: [page] }).batch).toMatchObject({ alerts: [] });
    expect(hear(NOTHING_SUPPRESSED, [until(5_000)], { alreadyPaged: [] }).batch).toBeNull();
  });

  test('keeps apart what each source says, and of one source the longest silence and the most that it left out', () => {
    const two = hear(waits, [{ ...until(5_000), fingerprint: 'f2' }], {
      staleAfterMs: 99 * 3_600_000,
      truncated: 7,
    }).suppressedAlerts;
    const three = hear(two, [{ ...until(5_000), fingerprint: 'g1' }], {
      source: 'grafana',
      staleAfterMs: 5,
      truncated: 1,
    }).suppressedAlerts;
    const four = hear(three, [{ ...until(9_000), fingerprint: 'later' }]).suppressedAlerts;
    const { suppressedAlerts, batches } = releaseAlerts(four, 5_000);
    expect(
      batches.map(({ source, alerts, staleAfterMs, truncated, receivedAt }) => [
        ...[source, alerts.map(({ fingerprint }) => fingerprint), staleAfterMs, truncated, receivedAt],
      ]),
    ).toEqual([
      ['alertmanager', ['f1', 'f2'], 99 * 3_600_000, 7, 5_000],
      ['grafana', ['g1'], 5, 1, 5_000],
    ]);
    expect(suppressedAlerts.suppressed.map(({ report }) => report.fingerprint)).toEqual(['later']);
    expect([nextRelease(suppressedAlerts), nextRelease(NOTHING_SUPPRESSED)]).toEqual([9_000, null]);
  });

  test('remembers what a window said itself while somebody waits, and forgets it with the last', () => {
    const ended = withEnd(
      withEnd(hear(waits, [{ ...until(9_000), fingerprint: 'f2' }]).suppressedAlerts, 'w1', 3_000),
      'w2',
      4_000,
    );
    expect(ended.ends).toEqual({ w1: 3_000, w2: 4_000 });
    expect(releaseAlerts(ended, 5_000).suppressedAlerts.ends).toEqual({ w1: 3_000, w2: 4_000 });
    expect(releaseAlerts(ended, 9_000).suppressedAlerts).toEqual(NOTHING_SUPPRESSED);
  });

  test('an older start, come late, does not take the place of the one that waits', () => {
    const newer = hear(NOTHING_SUPPRESSED, [{ ...until(5_000), startsAt: 2_000, title: 'newer' }]).suppressedAlerts;
    const { suppressedAlerts, arrived } = hear(newer, [{ ...until(5_000), startsAt: 1_000, title: 'older' }]);
    expect(suppressedAlerts.suppressed).toMatchObject([{ report: { startsAt: 2_000, title: 'newer' } }]);
    expect(arrived).toEqual([]);
    const next = hear(newer, [{ ...until(5_000), startsAt: 3_000, title: 'next' }]);
    expect(next.suppressedAlerts.suppressed).toMatchObject([{ report: { startsAt: 3_000, title: 'next' } }]);
    expect(next.arrived).toHaveLength(1);
    expect(
      hear(newer, [{ ...until(7_000), startsAt: 2_000 }], { truncated: 4 }).suppressedAlerts.suppressed,
    ).toMatchObject([{ truncated: 4, report: { title: 'newer', suppressedBy: [{ until: 7_000 }] } }]);
  });

  test('the end of an alert keeps its moment, and asks nothing of its window any more', () => {
    const { suppressedAlerts } = hear(hear(NOTHING_SUPPRESSED, [until(5_000, 'w1')]).suppressedAlerts, [
      { status: 'resolved', endsAt: 900 },
    ]);
    expect(suppressedAlerts.suppressed).toMatchObject([
      { report: { status: 'resolved', startsAt: 1_000, endsAt: 900 } },
    ]);
    expect(windowsOf(suppressedAlerts)).toEqual([]);
    const both = hear(NOTHING_SUPPRESSED, [
      until(5_000, 'w1'),
      { ...until(5_000, 'w1'), fingerprint: 'f2' },
      { ...until(1, null), fingerprint: 'f3' },
    ]);
    expect(windowsOf(both.suppressedAlerts)).toEqual(['w1']);
  });

  test('an alert without labels of its own keeps a title that fits', () => {
    const full = hear(
      NOTHING_SUPPRESSED,
      Array.from({ length: 51 }, (_, n) => ({ ...until(5_000), fingerprint: `f${n}`, title: 't'.repeat(300) })),
    ).suppressedAlerts;
    expect([full.suppressed[49]?.report.title.length, full.suppressed[50]?.report.title.length]).toEqual([300, 200]);
    expect([full.suppressed[49]?.report.labels, full.suppressed[50]?.report.labels]).toEqual([
      { alertname: 'CheckoutFails' },
      {},
    ]);
  });

  test('people read which windows hold it, each once, and until when', () => {
    const two = [
      ...until(5_000, 'w1').suppressedBy,
      { window: 'disk swap', windowWorkflowId: null, until: 60_000 * 90 },
    ];
    expect(windowsText(NOTHING_SUPPRESSED, two)).toBe('"disk swap" until 1970-01-01T01:30Z');
    expect(
      windowsText(NOTHING_SUPPRESSED, [...two, { window: 'n'.repeat(150), windowWorkflowId: null, until: 0 }]),
    ).toContain(`, "${'n'.repeat(99)}…"`);
  });
});
