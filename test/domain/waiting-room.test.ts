/** Where alerts wait while maintenance holds them back. */
import type { AlertReport } from '../../domain/alert.ts';
import { openingAfterHold } from '../../domain/held-opening.ts';
import {
  firingHere,
  letIn,
  nextLetIn,
  NOBODY_WAITS,
  sortOut,
  windowsOf,
  windowWords,
  withEnd,
  type WaitingRoom,
} from '../../domain/waiting-room.ts';
import { aBatch, anAlert, anOpening } from '../support/builders.ts';

const NOW = 10_000;
const until = (end: number, id: string | null = null) => ({
  held: [{ window: 'disk swap', windowWorkflowId: id, until: end }],
});
const told = (room: WaitingRoom, alerts: readonly Partial<AlertReport>[], known: readonly string[] = [], at = NOW) =>
  sortOut(room, aBatch(alerts.map(anAlert)), {
    at,
    news: ({ status, fingerprint }) =>
      known.includes(fingerprint) ? 'seen' : status === 'firing' ? 'fired' : 'cleared',
    known: (fingerprint) => known.includes(fingerprint),
  });
const heard = (room: WaitingRoom, alert: Partial<AlertReport>, at = NOW): WaitingRoom =>
  told(room, [alert], [], at).room;
const HELD = until(20_000);
const waits = heard(NOBODY_WAITS, HELD);

test('[ALERT-16] what is held back waits, everything else goes on', () => {
  const { room, batch, arrived } = told(NOBODY_WAITS, [
    HELD,
    { fingerprint: 'f2' },
    { fingerprint: 'f3', status: 'resolved' },
  ]);
  expect(batch?.alerts.map(({ fingerprint }) => fingerprint)).toEqual(['f2', 'f3']);
  expect(arrived.map(({ fingerprint }) => fingerprint)).toEqual(['f1']);
  expect(firingHere(room)).toHaveLength(1);
  expect(nextLetIn(room)).toBe(20_000);
  expect(told(room, [HELD])).toMatchObject({ batch: null, arrived: [] });
});

test('[ALERT-16] a firing that is known is no news: it is seen, and does not wait', () => {
  const { room, batch } = told(NOBODY_WAITS, [HELD], ['f1']);
  expect([room.waiting, batch?.alerts.length]).toEqual([[], 1]);
});

test('[ALERT-16] it is let in at the end, without its mark, and not a moment before', () => {
  expect(letIn(waits, 19_999)).toEqual({ room: waits, batches: [] });
  const { room, batches } = letIn(waits, 20_000);
  expect(room).toBe(NOBODY_WAITS);
  expect(batches).toMatchObject([
    { source: 'alertmanager', staleAfterMs: 12 * 3_600_000, alerts: [{ fingerprint: 'f1' }] },
  ]);
  expect(batches[0]?.alerts[0]).not.toHaveProperty('held');
});

test('[ALERT-16] what has resolved is not let in, and its firing that comes late does not wait again', () => {
  const resolved = heard(waits, { status: 'resolved', endsAt: 9_000 });
  const late = heard(resolved, HELD);
  expect(firingHere(late)).toEqual([]);
  expect(letIn(late, 20_000).batches).toEqual([]);
  // A later start is another firing.
  expect(firingHere(heard(resolved, { ...HELD, startsAt: 5_000 }))).toHaveLength(1);
  // The end of an older one does not end it.
  const again = heard(heard(resolved, { ...HELD, startsAt: 5_000 }), { status: 'resolved', startsAt: 1_000 });
  expect(firingHere(again)).toHaveLength(1);
});

test('[ALERT-13] that there is nothing left to measure of it does not end what waits', () => {
  const { room, batch } = told(waits, [{ status: 'resolved', vanished: true }]);
  expect([firingHere(room).length, batch]).toEqual([1, null]);
});

test('[ALERT-16] an alert without a start of its own waits once, from its first report', () => {
  const first = heard(NOBODY_WAITS, { ...HELD, startGuessed: true, startsAt: 2_000 });
  const second = heard(first, { ...HELD, startGuessed: true, startsAt: 3_000 });
  expect(firingHere(second)).toMatchObject([{ startsAt: 2_000 }]);
  expect(firingHere(heard(second, { status: 'resolved', startGuessed: true, startsAt: 4_000 }))).toEqual([]);
});

test('[ALERT-16] where no window holds it any more it goes on, and nobody waits in its place', () => {
  const { room, batch } = told(waits, [{}]);
  expect([room.waiting, batch?.alerts.length]).toEqual([[], 1]);
  expect(told(NOBODY_WAITS, [until(NOW)]).batch?.alerts).toHaveLength(1);
});

test('[ALERT-16] the end of an alert that the incident knows is told to it, also when a newer firing waits', () => {
  expect(told(waits, [{ status: 'resolved' }], ['f1']).batch?.alerts).toHaveLength(1);
  expect(told(waits, [{ status: 'resolved' }]).batch).toBeNull();
});

test('[ALERT-16] a repeat knows the windows as they are now; the word of the window itself goes before', () => {
  const window = 'maintenance-1';
  const room = heard(NOBODY_WAITS, until(20_000, window));
  expect(windowsOf(room)).toEqual([window]);
  expect(nextLetIn(heard(room, until(30_000, window)))).toBe(30_000);
  const ended = withEnd(room, window, 12_000);
  expect(nextLetIn(ended)).toBe(12_000);
  expect(letIn(ended, 12_000).batches).toHaveLength(1);
  // A server that has not heard of the end yet marks what fires all the same.
  expect(told(ended, [{ ...until(20_000, window), fingerprint: 'f2' }], [], 12_000).batch?.alerts).toHaveLength(1);
  expect(nextLetIn(withEnd(room, window, 40_000))).toBe(40_000);
});

test('[ALERT-16] of several windows the last counts', () => {
  const both = { held: [...until(20_000, 'maintenance-1').held, ...until(15_000).held] };
  const room = heard(NOBODY_WAITS, both);
  expect(nextLetIn(room)).toBe(20_000);
  expect(nextLetIn(withEnd(room, 'maintenance-1', 12_000))).toBe(15_000);
  expect(windowWords(room, both.held)).toBe('"disk swap" until 1970-01-01T00:00Z');
});

test('[ALERT-16] whoever is called __proto__ waits like anybody', () => {
  const room = heard(heard(NOBODY_WAITS, { ...HELD, fingerprint: '__proto__' }), { ...HELD, fingerprint: '__proto__' });
  expect(letIn(room, 20_000).batches[0]?.alerts).toMatchObject([{ fingerprint: '__proto__' }]);
});

test('[ALERT-12] ten thousand that wait fit into what goes on to a fresh history: all of them, fifty with labels', () => {
  const labels = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`label${n}`, 'x'.repeat(100)]));
  const alerts = Array.from({ length: 10_000 }, (_, n) => ({ ...HELD, fingerprint: `f${n}`, labels }));
  const { room } = told(NOBODY_WAITS, alerts);
  expect(room.waiting).toHaveLength(10_000);
  expect(room.waiting.filter(({ report }) => Object.keys(report.labels).length > 0)).toHaveLength(50);
  expect(JSON.stringify(room).length / 10_000).toBeLessThan(450);
});

test('[ALERT-16] an incident begins as bad as what fires when it begins', () => {
  const opening = anOpening({ held: true, severity: 'SEV1', severityGuessed: true });
  expect(openingAfterHold(opening, [anAlert({ severity: 'SEV1' })])).toEqual(
    anOpening({ severity: 'SEV1', severityGuessed: true }),
  );
  const milder = openingAfterHold(opening, [
    anAlert({ severity: 'SEV3', title: 'Slow', annotations: { description: 'd' } }),
  ]);
  expect(milder).toMatchObject({ severity: 'SEV3', title: 'Slow', summary: 'd', severityGuessed: false });
  expect(milder).not.toHaveProperty('held');
  expect(openingAfterHold(opening, [])).not.toHaveProperty('held');
});
