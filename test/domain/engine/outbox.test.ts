/** What an event owes the outside: who is paged by what, and what waits to be told. */
import { describe, expect, test } from '@jest/globals';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { PageRequest, PageReason } from '../../../domain/kernel/outbox.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';

const ack = { type: 'acknowledge' } as const;
const CLEAR = { status: 'resolved', endsAt: atMinute(4) } as const;

const begin = (level: number, minute: number, over: object = {}): IncidentEvent => ({
  ...{
    type: 'level-started',
    at: atMinute(minute),
    cycleInRun: 1,
    cycle: 1,
    level,
    together: false,
    reason: 'on-call',
  },
  ...{ dueAt: atMinute(minute), nextLevelAt: atMinute(minute + 15), ...over },
});
const reached = (incident: Incident, minute: number, ...people: readonly string[]): Incident => {
  const order = incident.outbox.pages.at(-1);
  if (order === undefined) throw new Error('nobody is paged');
  const deliveries = people.map((to) => ({
    ...{ at: atMinute(minute), to, method: 'sms', key: `${order.n}/${to}`, state: 'accepted' as const, reason: null },
    level: order.targets[0]?.level ?? 1,
  }));
  return afterEvents(incident, {
    ...{
      type: 'paged',
      at: atMinute(minute),
      requestNumber: order.n,
      deliveries,
      methods: 2,
      unknown: [],
      again: false,
    },
  });
};
const page = (incident: Incident, reason?: PageReason): PageRequest | undefined =>
  incident.outbox.pages.findLast((order) => reason === undefined || order.reason === reason);
const reasons = ({ outbox }: Incident): readonly PageReason[] => outbox.pages.map(({ reason }) => reason);
/** Level 1 began at once and reached ana. */
const paged = (over: Partial<Declaration> = {}): Incident =>
  reached(afterEvents(firingIncident(over), begin(1, 0)), 1, 'ana');

describe('[PAGE-11] [PAGE-12] who is left out of a level’s page', () => {
  test('nobody of the first; of the next in the pass whoever was reached', () => {
    expect(page(afterEvents(firingIncident(), begin(1, 0)))?.except).toEqual([]);
    expect(page(afterEvents(paged(), begin(2, 15)))?.except).toEqual(['ana']);
  });
  test('nobody of the next pass: it begins with everybody', () => {
    const second = { cycleInRun: 2, cycle: 2, together: true, reason: 'escalation' };
    expect(page(afterEvents(paged(), begin(3, 45, second)))).toMatchObject({
      except: [],
      targets: [{ level: 1 }, { level: 2 }, { level: 3 }],
    });
  });
  test('[PAGE-40] whom the edge has paged; but not of a storm, which names more than the edge knew', () => {
    const byEdge: IncidentEvent = {
      ...{ type: 'fallback-paged', at: atMinute(0), incidentIds: ['E9'] },
      deliveries: [{ at: atMinute(0), to: 'ana', method: 'sms', key: 'bg/1', state: 'accepted', reason: null }],
    };
    expect(page(afterEvents(firingIncident(), byEdge, begin(1, 1)))?.except).toEqual(['ana']);
    expect(page(afterEvents(declaredIncident({ storm: true }), byEdge, begin(1, 1)))?.except).toEqual([]);
  });
});

describe('[PAGE-16] leadership', () => {
  test('is not told what level 1 is being paged for, until somebody has it: then all of leadership is', () => {
    const sev1 = { type: 'setSeverity', severity: 'SEV1', reason: 'worse' } as const;
    expect(page(declaredIncident({ severity: 'SEV1' }), 'leadership')).toMatchObject({
      method: 'all',
      except: ['onCall'],
    });
    expect(page(afterCommand(afterCommand(firingIncident(), ack), sev1, 2), 'leadership')?.except).toEqual([]);
  });
  test('is paged also where no level is named', () => {
    expect(page(declaredIncident({ severity: 'SEV1', policy: aPolicy({ levels: [] }) }), 'leadership')?.except).toEqual(
      [],
    );
  });
});

describe('[SEV-9] raised by an alert', () => {
  const worse = (incident: Incident) => afterAlerts(incident, 9, [{ fingerprint: 'f2', severity: 'SEV1' }]).incident;
  test('on an acknowledged incident its IC is paged by every method', () => {
    expect(page(worse(afterCommand(firingIncident(), ack)), 'severity-raised')).toMatchObject({
      ...{ targets: [{ level: 0, names: ['ana'] }], method: 'all', except: [], startsLevel: false, dueAt: atMinute(9) },
    });
  });
  test('in the watch the IC is paged for the return, and not once more for the raise', () => {
    const watched = afterCommand(
      afterCommand(firingIncident(), ack),
      { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] },
      3,
    );
    expect(reasons(worse(watched)).filter((reason) => reason !== 'leadership')).toEqual(['recurrence']);
  });
  test('[SEV-8] raised by a person it pages leadership alone', () => {
    const raised = afterCommand(
      afterCommand(firingIncident(), ack),
      { type: 'setSeverity', severity: 'SEV1', reason: 'worse' },
      9,
    );
    expect(reasons(raised)).toEqual(['leadership']);
  });
  test('[SEV-7] while nobody has it, level 1 is paged by its first method; where nobody was paged yet the chain begins', () => {
    const sev2 = (incident: Incident) => afterAlerts(incident, 61, [{ fingerprint: 'f2', severity: 'SEV2' }]).incident;
    const sev3 = firingIncident({ severity: 'SEV3' });
    const raised = sev2(reached(afterEvents(sev3, begin(1, 60)), 60, 'ana'));
    expect(page(raised)).toMatchObject({
      ...{ reason: 'severity-raised', method: 0, targets: [{ level: 1, names: ['onCall'] }], except: [] },
    });
    expect(reasons(sev2(sev3))).toEqual([]);
    expect(reasons(afterCommand(paged({ severity: 'SEV1' }), { ...ack, by: 'bo' }))).toEqual(['leadership']);
  });
});

describe('[PAGE-24] [PAGE-25] it comes back', () => {
  const back = (incident: Incident, minute = 6) =>
    afterAlerts(incident, minute, [{ startsAt: atMinute(minute - 1) }]).incident;
  const cleared = (incident: Incident) => afterAlerts(incident, 4, [{ ...CLEAR }]).incident;
  test('unanswered: the level it had reached is paged by the first method, without those it left out', () => {
    const second = reached(afterEvents(paged(), begin(2, 2)), 3, 'bo');
    expect(page(back(cleared(second)))).toMatchObject({
      ...{
        reason: 'recurrence',
        method: 0,
        targets: [{ level: 2, names: ['bo'] }],
        except: ['ana'],
        dueAt: atMinute(6),
      },
    });
  });
  test('unanswered, before anybody was paged: nobody is', () => {
    expect(reasons(back(cleared(firingIncident({ severity: 'SEV3' }))))).toEqual([]);
  });
  test('answered: the IC is paged; not while it flaps, for a person was asked already', () => {
    const watched = cleared(afterCommand(firingIncident(), ack));
    expect(page(back(watched))).toMatchObject({ reason: 'recurrence', targets: [{ level: 0, names: ['ana'] }] });
    expect(reasons(back({ ...watched, alerts: { ...watched.alerts, flapping: true } }))).toEqual([]);
    expect(reasons(back({ ...watched, roles: { ...watched.roles, ic: null } }))).toEqual([]);
  });
});

describe('[PAGE-26] [PAGE-27] by hand', () => {
  test('[PAGE-31] each page of a level has an attempt of its own, one after the other', () => {
    const twice = ['eve', 'lea'].reduce(
      (incident, to, n) => afterCommand(incident, { type: 'escalate', reason: 'help', to }, n + 2),
      afterCommand(firingIncident({ severity: 'SEV1' }), ack),
    );
    expect(twice.outbox.pages.map(({ cycle, targets }) => [cycle, targets])).toEqual([
      [1, [{ level: 0, names: ['lea'], attempt: 1 }]],
      [1, [{ level: 0, names: ['eve'], attempt: 2 }]],
      [1, [{ level: 0, names: ['lea'], attempt: 3 }]],
    ]);
  });
  test('a page by name leaves nobody out and opens no level; what it is not about, it does not carry', () => {
    const { outbox } = afterCommand(
      afterCommand(firingIncident(), ack),
      { type: 'escalate', reason: 'help', to: 'eve' },
      2,
    );
    expect(outbox.pages).toStrictEqual([
      {
        ...{ n: outbox.pages[0]?.n, reason: 'by-hand', cycle: 1, method: 'all', except: [], dueAt: atMinute(2) },
        ...{ startsLevel: false, accepted: [], targets: [{ level: 0, names: ['eve'], attempt: 1 }] },
        cause: { kind: ['for you'], why: [{ person: 'ana' }, ' asks for you', ': help'], calledBy: 'ana' },
      },
    ]);
  });
  test('[PAGE-18] an answer calls off the pages of the chain, and no other', () => {
    const sev1 = afterEvents(firingIncident({ severity: 'SEV1' }), begin(1, 0));
    const asked = afterCommand(sev1, { type: 'escalate', reason: 'help', to: 'eve' }, 1);
    expect(reasons(asked)).toEqual(['leadership', 'on-call', 'by-hand']);
    expect(reasons(afterCommand(asked, ack, 2))).toEqual(['leadership', 'by-hand']);
  });
});

describe('[PAGE-33] a rollback that failed', () => {
  const reported = (decision: 'rollback' | 'fix-forward', outcome: 'failed' | 'worked') => {
    const ticks = ['minor', 'understood', 'faster'] as const;
    const decided = afterCommand(afterCommand(firingIncident(), ack), { type: 'decideMitigation', decision, ticks }, 2);
    return afterCommand(decided, { type: 'reportMitigation', outcome }, 9);
  };
  test('pages the Head of Engineering; one that worked does not, nor a fix that failed', () => {
    expect(page(reported('rollback', 'failed'))?.targets).toEqual([{ level: 0, names: ['hal'], attempt: 1 }]);
    expect(reasons(reported('rollback', 'worked'))).toEqual([]);
    expect(reasons(reported('fix-forward', 'failed'))).toEqual([]);
  });
});

describe('[PAGE-10] a page that failed', () => {
  const failed = (again: boolean): readonly PageReason[] => {
    const incident = afterEvents(firingIncident({ severity: 'SEV1' }), begin(1, 0));
    const requestNumber = page(incident, 'on-call')?.n ?? 0;
    return reasons(
      afterEvents(incident, { type: 'page-failed', at: atMinute(1), requestNumber, again, reason: 'later' }),
    );
  };
  test('is dropped for good, or stands to be tried again; no other is touched', () => {
    expect(failed(false)).toEqual(['leadership']);
    expect(failed(true)).toEqual(['leadership', 'on-call']);
  });
});

describe('[REC-1] what waits to be told', () => {
  const TOLD = {
    type: 'notification-accepted',
    at: atMinute(9),
    deliveries: [],
    refs: {},
    projectedVersion: 0,
    assignedReference: null,
  } as const;
  /** A lively hour. */
  const lively = (): Incident => {
    const taken = afterCommand(afterEvents(firingIncident({ severity: 'SEV1' }), begin(1, 0)), ack, 1);
    const spoken = afterCommand(
      afterEvents(taken, { type: 'public-communication-started', at: atMinute(1), reason: 'acknowledged' }),
      ...([{ type: 'postUpdate', text: 'so far', audience: 'public' }, 2] as const),
    );
    return afterCommand(
      afterAlerts(spoken, 4, [CLEAR]).incident,
      { type: 'declareFalseAlarm', reason: 'a load test' },
      5,
    );
  };
  const kinds = ['pages', 'posts', 'publicEntries', 'notices', 'tickets', 'alarms'] as const;

  test('every order has a number of its own, counted through all kinds, without a gap', () => {
    const { outbox } = lively();
    expect(outbox.alarms.map(({ action }) => action)).toEqual(['acknowledge', 'resolve']);
    const numbers = kinds.flatMap((kind) => outbox[kind].map(({ n }) => n));
    const calledOff = page(afterEvents(firingIncident({ severity: 'SEV1' }), begin(1, 0)), 'on-call')?.n;
    const all = Array.from({ length: outbox.lastNumber }, (_, n) => n + 1);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(all.filter((n) => !numbers.includes(n))).toEqual([calledOff]);
    expect(kinds.map((kind) => [kind, outbox[kind].length > 0])).toEqual(kinds.map((kind) => [kind, true]));
  });

  test('what was told is gone, all else waits on', () => {
    const { outbox } = lively();
    const all = kinds.filter((kind) => kind !== 'pages').flatMap((kind) => outbox[kind].map(({ n }) => n));
    const done = all.filter((n) => n % 2 === 0);
    const left = afterEvents(lively(), { ...TOLD, acceptedEntries: done }).outbox;
    expect(kinds.flatMap((kind) => left[kind].map(({ n }) => n)).sort()).toEqual(
      [...outbox.pages.map(({ n }) => n), ...all.filter((n) => n % 2 === 1)].sort(),
    );
  });

  test('an incident that is nobody’s part and no storm owes no words and no splits', () => {
    expect(Object.keys(lively().outbox).sort()).toEqual([...kinds, 'lastNumber'].sort());
    expect(
      afterEvents(firingIncident(), { type: 'split-done', at: atMinute(1), splitNumber: 7 }).outbox.splits,
    ).toEqual([]);
  });

  test('what came of the last 500 deliveries is kept, whoever delivered them', () => {
    const delivery = (n: number) => ({
      at: atMinute(n),
      to: 'ana',
      method: 'sms',
      key: `k${n}`,
      state: 'accepted' as const,
    });
    const many = Array.from({ length: 500 }, (_, n) => ({ ...delivery(n), reason: null }));
    const one = afterEvents(paged(), { ...TOLD, acceptedEntries: [], deliveries: many.slice(0, 499) });
    expect(one.deliveries.slice(0, 2).map(({ key }) => key)).toEqual([expect.stringContaining('/ana'), 'k0']);
    expect(
      afterEvents(one, { ...TOLD, acceptedEntries: [], deliveries: many.slice(499) }).deliveries.map(({ key }) => key),
    ).toEqual(many.map(({ key }) => key));
    expect(afterCommand(one, { type: 'addNote', text: 'x' }).deliveries).toHaveLength(500);
  });

  test('a message whose words are the configuration’s own carries what they may say; others carry nothing', () => {
    const own = firingIncident({ policy: aPolicy({ templates: ['declared', 'acknowledged'] }) });
    expect(own.outbox.posts[0]).toMatchObject({ template: 'declared', textValues: { title: 'Checkout fails' } });
    expect(afterCommand(own, ack).outbox.tickets.at(-1)).toMatchObject({ template: 'acknowledged' });
    for (const order of [...firingIncident().outbox.posts, ...afterCommand(firingIncident(), ack).outbox.tickets]) {
      expect(order).not.toHaveProperty('template');
    }
  });
});

describe('[ALERT-17] the names that pages of a storm carry', () => {
  const group = (n: number) => ({ workflowId: `w${n}`, title: `t${n}`, severity: 'SEV2', service: null }) as const;
  const joins = (incident: Incident, minute: number, ...numbers: readonly number[]): Incident => {
    const alerts = numbers.map((n) => ({ fingerprint: `a${n}`, group: `w${n}` }));
    return afterAlerts(incident, minute, alerts, { groups: numbers.map(group) }).incident;
  };
  const stormy = () => afterEvents(joins(declaredIncident({ storm: true }), 0, 1, 2, 3), begin(1, 0));
  test('a step of the notification rules names the first again, and counts none of them twice', () => {
    const stepped = afterEvents(reached(stormy(), 0, 'ana'), {
      type: 'notification-rule-due',
      at: atMinute(2),
      dueAt: atMinute(2),
    });
    expect(page(stepped)).toMatchObject({ reason: 'repeat', method: 1, groups: [group(1), group(2), group(3)] });
    expect(stepped.alerts.storm?.groupsNamed).toBe(3);
    const named = afterEvents(joins(stepped, 3, 4, 5), {
      type: 'storm-groups-named',
      at: atMinute(4),
      dueAt: atMinute(4),
    });
    expect(page(named)).toMatchObject({ reason: 'storm', method: 0, groups: [group(4), group(5)] });
    expect(named.alerts.storm).toMatchObject({ groupsNamed: 5, namedAt: atMinute(4) });
  });
  test('a page about no storm names no group', () => {
    expect(page(afterEvents(firingIncident(), begin(1, 0)))).not.toHaveProperty('groups');
  });
});

test('[ALERT-18] of two groups that are split off, one is done and the other still owed', () => {
  const group = (n: number) => ({ workflowId: `w${n}`, title: `t${n}`, severity: 'SEV2', service: null }) as const;
  const alerts = [1, 2].map((n) => ({ fingerprint: `a${n}`, group: `w${n}` }));
  const storm = afterAlerts(declaredIncident({ storm: true }), 0, alerts, { groups: [group(1), group(2)] }).incident;
  const both = afterCommand(afterCommand(storm, { type: 'split', alert: 't1' }, 1), { type: 'split', alert: 't2' }, 2);
  const [first] = both.outbox.splits ?? [];
  expect(both.outbox.splits?.map((order) => order.group.title)).toEqual(['t1', 't2']);
  const { splits = [], posts, pages, tickets, notices, lastNumber } = both.outbox;
  const numbers = [splits, posts, pages, tickets, notices].flat().map(({ n }) => n);
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: lastNumber }, (_, n) => n + 1));
  const left = afterEvents(both, { type: 'split-done', at: atMinute(3), splitNumber: first?.n ?? 0 }).outbox.splits;
  expect(left?.map((order) => order.group.title)).toEqual(['t2']);
});

test('[PAGE-41] alarms at vendors stop with an answer, and are forgotten when it cleared by itself or is over', () => {
  const acts = ({ outbox }: Incident): readonly string[] => outbox.alarms.map(({ action }) => action);
  expect(acts(afterCommand(firingIncident(), ack))).toEqual(['acknowledge']);
  expect(acts(afterAlerts(firingIncident(), 4, [CLEAR]).incident)).toEqual(['resolve']);
  expect(
    acts(afterCommand(afterCommand(firingIncident(), ack), { type: 'declareFalseAlarm', reason: 'x' }, 5)),
  ).toEqual(['acknowledge', 'resolve']);
  expect(acts(afterCommand(firingIncident(), { type: 'addNote', text: 'x' }))).toEqual([]);
});
