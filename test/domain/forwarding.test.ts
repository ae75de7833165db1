/** [LIFE-22] What a merged incident tells the one it is a part of about its alerts, and what that one hears. */
import { describe, expect, test } from '@jest/globals';
import type { AlertReport } from '../../domain/alert.ts';
import type { ForwardedBatch } from '../../domain/forwarded.ts';
import { firedAnew, heardAnew, observeForwarded } from '../../domain/forwarded.ts';
import { fitting, nextForward, reportOf, undeliveredAlerts } from '../../domain/forwarding.ts';
import type { Incident } from '../../domain/incident.ts';
import { aBatch, anAlert } from '../support/builders.ts';
import { after, alarmed, at, declared, heard, told } from '../support/play.ts';

const HOUR = 3_600_000;
const CLEAR = { status: 'resolved', endsAt: at(4) } as const;
const INTO = { workflowId: 'inc-b', incidentId: 'E-b', reference: null, name: '"b"', component: null };
const OWN = { workflowId: 'inc-a', incidentId: 'E-a' };

const joined = (incident: Incident): Incident => after(incident, { type: 'merged', at: at(2), by: 'ana', into: INTO });
/** A part of `inc-b`, which knows everything so far. */
const part = (incident: Incident = alarmed(OWN)): Incident => delivered(joined(incident));
function delivered(incident: Incident): Incident {
  const next = nextForward(incident, at(3));
  return next === null ? incident : delivered(after(incident, { ...next.done, at: at(3) }));
}
const forwarded = (incident: Incident) => nextForward(incident, at(9));
const names = (incident: Incident) => forwarded(incident)?.batch.alerts.map(({ fingerprint }) => fingerprint);

describe('[LIFE-22] what was there before the merge', () => {
  test('is told as no news, as it stands, with what is known of each', () => {
    const labels = { alertname: 'Disk', instance: 'db1' };
    const next = forwarded(
      joined(heard(alarmed(OWN), 1, [{ fingerprint: 'f2', labels, title: 'disk full' }]).incident),
    );
    expect(next?.to).toBe('inc-b');
    expect(next?.batch.from).toEqual({ ...OWN, joins: true });
    expect(next?.batch).not.toHaveProperty('alreadyPaged');
    expect(next?.batch.alerts[1]).toEqual({
      ...{ fingerprint: 'f2', status: 'firing', startsAt: 1_000, startGuessed: false, endsAt: null, labels },
      ...{ annotations: {}, links: {}, group: 'inc-a', severity: 'SEV2', title: 'Checkout fails' },
    });
  });
  test('is told once: then there is nothing to tell', () => expect(forwarded(part())).toBeNull());
  test('of a storm keeps the group of each', () => {
    const stormy = { ...alarmed(OWN), alerts: { f1: { ...alarmed().alerts['f1']!, group: 'inc-g' } } };
    expect(forwarded(joined(stormy))?.batch.alerts[0]?.group).toBe('inc-g');
  });
});

describe('[LIFE-22] what happens afterwards', () => {
  const news = { fingerprint: 'f2', severity: 'SEV1', title: 'disk full', startsAt: at(5) } as const;
  test('a firing is news, with its own severity and title, and goes before all else', () => {
    const incident = heard(joined(alarmed(OWN)), 5, [news]).incident;
    expect(forwarded(incident)?.batch).toMatchObject({
      ...{ from: { joins: false }, alerts: [{ fingerprint: 'f2', severity: 'SEV1', title: 'disk full' }] },
    });
    const rest = after(incident, { ...forwarded(incident)!.done, at: at(6) });
    expect(forwarded(rest)?.batch).toMatchObject({ from: { joins: true }, alerts: [{ fingerprint: 'f1' }] });
  });
  test('an end, a repeat, and that a message left something out are told too, as news', () => {
    const cleared = heard(part(), 5, [CLEAR]).incident;
    expect(forwarded(cleared)?.batch).toMatchObject({ from: { joins: false }, alerts: [{ status: 'resolved' }] });
    expect(forwarded(heard(part(), 5, [{}]).incident)?.batch).toMatchObject({
      ...{ from: { joins: false }, alerts: [{ fingerprint: 'f1', status: 'firing' }] },
    });
    const two = part(heard(alarmed(OWN), 1, [{ fingerprint: 'f2' }]).incident);
    expect(names(heard(two, 5, [{ fingerprint: 'f2' }]).incident)).toEqual(['f2']);
    const cut = heard(two, 5, [], { truncated: 3 }).incident;
    expect([names(cut), forwarded(cut)?.batch.truncated]).toEqual([['f1'], 3]);
  });
  test('what joined by way of another is no news, also when it has to be told anew', () => {
    const alerts = [anAlert({ fingerprint: 'g1' })];
    const event = { type: 'alerts-joined', at: at(5), from: 'inc-c', alerts, source: 'grafana' } as const;
    const incident = after(part(), { ...event, staleAfterMs: HOUR, truncated: 0 });
    expect(forwarded(incident)?.batch).toMatchObject({
      ...{ from: { joins: true }, source: 'grafana', staleAfterMs: HOUR, alerts: [{ fingerprint: 'g1' }] },
    });
  });
  test('what changes while the message is on its way is told again', () => {
    const firing = heard(part(), 5, [news]).incident;
    const sent = forwarded(firing)!.done;
    const ended = heard(firing, 6, [{ ...CLEAR, fingerprint: 'f2', startsAt: at(5) }]).incident;
    expect(names(after(ended, { ...sent, at: at(7) }))).toEqual(['f2']);
    expect(forwarded(after(firing, { ...sent, at: at(7) }))).toBeNull();
  });
  test('when it goes on somewhere else, everything is told there, and news stays news', () => {
    const firing = heard(part(), 5, [news]).incident;
    const moved = after(firing, { type: 'merge-moved', at: at(6), into: { ...INTO, workflowId: 'inc-c' } });
    expect(forwarded(moved)).toMatchObject({ to: 'inc-c', batch: { from: { joins: false } } });
    expect(names(after(moved, { ...forwarded(moved)!.done, at: at(7) }))).toEqual(['f1']);
  });
  test('alerts of different senders go apart, each with its sender', () => {
    const other = heard(part(), 5, [news], { source: 'grafana', staleAfterMs: HOUR }).incident;
    const both = heard(other, 5, [{ fingerprint: 'f3' }]).incident;
    expect(forwarded(both)?.batch).toMatchObject({ source: 'grafana', staleAfterMs: HOUR });
    expect(names(both)).toEqual(['f2']);
    const later = heard(other, 5, [{ fingerprint: 'f3' }], { source: 'grafana', staleAfterMs: 2 * HOUR }).incident;
    expect(names(later)).toEqual(['f2']);
  });
  test('of an alert that is gone there is nothing to tell, and nothing is left owing', () => {
    const firing = heard(part(), 5, [news]).incident;
    const { f2: _, ...alerts } = firing.alerts;
    const gone = { ...firing, alerts };
    expect(names(gone)).toEqual([]);
    expect(forwarded(after(gone, { ...forwarded(gone)!.done, at: at(6) }))).toBeNull();
  });
  test('once it stands for itself again nothing is owed', () => {
    const reopened = told(heard(part(), 5, [news]).incident, { type: 'reopen', reason: 'not the same' }, 6);
    expect([forwarded(reopened), undeliveredAlerts(reopened)]).toEqual([null, []]);
  });
});

describe('[PAGE-40] [LIFE-22] pages that the edge sent', () => {
  const page = (n: number, incidentId = 'E9') => ({ to: 'ana', method: 'sms', key: `bg/${n}`, at: at(n), incidentId });
  const paged = (incident: Incident, ...pages: readonly ReturnType<typeof page>[]) =>
    heard(incident, 5, [], { alreadyPaged: pages }).incident;
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
    expect(forwarded(paged(part(), page(1)))).toMatchObject({ batch: { alerts: [], from: { joins: false } } });
  });
  test('are told once; those that come meanwhile wait for the next message', () => {
    const first = paged(part(), page(1));
    const { done } = forwarded(first)!;
    expect(told_(after(paged(first, page(2)), { ...done, at: at(6) }))).toEqual([['bg/2', 'E9']]);
    expect(forwarded(after(first, { ...done, at: at(6) }))).toBeNull();
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
    expect(fitting([one, one, one], 2 * bytes(one))).toHaveLength(2);
    expect(fitting([one, one, one], 2 * bytes(one) - 1)).toHaveLength(1);
    expect(fitting([one, one, one], 3 * bytes(one))).toHaveLength(3);
    expect(fitting([sized(500), one], 10)).toHaveLength(1);
    expect(fitting([], 10)).toEqual([]);
  });
  test('has five hundred alerts at the most, and stays below what one signal may carry', () => {
    const many = Array.from({ length: 501 }, () => sized(0));
    expect(fitting(many, Infinity)).toHaveLength(500);
    expect(fitting(many.slice(1), Infinity)).toHaveLength(500);
    const large = Array.from({ length: 100 }, () => sized(3_000));
    const size = fitting(large).reduce((sum, report) => sum + bytes(report), 0);
    expect(size).toBeLessThanOrEqual(192 * 1024);
    expect(size + bytes(sized(3_000))).toBeGreaterThan(192 * 1024);
  });
  test('says nothing of an alert that nobody knows, whatever it is called', () => {
    for (const fingerprint of ['toString', '__proto__']) expect(reportOf(alarmed(), { fingerprint })).toEqual([]);
    const known = heard(declared(), 0, [{ fingerprint: 'toString', labels: { alertname: 'Odd' } }]).incident;
    const many = heard(
      known,
      1,
      Array.from({ length: 60 }, (_, n) => ({ fingerprint: n === 59 ? 'constructor' : `f${n}` })),
    ).incident;
    expect(reportOf(many, { fingerprint: 'toString' })[0]?.labels).toEqual({ alertname: 'Odd' });
    expect(reportOf(many, { fingerprint: 'constructor' })[0]).toMatchObject({ labels: {}, annotations: {}, links: {} });
  });
});

describe('[LIFE-22] the target hears', () => {
  const FROM = { workflowId: 'inc-a', incidentId: 'E-a', joins: false };
  const batch = (alerts: readonly Partial<AlertReport>[], over: object = {}): ForwardedBatch => ({
    ...{ ...aBatch(alerts.map(anAlert)), from: FROM },
    ...over,
  });
  const target = (): Incident => ({
    ...alarmed(),
    absorbed: [{ ...INTO, workflowId: 'inc-a', incidentId: 'E-a', incidentIds: ['E-a'], truncated: 0 }],
  });
  const hears = (incident: Incident, told: ForwardedBatch) =>
    after(incident, ...observeForwarded(incident, told, at(9)));
  const kinds = (incident: Incident, told: ForwardedBatch) =>
    observeForwarded(incident, told, at(9)).map(({ type }) => type);

  test('what fires as from monitoring, and remembers whose it is', () => {
    const now = hears(target(), batch([{ fingerprint: 'g1', severity: 'SEV1' }], { staleAfterMs: HOUR }));
    expect(now).toMatchObject({ severity: 'SEV1', alerts: { g1: { group: 'inc-a', staleAfterMs: HOUR } } });
    expect(hears(target(), batch([{ fingerprint: 'g1', group: 'inc-g' }])).alerts['g1']?.group).toBe('inc-g');
    expect(kinds(target(), batch([{ fingerprint: 'g1' }]))).toEqual(['alerts-fired']);
  });
  test('what was there before as no news: it raises nothing, and is known from then on', () => {
    const joins = { from: { ...FROM, joins: true } };
    expect(kinds(target(), batch([{ fingerprint: 'g1', severity: 'SEV1' }], joins))).toEqual(['alerts-joined']);
    expect(kinds(target(), batch([{ fingerprint: 'g1', ...CLEAR }], joins))).toEqual(['alerts-joined']);
  });
  test('the end of what it knows as an end; of what it never heard to fire it is none of its ends', () => {
    expect(kinds(target(), batch([CLEAR]))).toEqual(['alerts-cleared', 'monitoring-started']);
    expect(kinds(target(), batch([{ fingerprint: 'g1', ...CLEAR }]))).toEqual(['alerts-joined']);
  });
  test('that its messages are cut, and whole again; and nothing more when nothing is said', () => {
    expect(kinds(target(), batch([], { truncated: 2 }))).toEqual(['alerts-joined']);
    expect(hears(target(), batch([], { truncated: 2 })).absorbed?.[0]?.truncated).toBe(2);
    expect(kinds(target(), batch([]))).toEqual([]);
  });
  test('[LIFE-22] an earlier incident, or anybody once it is over, is told so, and gets what fires back', () => {
    const over = told(target(), { type: 'declareFalseAlarm', reason: 'x' });
    const word = (incident: Incident, told_: ForwardedBatch) => {
      const [event] = observeForwarded(incident, told_, at(9));
      return event?.type === 'merge-message-queued' ? [event.to, event.word.say] : event?.type;
    };
    const firing = batch([{ fingerprint: 'g1' }]);
    const older = { ...firing, from: { ...FROM, incidentId: 'E-0' } };
    expect(word(over, firing)).toEqual(['inc-a', 'returned']);
    expect(word(target(), older)).toEqual(['inc-a', 'returned']);
    expect(word(over, batch([CLEAR]))).toEqual(['inc-a', 'over']);
    // It was there before the merge: whoever sent it knows what to do with it.
    expect(word(over, { ...firing, from: { ...FROM, joins: true } })).toEqual(['inc-a', 'over']);
  });
});

describe('[LIFE-22] what is given back', () => {
  const ended = (incident: Incident) => after(incident, { type: 'merge-ended', at: at(6) });
  const report = (over: Partial<AlertReport> = {}) => anAlert({ group: 'inc-a', ...over });
  const types = (incident: Incident, ...alerts: readonly AlertReport[]) =>
    heardAnew(incident, alerts, at(7)).map(({ type }) => type);

  test('fires anew where the incident is open and had ignored it, or never heard of it', () => {
    const ignored = told(alarmed(OWN), { type: 'resolve', resolution: 'known', ignoreAlerts: ['f1'] }, 2);
    expect(types(ignored, report())).toEqual(['alerts-fired', 'recurred']);
    expect(types(alarmed(OWN), report({ fingerprint: 'toString' }))).toEqual(['alerts-fired']);
  });
  test('is nothing to an open incident that counts it already, or knows its end, or a later firing', () => {
    expect(types(alarmed(OWN), report())).toEqual([]);
    expect(types(heard(alarmed(OWN), 4, [CLEAR]).incident, report())).toEqual([]);
    expect(types(alarmed(OWN), report({ startsAt: 1 }))).toEqual([]);
  });
  test('is kept for a new incident where the incident is over', () => {
    const over = ended(part());
    expect(types(over, report())).toEqual(['alerts-returned']);
    const kept = after(over, ...heardAnew(over, [report({ severity: 'SEV1', title: 'down' })], at(7)));
    expect(undeliveredAlerts(kept)).toEqual([anAlert({ severity: 'SEV1', title: 'down', startsAt: 1_000 })]);
    // Its end is known by the time somebody could open one.
    expect(undeliveredAlerts(heard(kept, 8, [CLEAR]).incident)).toEqual([]);
    expect(types(ended(heard(part(), 5, [CLEAR]).incident), report())).toEqual([]);
  });
  test('news that nobody could be told counts as undelivered, what was there before does not', () => {
    const news = heard(joined(alarmed(OWN)), 5, [{ fingerprint: 'f2', startsAt: at(5) }]).incident;
    expect(undeliveredAlerts(news)).toEqual([]);
    expect(undeliveredAlerts(ended(news)).map(({ fingerprint }) => fingerprint)).toEqual(['f2']);
    expect(undeliveredAlerts(alarmed())).toEqual([]);
  });
  test('fires as if never heard of: others stay known, and it goes stale when it would have', () => {
    const two = heard(alarmed(OWN), 1, [{ fingerprint: 'f2' }], { staleAfterMs: HOUR }).incident;
    expect(firedAnew(two, [anAlert({ fingerprint: 'f2' })], at(7))).toMatchObject([
      { type: 'alerts-fired', staleAfterMs: HOUR, source: 'alertmanager', alerts: [{ fingerprint: 'f2' }] },
    ]);
    expect(firedAnew(two, [anAlert({ fingerprint: 'f9' })], at(7))).toMatchObject([{ staleAfterMs: 0 }]);
    expect(firedAnew({ ...two, truncated: 4 }, [anAlert({ fingerprint: 'f2' })], at(7))).toHaveLength(1);
  });
});
