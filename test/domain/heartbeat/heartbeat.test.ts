/** What silence means: the rules of a dead-man's switch, minute by minute. */
import type { HeartbeatSetting, HeartbeatState } from '../../../domain/heartbeat/heartbeat.ts';
import {
  acted,
  beaten,
  heartbeatText,
  judgeHeartbeat,
  listened,
  listeningEveryMs,
  MISSED_STALE_AFTER_MS,
  missedAlert,
  withMissed,
  newHeartbeat,
} from '../../../domain/heartbeat/heartbeat.ts';
import { aDeclaration } from '../../support/builders.ts';

const T0 = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (minutes: number): number => T0 + minutes * MINUTE;
const setting = (over: Partial<HeartbeatSetting> = {}): HeartbeatSetting => ({
  ...{ name: 'Watchdog', everyMs: 5 * MINUTE, graceMs: 5 * MINUTE, declaration: aDeclaration() },
  ...over,
});
const began = newHeartbeat(setting(), T0);
/** A server listened from then until then. */
const heard = (state: HeartbeatState, from: number, until: number): HeartbeatState =>
  listened(state, { since: at(from), at: at(until) }, at(until));
const beat = (state: HeartbeatState, minute: number, since = 0): HeartbeatState =>
  beaten(state, { at: at(minute), since: at(since) }, at(minute));
const act = (state: HeartbeatState, minute: number) => judgeHeartbeat(state, at(minute)).act;

test('[HEART-1] silent is what was not heard of for its time and its grace', () => {
  const state = heard(beat(began, 3), 0, 12.9);
  expect(judgeHeartbeat(state, at(12))).toEqual({ act: null, lookAt: at(13) });
  expect(act(state, 13)).toBe('raise');
});

test('[HEART-1] its alert fires from its last beat until it beats, told again every four hours, and never goes stale', () => {
  const silent = withMissed(heard(beat(began, 3), 0, 13), at(13));
  const alert = missedAlert(silent.setting, silent.missed, null);
  expect(alert).toMatchObject({ status: 'firing', startsAt: at(3), endsAt: null, fingerprint: 'heartbeat:Watchdog' });
  expect(act(heard(silent, 0, 240), 252)).toBe(null);
  expect(act(heard(silent, 0, 240), 253)).toBe('repeat');
  const back = beat(silent, 260);
  expect(act(back, 260)).toBe('clear');
  expect(missedAlert(back.setting, silent.missed, back.lastBeatAt)).toMatchObject({
    ...{ status: 'resolved', startsAt: at(3), endsAt: at(260), fingerprint: 'heartbeat:Watchdog' },
  });
});

test('[HEART-2] nothing is concluded while nobody says that he listens', () => {
  const state = heard(beat(began, 3), 0, 6);
  for (const minute of [13, 14, 60, 23 * 60]) expect(act(state, minute)).toBe(null);
  // The same server was there all the time, and nobody could say so.
  expect(act(heard(state, 0, 60), 60)).toBe('raise');
});

test('[HEART-2] after a gap in which nobody listened the whole time counts anew', () => {
  const state = heard(heard(beat(began, 3), 0, 6), 60, 60);
  expect(judgeHeartbeat(state, at(60))).toEqual({ act: null, lookAt: at(70) });
  expect(act(heard(state, 60, 70), 70)).toBe('raise');
});

test('[HEART-2] of several servers one that listened is enough, whichever speaks first after a restart', () => {
  const restarted = heard(beat(began, 3), 8, 8);
  expect(judgeHeartbeat(restarted, at(8)).lookAt).toBe(at(18));
  expect(judgeHeartbeat(heard(restarted, -60, 9), at(9)).lookAt).toBe(at(13));
});

test('[HEART-2] words that come late or from a clock that is wrong move nothing back or into the future', () => {
  const state = heard(heard(began, 0, 6), 60, 61);
  expect(listened(state, { since: at(1), at: at(2) }, at(61)).heard).toEqual(state.heard);
  expect(listened(state, { since: at(90), at: at(95) }, at(61)).heard).toEqual({ from: at(60), until: at(61) });
  expect(beaten(beat(state, 61), { at: at(30), since: at(30) }, at(62)).lastBeatAt).toBe(at(61));
  expect(beaten(state, { at: at(90), since: at(0) }, at(62)).lastBeatAt).toBe(at(62));
});

test('[HEART-2] a heartbeat that is new to a server of long standing, and a new rhythm, count from their beginning', () => {
  const young = listened(newHeartbeat(setting(), at(100)), { since: T0, at: at(101) }, at(101));
  expect(judgeHeartbeat(young, at(101)).lookAt).toBe(at(110));
  const slow = beat(newHeartbeat(setting({ everyMs: HOUR, graceMs: HOUR }), T0), 1);
  const quick = listened(slow, { since: T0, at: at(50), setting: setting() }, at(50));
  expect(judgeHeartbeat(quick, at(50)).lookAt).toBe(at(60));
  const renamed = listened(quick, { since: T0, at: at(55), setting: setting({ declaration: aDeclaration() }) }, at(55));
  expect(judgeHeartbeat(renamed, at(55)).lookAt).toBe(at(60));
});

test.each([
  [1_000, 1_000, 1_000],
  [5 * MINUTE, 5 * MINUTE, 100_000],
  [HOUR, 3 * MINUTE, MINUTE],
  [24 * HOUR, 24 * HOUR, 5 * MINUTE],
])('[HEART-2] every %i ms with %i ms of grace: a server speaks every %i ms', (everyMs, graceMs, ms) => {
  expect(listeningEveryMs({ everyMs, graceMs })).toBe(ms);
});

test('[HEART-4] forgotten by every server it ends after a day; while it is silent it waits for its beat a month', () => {
  const state = heard(beat(began, 3), 0, 6);
  expect(judgeHeartbeat(state, at(7)).lookAt).toBe(at(13));
  expect(judgeHeartbeat(state, at(60))).toEqual({ act: null, lookAt: at(6 + 24 * 60) });
  expect(act(state, 6 + 24 * 60)).toBe('end');
  const silent = withMissed(heard(state, 0, 13), at(13));
  expect(act(silent, 13 + 29 * 24 * 60)).toBe('repeat');
  expect(act(silent, 13 + 30 * 24 * 60)).toBe('end');
  expect(act(beat(silent, 13 + 30 * 24 * 60), 13 + 30 * 24 * 60)).toBe('clear');
});

test('whoever is paged reads what was expected', () => {
  expect(heartbeatText(setting({ everyMs: 26 * HOUR, graceMs: 90_000 }), T0)).toBe(
    'Nothing was heard of Watchdog since 2026-11-21T12:00:00Z; a beat is expected every 26 h, 1 min 30 s late at the most. ' +
      'What sends it may be down, and alerts with it.',
  );
});

test('[HEART-2] short gaps do not put it off for ever: twice its time in all is enough', () => {
  const daily = newHeartbeat(setting({ everyMs: 24 * HOUR, graceMs: 2 * HOUR }), T0);
  const day = 24 * 60;
  // A restart each day: a minute in which nobody listened.
  const days = [0, 1, 2, 3].reduce((state, n) => heard(state, n * day + 1, (n + 1) * day), daily);
  expect(act(days, 4 * day)).toBe('raise');
  // One gap in the first day alone raises nothing before the whole time has passed again.
  expect(act(heard(heard(daily, 0, 60), 90, 60 + day), 60 + day)).toBeNull();
});

test('[HEART-2] a grace that is longer than the time, and the other way round, count together', () => {
  const state = beat(newHeartbeat(setting({ everyMs: 7 * MINUTE, graceMs: 2 * MINUTE }), T0), 3);
  expect(judgeHeartbeat(heard(state, 0, 5), at(5)).lookAt).toBe(at(12));
});

test('[HEART-2] a new time alone, or a new grace alone, is a new rhythm: what came before counts for nothing', () => {
  const old = setting({ everyMs: 20 * MINUTE, graceMs: 20 * MINUTE });
  const looksAt = (over: Partial<HeartbeatSetting>) => {
    // Two stretches, so that some listening lies before the present one.
    const twice = heard(heard(beat(newHeartbeat(old, T0), 1), 0, 30), 40, 41);
    const changed = listened(twice, { since: at(40), at: at(42), setting: { ...old, ...over } }, at(42));
    return (judgeHeartbeat(changed, at(42)).lookAt - T0) / MINUTE;
  };
  expect([looksAt({ everyMs: 10 * MINUTE }), looksAt({ graceMs: 10 * MINUTE })]).toEqual([72, 72]);
  // The same rhythm goes on: 29 min of 80 in all are gone, and the 40 min of the present stretch end sooner.
  expect(looksAt({})).toBe(80);
});

test('[HEART-2] stretches that touch are one, and what lies before a beat does not count', () => {
  expect(heard(heard(began, 0, 6), 6, 8).heard).toEqual({ from: at(0), until: at(8) });
  expect(heard(heard(began, 5, 8), 2, 5).heard).toEqual({ from: at(2), until: at(8) });
  const apart = heard(heard(beat(began, 3), 0, 6), 7, 8);
  expect(apart.earlierMs).toBe(3 * MINUTE);
  expect(beat(apart, 8, 7).earlierMs).toBe(0);
  expect(heard(apart, 7, 9).earlierMs).toBe(3 * MINUTE);
  // Before its first beat it is listened for from the beginning.
  expect(heard(heard(began, 0, 6), 7, 8).earlierMs).toBe(6 * MINUTE);
});

test('[HEART-2] it is silent only while a server has said within two of its words that it listens', () => {
  const state = heard(beat(newHeartbeat(setting({ everyMs: 3 * MINUTE, graceMs: 3 * MINUTE }), T0), 0), 0, 8);
  // A server speaks each minute.
  expect([act(state, 10), act(state, 10.01)]).toEqual(['raise', null]);
});

test('[HEART-2] many short stretches add up, and the last of them need not be long', () => {
  const stretches = [0, 10, 20, 30].reduce((state, from) => heard(state, from, from + 6), began);
  // 18 of the 20 minutes in all had passed when the last began.
  expect(judgeHeartbeat(stretches, at(31))).toEqual({ act: null, lookAt: at(32) });
  const over = heard(stretches, 40, 41);
  expect([judgeHeartbeat(over, at(40)).act, judgeHeartbeat({ ...over, earlierMs: 90 * MINUTE }, at(41)).act]).toEqual([
    'raise',
    'raise',
  ]);
});

test('a beat from before anything was known is the first', () => {
  expect(beat(began, 2).lastBeatAt).toBe(at(2));
  expect(beaten(began, { at: at(2), since: at(1) }, at(2)).heard).toEqual({ from: at(1), until: at(2) });
  expect(began).toMatchObject({ lastBeatAt: null, missed: null });
});

describe('[HEART-1] once its incident is told', () => {
  const silent = withMissed(heard(beat(began, 3), 0, 13), at(13));
  test('the silence began with the last beat, and is told to the incident of that time', () => {
    const told = { since: at(3), lastBeatAt: at(3), workflowId: 'inc-platform-0001', signaledAt: at(13) };
    expect(acted(heard(beat(began, 3), 0, 13), 'raise', at(13)).missed).toEqual(told);
    const moved = { ...silent, setting: setting({ declaration: aDeclaration({ workflowId: 'inc-other-1' }) }) };
    expect(acted(moved, 'repeat', at(260))).toEqual({ ...moved, missed: { ...told, signaledAt: at(260) } });
  });
  test('it is over when it beat, and nothing else is forgotten', () => {
    const back = beat(silent, 20);
    expect(acted(back, 'clear', at(20))).toEqual({ ...back, missed: null });
  });
  test('the alert has a start of its own, and names its service, where it has one', () => {
    const alert = (service: string | null) =>
      missedAlert(setting({ declaration: aDeclaration({ service }) }), silent.missed, null);
    expect(alert('payments')).toMatchObject({ startGuessed: false, labels: { service: 'payments' } });
    expect(alert(null).labels).toStrictEqual({ alertname: 'HeartbeatMissed', heartbeat: 'Watchdog' });
  });
  test('what it is told goes stale after three repeats: twelve hours', () => {
    expect(MISSED_STALE_AFTER_MS).toBe(12 * HOUR);
  });
});

test.each([
  [90_000, '1 min 30 s'],
  [5 * MINUTE, '5 min'],
  [90 * MINUTE, '1 h 30 min'],
  [HOUR, '1 h'],
  [1_500, '2 s'],
])('a time of %i ms is read as %s', (everyMs, text) => {
  expect(heartbeatText(setting({ everyMs }), T0)).toContain(`expected every ${text}, 5 min late`);
});
