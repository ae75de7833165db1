/** Alerts that nobody has heard of: when they are asked about, and what an answer changes. */
import type { SourceQuestion } from '../../../domain/alerts/stale.ts';
import { nextStale, eventsFromSourceAnswer } from '../../../domain/alerts/stale.ts';
import { toView } from '../../../domain/engine/to-view.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import {
  firingIncident,
  afterEvents,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';

const HOURS = 60;

/** The source's answer to what is due. */
function answered(incident: Incident, minute: number, there: readonly string[], answer: 'gone' | 'unknown' = 'gone') {
  const due = nextStale(incident) as SourceQuestion;
  return eventsFromSourceAnswer(incident, due, { firing: there, answer }, atMinute(minute));
}

test('[ALERT-11] [LIFE-24] three repeat intervals after it was last heard of, and not before', () => {
  expect(nextStale(firingIncident())).toEqual({
    at: atMinute(12 * HOURS),
    source: 'alertmanager',
    fingerprints: ['f1'],
  });
  const repeated = afterAlerts(firingIncident(), 5 * HOURS, [{}]).incident;
  expect(nextStale(repeated)?.at).toBe(atMinute(17 * HOURS));
});

test('nobody is asked about what has cleared, was ignored by name, or belongs to a test or an incident that is over', () => {
  expect(nextStale(declaredIncident())).toBeNull();
  expect(nextStale(afterAlerts(firingIncident(), 1, [{ status: 'resolved', endsAt: 1 }]).incident)).toBeNull();
  const ignored = afterCommand(firingIncident(), { type: 'resolve', resolution: 'fixed', ignoreAlerts: ['f1'] });
  expect(nextStale(ignored)).toBeNull();
  expect(nextStale(firingIncident({ test: true }))).toBeNull();
  expect(nextStale(afterCommand(firingIncident(), { type: 'declareFalseAlarm', reason: 'no' }))).toBeNull();
});

test('alerts of one source that fall due within a minute are asked about together, none before its time', () => {
  const { incident } = afterAlerts(firingIncident(), 0.5, [{ fingerprint: 'f2' }]);
  const later = afterAlerts(incident, 5, [{ fingerprint: 'f3' }]).incident;
  const other = afterAlerts(later, 0.2, [{ fingerprint: 'g1' }], { source: 'grafana' }).incident;
  expect(nextStale(other)).toEqual({
    at: atMinute(12 * HOURS + 0.5),
    source: 'alertmanager',
    fingerprints: ['f1', 'f2'],
  });
});

test('whoever was never said to be silent is not asked about; of those due together the first is', () => {
  expect(nextStale(afterAlerts(declaredIncident(), 0, [{}], { staleAfterMs: 0 }).incident)).toBeNull();
  const both = afterAlerts(firingIncident(), 0, [{ fingerprint: 'a1' }], { source: 'grafana' }).incident;
  expect(nextStale(both)).toMatchObject({ source: 'alertmanager', fingerprints: ['f1'] });
});

test('a question never holds more than a thousand alerts', () => {
  const many = Array.from({ length: 2_500 }, (_, i) => ({ fingerprint: `f${i}` }));
  expect(nextStale(afterAlerts(declaredIncident(), 0, many).incident)?.fingerprints.length).toBe(1_000);
});

test('[LIFE-24] still firing there: heard of, and nothing is said', () => {
  const events = answered(firingIncident(), 12 * HOURS, ['f1']);
  expect(events).toEqual([{ type: 'alerts-seen', at: atMinute(12 * HOURS), fingerprints: ['f1'], truncated: 0 }]);
  const next = afterEvents(firingIncident(), ...events);
  expect(next.projection.seq).toBe(firingIncident().projection.seq);
  expect(nextStale(next)?.at).toBe(atMinute(24 * HOURS));
});

test('[LIFE-25] not there: stale, said once, and it still counts as firing', () => {
  const acknowledged = afterCommand(firingIncident(), { type: 'acknowledge' });
  const stale = afterEvents(acknowledged, ...answered(acknowledged, 12 * HOURS, []));
  expect(stale.projection.timeline.at(-1)).toMatchObject({
    kind: 'alerts-stale',
    text: 'No reports about CheckoutFails for 12 h; alertmanager has silenced or dropped it.',
  });
  expect(stale.outbox.notices.at(-1)).toMatchObject({ about: 'alerts-stale', to: ['ana'] });
  expect(stale.phase).toBe('investigating');
  expect(toView(stale)).toMatchObject({ firingCount: 1, alerts: [{ status: 'firing', stale: 'gone' }] });
  expect(stale.projection.changedAlerts.map(({ fingerprint }) => fingerprint)).toContain('f1');

  expect(nextStale(stale)?.at).toBe(atMinute(24 * HOURS));
  const again = afterEvents(stale, ...answered(stale, 24 * HOURS, []));
  expect([again.projection.seq, again.outbox.lastNumber]).toEqual([stale.projection.seq, stale.outbox.lastNumber]);
  expect(nextStale(again)?.at).toBe(atMinute(36 * HOURS));
});

test('[LIFE-25] nobody has acknowledged: whoever was paged is asked', () => {
  const paged = { ...firingIncident(), escalation: { ...firingIncident().escalation, paged: ['ana', 'bo'] } };
  const stale = afterEvents(paged, ...answered(paged, 12 * HOURS, [], 'unknown'));
  expect(stale.projection.timeline.at(-1)?.text).toBe(
    'No reports about CheckoutFails for 12 h; alertmanager could not be asked.',
  );
  expect(stale.outbox.notices.at(-1)?.to).toEqual(['ana', 'bo']);
});

test('[LIFE-25] a later report takes the mark away, so does its end; a new start that goes stale is said again', () => {
  const stale = afterEvents(firingIncident(), ...answered(firingIncident(), 12 * HOURS, []));
  const repeated = afterAlerts(stale, 13 * HOURS, [{}]).incident;
  expect(toView(repeated).alerts[0]).not.toHaveProperty('stale');
  expect(nextStale(repeated)?.at).toBe(atMinute(25 * HOURS));
  const cleared = afterAlerts(stale, 13 * HOURS, [{ status: 'resolved', endsAt: 1 }]).incident;
  expect(toView(cleared).alerts[0]).not.toHaveProperty('stale');
  const anew = afterAlerts(stale, 13 * HOURS, [{ startsAt: 2_000 }]).incident;
  const staleAgain = afterEvents(anew, ...answered(anew, 25 * HOURS, []));
  expect(staleAgain.projection.timeline.filter(({ kind }) => kind === 'alerts-stale').length).toBe(2);
});

test('what was reported while the source was asked is left alone', () => {
  const due = nextStale(firingIncident()) as SourceQuestion;
  const repeated = afterAlerts(firingIncident(), 12 * HOURS, [{}]).incident;
  expect(eventsFromSourceAnswer(repeated, due, { firing: [], answer: 'gone' }, atMinute(12 * HOURS + 1))).toEqual([]);
});

test('a source with a repeat interval of seconds is not asked all the time', () => {
  const { incident } = afterAlerts(declaredIncident(), 0, [{}], { staleAfterMs: 3_000 });
  const stale = afterEvents(incident, ...answered(incident, 1, []));
  expect(nextStale(stale)?.at).toBe(atMinute(6));
});

test('[ALERT-13] an alert whose series has vanished goes on counting as firing, and a person is asked once', () => {
  const gone = afterAlerts(firingIncident(), 5, [{ status: 'resolved', vanished: true }]);
  expect(gone.events).toMatchObject([
    { type: 'alerts-stale', answer: 'vanished', unreportedMs: 0, newlyStale: ['f1'] },
  ]);
  expect(gone.incident).toMatchObject({ phase: 'declared', alerts: { states: { f1: { status: 'firing' } } } });
  expect(gone.incident.projection.timeline.at(-1)?.text).toMatch(
    /because the rule or its data changed, not because all is well/,
  );
  const again = afterAlerts(gone.incident, 6, [{ status: 'resolved', vanished: true }]).incident;
  expect(again.projection.seq).toBe(gone.incident.projection.seq);
  expect(afterAlerts(again, 7, [{ status: 'resolved' }]).incident.phase).toBe('monitoring');
  expect(
    afterAlerts(firingIncident(), 5, [{ fingerprint: 'other', status: 'resolved', vanished: true }]).events,
  ).toEqual([]);
});
