/** [ALERT-16] [ALERT-17] [ALERT-18] What a storm and a waiting room do at their edges. */
import { describe, expect, test } from '@jest/globals';
import type { AlertReport, StormGroup } from '../../domain/alert.ts';
import type { Incident } from '../../domain/incident.ts';
import { leftBehind, nextNaming, ofStorm, without } from '../../domain/storm.ts';
import {
  letIn,
  nextLetIn,
  NOBODY_WAITS,
  sortOut,
  windowsOf,
  windowWords,
  withEnd,
  type WaitingRoom,
} from '../../domain/waiting-room.ts';
import { aBatch, anAlert } from '../support/builders.ts';
import { after, at, declared, heard, told } from '../support/play.ts';

const group = (n: number): StormGroup => ({
  ...{ workflowId: `inc-${n}`, title: `service ${n} is down`, severity: 'SEV2', service: null },
});
const joined = (incident: Incident, ...numbers: readonly number[]): Incident =>
  heard(
    incident,
    0,
    numbers.map((n) => ({ fingerprint: `f${n}`, group: `inc-${n}`, title: `service ${n} is down` })),
    { groups: numbers.map(group) },
  ).incident;
const storm = (): Incident => joined(declared({ storm: true }), 1, 2, 3);
const begun = (incident: Incident): Incident =>
  after(incident, {
    ...{ type: 'level-begun', at: at(0), pass: 1, round: 1, level: 1, together: false, reason: 'on-call' },
    ...{ dueAt: at(0), nextLevelAt: at(15) },
  });

describe('[ALERT-17] who is named', () => {
  test('nobody, before the first page and while everybody was', () => {
    expect(nextNaming(storm())).toBeNull();
    expect(nextNaming(begun(storm()))).toBeNull();
    expect(nextNaming(joined(begun(storm()), 4))?.at).toBe(at(0) + 10_000);
    expect(nextNaming(begun(declared()))).toBeNull();
  });

  test('a name that was told and leaves takes its place along; one that was not leaves the others theirs', () => {
    const { storm: known } = joined(begun(storm()), 4);
    if (known === undefined) throw new Error('no storm');
    expect(known.named).toBe(3);
    expect(without(known, group(1))).toMatchObject({ named: 2, left: ['inc-1'] });
    expect(without(known, group(4))).toMatchObject({ named: 3, left: ['inc-4'] });
    expect(without(known, group(9))).toBe(known);
    expect(without(without(known, group(1)), group(2)).left).toEqual(['inc-1', 'inc-2']);
  });
});

describe('[ALERT-18] once a group has left', () => {
  const parted = told(storm(), { type: 'split', alert: 'f2' });
  const alerts = [1, 2].map((n) => anAlert({ fingerprint: `f${n}`, group: `inc-${n}` }));

  test('what is still told here of it is handed on to its own incident, and to nobody else', () => {
    const batch = aBatch([...alerts, anAlert({ fingerprint: 'g2', group: 'inc-2' }), anAlert()]);
    expect(
      [...leftBehind(parted, batch)].map(([to, some]) => [to, some.map(({ fingerprint }) => fingerprint)]),
    ).toEqual([['inc-2', ['f2', 'g2']]]);
    expect(ofStorm(parted, batch).alerts.map(({ fingerprint }) => fingerprint)).toEqual(['f1', 'f1']);
    expect([...leftBehind(storm(), batch)]).toEqual([]);
    expect([...leftBehind(declared(), batch)]).toEqual([]);
  });

  test('an incident that is no storm takes everything as it comes', () => {
    const batch = aBatch(alerts);
    expect(ofStorm(declared(), batch)).toBe(batch);
  });

  test('its alerts go along as they were: source, silence, labels; gone are those that nobody kept', () => {
    const room = Array.from({ length: 60 }, (_, n) => ({
      fingerprint: `n${n}`,
      group: 'inc-2',
      labels: { host: `h${n}` },
    }));
    const many = heard(storm(), 1, room, { source: 'grafana', staleAfterMs: 9_000 }).incident;
    const order = told(many, { type: 'split', alert: 'inc-2' }).orders.splits?.[0];
    expect(order).toMatchObject({ source: 'grafana', staleAfterMs: 12 * 3_600_000, group: group(2), by: 'ana' });
    expect(order?.alerts).toHaveLength(61);
    const withLabels = order?.alerts.filter(({ labels }) => Object.keys(labels).length > 0) ?? [];
    expect(withLabels).toHaveLength(48);
    expect(order?.alerts.at(-1)).toMatchObject({
      status: 'firing',
      startGuessed: false,
      labels: {},
      title: 'service 2 is down',
    });
  });

  test('what is gone meanwhile, or is called like something of the language, is not made up', () => {
    const event = { type: 'split-off', at: at(1), by: 'ana', group: group(2) } as const;
    const parted2 = after(storm(), { ...event, fingerprints: ['f2', 'gone', 'constructor'] });
    expect(parted2.orders.splits).toMatchObject([{ staleAfterMs: 12 * 3_600_000, alerts: [{ fingerprint: 'f2' }] }]);
    expect(parted2.orders.splits?.[0]?.alerts).toHaveLength(1);
  });

  test('of a source that is the storm’s own, and of nobody, it is told all the same', () => {
    expect(told(storm(), { type: 'split', alert: 'inc-2' }).orders.splits?.[0]).toMatchObject({
      source: 'alertmanager',
    });
    const bare = heard(storm(), 0, [], { groups: [group(4)] }).incident;
    expect(told(bare, { type: 'split', alert: 'inc-4' }).orders.splits?.[0]).toMatchObject({
      alerts: [],
      staleAfterMs: 0,
    });
  });
});

describe('[ALERT-16] the waiting room', () => {
  const held = (until: number, id: string | null = null) => ({
    held: [{ window: 'disk swap', windowWorkflowId: id, until }],
  });
  const hear = (room: WaitingRoom, alerts: readonly Partial<AlertReport>[], over = {}, now = 1_000) =>
    sortOut(room, aBatch(alerts.map(anAlert), over), {
      ...{ at: now, known: () => false },
      news: ({ status }: AlertReport) => (status === 'firing' ? 'fired' : 'cleared'),
    });
  const waits = hear(NOBODY_WAITS, [held(5_000)]).room;

  test('passes a message on that holds nobody back, and one that only says who was paged', () => {
    const batch = aBatch([anAlert()]);
    const free = { at: 1_000, news: () => 'fired' as const, known: () => false };
    expect(sortOut(NOBODY_WAITS, batch, free).batch).toBe(batch);
    expect(hear(NOBODY_WAITS, []).batch?.alerts).toEqual([]);
    const page = { to: 'ana', method: 'mail', key: 'k', at: 1, episode: 'E' };
    expect(hear(NOBODY_WAITS, [held(5_000)], { alreadyPaged: [page] }).batch).toMatchObject({ alerts: [] });
    expect(hear(NOBODY_WAITS, [held(5_000)], { alreadyPaged: [] }).batch).toBeNull();
  });

  test('keeps apart what each source says, and of one source the longest silence and the most that it left out', () => {
    const two = hear(waits, [{ ...held(5_000), fingerprint: 'f2' }], {
      staleAfterMs: 99 * 3_600_000,
      truncated: 7,
    }).room;
    const three = hear(two, [{ ...held(5_000), fingerprint: 'g1' }], {
      source: 'grafana',
      staleAfterMs: 5,
      truncated: 1,
    }).room;
    const four = hear(three, [{ ...held(9_000), fingerprint: 'later' }]).room;
    const { room, batches } = letIn(four, 5_000);
    expect(
      batches.map(({ source, alerts, staleAfterMs, truncated, receivedAt }) => [
        ...[source, alerts.map(({ fingerprint }) => fingerprint), staleAfterMs, truncated, receivedAt],
      ]),
    ).toEqual([
      ['alertmanager', ['f1', 'f2'], 99 * 3_600_000, 7, 5_000],
      ['grafana', ['g1'], 5, 1, 5_000],
    ]);
    expect(room.waiting.map(({ report }) => report.fingerprint)).toEqual(['later']);
    expect([nextLetIn(room), nextLetIn(NOBODY_WAITS)]).toEqual([9_000, null]);
  });

  test('remembers what a window said itself while somebody waits, and forgets it with the last', () => {
    const ended = withEnd(withEnd(hear(waits, [{ ...held(9_000), fingerprint: 'f2' }]).room, 'w1', 3_000), 'w2', 4_000);
    expect(ended.ends).toEqual({ w1: 3_000, w2: 4_000 });
    expect(letIn(ended, 5_000).room.ends).toEqual({ w1: 3_000, w2: 4_000 });
    expect(letIn(ended, 9_000).room).toEqual(NOBODY_WAITS);
  });

  test('an older start, come late, does not take the place of the one that waits', () => {
    const newer = hear(NOBODY_WAITS, [{ ...held(5_000), startsAt: 2_000, title: 'newer' }]).room;
    const { room, arrived } = hear(newer, [{ ...held(5_000), startsAt: 1_000, title: 'older' }]);
    expect(room.waiting).toMatchObject([{ report: { startsAt: 2_000, title: 'newer' } }]);
    expect(arrived).toEqual([]);
    const next = hear(newer, [{ ...held(5_000), startsAt: 3_000, title: 'next' }]);
    expect(next.room.waiting).toMatchObject([{ report: { startsAt: 3_000, title: 'next' } }]);
    expect(next.arrived).toHaveLength(1);
    expect(hear(newer, [{ ...held(7_000), startsAt: 2_000 }], { truncated: 4 }).room.waiting).toMatchObject([
      { truncated: 4, report: { title: 'newer', held: [{ until: 7_000 }] } },
    ]);
  });

  test('the end of an alert keeps its moment, and asks nothing of its window any more', () => {
    const { room } = hear(hear(NOBODY_WAITS, [held(5_000, 'w1')]).room, [{ status: 'resolved', endsAt: 900 }]);
    expect(room.waiting).toMatchObject([{ report: { status: 'resolved', startsAt: 1_000, endsAt: 900 } }]);
    expect(windowsOf(room)).toEqual([]);
    const both = hear(NOBODY_WAITS, [
      held(5_000, 'w1'),
      { ...held(5_000, 'w1'), fingerprint: 'f2' },
      { ...held(1, null), fingerprint: 'f3' },
    ]);
    expect(windowsOf(both.room)).toEqual(['w1']);
  });

  test('an alert without labels of its own keeps a title that fits', () => {
    const full = hear(
      NOBODY_WAITS,
      Array.from({ length: 51 }, (_, n) => ({ ...held(5_000), fingerprint: `f${n}`, title: 't'.repeat(300) })),
    ).room;
    expect([full.waiting[49]?.report.title.length, full.waiting[50]?.report.title.length]).toEqual([300, 200]);
    expect([full.waiting[49]?.report.labels, full.waiting[50]?.report.labels]).toEqual([
      { alertname: 'CheckoutFails' },
      {},
    ]);
  });

  test('people read which windows hold it, each once, and until when', () => {
    const two = [...held(5_000, 'w1').held, { window: 'disk swap', windowWorkflowId: null, until: 60_000 * 90 }];
    expect(windowWords(NOBODY_WAITS, two)).toBe('"disk swap" until 1970-01-01T01:30Z');
    expect(
      windowWords(NOBODY_WAITS, [...two, { window: 'n'.repeat(150), windowWorkflowId: null, until: 0 }]),
    ).toContain(`, "${'n'.repeat(99)}…"`);
  });
});
