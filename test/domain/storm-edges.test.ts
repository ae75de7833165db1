/** A storm at its edges: names that are not told yet, and what is still said of groups that have left. */
import { describe, expect, test } from '@jest/globals';
import type { StormGroup } from '../../domain/alert.ts';
import type { Incident } from '../../domain/incident.ts';
import { leftBehind, nextNaming, ofStorm, without } from '../../domain/storm.ts';
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
    ...{ type: 'level-begun', at: at(0), cycleInRun: 1, cycle: 1, level: 1, together: false, reason: 'on-call' },
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
