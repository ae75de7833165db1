/** What an incident remembers of its alerts. */
import { expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
  recordedUpTo,
} from '../../support/pure-incident.ts';
import { alertCount } from '../../../domain/kernel/queries.ts';

const HOUR = 3_600_000;
const CLEAR = { status: 'resolved', endsAt: atMinute(4) } as const;
const named = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ fingerprint: `f${from + n}`, startsAt: atMinute(from + n) }));

test('[ALERT-12] fifty are kept with labels, however many messages bring them; those that are known keep theirs', () => {
  const first = afterAlerts(declaredIncident(), 0, named(0, 30)).incident;
  const full = afterAlerts(first, 1, named(30, 80)).incident;
  expect(Object.keys(full.alerts.details)).toHaveLength(50);
  expect(Object.keys(full.alerts.details)).toEqual(named(0, 50).map(({ fingerprint }) => fingerprint));
  // Fires anew, with other labels: they replace the ones it had, and take no room of another.
  const labels = { alertname: 'Anew' };
  const anew = afterAlerts(full, 90, [{ fingerprint: 'f3', startsAt: atMinute(89), labels }]).incident;
  expect(anew.alerts.details['f3']?.labels).toEqual(labels);
  expect(Object.keys(anew.alerts.details)).toHaveLength(50);
  const late = afterAlerts(anew, 91, [{ fingerprint: 'f60', startsAt: atMinute(90), labels }]).incident;
  expect(late.alerts.details).not.toHaveProperty('f60');
  const known = afterAlerts(afterAlerts(declaredIncident(), 0, named(0, 49)).incident, 90, [
    { fingerprint: 'f3', startsAt: atMinute(89) },
    { fingerprint: 'last' },
  ]).incident;
  expect(Object.keys(known.alerts.details)).toContain('last');
});

test('an alert is kept as it was told, and marked only when another source tells of it', () => {
  const incident = afterAlerts(declaredIncident(), 2, [{ startsAt: atMinute(1) }], { staleAfterMs: HOUR }).incident;
  const state = {
    fingerprint: 'f1',
    status: 'firing',
    startsAt: atMinute(1),
    endsAt: null,
    lastReportedAt: atMinute(2),
    receivedAt: atMinute(2),
    severity: 'SEV2',
  };
  expect(incident.alerts.states).toStrictEqual({ f1: { ...state, staleAfterMs: HOUR, ignored: false } });
  const other = afterAlerts(declaredIncident(), 2, [{ startsAt: atMinute(1) }], {
    staleAfterMs: HOUR,
    source: 'grafana',
  }).incident;
  expect(other.alerts.states).toEqual({ f1: { ...state, staleAfterMs: HOUR, ignored: false, source: 'grafana' } });
});

test('its end changes what ended, and nothing else of it: another source still has its mark, and its stale limit', () => {
  const fired = afterAlerts(declaredIncident(), 2, [{ startsAt: atMinute(1) }], {
    staleAfterMs: HOUR,
    source: 'grafana',
  }).incident;
  const ended = afterAlerts(fired, 5, [{ ...CLEAR, startsAt: atMinute(1) }], {
    staleAfterMs: HOUR,
    source: 'grafana',
  }).incident;
  expect(ended.alerts.states['f1']).toEqual({
    ...{
      fingerprint: 'f1',
      status: 'resolved',
      startsAt: atMinute(1),
      endsAt: atMinute(4),
      lastReportedAt: atMinute(5),
    },
    ...{ staleAfterMs: HOUR, ignored: false, source: 'grafana', receivedAt: atMinute(5), severity: 'SEV2' },
  });
});

test('an end that says no time ended when it was heard of, and an end of what was never told is kept, whole', () => {
  const incident = afterAlerts(firingIncident(), 5, [{ status: 'resolved', endsAt: null }]).incident;
  expect(incident.alerts.states['f1']?.endsAt).toBe(atMinute(5));
  // Also without a start of its own, and whatever it is called.
  const unknownOne = { ...CLEAR, fingerprint: 'toString', startGuessed: true, startsAt: atMinute(3) };
  const unknown = afterAlerts(firingIncident(), 5, [unknownOne]).incident;
  expect(Object.entries(unknown.alerts.states).at(-1)?.[1]).toEqual({
    ...{
      fingerprint: 'toString',
      status: 'resolved',
      startsAt: atMinute(3),
      endsAt: atMinute(4),
      lastReportedAt: atMinute(5),
    },
    ...{ staleAfterMs: 0, ignored: false, receivedAt: atMinute(5) },
  });
});

test('an alert that was ignored by name stays ignored by its end and by its repeats, not when it fires anew', () => {
  const ignored = afterCommand(firingIncident(), { type: 'resolve', resolution: 'known', ignoreAlerts: ['f1'] }, 2);
  const isIgnored = (incident: Incident) => incident.alerts.states['f1']?.ignored;
  expect(isIgnored(ignored)).toBe(true);
  expect(isIgnored(afterAlerts(ignored, 3, [{}]).incident)).toBe(true);
  expect(isIgnored(afterAlerts(ignored, 3, [CLEAR]).incident)).toBe(true);
  expect(isIgnored(afterAlerts(ignored, 3, [{ startsAt: atMinute(3) }]).incident)).toBe(false);
});

test('what is said of an alert that is not known makes none up', () => {
  const unknownOnes = ['f9', '__proto__', 'toString'];
  const incident = afterEvents(
    firingIncident(),
    { type: 'alerts-seen', at: atMinute(1), fingerprints: unknownOnes, truncated: 0 },
    {
      type: 'alerts-stale',
      at: atMinute(1),
      fingerprints: unknownOnes,
      answer: 'gone',
      newlyStale: unknownOnes,
      source: 'x',
      unreportedMs: 1,
    },
    { type: 'alerts-ignored', at: atMinute(1), by: 'ana', fingerprints: unknownOnes },
  );
  expect(incident.alerts.states).toEqual(firingIncident().alerts.states);
});

test('the incident was detected when the first of its alerts began, in whatever order they are told', () => {
  const incident = afterAlerts(declaredIncident(), 9, [
    { startsAt: atMinute(-3) },
    { fingerprint: 'f2', startsAt: atMinute(-7) },
  ]).incident;
  expect(incident.alerts.detectedAt).toBe(atMinute(-7));
  expect(afterAlerts(incident, 9, [{ fingerprint: 'f3', startsAt: atMinute(2) }]).incident.alerts.detectedAt).toBe(
    atMinute(-7),
  );
  expect(declaredIncident().alerts.detectedAt).toBeNull();
});

test('[LIFE-12] reopened by a person: an end that was known before does not begin the watch again', () => {
  const cleared = afterAlerts(afterCommand(firingIncident(), { type: 'acknowledge' }), 5, [CLEAR]).incident;
  const reopened = afterCommand(cleared, { type: 'reopen', reason: 'still slow' }, 6);
  expect(afterAlerts(reopened, 7, [CLEAR]).kinds).toEqual([]);
});

test('[ALERT-5] one alert left out is enough to wait for the whole, and the whole is enough to go on', () => {
  const cut = afterAlerts(firingIncident(), 5, [CLEAR], { truncated: 1 }).incident;
  expect(cut.phase).toBe('declared');
  expect(afterAlerts(cut, 6, [CLEAR]).kinds).toEqual(['alerts-seen', 'monitoring-started']);
});

test('once it is over nobody joins it, and pages of the edge are none of its own', () => {
  const over = afterCommand(firingIncident(), { type: 'declareFalseAlarm', reason: 'a test load' }, 2);
  const page = { to: 'ana', method: 'webhook', key: 'bg/1', at: atMinute(3), incidentId: 'E9' };
  const group = { workflowId: 'inc-x', title: 'x', severity: 'SEV2', service: null } as const;
  expect(afterAlerts(over, 4, [{}], { alreadyPaged: [page], groups: [group] }).kinds).toEqual(['alerts-seen']);
});

test('[LIFE-6] a return names the first five that are back', () => {
  const watched = afterCommand(firingIncident(), { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 2);
  const back = Array.from({ length: 7 }, (_, n) => ({ fingerprint: `g${n}`, title: `t${n}`, startsAt: atMinute(3) }));
  expect(afterAlerts(watched, 4, back).events.find(({ type }) => type === 'recurred')).toMatchObject({
    titles: ['t0', 't1', 't2', 't3', 't4'],
  });
});

test('[ALERT-9] the line of a raise says which alert is how bad', () => {
  const worse = [
    { fingerprint: 'f2', title: 'slow' },
    { fingerprint: 'f3', title: 'down', severity: 'SEV1' as const },
  ];
  expect(afterAlerts(firingIncident(), 4, worse).events.at(-1)).toMatchObject({
    to: 'SEV1',
    reason: 'down is SEV1',
    by: null,
  });
});

test('[ALERT-5] one message may tell of the same alert more than once: the latest counts', () => {
  const twice = afterAlerts(declaredIncident(), 9, [{ startsAt: atMinute(1) }, { startsAt: atMinute(5) }]).incident;
  expect(twice.alerts.states['f1']?.startsAt).toBe(atMinute(5));
});

test('a sender whose clock is ahead: the start is the time of receipt, and its repeats and its end are the same alert', () => {
  const sent = { sentStartsAt: atMinute(20) };
  const first = afterAlerts(declaredIncident(), 2, [{ startsAt: atMinute(2), startGuessed: true, ...sent }]).incident;
  const again = afterAlerts(first, 5, [{ startsAt: atMinute(5), startGuessed: true, ...sent }]);
  expect(again.events.map(({ type }) => type)).toEqual(['alerts-seen']);
  // By now our clock has passed the start that was sent.
  const caughtUp = afterAlerts(again.incident, 30, [{ startsAt: atMinute(20) }]);
  expect(caughtUp.events.map(({ type }) => type)).toEqual(['alerts-seen']);
  const ended = afterAlerts(caughtUp.incident, 31, [{ ...CLEAR, startsAt: atMinute(20) }]).incident;
  expect(ended.alerts.states['f1']).toMatchObject({ status: 'resolved', startsAt: atMinute(2), ...sent });
  const anew = afterAlerts(caughtUp.incident, 40, [{ startsAt: atMinute(35) }]);
  expect(anew.events.map(({ type }) => type)).toEqual(['alerts-fired']);
});

test('[ALERT-21] ten minutes after it resolved an alert is forgotten and only counted: labels with a value in them do not grow the state', () => {
  let incident = firingIncident();
  for (let n = 1; n <= 300; n += 1) {
    const valued = { fingerprint: `v${n}`, startsAt: atMinute(n), labels: { alertname: 'Valued', value: String(n) } };
    incident = afterAlerts(incident, n, [valued]).incident;
    incident = afterAlerts(incident, n + 0.5, [{ ...valued, ...CLEAR }]).incident;
    incident = afterEvents(incident, recordedUpTo(incident.stateVersion));
  }
  expect(Object.keys(incident.alerts.states).length).toBeLessThan(15);
  expect(Object.keys(incident.alerts.details).length).toBeLessThan(15);
  expect(alertCount(incident)).toBe(301);
  const cleared = afterAlerts(incident, 301, [CLEAR]).incident;
  expect(cleared.phase).toBe('monitoring');
  // Forgotten, it fires as an alert that nobody knows.
  expect(afterAlerts(cleared, 320, [{ fingerprint: 'v1' }]).kinds).toEqual(['alerts-fired', 'recurred']);
});

test('[ALERT-21] what the records, a merge target or a storm still need stays', () => {
  const cleared = afterAlerts(firingIncident(), 1, [{ ...CLEAR }, { fingerprint: 'f2' }]).incident;
  expect(afterAlerts(cleared, 30, [{ fingerprint: 'f2' }]).incident.alerts.states).toHaveProperty('f1');
  const recorded = afterEvents(cleared, recordedUpTo(cleared.stateVersion));
  expect(afterAlerts(recorded, 30, [{ fingerprint: 'f2' }]).incident.alerts.states).not.toHaveProperty('f1');
  expect(afterAlerts(recorded, 9, [{ fingerprint: 'f2' }]).incident.alerts.states).toHaveProperty('f1');
});

test('[ALERT-12] the details of all alerts together stay below 512 kB', () => {
  const large = (n: number) => ({ fingerprint: `f${n}`, annotations: { text: 'x'.repeat(100_000) } });
  const incident = afterAlerts(declaredIncident(), 0, [1, 2, 3, 4, 5, 6, 7].map(large)).incident;
  expect(Object.keys(incident.alerts.details)).toEqual(['f1', 'f2', 'f3', 'f4', 'f5']);
  expect(Object.keys(incident.alerts.states)).toHaveLength(7);
});
