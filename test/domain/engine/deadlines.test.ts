/** The deadlines of the view: what an engineer sees will happen next, unless somebody does something. */
import { describe, expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { deadlines, projectionOf, shownAlert, toTimeline, toView } from '../../../domain/engine/to-view.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  recordedUpTo,
  T0,
  afterCommand,
} from '../../support/pure-incident.ts';

const next = (incident: Incident): readonly string[] =>
  deadlines(incident).map(({ kind, at: due, text }) => `${(due - T0) / 60_000} ${kind}: ${text}`);
const taken = (over: Partial<Declaration> = {}): Incident =>
  afterCommand(firingIncident(over), { type: 'acknowledge' }, 2);
const begun = (level: number, minute: number, over: Partial<Declaration> = {}): Incident =>
  afterEvents(firingIncident(over), {
    ...{
      type: 'level-started',
      at: atMinute(minute),
      cycleInRun: 1,
      cycle: 1,
      level,
      together: false,
      reason: 'on-call',
    },
    ...{ dueAt: atMinute(minute), nextLevelAt: atMinute(minute + 15) },
  });

describe('of the chain', () => {
  test('before the first page: when level 1 is paged', () => {
    expect(next(firingIncident({ severity: 'SEV3' }))).toContain(
      '60 escalation: level 1 is paged unless somebody acknowledges',
    );
  });

  test('the notification rules of the level first, then the next level', () => {
    expect(next(begun(1, 0)).filter((line) => !line.includes('update'))).toEqual([
      '2 page-again: level 1 is paged again',
      '15 escalation: level 2 is paged unless somebody acknowledges',
      '30 public-entry: first public entry due, once somebody acknowledges',
    ]);
  });

  test('behind the last level it starts again, or ends', () => {
    expect(next(begun(3, 30))).toContain('45 escalation: all levels are paged again unless somebody acknowledges');
    const last = begun(3, 30, { severity: 'SEV3' });
    const second = { ...last, escalation: { ...last.escalation, cycleInRun: 2 } };
    expect(next(last)).toContain('45 escalation: level 1 is paged again unless somebody acknowledges');
    expect(next(second)).toContain('45 escalation: the escalation ends: nobody is left to page');
    expect(next(begun(2, 15))).toContain('30 escalation: level 3 is paged unless somebody acknowledges');
  });

  test('none, once somebody has it', () => {
    expect(next(taken()).join()).not.toMatch(/escalation|page-again/);
  });
});

test('of the silence: what follows at each stage', () => {
  const asked = afterEvents(taken(), { type: 'inactivity-nudged', at: atMinute(62) });
  const paged = afterEvents(asked, { type: 'inactivity-paged', at: atMinute(72) });
  expect(next(taken())).toContain('62 inactivity: those who have it are asked whether they are still on it');
  expect(next(asked)).toContain('72 inactivity: they are paged unless there is activity first');
  expect(next(paged)).toContain('87 inactivity: the next level is paged unless there is activity first');
});

test('of the watch: resolved, confirmed, or the end of a test', () => {
  const cleared = (incident: Incident): Incident => afterAlerts(incident, 5, [{ status: 'resolved' }]).incident;
  expect(next(cleared(taken()))).toContain('35 monitoring-end: the IC is asked to confirm that it is over');
  expect(next(cleared(firingIncident()))).toEqual(['35 monitoring-end: resolves if no alert fires before then']);
  expect(next(firingIncident({ test: true }))).toContain('10 monitoring-end: the test ends');
});

test('of the public: the first entry, when it is owed', () => {
  expect(next(taken())[0]).toBe('2 public-entry: first public entry');
  const begunThere = afterEvents(taken(), {
    type: 'public-communication-started',
    at: atMinute(2),
    reason: 'acknowledged',
  });
  expect(next(begunThere)).toContain('32 public-update: public update due');
  expect(next(begunThere).join()).not.toContain('public-entry');
});

test('[SEV-14] of a SEV4: the business day by which it is to be acknowledged', () => {
  const day = {
    type: 'business-day-set',
    at: atMinute(1),
    dueAt: atMinute(2_640),
    timeZone: 'UTC',
    tzdata: '2026a',
  } as const;
  expect(next(afterEvents(firingIncident({ severity: 'SEV4' }), day))).toEqual([
    '2640 acknowledge: to be acknowledged, else the ticket and the chat are reminded',
  ]);
});

describe('[LIFE-21] of what is left to do', () => {
  const resolved = (over: Partial<Declaration> = {}): Incident =>
    afterEvents(afterCommand(taken(over), { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 5), {
      ...{ type: 'resolved', at: atMinute(35) },
    });
  const planned = (incident: Incident, minute: number): Incident => {
    const day = (ahead: number) => ({ at: atMinute(minute + ahead * 1_440), date: `2026-11-2${2 + ahead}` });
    const days = [day(0), day(1), day(2)] as const;
    return afterEvents(incident, {
      type: 'review-planned',
      at: atMinute(35),
      from: atMinute(35),
      days,
      timeZone: 'UTC',
      tzdata: '2026a',
    });
  };

  test('the draft within two hours, the post-mortem within 48', () => {
    expect(next(resolved())).toEqual([
      '155 draft: export and post-mortem draft due',
      '2915 postmortem: post-mortem due',
    ]);
    expect(next(afterEvents(resolved(), { type: 'draft-ready', at: atMinute(36) }))).toEqual([
      '2915 postmortem: post-mortem due',
    ]);
    expect(next(afterCommand(resolved(), { type: 'completePostmortem' }, 40)).join()).not.toContain('postmortem');
    expect(next(resolved({ severity: 'SEV3' }))).toEqual([]);
  });

  test('the reminder, where there is something to remind of', () => {
    expect(next(planned(resolved(), 60))).toContain('60 reminder: reminder of what is left to do');
    const done = afterCommand(planned(resolved(), 60), { type: 'completePostmortem' }, 40);
    expect(next(done).join()).not.toContain('reminder');
    const item = afterCommand(
      resolved({ severity: 'SEV3' }),
      { type: 'addActionItem', text: 'watch it', due: '2026-11-22' },
      40,
    );
    expect(next(planned(item, 60))).toEqual(['60 reminder: reminder of what is left to do']);
  });

  test('none once it is closed, or once the post-incident flow has it', () => {
    expect(next(afterCommand(resolved(), { type: 'close' }, 40))).toEqual([]);
    expect(next({ ...resolved(), postIncident: { ...resolved().postIncident, handedOver: true } })).toEqual([]);
  });

  test('the view says by when the post-mortem is owed, and who has done it', () => {
    expect(toView(resolved()).postmortem).toEqual({
      ...{ dueAt: new Date(atMinute(2_915)).toISOString(), doneAt: null, doneBy: null, url: null },
    });
    const url = 'https://wiki.example.com/pm';
    const done = afterCommand(resolved({ severity: 'SEV3' }), { type: 'completePostmortem', url, by: 'bo' }, 50);
    expect(toView(done).postmortem).toEqual({
      dueAt: null,
      doneAt: new Date(atMinute(50)).toISOString(),
      doneBy: 'bo',
      url,
    });
    expect(toView(taken()).postmortem).toBeNull();
  });
});

describe('the view', () => {
  test('counts what fires apart from what there was', () => {
    const two = afterAlerts(taken(), 3, [{ fingerprint: 'f2' }]).incident;
    const one = afterAlerts(two, 4, [{ fingerprint: 'f2', status: 'resolved', endsAt: 5_000 }]).incident;
    expect(toView(one)).toMatchObject({ alertCount: 2, firingCount: 1 });
    expect(toView(one).alerts.map(({ status, endsAt }) => [status, endsAt])).toEqual([
      ['firing', null],
      ['resolved', '1970-01-01T00:00:05.000Z'],
    ]);
  });

  test('says when what happened, and nothing of what has not', () => {
    const fixed = afterCommand(
      afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3),
      {
        ...{ type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] },
      },
      5,
    );
    const iso = (minute: number): string => new Date(atMinute(minute)).toISOString();
    expect(toView(fixed)).toMatchObject({
      ...{ declaredAt: iso(0), acknowledgedAt: iso(2), acknowledgedBy: 'ana', mitigationStartedAt: iso(3) },
      ...{ mitigatedAt: iso(5), resolvedAt: null, closedAt: null, resolution: 'done', decision: 'rollback' },
      ...{ acknowledgeDueAt: iso(15), publicDueAt: iso(30), wentPublic: false, channel: null, ticket: null },
    });
    expect(toView(afterEvents(fixed, { type: 'resolved', at: atMinute(35) })).resolvedAt).toBe(iso(35));
    expect(
      projectionOf(afterEvents(taken(), { type: 'public-communication-started', at: atMinute(2), reason: 'x' }))
        .wentPublic,
    ).toBe(true);
  });

  test('shows action items with their times', () => {
    const item = afterCommand(taken(), { type: 'addActionItem', text: 'watch it' }, 4);
    expect(toView(item).actionItems).toMatchObject([{ addedAt: new Date(atMinute(4)).toISOString(), doneAt: null }]);
    const done = afterCommand(item, { type: 'completeActionItem', item: 'A1' }, 6);
    expect(toView(done).actionItems).toMatchObject([{ doneAt: new Date(atMinute(6)).toISOString() }]);
  });

  test('names channel and ticket once vendors have made them', () => {
    const made = afterEvents(taken(), {
      ...recordedUpTo(0),
      type: 'notification-accepted',
      refs: { channel: '#inc', ticket: 'OPS-1' },
    } as never);
    expect(toView(made)).toMatchObject({ channel: '#inc', ticket: 'OPS-1' });
  });

  test('[LIFE-22] of a merged incident says where it goes on, and whether that is over', () => {
    const into = { workflowId: 'inc-b', incidentId: 'E-b', reference: null, name: '"B"', component: null };
    const merged = afterEvents(taken(), { type: 'merged', at: atMinute(3), by: 'ana', into });
    expect(toView(merged)).toMatchObject({ mergedInto: 'E-b', mergedTo: { workflowId: 'inc-b', isOver: false } });
    expect(toView(afterEvents(merged, { type: 'merge-target-closed', at: atMinute(4) }))).toMatchObject({
      mergedTo: { isOver: true },
    });
    expect(toView(taken())).not.toHaveProperty('mergedTo');
  });

  test('has no alert of which nothing is kept, whatever it is called', () => {
    expect(shownAlert(declaredIncident(), 'constructor')).toEqual([]);
    const incident = taken();
    expect(shownAlert({ ...incident, alerts: { ...incident.alerts, details: {} } }, 'f1')).toEqual([]);
    expect(shownAlert(taken(), 'f1')).toHaveLength(1);
  });

  test('the timeline is whole as long as the records lack it', () => {
    const long = Array.from({ length: 60 }, (_, n) => n).reduce(
      (incident, n) => afterEvents(incident, { type: 'note-added', at: atMinute(n), by: 'ana', text: `note ${n}` }),
      declaredIncident({ policy: aPolicy() }),
    );
    expect(toTimeline(long)).toMatchObject({ cut: 0 });
    expect(toTimeline(long).timeline.map(({ seq }) => seq)).toEqual(Array.from({ length: 61 }, (_, n) => n + 1));
    expect(toTimeline({ ...long, projection: { ...long.projection, timeline: [], pending: [] } })).toEqual({
      timeline: [],
      cut: 0,
    });
  });
});
