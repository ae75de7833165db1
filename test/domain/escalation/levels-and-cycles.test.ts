/** The chain: what is due next, and how long each level lasts. */
import { describe, expect, test } from '@jest/globals';
import {
  escalationEvents,
  startNextLevel,
  levelLengthMs,
  methodOfAttempt,
  nextEscalationStep,
  nextLevelWhenRaised,
  nextLevelWhenVacant,
} from '../../../domain/escalation/escalation.ts';
import { evolve } from '../../../domain/engine/evolve.ts';
import type { Escalation, EscalationState, Incident } from '../../../domain/kernel/incident.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { Policy, SeverityPolicy } from '../../../domain/kernel/policy.ts';
import type { Severity } from '../../../domain/kernel/severity.ts';
import { aPolicy } from '../../support/builders.ts';
import { firingIncident } from '../../support/pure-incident.ts';
import { declaredIncident, takeNextStep, acceptAllPages } from '../escalation-steps.ts';

const MIN = 60_000;

function rules(severity: Severity, over: Partial<SeverityPolicy>, policy: Partial<Policy> = {}): Policy {
  const base = aPolicy(policy);
  return { ...base, severities: { ...base.severities, [severity]: { ...base.severities[severity], ...over } } };
}
/** A chain somewhere on its way. */
const chained = (chain: Partial<EscalationState>, over: Partial<Declaration> = {}): Incident => {
  const incident = declaredIncident(over);
  return { ...incident, escalation: { ...incident.escalation, ...chain } };
};
const midway = {
  level: 1,
  cycleInRun: 1,
  cycle: 1,
  nextLevelAt: 15 * MIN,
  rulesStartedAt: 0,
  attemptsMade: 1,
} as const;

describe('nobody is paged next', () => {
  test.each<[string, Incident]>([
    ['where somebody has it', chained({ ...midway, open: false })],
    ['where nobody is left to page', chained({ ...midway, exhausted: true })],
    ['[PAGE-4] for a SEV4', firingIncident({ severity: 'SEV4' })],
    ['[PAGE-28] by a test that has paged', chained(midway, { test: true })],
  ])('%s', (_what, incident) => expect(nextEscalationStep(incident)).toBeNull());
  test('[PAGE-28] a test pages once', () => {
    expect(nextEscalationStep(declaredIncident({ test: true }))).toEqual({ act: 'next-level', at: 0 });
  });
});

describe('[PAGE-42] where an outside service owns the escalation', () => {
  const owned = (
    chain: Partial<EscalationState>,
    over: Partial<Escalation> = {},
    policy: Partial<Policy> = {},
  ): Incident => {
    const owner = aPolicy({ owner: 'pd', levels: [['pd'], ['bo']], ...policy });
    const incident = chained({ ...midway, ...chain }, { policy: owner });
    return { ...incident, escalation: { ...incident.escalation, ...over } };
  };
  const isDue = (incident: Incident): boolean => nextEscalationStep(incident) !== null;
  test('the chain stands by while that service has the page', () => {
    expect(isDue(owned({ pagedInCycle: ['pd'] }))).toBe(false);
  });
  test('it goes on while that service was not reached, though others were', () => {
    expect([isDue(owned({})), isDue(owned({ pagedInCycle: ['bo'] }))]).toEqual([true, true]);
  });
  test('it goes on from a later level, and once whoever had it there is silent', () => {
    expect(isDue(owned({ level: 2, pagedInCycle: ['pd'] }))).toBe(true);
    const silence = { stage: 'escalated', at: 1 } as const;
    expect(isDue(owned({ pagedInCycle: ['pd'] }, { inactivity: silence }))).toBe(true);
    expect(isDue(owned({ pagedInCycle: ['pd'] }, { inactivity: { ...silence, stage: 'paged' } }))).toBe(false);
  });
  test('a team that escalates by itself, or has no levels, waits for no service', () => {
    expect(isDue(owned({ pagedInCycle: ['pd'] }, {}, { owner: null }))).toBe(true);
    expect(isDue(owned({ pagedInCycle: ['pd'] }, {}, { levels: [] }))).toBe(true);
  });
});

test('[PAGE-7] a step that falls together with the next level is left out', () => {
  const together = chained({ ...midway, nextLevelAt: 2 * MIN }, { severity: 'SEV1' });
  expect(nextEscalationStep(together)).toEqual({ act: 'next-level', at: 2 * MIN });
  expect(nextEscalationStep(chained({ ...midway, nextLevelAt: 2 * MIN + 1 }, { severity: 'SEV1' }))?.act).toBe(
    'next-attempt',
  );
});

describe('[PAGE-32] what fell due while no worker was up', () => {
  const begun = (over: Partial<Declaration> = {}) =>
    takeNextStep(declaredIncident({ severity: 'SEV1', ...over })).incident;
  const kinds = (incident: Incident, minute: number, lateMs = 0) =>
    escalationEvents(incident, { act: 'next-attempt', at: minute * MIN }, minute * MIN + lateMs).map((event) =>
      event.type === 'level-extended' ? `extended to ${event.nextLevelAt / MIN}` : event.type,
    );
  test('a page that has not left is waited for, when it is late by more than a timer’s drift', () => {
    expect(kinds(begun(), 2, 5_000)).toEqual(['notification-rule-due']);
    expect(kinds(begun(), 2, 5_001)).toEqual(['extended to 5']);
  });
  test('a page that has left is followed by the next step, however late', () => {
    expect(kinds(acceptAllPages(begun(), 1), 2, 60_000)).toEqual(['notification-rule-due']);
  });
  test('the level that is over at that very moment has its full time anew', () => {
    expect(kinds(begun(), 2, 3 * MIN)).toEqual(['extended to 10']);
    const endless = begun({ policy: rules('SEV1', { escalateEveryMs: null }) });
    expect(kinds(endless, 2, 3 * MIN)).toEqual(['extended to 20']);
  });
  test('a level that is due at that very moment goes before its last step', () => {
    expect(kinds(acceptAllPages(begun(), 1), 4, MIN)).toEqual(['level-started']);
  });
  test('only the page that opened this very level is waited for', () => {
    const [opening] = begun().outbox.pages.filter(({ startsLevel }) => startsLevel);
    if (opening === undefined) throw new Error('nobody is paged');
    const others = [
      { ...opening, startsLevel: false },
      { ...opening, cycle: 7 },
      { ...opening, targets: opening.targets.map((target) => ({ ...target, level: 3 })) },
      { ...opening, accepted: ['a key'] },
    ];
    for (const order of others) {
      const incident = { ...begun(), outbox: { ...begun().outbox, pages: [order] } };
      expect(kinds(incident, 2, 60_000)).toEqual(['notification-rule-due']);
    }
  });
});

describe('[PAGE-5] [PAGE-6] the notification rules', () => {
  const steps = (severity: Severity, methods: number | null, over: Partial<SeverityPolicy> = {}) => {
    let incident = chained({ ...midway, methods, nextLevelAt: 19 * MIN }, { severity, policy: rules(severity, over) });
    const found: string[] = [];
    for (let next = nextEscalationStep(incident); next?.act === 'next-attempt'; next = nextEscalationStep(incident)) {
      found.push(`${next.at / MIN}:${methodOfAttempt(incident, incident.escalation.attemptsMade)}`);
      incident = {
        ...incident,
        escalation: { ...incident.escalation, attemptsMade: incident.escalation.attemptsMade + 1 },
      };
    }
    return found.join(' ');
  };
  test('of a SEV1 tries all at once, every two minutes', () => {
    expect(steps('SEV1', 3)).toBe('2:all 4:all 6:all 8:all 10:all 12:all 14:all 16:all 18:all');
  });
  test('of a SEV2 tries one after the other, and begins again at +8', () => {
    expect(steps('SEV2', 3)).toBe('2:1 4:2 8:0 10:1 12:2 16:0 18:1');
    expect(steps('SEV2', 1)).toBe('8:0 16:0');
    // Nobody knows yet how many there are: as many as fit.
    expect(steps('SEV2', null)).toBe('2:1 4:2 6:3 8:0 10:1 12:2 14:3 16:0 18:1');
    expect(steps('SEV2', 0)).toBe('8:0 16:0');
    // More than fit before the repeat: the rest is left out.
    expect(steps('SEV2', 6)).toBe('2:1 4:2 6:3 8:0 10:1 12:2 14:3 16:0 18:1');
  });
  test('[PAGE-3] of a SEV3 tries each method once', () => {
    expect(steps('SEV3', 2)).toBe('10:1');
    expect(steps('SEV3', 1)).toBe('');
    expect(steps('SEV3', null)).toBe('10:1');
  });
  test('that repeats sooner than it steps repeats its first method', () => {
    expect(
      steps('SEV2', 3, { notificationRules: { allAtOnce: false, stepEveryMs: 9 * MIN, repeatEveryMs: 6 * MIN } }),
    ).toBe('6:0 12:0 18:0');
  });
  test('of all methods at once has no second step where it does not repeat', () => {
    expect(
      steps('SEV1', 3, { notificationRules: { allAtOnce: true, stepEveryMs: 2 * MIN, repeatEveryMs: null } }),
    ).toBe('');
  });
});

describe('[PAGE-12] [PAGE-13] at the end of a pass', () => {
  const ended = (severity: Severity, pass: number, over: Partial<Declaration> = {}) =>
    startNextLevel(
      chained({ ...midway, level: 3, cycleInRun: pass, cycle: pass + 4 }, { severity, ...over }),
      50 * MIN,
      50 * MIN,
    );
  test('a SEV1 or SEV2 begins again, all levels together, for ever', () => {
    expect(ended('SEV2', 40)).toMatchObject([
      { type: 'escalation-exhausted', cycle: 44, last: false },
      { type: 'level-started', cycleInRun: 41, cycle: 45, level: 3, together: true, reason: 'escalation' },
    ]);
  });
  test('a SEV3 begins again once, from level 1, and then has nobody left', () => {
    expect(ended('SEV3', 1)).toMatchObject([
      { type: 'escalation-exhausted', last: false },
      { type: 'level-started', cycleInRun: 2, cycle: 6, level: 1, together: false },
    ]);
    expect(ended('SEV3', 2)).toEqual([{ type: 'escalation-exhausted', at: 50 * MIN, cycle: 6, last: true }]);
  });
  test('[PAGE-28] a test has nobody left after its only pass', () => {
    expect(ended('SEV2', 1, { test: true })).toMatchObject([{ type: 'escalation-exhausted', last: true }]);
  });
});

describe('[PAGE-7] how long a level lasts', () => {
  const minutes = (severity: Severity, pass: number, level: number, over: Partial<SeverityPolicy> = {}) =>
    levelLengthMs(declaredIncident({ severity, policy: rules(severity, over) }), { cycleInRun: pass, level }) / MIN;
  test('the first of all one acknowledgement time, each later one an escalation time', () => {
    const apart = { acknowledgeWithinMs: 7 * MIN, escalateEveryMs: 4 * MIN };
    expect([minutes('SEV1', 1, 1, apart), minutes('SEV1', 1, 2, apart), minutes('SEV1', 2, 1, apart)]).toEqual([
      7, 4, 4,
    ]);
  });
  test('a quarter of an hour where the policy has no such time: a chain never spins', () => {
    expect([minutes('SEV4', 1, 1), minutes('SEV4', 1, 2)]).toEqual([15, 15]);
  });
  test.each([
    [0, 15],
    [4_999, 15],
    [5_000, 15 + 5 / 60],
    [90_000, 16.5],
  ])('a level that begins %d ms late lasts until minute %d', (lateMs, until) => {
    const [begun] = startNextLevel(chained({ nextLevelAt: 0 }), 0, lateMs);
    expect(begun?.type === 'level-started' && begun.nextLevelAt / MIN).toBe(until);
  });
});

describe('[PAGE-8] where nobody is there', () => {
  const next = (level: number, over: Partial<SeverityPolicy> = {}) =>
    nextLevelWhenVacant(
      chained({ ...midway, level, cycleStartedAt: 10 * MIN }, { policy: rules('SEV2', over) }),
      12 * MIN,
    ) / MIN;
  test('the next level begins at once', () => expect([next(1), next(2)]).toEqual([12, 12]));
  test('but no pass is shorter than one escalation time', () => {
    expect([next(3), next(4)]).toEqual([25, 25]);
    expect(next(3, { escalateEveryMs: null })).toBe(25);
    expect(next(3, { escalateEveryMs: MIN })).toBe(12);
  });
});

describe('[SEV-7] raised while nobody has it, the next level is due at the later of both promises', () => {
  const next = (level: number, changedAt: number, over: Partial<SeverityPolicy> = {}) => {
    const raised = nextLevelWhenRaised(
      chained({ ...midway, level }, { severity: 'SEV1', policy: rules('SEV1', over) }),
      changedAt * MIN,
    );
    return raised === null ? null : raised / MIN;
  };
  test('declaration + its time', () => {
    const slow = { acknowledgeWithinMs: 20 * MIN, escalateEveryMs: 30 * MIN };
    expect([next(1, 0, slow), next(2, 0, slow), next(3, 0, slow)]).toEqual([20, 50, 80]);
    expect(next(0, 0, slow)).toBe(20);
    expect(next(3, 0, { ...slow, escalateEveryMs: null })).toBe(20);
  });
  test('change + the new time', () => expect([next(1, 40), next(3, 40)]).toEqual([45, 45]));
  test('none, where that severity has no time', () => expect(next(1, 40, { acknowledgeWithinMs: null })).toBeNull());
});

test('the first page says why: on call, or raised', () => {
  const reason = (incident: Incident) =>
    startNextLevel(incident, 9 * MIN, 9 * MIN).map((event) => 'reason' in event && event.reason);
  expect(reason(chained({}))).toEqual(['on-call']);
  expect(reason({ ...chained({}), severityChangedAt: 9 * MIN })).toEqual(['severity-raised']);
  expect(reason({ ...chained(midway), severityChangedAt: 9 * MIN })).toEqual(['escalation']);
});

describe('[PAGE-32] steps that were missed are left out, all of them', () => {
  const stepped = (atMs: number, over: Partial<SeverityPolicy> = {}): number | undefined => {
    const incident = chained({ ...midway, nextLevelAt: 19 * MIN }, { severity: 'SEV1', policy: rules('SEV1', over) });
    const next = nextEscalationStep(evolve(incident, { type: 'notification-rule-due', at: atMs, dueAt: 2 * MIN }));
    return next === null ? undefined : next.at / MIN;
  };
  test.each([
    [2, 4],
    [2.1, 4],
    [4, 6],
    [4.5, 6],
    [7.9, 8],
    [8, 10],
    [18.5, 19],
  ])('taken at minute %d, the next thing is due at minute %d', (minute, next) => {
    expect(stepped(minute * MIN)).toBe(next);
  });
  test('notification rules without any time between their steps end all the same', () => {
    const notificationRules = { allAtOnce: true, stepEveryMs: 0, repeatEveryMs: 0 };
    expect(stepped(2 * MIN, { notificationRules })).toBeDefined();
  });
});
