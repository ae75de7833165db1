/** [LIFE-22] What a merged incident tells the one it is a part of about its alerts, and what that one hears. */
import { describe, expect, test } from '@jest/globals';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { ForwardedBatch } from '../../../domain/engine/observe-forwarded.ts';
import { refireAlerts, refireReturnedAlerts, observeForwarded } from '../../../domain/engine/observe-forwarded.ts';
import { reportsThatFit, nextForward, reportOf, firingUndeliveredAlerts } from '../../../domain/merge/forwarding.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { anAlertBatch, anAlert } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';

const HOUR = 3_600_000;
const CLEAR = { status: 'resolved', endsAt: atMinute(4) } as const;
const INTO = { workflowId: 'inc-b', incidentId: 'E-b', reference: null, name: '"b"', component: null };
const OWN = { workflowId: 'inc-a', incidentId: 'E-a' };

const joined = (incident: Incident): Incident =>
  afterEvents(incident, { type: 'merged', at: atMinute(2), by: 'ana', into: INTO });

/** A part of `inc-b`, which knows everything so far. */
const part = (incident: Incident = firingIncident(OWN)): Incident => delivered(joined(incident));

function delivered(incident: Incident): Incident {
  const next = nextForward(incident, atMinute(3));
  return next === null ? incident : delivered(afterEvents(incident, { ...next.done, at: atMinute(3) }));
}
const forwarded = (incident: Incident) => nextForward(incident, atMinute(9));
const names = (incident: Incident) => forwarded(incident)?.batch.alerts.map(({ fingerprint }) => fingerprint);

describe('[LIFE-22] what was there before the merge', () => {
  test('is told as no news, as it stands, with what is known of each', () => {
    const labels = { alertname: 'Disk', instance: 'db1' };
    const next = forwarded(
      joined(afterAlerts(firingIncident(OWN), 1, [{ fingerprint: 'f2', labels, title: 'disk full' }]).incident),
    );
    expect(next?.to).toBe('inc-b');
    expect(next?.batch.from).toEqual({ ...OWN, predatesMerge: true });
    expect(next?.batch).not.toHaveProperty('alreadyPaged');
    expect(next?.batch.alerts[1]).toEqual({
      ...{ fingerprint: 'f2', status: 'firing', startsAt: 1_000, startGuessed: false, endsAt: null, labels },
      ...{ annotations: {}, links: {}, group: 'inc-a', severity: 'SEV2', title: 'disk full' },
      receivedAt: atMinute(1),
    });
  });
  test('is told once: then there is nothing to tell', () => expect(forwarded(part())).toBeNull());
  test('of a storm keeps the group of each', () => {
    const stormy = {
      ...firingIncident(OWN),
      alerts: {
        ...firingIncident(OWN).alerts,
        states: { f1: { ...firingIncident().alerts.states['f1']!, group: 'inc-g' } },
      },
    };
    expect(forwarded(joined(stormy))?.batch.alerts[0]?.group).toBe('inc-g');
  });
});

describe('[LIFE-22] what happens afterwards', () => {
  const news = { fingerprint: 'f2', severity: 'SEV1', title: 'disk full', startsAt: atMinute(5) } as const;
  test('a firing is news, with its own severity and title, and goes before all else', () => {
    const incident = afterAlerts(joined(firingIncident(OWN)), 5, [news]).incident;
    expect(forwarded(incident)?.batch).toMatchObject({
      ...{ from: { predatesMerge: false }, alerts: [{ fingerprint: 'f2', severity: 'SEV1', title: 'disk full' }] },
    });
    const rest = afterEvents(incident, { ...forwarded(incident)!.done, at: atMinute(6) });
    expect(forwarded(rest)?.batch).toMatchObject({ from: { predatesMerge: true }, alerts: [{ fingerprint: 'f1' }] });
  });
  test('an end, a repeat, and that a message left something out are told too, as news', () => {
    const cleared = afterAlerts(part(), 5, [CLEAR]).incident;
    expect(forwarded(cleared)?.batch).toMatchObject({
      from: { predatesMerge: false },
      alerts: [{ status: 'resolved' }],
    });
    expect(forwarded(afterAlerts(part(), 5, [{}]).incident)?.batch).toMatchObject({
      ...{ from: { predatesMerge: false }, alerts: [{ fingerprint: 'f1', status: 'firing' }] },
    });
    const two = part(afterAlerts(firingIncident(OWN), 1, [{ fingerprint: 'f2' }]).incident);
    expect(names(afterAlerts(two, 5, [{ fingerprint: 'f2' }]).incident)).toEqual(['f2']);
    const cut = afterAlerts(two, 5, [], { truncated: 3 }).incident;
    expect([names(cut), forwarded(cut)?.batch.truncated]).toEqual([['f1'], 3]);
  });
  test('what joined by way of another is no news, also when it has to be told anew', () => {
    const alerts = [anAlert({ fingerprint: 'g1' })];
    const event = { type: 'alerts-joined', at: atMinute(5), from: 'inc-c', alerts, source: 'grafana' } as const;
    const incident = afterEvents(part(), { ...event, staleAfterMs: HOUR, truncated: 0 });
    expect(forwarded(incident)?.batch).toMatchObject({
      ...{ from: { predatesMerge: true }, source: 'grafana', staleAfterMs: HOUR, alerts: [{ fingerprint: 'g1' }] },
    });
  });
  test('what changes while the message is on its way is told again', () => {
    const firing = afterAlerts(part(), 5, [news]).incident;
    const sent = forwarded(firing)!.done;
    const ended = afterAlerts(firing, 6, [{ ...CLEAR, fingerprint: 'f2', startsAt: atMinute(5) }]).incident;
    expect(names(afterEvents(ended, { ...sent, at: atMinute(7) }))).toEqual(['f2']);
    expect(forwarded(afterEvents(firing, { ...sent, at: atMinute(7) }))).toBeNull();
  });
  test('when it goes on somewhere else, everything is told there, and news stays news', () => {
    const firing = afterAlerts(part(), 5, [news]).incident;
    const moved = afterEvents(firing, {
      type: 'merge-target-changed',
      at: atMinute(6),
      into: { ...INTO, workflowId: 'inc-c' },
    });
    expect(forwarded(moved)).toMatchObject({ to: 'inc-c', batch: { from: { predatesMerge: false } } });
    expect(names(afterEvents(moved, { ...forwarded(moved)!.done, at: atMinute(7) }))).toEqual(['f1']);
  });
  test('alerts of different senders go apart, each with its sender', () => {
    const other = afterAlerts(part(), 5, [news], { source: 'grafana', staleAfterMs: HOUR }).incident;
    const both = afterAlerts(other, 5, [{ fingerprint: 'f3' }]).incident;
    expect(forwarded(both)?.batch).toMatchObject({ source: 'grafana', staleAfterMs: HOUR });
    expect(names(both)).toEqual(['f2']);
    const later = afterAlerts(other, 5, [{ fingerprint: 'f3' }], {
      source: 'grafana',
      staleAfterMs: 2 * HOUR,
    }).incident;
    expect(names(later)).toEqual(['f2']);
  });
  test('of an alert that is gone there is nothing to tell, and nothing is left owing', () => {
    const firing = afterAlerts(part(), 5, [news]).incident;
    const { f2: _, ...alerts } = firing.alerts.states;
    const gone = { ...firing, alerts: { ...firing.alerts, states: alerts } };
    expect(names(gone)).toEqual([]);
    expect(forwarded(afterEvents(gone, { ...forwarded(gone)!.done, at: atMinute(6) }))).toBeNull();
  });
  test('once it stands for itself again nothing is owed', () => {
    const reopened = afterCommand(
      afterAlerts(part(), 5, [news]).incident,
      { type: 'reopen', reason: 'not the same' },
      6,
    );
    expect([forwarded(reopened), firingUndeliveredAlerts(reopened)]).toEqual([null, []]);
  });
});

describe('[PAGE-40] [LIFE-22] pages that the edge sent', () => {
  const page = (n: number, incidentId = 'E9') => ({
    to: 'ana',
    method: 'sms',
    key: `bg/${n}`,
    at: atMinute(n),
    incidentId,
  });
  const paged = (incident: Incident, ...pages: readonly ReturnType<typeof page>[]) =>
    afterAlerts(incident, 5, [], { alreadyPaged: pages }).incident;
  const told_ = (incident: Incident) =>
    forwarded(incident)?.batch.alreadyPaged?.map(({ key, incidentId }) => [key, incidentId]);
  test('are told, each with the incident id in its link, and none goes unnamed', () => {
    expect(told_(paged(part(), page(1), page(2, 'E8')))).toEqual([
      ['bg/1', 'E9'],
      ['bg/2', 'E8'],
    ]);
    expect(told_(paged(part(), page(1), page(2), page(3, 'E8')))).toEqual([
      ['bg/1', 'E9'],
      ['bg/2', 'E8'],
      ['bg/3', 'E8'],
    ]);
    expect(forwarded(paged(part(), page(1)))).toMatchObject({ batch: { alerts: [], from: { predatesMerge: false } } });
  });
  test('are told once; those that come meanwhile wait for the next message', () => {
    const first = paged(part(), page(1));
    const { done } = forwarded(first)!;
    expect(told_(afterEvents(paged(first, page(2)), { ...done, at: atMinute(6) }))).toEqual([['bg/2', 'E9']]);
    expect(forwarded(afterEvents(first, { ...done, at: atMinute(6) }))).toBeNull();
  });
  test('are kept, the last hundred of them', () => {
    const pages = Array.from({ length: 101 }, (_, n) => page(n));
    const kept = told_(pages.reduce((incident, one) => paged(incident, one), part()));
    expect([kept?.length, kept?.[0]?.[0]]).toEqual([100, 'bg/1']);
  });
});

describe('[LIFE-22] a message', () => {
  const sized = (length: number): AlertReport => anAlert({ annotations: { a: 'x'.repeat(length) } });
  const bytes = (report: AlertReport): number => 3 * JSON.stringify(report).length;
  test('has as many alerts as fit to the byte, and one at the least', () => {
    const one = sized(10);
    expect(reportsThatFit([one, one, one], 2 * bytes(one))).toHaveLength(2);
    expect(reportsThatFit([one, one, one], 2 * bytes(one) - 1)).toHaveLength(1);
    expect(reportsThatFit([one, one, one], 3 * bytes(one))).toHaveLength(3);
    expect(reportsThatFit([sized(500), one], 10)).toHaveLength(1);
    expect(reportsThatFit([], 10)).toEqual([]);
  });
  test('has five hundred alerts at the most, and stays below what one signal may carry', () => {
    const many = Array.from({ length: 501 }, () => sized(0));
    expect(reportsThatFit(many, Infinity)).toHaveLength(500);
    expect(reportsThatFit(many.slice(1), Infinity)).toHaveLength(500);
    const large = Array.from({ length: 100 }, () => sized(3_000));
    const size = reportsThatFit(large).reduce((sum, report) => sum + bytes(report), 0);
    expect(size).toBeLessThanOrEqual(192 * 1024);
    expect(size + bytes(sized(3_000))).toBeGreaterThan(192 * 1024);
  });
  test('says nothing of an alert that nobody knows, whatever it is called', () => {
    for (const fingerprint of ['toString', '__proto__'])
      expect(reportOf(firingIncident(), { fingerprint })).toEqual([]);
    const known = afterAlerts(declaredIncident(), 0, [
      { fingerprint: 'toString', labels: { alertname: 'Odd' } },
    ]).incident;
    const many = afterAlerts(
      known,
      1,
      Array.from({ length: 60 }, (_, n) => ({ fingerprint: n === 59 ? 'constructor' : `f${n}` })),
    ).incident;
    expect(reportOf(many, { fingerprint: 'toString' })[0]?.labels).toEqual({ alertname: 'Odd' });
    expect(reportOf(many, { fingerprint: 'constructor' })[0]).toMatchObject({ labels: {}, annotations: {}, links: {} });
  });
});

describe('[LIFE-22] the target hears', () => {
  const FROM = { workflowId: 'inc-a', incidentId: 'E-a', predatesMerge: false };
  const batch = (alerts: readonly Partial<AlertReport>[], over: object = {}): ForwardedBatch => ({
    ...{ ...anAlertBatch(alerts.map(anAlert), { receivedAt: atMinute(9) }), from: FROM },
    ...over,
  });
  const target = (): Incident => ({
    ...firingIncident(),
    merge: {
      ...firingIncident().merge,
      mergedFrom: [{ ...INTO, workflowId: 'inc-a', incidentId: 'E-a', incidentIds: ['E-a'], truncated: 0 }],
    },
  });
  const hears = (incident: Incident, told: ForwardedBatch) =>
    afterEvents(incident, ...observeForwarded(incident, told, atMinute(9)));
  const kinds = (incident: Incident, told: ForwardedBatch) =>
    observeForwarded(incident, told, atMinute(9)).map(({ type }) => type);

  test('what fires as from monitoring, and remembers whose it is', () => {
    const now = hears(target(), batch([{ fingerprint: 'g1', severity: 'SEV1' }], { staleAfterMs: HOUR }));
    expect(now).toMatchObject({ severity: 'SEV1', alerts: { states: { g1: { group: 'inc-a', staleAfterMs: HOUR } } } });
    expect(hears(target(), batch([{ fingerprint: 'g1', group: 'inc-g' }])).alerts.states['g1']?.group).toBe('inc-g');
    expect(kinds(target(), batch([{ fingerprint: 'g1' }]))).toEqual(['alerts-fired']);
  });
  test('what was there before as no news: it raises nothing, and is known from then on', () => {
    const joins = { from: { ...FROM, predatesMerge: true } };
    expect(kinds(target(), batch([{ fingerprint: 'g1', severity: 'SEV1' }], joins))).toEqual(['alerts-joined']);
    expect(kinds(target(), batch([{ fingerprint: 'g1', ...CLEAR }], joins))).toEqual(['alerts-joined']);
  });
  test('the end of what it knows as an end; of what it never heard to fire it is none of its ends', () => {
    expect(kinds(target(), batch([CLEAR]))).toEqual(['alerts-cleared', 'monitoring-started']);
    expect(kinds(target(), batch([{ fingerprint: 'g1', ...CLEAR }]))).toEqual(['alerts-joined']);
  });
  test('that its messages are cut, and whole again; and nothing more when nothing is said', () => {
    expect(kinds(target(), batch([], { truncated: 2 }))).toEqual(['alerts-joined']);
    expect(hears(target(), batch([], { truncated: 2 })).merge.mergedFrom?.[0]?.truncated).toBe(2);
    expect(kinds(target(), batch([]))).toEqual([]);
  });
  test('[LIFE-22] an earlier incident, or anybody once it is over, is told so, and gets what fires back', () => {
    const over = afterCommand(target(), { type: 'declareFalseAlarm', reason: 'x' });
    const word = (incident: Incident, told_: ForwardedBatch) => {
      const [event] = observeForwarded(incident, told_, atMinute(9));
      return event?.type === 'merge-message-queued' ? [event.to, event.message.kind] : event?.type;
    };
    const firing = batch([{ fingerprint: 'g1' }]);
    const older = { ...firing, from: { ...FROM, incidentId: 'E-0' } };
    expect(word(over, firing)).toEqual(['inc-a', 'returned']);
    expect(word(target(), older)).toEqual(['inc-a', 'returned']);
    expect(word(over, batch([CLEAR]))).toEqual(['inc-a', 'over']);
    // It was there before the merge: whoever sent it knows what to do with it.
    expect(word(over, { ...firing, from: { ...FROM, predatesMerge: true } })).toEqual(['inc-a', 'over']);
  });
});

describe('[LIFE-22] what is given back', () => {
  const ended = (incident: Incident) => afterEvents(incident, { type: 'merge-target-closed', at: atMinute(6) });
  const report = (over: Partial<AlertReport> = {}) => anAlert({ group: 'inc-a', ...over });
  const types = (incident: Incident, ...alerts: readonly AlertReport[]) =>
    refireReturnedAlerts(incident, alerts, atMinute(7)).map(({ type }) => type);

  test('fires anew where the incident is open and had ignored it, or never heard of it', () => {
    const ignored = afterCommand(
      firingIncident(OWN),
      { type: 'resolve', resolution: 'known', ignoreAlerts: ['f1'] },
      2,
    );
    expect(types(ignored, report())).toEqual(['alerts-fired', 'recurred']);
    expect(types(firingIncident(OWN), report({ fingerprint: 'toString' }))).toEqual(['alerts-fired']);
  });
  test('is nothing to an open incident that counts it already, or knows its end, or a later firing', () => {
    expect(types(firingIncident(OWN), report())).toEqual([]);
    expect(types(afterAlerts(firingIncident(OWN), 4, [CLEAR]).incident, report())).toEqual([]);
    expect(types(firingIncident(OWN), report({ startsAt: 1 }))).toEqual([]);
  });
  test('is kept for a new incident where the incident is over', () => {
    const over = ended(part());
    expect(types(over, report())).toEqual(['alerts-returned']);
    const kept = afterEvents(
      over,
      ...refireReturnedAlerts(over, [report({ severity: 'SEV1', title: 'down' })], atMinute(7)),
    );
    expect(firingUndeliveredAlerts(kept)).toEqual([
      anAlert({ severity: 'SEV1', title: 'down', startsAt: 1_000, receivedAt: atMinute(0) }),
    ]);
    // Its end is known by the time somebody could open one.
    expect(firingUndeliveredAlerts(afterAlerts(kept, 8, [CLEAR]).incident)).toEqual([]);
    expect(types(ended(afterAlerts(part(), 5, [CLEAR]).incident), report())).toEqual([]);
  });
  test('news that nobody could be told counts as undelivered, what was there before does not', () => {
    const news = afterAlerts(joined(firingIncident(OWN)), 5, [{ fingerprint: 'f2', startsAt: atMinute(5) }]).incident;
    expect(firingUndeliveredAlerts(news)).toEqual([]);
    expect(firingUndeliveredAlerts(ended(news)).map(({ fingerprint }) => fingerprint)).toEqual(['f2']);
    expect(firingUndeliveredAlerts(firingIncident())).toEqual([]);
  });
  test('fires as if never heard of: others stay known, and it goes stale when it would have', () => {
    const two = afterAlerts(firingIncident(OWN), 1, [{ fingerprint: 'f2' }], { staleAfterMs: HOUR }).incident;
    expect(refireAlerts(two, [anAlert({ fingerprint: 'f2' })], atMinute(7))).toMatchObject([
      { type: 'alerts-fired', staleAfterMs: HOUR, source: 'alertmanager', alerts: [{ fingerprint: 'f2' }] },
    ]);
    expect(refireAlerts(two, [anAlert({ fingerprint: 'f9' })], atMinute(7))).toMatchObject([{ staleAfterMs: 0 }]);
    expect(
      refireAlerts({ ...two, alerts: { ...two.alerts, truncated: 4 } }, [anAlert({ fingerprint: 'f2' })], atMinute(7)),
    ).toHaveLength(1);
  });
});
