/** What an event owes the outside: who is paged by what, and what waits to be told. */
import { describe, expect, test } from '@jest/globals';
import type { IncidentEvent } from '../../domain/events.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Opening } from '../../domain/opening.ts';
import type { PageOrder, PageReason } from '../../domain/orders.ts';
import { aPolicy } from '../support/builders.ts';
import { after, alarmed, at, declared, heard, told } from '../support/play.ts';

const ack = { type: 'acknowledge' } as const;
const CLEAR = { status: 'resolved', endsAt: at(4) } as const;

const begin = (level: number, minute: number, over: object = {}): IncidentEvent => ({
  ...{ type: 'level-begun', at: at(minute), cycleInRun: 1, cycle: 1, level, together: false, reason: 'on-call' },
  ...{ dueAt: at(minute), nextLevelAt: at(minute + 15), ...over },
});
const reached = (incident: Incident, minute: number, ...people: readonly string[]): Incident => {
  const order = incident.orders.pages.at(-1);
  if (order === undefined) throw new Error('nobody is paged');
  const deliveries = people.map((to) => ({
    ...{ at: at(minute), to, method: 'sms', key: `${order.n}/${to}`, state: 'accepted' as const, reason: null },
    level: order.targets[0]?.level ?? 1,
  }));
  return after(incident, {
    ...{ type: 'paged', at: at(minute), order: order.n, deliveries, methods: 2, unknown: [], again: false },
  });
};
const page = (incident: Incident, reason?: PageReason): PageOrder | undefined =>
  incident.orders.pages.findLast((order) => reason === undefined || order.reason === reason);
const reasons = ({ orders }: Incident): readonly PageReason[] => orders.pages.map(({ reason }) => reason);
/** Level 1 began at once and reached ana. */
const paged = (over: Partial<Opening> = {}): Incident => reached(after(alarmed(over), begin(1, 0)), 1, 'ana');

describe('[PAGE-11] [PAGE-12] who is left out of a level’s page', () => {
  test('nobody of the first; of the next in the pass whoever was reached', () => {
    expect(page(after(alarmed(), begin(1, 0)))?.except).toEqual([]);
    expect(page(after(paged(), begin(2, 15)))?.except).toEqual(['ana']);
  });
  test('nobody of the next pass: it begins with everybody', () => {
    const second = { cycleInRun: 2, cycle: 2, together: true, reason: 'escalation' };
    expect(page(after(paged(), begin(3, 45, second)))).toMatchObject({
      except: [],
      targets: [{ level: 1 }, { level: 2 }, { level: 3 }],
    });
  });
  test('[PAGE-40] whom the edge has paged; but not of a storm, which names more than the edge knew', () => {
    const byEdge: IncidentEvent = {
      ...{ type: 'fallback-paged', at: at(0), incidentIds: ['E9'] },
      deliveries: [{ at: at(0), to: 'ana', method: 'sms', key: 'bg/1', state: 'accepted', reason: null }],
    };
    expect(page(after(alarmed(), byEdge, begin(1, 1)))?.except).toEqual(['ana']);
    expect(page(after(declared({ storm: true }), byEdge, begin(1, 1)))?.except).toEqual([]);
  });
});

describe('[PAGE-16] leadership', () => {
  test('is not told what level 1 is being paged for, until somebody has it: then all of leadership is', () => {
    const sev1 = { type: 'setSeverity', severity: 'SEV1', reason: 'worse' } as const;
    expect(page(declared({ severity: 'SEV1' }), 'leadership')).toMatchObject({ method: 'all', except: ['onCall'] });
    expect(page(told(told(alarmed(), ack), sev1, 2), 'leadership')?.except).toEqual([]);
  });
  test('is paged also where no level is named', () => {
    expect(page(declared({ severity: 'SEV1', policy: aPolicy({ levels: [] }) }), 'leadership')?.except).toEqual([]);
  });
});

describe('[SEV-9] raised by an alert', () => {
  const worse = (incident: Incident) => heard(incident, 9, [{ fingerprint: 'f2', severity: 'SEV1' }]).incident;
  test('on an acknowledged incident its IC is paged by every method', () => {
    expect(page(worse(told(alarmed(), ack)), 'severity-raised')).toMatchObject({
      ...{ targets: [{ level: 0, names: ['ana'] }], method: 'all', except: [], opensLevel: false, dueAt: at(9) },
    });
  });
  test('in the watch the IC is paged for the return, and not once more for the raise', () => {
    const watched = told(told(alarmed(), ack), { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 3);
    expect(reasons(worse(watched)).filter((reason) => reason !== 'leadership')).toEqual(['recurrence']);
  });
  test('[SEV-8] raised by a person it pages leadership alone', () => {
    const raised = told(told(alarmed(), ack), { type: 'setSeverity', severity: 'SEV1', reason: 'worse' }, 9);
    expect(reasons(raised)).toEqual(['leadership']);
  });
  test('[SEV-7] while nobody has it, level 1 is paged by its first method; where nobody was paged yet the chain begins', () => {
    const sev2 = (incident: Incident) => heard(incident, 61, [{ fingerprint: 'f2', severity: 'SEV2' }]).incident;
    const sev3 = alarmed({ severity: 'SEV3' });
    const raised = sev2(reached(after(sev3, begin(1, 60)), 60, 'ana'));
    expect(page(raised)).toMatchObject({
      ...{ reason: 'severity-raised', method: 0, targets: [{ level: 1, names: ['onCall'] }], except: [] },
    });
    expect(reasons(sev2(sev3))).toEqual([]);
    expect(reasons(told(paged({ severity: 'SEV1' }), { ...ack, by: 'bo' }))).toEqual(['leadership']);
  });
});

describe('[PAGE-24] [PAGE-25] it comes back', () => {
  const back = (incident: Incident, minute = 6) => heard(incident, minute, [{ startsAt: at(minute - 1) }]).incident;
  const cleared = (incident: Incident) => heard(incident, 4, [{ ...CLEAR }]).incident;
  test('unanswered: the level it had reached is paged by the first method, without those it left out', () => {
    const second = reached(after(paged(), begin(2, 2)), 3, 'bo');
    expect(page(back(cleared(second)))).toMatchObject({
      ...{ reason: 'recurrence', method: 0, targets: [{ level: 2, names: ['bo'] }], except: ['ana'], dueAt: at(6) },
    });
  });
  test('unanswered, before anybody was paged: nobody is', () => {
    expect(reasons(back(cleared(alarmed({ severity: 'SEV3' }))))).toEqual([]);
  });
  test('answered: the IC is paged; not while it flaps, for a person was asked already', () => {
    const watched = cleared(told(alarmed(), ack));
    expect(page(back(watched))).toMatchObject({ reason: 'recurrence', targets: [{ level: 0, names: ['ana'] }] });
    expect(reasons(back({ ...watched, flapping: true }))).toEqual([]);
    expect(reasons(back({ ...watched, roles: { ...watched.roles, ic: null } }))).toEqual([]);
  });
});

describe('[PAGE-26] [PAGE-27] by hand', () => {
  test('[PAGE-31] each page of a level has an attempt of its own, one after the other', () => {
    const twice = ['eve', 'lea'].reduce(
      (incident, to, n) => told(incident, { type: 'escalate', reason: 'help', to }, n + 2),
      told(alarmed({ severity: 'SEV1' }), ack),
    );
    expect(twice.orders.pages.map(({ cycle, targets }) => [cycle, targets])).toEqual([
      [1, [{ level: 0, names: ['lea'], attempt: 1 }]],
      [1, [{ level: 0, names: ['eve'], attempt: 2 }]],
      [1, [{ level: 0, names: ['lea'], attempt: 3 }]],
    ]);
  });
  test('a page by name leaves nobody out and opens no level; what it is not about, it does not carry', () => {
    const { orders } = told(told(alarmed(), ack), { type: 'escalate', reason: 'help', to: 'eve' }, 2);
    expect(orders.pages).toStrictEqual([
      {
        ...{ n: orders.pages[0]?.n, reason: 'by-hand', cycle: 1, method: 'all', except: [], dueAt: at(2) },
        ...{ opensLevel: false, accepted: [], targets: [{ level: 0, names: ['eve'], attempt: 1 }] },
      },
    ]);
  });
  test('[PAGE-18] an answer calls off the pages of the chain, and no other', () => {
    const sev1 = after(alarmed({ severity: 'SEV1' }), begin(1, 0));
    const asked = told(sev1, { type: 'escalate', reason: 'help', to: 'eve' }, 1);
    expect(reasons(asked)).toEqual(['leadership', 'on-call', 'by-hand']);
    expect(reasons(told(asked, ack, 2))).toEqual(['leadership', 'by-hand']);
  });
});

describe('[PAGE-33] a rollback that failed', () => {
  const reported = (decision: 'rollback' | 'fix-forward', outcome: 'failed' | 'worked') => {
    const ticks = ['minor', 'understood', 'faster'] as const;
    const decided = told(told(alarmed(), ack), { type: 'decideMitigation', decision, ticks }, 2);
    return told(decided, { type: 'reportMitigation', outcome }, 9);
  };
  test('pages the Head of Engineering; one that worked does not, nor a fix that failed', () => {
    expect(page(reported('rollback', 'failed'))?.targets).toEqual([{ level: 0, names: ['hal'], attempt: 1 }]);
    expect(reasons(reported('rollback', 'worked'))).toEqual([]);
    expect(reasons(reported('fix-forward', 'failed'))).toEqual([]);
  });
});

describe('[PAGE-10] a page that failed', () => {
  const failed = (again: boolean): readonly PageReason[] => {
    const incident = after(alarmed({ severity: 'SEV1' }), begin(1, 0));
    const order = page(incident, 'on-call')?.n ?? 0;
    return reasons(after(incident, { type: 'page-failed', at: at(1), order, again, reason: 'later' }));
  };
  test('is dropped for good, or stands to be tried again; no other is touched', () => {
    expect(failed(false)).toEqual(['leadership']);
    expect(failed(true)).toEqual(['leadership', 'on-call']);
  });
});

describe('[REC-1] what waits to be told', () => {
  const TOLD = {
    type: 'notification-accepted',
    at: at(9),
    deliveries: [],
    refs: {},
    recorded: 0,
    numbered: null,
  } as const;
  /** A lively hour. */
  const lively = (): Incident => {
    const taken = told(after(alarmed({ severity: 'SEV1' }), begin(1, 0)), ack, 1);
    const spoken = told(
      after(taken, { type: 'public-begun', at: at(1), why: 'acknowledged' }),
      ...([{ type: 'postUpdate', text: 'so far', audience: 'public' }, 2] as const),
    );
    return told(heard(spoken, 4, [CLEAR]).incident, { type: 'declareFalseAlarm', reason: 'a load test' }, 5);
  };
  const kinds = ['pages', 'posts', 'entries', 'notices', 'tickets', 'alarms'] as const;

  test('every order has a number of its own, counted through all kinds, without a gap', () => {
    const { orders } = lively();
    expect(orders.alarms.map(({ act }) => act)).toEqual(['acknowledge', 'resolve']);
    const numbers = kinds.flatMap((kind) => orders[kind].map(({ n }) => n));
    const calledOff = page(after(alarmed({ severity: 'SEV1' }), begin(1, 0)), 'on-call')?.n;
    const all = Array.from({ length: orders.given }, (_, n) => n + 1);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(all.filter((n) => !numbers.includes(n))).toEqual([calledOff]);
    expect(kinds.map((kind) => [kind, orders[kind].length > 0])).toEqual(kinds.map((kind) => [kind, true]));
  });

  test('what was told is gone, all else waits on', () => {
    const { orders } = lively();
    const all = kinds.filter((kind) => kind !== 'pages').flatMap((kind) => orders[kind].map(({ n }) => n));
    const done = all.filter((n) => n % 2 === 0);
    const left = after(lively(), { ...TOLD, orders: done }).orders;
    expect(kinds.flatMap((kind) => left[kind].map(({ n }) => n)).sort()).toEqual(
      [...orders.pages.map(({ n }) => n), ...all.filter((n) => n % 2 === 1)].sort(),
    );
  });

  test('an incident that is nobody’s part and no storm owes no words and no splits', () => {
    expect(Object.keys(lively().orders).sort()).toEqual([...kinds, 'given'].sort());
    expect(after(alarmed(), { type: 'split-done', at: at(1), order: 7 }).orders.splits).toEqual([]);
  });

  test('what came of the last 500 deliveries is kept, whoever delivered them', () => {
    const delivery = (n: number) => ({ at: at(n), to: 'ana', method: 'sms', key: `k${n}`, state: 'accepted' as const });
    const many = Array.from({ length: 500 }, (_, n) => ({ ...delivery(n), reason: null }));
    const one = after(paged(), { ...TOLD, orders: [], deliveries: many.slice(0, 499) });
    expect(one.deliveries.slice(0, 2).map(({ key }) => key)).toEqual([expect.stringContaining('/ana'), 'k0']);
    expect(after(one, { ...TOLD, orders: [], deliveries: many.slice(499) }).deliveries.map(({ key }) => key)).toEqual(
      many.map(({ key }) => key),
    );
    expect(told(one, { type: 'addNote', text: 'x' }).deliveries).toHaveLength(500);
  });

  test('a message whose words are the configuration’s own carries what they may say; others carry nothing', () => {
    const own = alarmed({ policy: aPolicy({ templates: ['declared', 'acknowledged'] }) });
    expect(own.orders.posts[0]).toMatchObject({ template: 'declared', fields: { title: 'Checkout fails' } });
    expect(told(own, ack).orders.tickets.at(-1)).toMatchObject({ template: 'acknowledged' });
    for (const order of [...alarmed().orders.posts, ...told(alarmed(), ack).orders.tickets]) {
      expect(order).not.toHaveProperty('template');
    }
  });
});

describe('[ALERT-17] the names that pages of a storm carry', () => {
  const group = (n: number) => ({ workflowId: `w${n}`, title: `t${n}`, severity: 'SEV2', service: null }) as const;
  const joins = (incident: Incident, minute: number, ...numbers: readonly number[]): Incident => {
    const alerts = numbers.map((n) => ({ fingerprint: `a${n}`, group: `w${n}` }));
    return heard(incident, minute, alerts, { groups: numbers.map(group) }).incident;
  };
  const stormy = () => after(joins(declared({ storm: true }), 0, 1, 2, 3), begin(1, 0));
  test('a step of the notification rules names the first again, and counts none of them twice', () => {
    const stepped = after(reached(stormy(), 0, 'ana'), { type: 'notification-rule-due', at: at(2), dueAt: at(2) });
    expect(page(stepped)).toMatchObject({ reason: 'repeat', method: 1, groups: [group(1), group(2), group(3)] });
    expect(stepped.storm?.named).toBe(3);
    const named = after(joins(stepped, 3, 4, 5), { type: 'storm-named', at: at(4), dueAt: at(4) });
    expect(page(named)).toMatchObject({ reason: 'storm', method: 0, groups: [group(4), group(5)] });
    expect(named.storm).toMatchObject({ named: 5, namedAt: at(4) });
  });
  test('a page about no storm names no group', () => {
    expect(page(after(alarmed(), begin(1, 0)))).not.toHaveProperty('groups');
  });
});

test('[ALERT-18] of two groups that are split off, one is done and the other still owed', () => {
  const group = (n: number) => ({ workflowId: `w${n}`, title: `t${n}`, severity: 'SEV2', service: null }) as const;
  const alerts = [1, 2].map((n) => ({ fingerprint: `a${n}`, group: `w${n}` }));
  const storm = heard(declared({ storm: true }), 0, alerts, { groups: [group(1), group(2)] }).incident;
  const both = told(told(storm, { type: 'split', alert: 't1' }, 1), { type: 'split', alert: 't2' }, 2);
  const [first] = both.orders.splits ?? [];
  expect(both.orders.splits?.map((order) => order.group.title)).toEqual(['t1', 't2']);
  const { splits = [], posts, pages, tickets, notices, given } = both.orders;
  const numbers = [splits, posts, pages, tickets, notices].flat().map(({ n }) => n);
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: given }, (_, n) => n + 1));
  const left = after(both, { type: 'split-done', at: at(3), order: first?.n ?? 0 }).orders.splits;
  expect(left?.map((order) => order.group.title)).toEqual(['t2']);
});

test('[PAGE-41] alarms at vendors stop with an answer, and are forgotten when it cleared by itself or is over', () => {
  const acts = ({ orders }: Incident): readonly string[] => orders.alarms.map(({ act }) => act);
  expect(acts(told(alarmed(), ack))).toEqual(['acknowledge']);
  expect(acts(heard(alarmed(), 4, [CLEAR]).incident)).toEqual(['resolve']);
  expect(acts(told(told(alarmed(), ack), { type: 'declareFalseAlarm', reason: 'x' }, 5))).toEqual([
    'acknowledge',
    'resolve',
  ]);
  expect(acts(told(alarmed(), { type: 'addNote', text: 'x' }))).toEqual([]);
});
