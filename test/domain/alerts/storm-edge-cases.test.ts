/** A storm at its edges: names that are not told yet, and what is still said of groups that have left. */
import { describe, expect, test } from '@jest/globals';
import type { StormGroup } from '../../../domain/kernel/alert.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { alertsOfSplitOffGroups, nextNaming, batchForStorm, withoutGroup } from '../../../domain/alerts/storm.ts';
import { anAlertBatch, anAlert } from '../../support/builders.ts';
import { afterEvents, atMinute, declaredIncident, afterAlerts, afterCommand } from '../../support/pure-incident.ts';

const group = (n: number): StormGroup => ({
  ...{ workflowId: `inc-${n}`, title: `service ${n} is down`, severity: 'SEV2', service: null },
});
const joined = (incident: Incident, ...numbers: readonly number[]): Incident =>
  afterAlerts(
    incident,
    0,
    numbers.map((n) => ({ fingerprint: `f${n}`, group: `inc-${n}`, title: `service ${n} is down` })),
    { groups: numbers.map(group) },
  ).incident;
const storm = (): Incident => joined(declaredIncident({ storm: true }), 1, 2, 3);
const begun = (incident: Incident): Incident =>
  afterEvents(incident, {
    ...{
      type: 'level-started',
      at: atMinute(0),
      cycleInRun: 1,
      cycle: 1,
      level: 1,
      together: false,
      reason: 'on-call',
    },
    ...{ dueAt: atMinute(0), nextLevelAt: atMinute(15) },
  });

describe('[ALERT-17] who is named', () => {
  test('nobody, before the first page and while everybody was', () => {
    expect(nextNaming(storm())).toBeNull();
    expect(nextNaming(begun(storm()))).toBeNull();
    expect(nextNaming(joined(begun(storm()), 4))?.at).toBe(atMinute(0) + 10_000);
    expect(nextNaming(begun(declaredIncident()))).toBeNull();
  });

  test('a name that was told and leaves takes its place along; one that was not leaves the others theirs', () => {
    const {
      alerts: { storm: known },
    } = joined(begun(storm()), 4);
    if (known === undefined) throw new Error('no storm');
    expect(known.groupsNamed).toBe(3);
    expect(withoutGroup(known, group(1))).toMatchObject({ groupsNamed: 2, splitOffGroups: ['inc-1'] });
    expect(withoutGroup(known, group(4))).toMatchObject({ groupsNamed: 3, splitOffGroups: ['inc-4'] });
    expect(withoutGroup(known, group(9))).toBe(known);
    expect(withoutGroup(withoutGroup(known, group(1)), group(2)).splitOffGroups).toEqual(['inc-1', 'inc-2']);
  });
});

describe('[ALERT-18] once a group has left', () => {
  const parted = afterCommand(storm(), { type: 'split', alert: 'f2' });
  const alerts = [1, 2].map((n) => anAlert({ fingerprint: `f${n}`, group: `inc-${n}` }));

  test('what is still told here of it is handed on to its own incident, and to nobody else', () => {
    const batch = anAlertBatch([...alerts, anAlert({ fingerprint: 'g2', group: 'inc-2' }), anAlert()]);
    expect(
      [...alertsOfSplitOffGroups(parted, batch)].map(([to, some]) => [to, some.map(({ fingerprint }) => fingerprint)]),
    ).toEqual([['inc-2', ['f2', 'g2']]]);
    expect(batchForStorm(parted, batch).alerts.map(({ fingerprint }) => fingerprint)).toEqual(['f1', 'f1']);
    expect([...alertsOfSplitOffGroups(storm(), batch)]).toEqual([]);
    expect([...alertsOfSplitOffGroups(declaredIncident(), batch)]).toEqual([]);
  });

  test('an incident that is no storm takes everything as it comes', () => {
    const batch = anAlertBatch(alerts);
    expect(batchForStorm(declaredIncident(), batch)).toBe(batch);
  });

  test('its alerts go along as they were: source, silence, labels; gone are those that nobody kept', () => {
    const room = Array.from({ length: 60 }, (_, n) => ({
      fingerprint: `n${n}`,
      group: 'inc-2',
      labels: { host: `h${n}` },
    }));
    const many = afterAlerts(storm(), 1, room, { source: 'grafana', staleAfterMs: 9_000 }).incident;
    const order = afterCommand(many, { type: 'split', alert: 'inc-2' }).outbox.splits?.[0];
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
    const event = { type: 'split-off', at: atMinute(1), by: 'ana', group: group(2) } as const;
    const parted2 = afterEvents(storm(), { ...event, fingerprints: ['f2', 'gone', 'constructor'] });
    expect(parted2.outbox.splits).toMatchObject([{ staleAfterMs: 12 * 3_600_000, alerts: [{ fingerprint: 'f2' }] }]);
    expect(parted2.outbox.splits?.[0]?.alerts).toHaveLength(1);
  });

  test('of a source that is the storm’s own, and of nobody, it is told all the same', () => {
    expect(afterCommand(storm(), { type: 'split', alert: 'inc-2' }).outbox.splits?.[0]).toMatchObject({
      source: 'alertmanager',
    });
    const bare = afterAlerts(storm(), 0, [], { groups: [group(4)] }).incident;
    expect(afterCommand(bare, { type: 'split', alert: 'inc-4' }).outbox.splits?.[0]).toMatchObject({
      alerts: [],
      staleAfterMs: 0,
    });
  });
});
