/** Alerts that nobody has heard of: when they are asked about, and what an answer changes. */
import type { StaleDue } from '../../domain/stale.ts';
import { nextStale, staleEvents } from '../../domain/stale.ts';
import { toView } from '../../domain/to-view.ts';
import type { Incident } from '../../domain/incident.ts';
import { alarmed, after, at, declared, heard, told } from '../support/play.ts';

const HOURS = 60;

/** The source's answer to what is due. */
function answered(incident: Incident, minute: number, there: readonly string[], answer: 'gone' | 'unknown' = 'gone') {
  const due = nextStale(incident) as StaleDue;
  return staleEvents(incident, due, { firing: there, answer }, at(minute));
}

test('[ALERT-11] [LIFE-24] three repeat intervals after it was last heard of, and not before', () => {
  expect(nextStale(alarmed())).toEqual({ at: at(12 * HOURS), source: 'alertmanager', fingerprints: ['f1'] });
  const repeated = heard(alarmed(), 5 * HOURS, [{}]).incident;
  expect(nextStale(repeated)?.at).toBe(at(17 * HOURS));
});

test('nobody is asked about what has cleared, was ignored by name, or belongs to a test or an incident that is over', () => {
  expect(nextStale(declared())).toBeNull();
  expect(nextStale(heard(alarmed(), 1, [{ status: 'resolved', endsAt: 1 }]).incident)).toBeNull();
  const ignored = told(alarmed(), { type: 'resolve', resolution: 'fixed', ignoreAlerts: ['f1'] });
  expect(nextStale(ignored)).toBeNull();
  expect(nextStale(alarmed({ test: true }))).toBeNull();
  expect(nextStale(told(alarmed(), { type: 'declareFalseAlarm', reason: 'no' }))).toBeNull();
});

test('alerts of one source that fall due within a minute are asked about together, none before its time', () => {
  const { incident } = heard(alarmed(), 0.5, [{ fingerprint: 'f2' }]);
  const later = heard(incident, 5, [{ fingerprint: 'f3' }]).incident;
  const other = heard(later, 0.2, [{ fingerprint: 'g1' }], { source: 'grafana' }).incident;
  expect(nextStale(other)).toEqual({
    at: at(12 * HOURS + 0.5),
    source: 'alertmanager',
    fingerprints: ['f1', 'f2'],
  });
});

test('whoever was never said to be silent is not asked about; of those due together the first is', () => {
  expect(nextStale(heard(declared(), 0, [{}], { staleAfterMs: 0 }).incident)).toBeNull();
  const both = heard(alarmed(), 0, [{ fingerprint: 'a1' }], { source: 'grafana' }).incident;
  expect(nextStale(both)).toMatchObject({ source: 'alertmanager', fingerprints: ['f1'] });
});

test('a question never holds more than a thousand alerts', () => {
  const many = Array.from({ length: 2_500 }, (_, i) => ({ fingerprint: `f${i}` }));
  expect(nextStale(heard(declared(), 0, many).incident)?.fingerprints.length).toBe(1_000);
});

test('[LIFE-24] still firing there: heard of, and nothing is said', () => {
  const events = answered(alarmed(), 12 * HOURS, ['f1']);
  expect(events).toEqual([{ type: 'alerts-seen', at: at(12 * HOURS), fingerprints: ['f1'], truncated: 0 }]);
  const next = after(alarmed(), ...events);
  expect(next.seq).toBe(alarmed().seq);
  expect(nextStale(next)?.at).toBe(at(24 * HOURS));
});

test('[LIFE-25] not there: stale, said once, and it still counts as firing', () => {
  const acknowledged = told(alarmed(), { type: 'acknowledge' });
  const stale = after(acknowledged, ...answered(acknowledged, 12 * HOURS, []));
  expect(stale.timeline.at(-1)).toMatchObject({
    kind: 'alerts-stale',
    text: 'No word of CheckoutFails for 12 h; alertmanager no longer has it.',
  });
  expect(stale.orders.notices.at(-1)).toMatchObject({ about: 'alerts-stale', to: ['ana'] });
  expect(stale.phase).toBe('investigating');
  expect(toView(stale)).toMatchObject({ firingCount: 1, alerts: [{ status: 'firing', stale: 'gone' }] });
  expect(stale.changedAlerts.map(({ fingerprint }) => fingerprint)).toContain('f1');

  expect(nextStale(stale)?.at).toBe(at(24 * HOURS));
  const again = after(stale, ...answered(stale, 24 * HOURS, []));
  expect([again.seq, again.orders.given]).toEqual([stale.seq, stale.orders.given]);
  expect(nextStale(again)?.at).toBe(at(36 * HOURS));
});

test('[LIFE-25] nobody has acknowledged: whoever was paged is asked', () => {
  const paged = { ...alarmed(), paged: ['ana', 'bo'] };
  const stale = after(paged, ...answered(paged, 12 * HOURS, [], 'unknown'));
  expect(stale.timeline.at(-1)?.text).toBe(
    'No word of CheckoutFails for 12 h; alertmanager could not be asked about it.',
  );
  expect(stale.orders.notices.at(-1)?.to).toEqual(['ana', 'bo']);
});

test('[LIFE-25] a later report takes the mark away, so does its end; a new start that goes stale is said again', () => {
  const stale = after(alarmed(), ...answered(alarmed(), 12 * HOURS, []));
  const repeated = heard(stale, 13 * HOURS, [{}]).incident;
  expect(toView(repeated).alerts[0]).not.toHaveProperty('stale');
  expect(nextStale(repeated)?.at).toBe(at(25 * HOURS));
  const cleared = heard(stale, 13 * HOURS, [{ status: 'resolved', endsAt: 1 }]).incident;
  expect(toView(cleared).alerts[0]).not.toHaveProperty('stale');
  const anew = heard(stale, 13 * HOURS, [{ startsAt: 2_000 }]).incident;
  const staleAgain = after(anew, ...answered(anew, 25 * HOURS, []));
  expect(staleAgain.timeline.filter(({ kind }) => kind === 'alerts-stale').length).toBe(2);
});

test('what was reported while the source was asked is left alone', () => {
  const due = nextStale(alarmed()) as StaleDue;
  const repeated = heard(alarmed(), 12 * HOURS, [{}]).incident;
  expect(staleEvents(repeated, due, { firing: [], answer: 'gone' }, at(12 * HOURS + 1))).toEqual([]);
});

test('a source with a repeat interval of seconds is not asked all the time', () => {
  const { incident } = heard(declared(), 0, [{}], { staleAfterMs: 3_000 });
  const stale = after(incident, ...answered(incident, 1, []));
  expect(nextStale(stale)?.at).toBe(at(6));
});

test('[ALERT-13] an alert whose series has vanished goes on counting as firing, and a person is asked once', () => {
  const gone = heard(alarmed(), 5, [{ status: 'resolved', vanished: true }]);
  expect(gone.events).toMatchObject([{ type: 'alerts-stale', answer: 'vanished', silentMs: 0, news: ['f1'] }]);
  expect(gone.incident).toMatchObject({ phase: 'declared', alerts: { f1: { status: 'firing' } } });
  expect(gone.incident.timeline.at(-1)?.text).toMatch(/nothing left to measure/);
  const again = heard(gone.incident, 6, [{ status: 'resolved', vanished: true }]).incident;
  expect(again.seq).toBe(gone.incident.seq);
  expect(heard(again, 7, [{ status: 'resolved' }]).incident.phase).toBe('monitoring');
  expect(heard(alarmed(), 5, [{ fingerprint: 'other', status: 'resolved', vanished: true }]).events).toEqual([]);
});
