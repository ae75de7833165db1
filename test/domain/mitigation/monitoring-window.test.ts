import { describe, expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { awaitsLateAlertsUntil, nextInMonitoring } from '../../../domain/mitigation/monitoring-window.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  T0,
  afterCommand,
} from '../../support/pure-incident.ts';

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;
const taken = (severity: 'SEV2' | 'SEV3' = 'SEV2') =>
  afterCommand(firingIncident({ severity }), { type: 'acknowledge' });
const FORWARD = {
  type: 'decideMitigation',
  decision: 'fix-forward',
  ticks: ['minor', 'understood', 'faster'],
} as const;
const DONE = { type: 'resolve', resolution: 'done' } as const;

function next(incident: Incident): string | null {
  const due = nextInMonitoring(incident);
  return due && `${due.act} ${(due.at - T0) / 60_000}`;
}

test('[LIFE-2] the watch lasts 30 min, after a rollback as well, and 60 after a fix forward', () => {
  const watch = (incident: Incident) => next(afterCommand(incident, { ...DONE, ignoreAlerts: ['f1'] }, 5));
  const back = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 2);
  expect([watch(taken()), watch(back), watch(afterCommand(taken(), FORWARD, 2))]).toEqual([
    'resolve 35',
    'resolve 35',
    'resolve 65',
  ]);
});

describe('[LIFE-4] a watch that clearing alerts opened', () => {
  const cleared = (incident: Incident) => afterAlerts(incident, 5, [CLEAR]).incident;
  test('asks the IC of an acknowledged SEV2, once', () => {
    expect(next(cleared(taken()))).toBe('ask 35');
    expect(next(afterEvents(cleared(taken()), { type: 'confirmation-requested', at: atMinute(35) }))).toBeNull();
  });
  test('[LIFE-3] ends once it is confirmed, at its time or at once if that has passed', () => {
    expect(next(afterCommand(cleared(taken()), DONE, 20))).toBe('resolve 35');
    expect(next(afterCommand(cleared(taken()), DONE, 50))).toBe('resolve 35');
  });
  test('ends by itself for a SEV3, and where nobody had it', () => {
    expect(next(cleared(taken('SEV3')))).toBe('resolve 35');
    expect(next(cleared(firingIncident()))).toBe('resolve 35');
  });
});

test('[LIFE-5] [ALERT-11] nothing ends while an alert fires that nobody ignored by name, however long it is silent', () => {
  const watched = afterCommand(taken(), DONE, 5);
  expect(next(watched)).toBeNull();
  expect(next(afterCommand(watched, { ...DONE, ignoreAlerts: ['CheckoutFails'] }, 100))).toBe('resolve 35');
  expect(next(afterAlerts(watched, 50, [CLEAR]).incident)).toBe('resolve 35');
});

describe('[LIFE-10] [ALERT-10] [ALERT-11] a run that is over remembers its alerts', () => {
  const falseAlarm = { type: 'declareFalseAlarm', reason: 'a load test' } as const;
  const left = (incident: Incident) => (awaitsLateAlertsUntil(incident) - T0) / 60_000;
  test('10 min after the last resolved', () => {
    expect(left(afterAlerts(afterCommand(taken(), falseAlarm, 5), 50, [CLEAR]).incident)).toBe(60);
  });
  test('until all that still fire are stale: 12 h after they were last heard of', () => {
    const over = afterCommand(taken(), falseAlarm, 5);
    expect(left(over)).toBe(12 * 60);
    expect(left(afterAlerts(over, 60, [{}]).incident)).toBe(13 * 60);
  });
  test('and one without alerts ends at once', () => {
    expect(left(afterCommand(declaredIncident({ declaredBy: 'ana' }), falseAlarm, 5))).toBe(5);
  });
});

test('[LIFE-6] a return during the watch reopens: mitigating if somebody had it, declared again if nobody did', () => {
  const back = (incident: Incident) =>
    afterAlerts(afterAlerts(incident, 5, [CLEAR]).incident, 9, [{ startsAt: 5_000 }]).incident;
  expect(back(taken())).toMatchObject({
    phase: 'mitigating',
    mitigation: { monitoringWindow: null, mitigatedAt: null },
  });
  expect(back(firingIncident())).toMatchObject({ phase: 'declared', mitigation: { monitoringWindow: null } });
});
