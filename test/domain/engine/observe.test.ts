import { describe, expect, test } from '@jest/globals';
import { DETAILED_ALERTS } from '../../../domain/kernel/alert.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
const taken = () => afterCommand(firingIncident(), { type: 'acknowledge' });

describe('[ALERT-5] state goes forward only, for each fingerprint and start', () => {
  const cleared = afterAlerts(taken(), 2, [CLEAR]).incident;
  /** Received a minute before the end. */
  const late = { receivedAt: atMinute(1) };
  test.each([
    ['the same firing, received before', late, []],
    ['an older firing, received before', { startsAt: 500, ...late }, []],
    ['the same firing, received after it', {}, ['alerts-fired', 'recurred']],
    ['a firing that started earlier, received after it', { startsAt: 500 }, ['alerts-fired', 'recurred']],
    ['the same end again', CLEAR, []],
    ['a later firing', { startsAt: 5_000 }, ['alerts-fired', 'recurred']],
    ['the end of a later firing that was missed', { ...CLEAR, startsAt: 5_000 }, ['alerts-cleared']],
  ])('after its end, %s', (_what, alert, kinds) => {
    expect(afterAlerts(cleared, 3, [alert]).kinds).toEqual(kinds);
  });
  test('a missed firing, once its end is known, does not fire any more', () => {
    const later = afterAlerts(cleared, 3, [{ ...CLEAR, startsAt: 5_000 }]).incident;
    expect(afterAlerts(later, 4, [{ startsAt: 5_000, receivedAt: atMinute(2) }]).kinds).toEqual([]);
  });
  test('firing and its end in one message are over', () => {
    expect(afterAlerts(taken(), 2, [{ fingerprint: 'f2' }, { ...CLEAR, fingerprint: 'f2' }]).incident.phase).toBe(
      'investigating',
    );
  });
});

test('[ALERT-6] without a start of its own, a repeat is the same firing while it fires', () => {
  const guessed = afterAlerts(declaredIncident(), 0, [{ startGuessed: true }]).incident;
  expect(afterAlerts(guessed, 1, [{ startGuessed: true, startsAt: 60_000 }]).kinds).toEqual(['alerts-seen']);
  const cleared = afterAlerts(guessed, 2, [{ ...CLEAR, startGuessed: true, startsAt: 120_000 }]).incident;
  expect(afterAlerts(cleared, 3, [{ ...CLEAR, startGuessed: true, startsAt: 180_000 }]).kinds).toEqual([]);
  expect(afterAlerts(cleared, 3, [{ startGuessed: true, startsAt: 180_000 }]).kinds).toEqual([
    'alerts-fired',
    'recurred',
  ]);
});

test('[ALERT-5] a message that leaves alerts out never clears; the next whole one does, though it says nothing new', () => {
  const cut = afterAlerts(taken(), 2, [CLEAR], { truncated: 4 });
  expect(cut.kinds).toEqual(['alerts-seen', 'alerts-cleared', 'alerts-left-out']);
  expect(afterAlerts(cut.incident, 3, [CLEAR], { truncated: 2 }).kinds).toEqual(['alerts-seen']);
  expect(afterAlerts(cut.incident, 3, [CLEAR]).kinds).toEqual(['alerts-seen', 'monitoring-started']);
});

test('[ALERT-9] a worse alert raises, also one that was milder before; an equal or milder one does not', () => {
  expect(afterAlerts(taken(), 2, [{ fingerprint: 'f2', severity: 'SEV1' }]).kinds).toEqual([
    'alerts-fired',
    'severity-changed',
  ]);
  expect(afterAlerts(taken(), 2, [{ fingerprint: 'f2', severity: 'SEV2' }]).kinds).toEqual(['alerts-fired']);
  expect(afterAlerts(taken(), 2, [{ fingerprint: 'f2', severity: 'SEV4' }]).kinds).toEqual(['alerts-fired']);
  expect(afterAlerts(taken(), 2, [{ severity: 'SEV1' }]).kinds).toEqual([
    'alert-changed',
    'alerts-seen',
    'severity-changed',
  ]);
  expect(afterAlerts(taken(), 2, [{}]).kinds).toEqual(['alerts-seen']);
});

test('[ALERT-12] the labels of 50 alerts are kept, and the state of all others', () => {
  const many = Array.from({ length: 200 }, (_, n) => ({ fingerprint: `f${n}`, startsAt: n + 1 }));
  const { incident } = afterAlerts(declaredIncident(), 0, many);
  expect(Object.keys(incident.alerts.details)).toHaveLength(DETAILED_ALERTS);
  expect(Object.keys(incident.alerts.states)).toHaveLength(200);
  const cleared = afterAlerts(
    incident,
    1,
    many.slice(0, 199).map((alert) => ({ ...alert, ...CLEAR })),
  ).incident;
  expect(cleared.phase).toBe('declared');
  expect(afterAlerts(cleared, 2, [{ ...many[199], ...CLEAR }]).incident.phase).toBe('monitoring');
});

test('a fingerprint may be any word of JavaScript', () => {
  const words = ['__proto__', 'constructor', 'toString'].map((fingerprint) => ({ fingerprint }));
  const { incident } = afterAlerts(declaredIncident(), 0, words);
  expect(Object.keys(incident.alerts.states)).toHaveLength(3);
  expect(
    afterAlerts(
      incident,
      1,
      words.map((word) => ({ ...word, ...CLEAR })),
    ).incident.phase,
  ).toBe('monitoring');
});

test('[LIFE-9] once it is over, a firing received after the end is for a new incident, and an older one for nobody', () => {
  const over = afterEvents(
    afterCommand(afterAlerts(taken(), 2, [CLEAR]).incident, { type: 'resolve', resolution: 'done' }),
    {
      type: 'resolved',
      at: atMinute(40),
    },
  );
  expect(afterAlerts(over, 41, [{ receivedAt: atMinute(1) }]).recurring).toEqual([]);
  expect(afterAlerts(over, 41, [{}]).recurring).toHaveLength(1);
  expect(afterAlerts(over, 41, [{ startsAt: 5_000 }]).recurring.map(({ startsAt }) => startsAt)).toEqual([5_000]);
  expect(afterAlerts(over, 41, [{ startsAt: 5_000 }]).kinds).toEqual([]);
});

test('[LIFE-7] four returns within an hour flap; four in more do not', () => {
  const comeBack = (everyMinutes: number) => {
    let incident = taken();
    for (let n = 1; n <= 4; n += 1) {
      incident = afterAlerts(incident, n * everyMinutes, [{ ...CLEAR, startsAt: n * 1_000 }]).incident;
      incident = afterAlerts(incident, n * everyMinutes, [{ startsAt: (n + 1) * 1_000 }]).incident;
    }
    return incident.alerts.flapping;
  };
  expect([comeBack(19), comeBack(21)]).toEqual([true, false]);
});
