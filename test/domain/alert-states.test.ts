/** What an incident remembers of its alerts. */
import { expect, test } from '@jest/globals';
import type { Incident } from '../../domain/incident.ts';
import { after, alarmed, at, declared, heard, told } from '../support/play.ts';

const HOUR = 3_600_000;
const CLEAR = { status: 'resolved', endsAt: at(4) } as const;
const named = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => ({ fingerprint: `f${from + n}`, startsAt: at(from + n) }));

test('[ALERT-12] fifty are kept with labels, however many messages bring them; those that are known keep theirs', () => {
  const first = heard(declared(), 0, named(0, 30)).incident;
  const full = heard(first, 1, named(30, 80)).incident;
  expect(Object.keys(full.details)).toHaveLength(50);
  expect(Object.keys(full.details)).toEqual(named(0, 50).map(({ fingerprint }) => fingerprint));
  // Fires anew, with other labels: they replace the ones it had, and take no room of another.
  const labels = { alertname: 'Anew' };
  const anew = heard(full, 90, [{ fingerprint: 'f3', startsAt: at(89), labels }]).incident;
  expect(anew.details['f3']?.labels).toEqual(labels);
  expect(Object.keys(anew.details)).toHaveLength(50);
  const late = heard(anew, 91, [{ fingerprint: 'f60', startsAt: at(90), labels }]).incident;
  expect(late.details).not.toHaveProperty('f60');
  const known = heard(heard(declared(), 0, named(0, 49)).incident, 90, [
    { fingerprint: 'f3', startsAt: at(89) },
    { fingerprint: 'last' },
  ]).incident;
  expect(Object.keys(known.details)).toContain('last');
});

test('an alert is kept as it was told, and marked only when another source tells of it', () => {
  const incident = heard(declared(), 2, [{ startsAt: at(1) }], { staleAfterMs: HOUR }).incident;
  const state = { fingerprint: 'f1', status: 'firing', startsAt: at(1), endsAt: null, seenAt: at(2) };
  expect(incident.alerts).toStrictEqual({ f1: { ...state, staleAfterMs: HOUR, ignored: false } });
  const other = heard(declared(), 2, [{ startsAt: at(1) }], { staleAfterMs: HOUR, source: 'grafana' }).incident;
  expect(other.alerts).toEqual({ f1: { ...state, staleAfterMs: HOUR, ignored: false, source: 'grafana' } });
});

test('its end changes what ended, and nothing else of it: another source still has its mark, and its stale limit', () => {
  const fired = heard(declared(), 2, [{ startsAt: at(1) }], { staleAfterMs: HOUR, source: 'grafana' }).incident;
  const ended = heard(fired, 5, [{ ...CLEAR, startsAt: at(1) }], { staleAfterMs: HOUR, source: 'grafana' }).incident;
  expect(ended.alerts['f1']).toEqual({
    ...{ fingerprint: 'f1', status: 'resolved', startsAt: at(1), endsAt: at(4), seenAt: at(5) },
    ...{ staleAfterMs: HOUR, ignored: false, source: 'grafana' },
  });
});

test('an end that says no time ended when it was heard of, and an end of what was never told is kept, whole', () => {
  const incident = heard(alarmed(), 5, [{ status: 'resolved', endsAt: null }]).incident;
  expect(incident.alerts['f1']?.endsAt).toBe(at(5));
  // Also without a start of its own, and whatever it is called.
  const unknownOne = { ...CLEAR, fingerprint: 'toString', startGuessed: true, startsAt: at(3) };
  const unknown = heard(alarmed(), 5, [unknownOne]).incident;
  expect(Object.entries(unknown.alerts).at(-1)?.[1]).toEqual({
    ...{ fingerprint: 'toString', status: 'resolved', startsAt: at(3), endsAt: at(4), seenAt: at(5) },
    ...{ staleAfterMs: 0, ignored: false },
  });
});

test('an alert that was ignored by name stays ignored by its end and by its repeats, not when it fires anew', () => {
  const ignored = told(alarmed(), { type: 'resolve', resolution: 'known', ignoreAlerts: ['f1'] }, 2);
  const isIgnored = (incident: Incident) => incident.alerts['f1']?.ignored;
  expect(isIgnored(ignored)).toBe(true);
  expect(isIgnored(heard(ignored, 3, [{}]).incident)).toBe(true);
  expect(isIgnored(heard(ignored, 3, [CLEAR]).incident)).toBe(true);
  expect(isIgnored(heard(ignored, 3, [{ startsAt: at(3) }]).incident)).toBe(false);
});

test('what is said of an alert that is not known makes none up', () => {
  const unknownOnes = ['f9', '__proto__', 'toString'];
  const incident = after(
    alarmed(),
    { type: 'alerts-seen', at: at(1), fingerprints: unknownOnes, truncated: 0 },
    {
      type: 'alerts-stale',
      at: at(1),
      fingerprints: unknownOnes,
      answer: 'gone',
      news: unknownOnes,
      source: 'x',
      silentMs: 1,
    },
    { type: 'alerts-ignored', at: at(1), by: 'ana', fingerprints: unknownOnes },
  );
  expect(incident.alerts).toEqual(alarmed().alerts);
});

test('the incident was detected when the first of its alerts began, in whatever order they are told', () => {
  const incident = heard(declared(), 9, [{ startsAt: at(-3) }, { fingerprint: 'f2', startsAt: at(-7) }]).incident;
  expect(incident.detectedAt).toBe(at(-7));
  expect(heard(incident, 9, [{ fingerprint: 'f3', startsAt: at(2) }]).incident.detectedAt).toBe(at(-7));
  expect(declared().detectedAt).toBeNull();
});

test('[LIFE-12] reopened by a person: an end that was known before does not begin the watch again', () => {
  const cleared = heard(told(alarmed(), { type: 'acknowledge' }), 5, [CLEAR]).incident;
  const reopened = told(cleared, { type: 'reopen', reason: 'still slow' }, 6);
  expect(heard(reopened, 7, [CLEAR]).kinds).toEqual([]);
});

test('[ALERT-5] one alert left out is enough to wait for the whole, and the whole is enough to go on', () => {
  const cut = heard(alarmed(), 5, [CLEAR], { truncated: 1 }).incident;
  expect(cut.phase).toBe('declared');
  expect(heard(cut, 6, [CLEAR]).kinds).toEqual(['alerts-seen', 'monitoring-started']);
});

test('once it is over nobody joins it, and pages of the edge are none of its own', () => {
  const over = told(alarmed(), { type: 'declareFalseAlarm', reason: 'a test load' }, 2);
  const page = { to: 'ana', method: 'webhook', key: 'bg/1', at: at(3), incidentId: 'E9' };
  const group = { workflowId: 'inc-x', title: 'x', severity: 'SEV2', service: null } as const;
  expect(heard(over, 4, [{}], { alreadyPaged: [page], groups: [group] }).kinds).toEqual(['alerts-seen']);
});

test('[LIFE-6] a return names the first five that are back', () => {
  const watched = told(alarmed(), { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 2);
  const back = Array.from({ length: 7 }, (_, n) => ({ fingerprint: `g${n}`, title: `t${n}`, startsAt: at(3) }));
  expect(heard(watched, 4, back).events.find(({ type }) => type === 'recurred')).toMatchObject({
    titles: ['t0', 't1', 't2', 't3', 't4'],
  });
});

test('[ALERT-9] the line of a raise says which alert is how bad', () => {
  const worse = [
    { fingerprint: 'f2', title: 'slow' },
    { fingerprint: 'f3', title: 'down', severity: 'SEV1' as const },
  ];
  expect(heard(alarmed(), 4, worse).events.at(-1)).toMatchObject({ to: 'SEV1', reason: 'down is SEV1', by: null });
});

test('[ALERT-5] one message may tell of the same alert more than once: the latest counts', () => {
  const twice = heard(declared(), 9, [{ startsAt: at(1) }, { startsAt: at(5) }]).incident;
  expect(twice.alerts['f1']?.startsAt).toBe(at(5));
});
