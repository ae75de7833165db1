/** A storm in the pure domain: who joined, who has been named, who leaves. */
import { NAMES_IN_A_PAGE } from '../../../domain/kernel/queries.ts';
import { expect, test } from '@jest/globals';
import type { StormGroup } from '../../../domain/kernel/alert.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { membersOf, nextNaming } from '../../../domain/alerts/storm.ts';
import { toView } from '../../../domain/engine/to-view.ts';
import {
  afterEvents,
  atMinute,
  declaredIncident,
  afterAlerts,
  decideCommand,
  afterCommand,
} from '../../support/pure-incident.ts';

const group = (n: number): StormGroup => ({
  workflowId: `inc-platform-${n}`,
  title: `service ${n} is down`,
  severity: n % 2 === 0 ? 'SEV2' : 'SEV3',
  service: null,
});

/** Groups `from` … `to` join with an alert each. */
function joined(incident: Incident, minute: number, from: number, to: number): Incident {
  const groups = Array.from({ length: to - from + 1 }, (_, i) => group(from + i));
  const alerts = groups.map(({ workflowId, title, severity }) => ({
    fingerprint: `fp-${workflowId}`,
    title,
    severity,
    group: workflowId,
  }));
  return afterAlerts(incident, minute, alerts, { groups }).incident;
}

const begun = (incident: Incident, minute: number): Incident =>
  afterEvents(incident, {
    type: 'level-started',
    ...{ at: atMinute(minute), cycleInRun: 1, cycle: 1, level: 1, together: false, reason: 'on-call' as const },
    ...{ dueAt: atMinute(minute), nextLevelAt: atMinute(minute + 15) },
  });

const named = (incident: Incident): string[] =>
  incident.outbox.pages.flatMap(({ groups = [] }) => groups.map(({ title }) => title));

const stormy = (): Incident => joined(declaredIncident({ storm: true, severity: 'SEV2' }), 0, 1, 3);

test('[ALERT-17] the first page names who has joined; whoever joins later is named 10 s after it', () => {
  const incident = joined(begun(stormy(), 0), 0.05, 4, 5);
  expect(named(incident)).toEqual(['service 1 is down', 'service 2 is down', 'service 3 is down']);
  expect(nextNaming(incident)).toEqual({ at: atMinute(0) + 10_000 });
  const next = afterEvents(incident, {
    type: 'storm-groups-named',
    at: atMinute(0) + 10_000,
    dueAt: atMinute(0) + 10_000,
  });
  expect(next.outbox.pages.at(-1)).toMatchObject({ reason: 'storm', groups: [group(4), group(5)] });
  expect(nextNaming(next)).toBeNull();
});

test('[ALERT-17] after the first minute names come at most each minute', () => {
  let incident = begun(stormy(), 0);
  const times: number[] = [];
  for (let n = 4; n < 14; n += 1) {
    incident = joined(incident, 0, n, n);
    const due = nextNaming(incident);
    if (due === null) throw new Error('nobody is named');
    times.push((due.at - atMinute(0)) / 1000);
    incident = afterEvents(incident, { type: 'storm-groups-named', at: due.at, dueAt: due.at });
  }
  expect(times).toEqual([10, 20, 30, 40, 50, 60, 120, 180, 240, 300]);
});

test('[ALERT-17] more names than one page holds go into several, each once', () => {
  let incident = joined(begun(stormy(), 0), 0, 4, 2 * NAMES_IN_A_PAGE + 500);
  let pages = 0;
  for (let due = nextNaming(incident); due !== null && pages < 10; due = nextNaming(incident)) {
    incident = afterEvents(incident, { type: 'storm-groups-named', at: due.at, dueAt: due.at });
    pages += 1;
  }
  const names = named(incident);
  expect(names).toHaveLength(2 * NAMES_IN_A_PAGE + 500);
  expect(new Set(names).size).toBe(names.length);
  expect(pages).toBe(3);
});

test('[ALERT-17] names that do not fit into one page do not wait for the next moment', () => {
  const incident = joined(begun(stormy(), 0), 0, 4, NAMES_IN_A_PAGE + 500);
  const due = nextNaming(incident);
  const next = afterEvents(incident, { type: 'storm-groups-named', at: atMinute(0.2), dueAt: due?.at ?? 0 });
  expect(nextNaming(next)).toEqual(due);
});

test('[ALERT-17] once somebody has it nobody is named any more; the timeline says who joined', () => {
  const taken = afterCommand(begun(stormy(), 0), { type: 'acknowledge' });
  const incident = joined(taken, 2, 4, 5);
  expect(nextNaming(incident)).toBeNull();
  expect(incident.projection.timeline.at(-2)).toMatchObject({
    kind: 'groups-joined',
    text: expect.stringContaining('service 4'),
  });
});

test('[ALERT-17] a worse group raises the storm; SEV2 of a SEV2 does not', () => {
  const mild = afterAlerts(declaredIncident({ storm: true, severity: 'SEV3' }), 0, [{ severity: 'SEV3' }]).incident;
  expect(joined(mild, 1, 2, 2).severity).toBe('SEV2');
});

test('a group that is known joins once, and its repeats are no news', () => {
  const incident = joined(stormy(), 1, 1, 3);
  expect(incident.alerts.storm?.groups).toHaveLength(3);
  expect(incident.projection.seq).toBe(stormy().projection.seq);
});

test('[ALERT-17] a group with an incident of its own is named and does not belong here, until it joins', () => {
  const own = { ...group(7), hasOwnIncident: true } as const;
  const incident = afterAlerts(stormy(), 0, [], { groups: [own, own] }).incident;
  expect(incident.alerts.storm?.groups).toHaveLength(4);
  expect(membersOf(incident)).toHaveLength(3);
  expect(named(begun(incident, 0))).toContain('service 7 is down');
  expect(decideCommand(incident, { type: 'split', alert: 'service 7 is down' })).toMatchObject({ refused: true });
  expect(membersOf(joined(incident, 1, 7, 7))).toHaveLength(4);
});

test('[ALERT-18] split takes a group out with its alerts, and owes it an incident of its own', () => {
  const incident = afterCommand(begun(stormy(), 0), { type: 'split', alert: 'service 2 is down' });
  expect(incident.alerts.storm?.groups.map(({ title }) => title)).toEqual(['service 1 is down', 'service 3 is down']);
  expect(Object.keys(incident.alerts.states)).toEqual(['fp-inc-platform-1', 'fp-inc-platform-3']);
  expect(incident.outbox.splits).toMatchObject([
    { by: 'ana', group: group(2), alerts: [{ fingerprint: 'fp-inc-platform-2', status: 'firing', severity: 'SEV2' }] },
  ]);
  const order = incident.outbox.splits?.[0];
  const done = afterEvents(incident, { type: 'split-done', at: atMinute(2), splitNumber: order?.n ?? 0 });
  expect(done.outbox.splits).toEqual([]);
});

test('[ALERT-18] a group that left does not come back by a late repeat, nor does its all-clear', () => {
  const incident = afterCommand(begun(stormy(), 0), { type: 'split', alert: 'service 2 is down' });
  const again = joined(incident, 1, 2, 4);
  expect(again.alerts.storm?.groups.map(({ title }) => title)).toEqual([1, 3, 4].map((n) => group(n).title));
  const cleared = afterAlerts(again, 2, [
    { fingerprint: 'fp-never-seen', status: 'resolved', group: 'inc-platform-9' },
  ]);
  expect(cleared.kinds).toEqual([]);
});

test('[ALERT-18] split knows a group by its workflow id, its title, or an alert; nothing else', () => {
  for (const alert of ['inc-platform-3', 'service 3 is down', 'fp-inc-platform-3']) {
    expect(afterCommand(stormy(), { type: 'split', alert }).alerts.storm?.groups).toHaveLength(2);
  }
  expect(decideCommand(stormy(), { type: 'split', alert: 'constructor' })).toMatchObject({ refused: true });
  expect(decideCommand(declaredIncident(), { type: 'split', alert: 'x' })).toMatchObject({
    refused: true,
    reason: 'only a storm can be split: this is an incident of one group',
  });
});

test('an incident that is no storm ignores groups, and says nothing of storms', () => {
  const incident = afterAlerts(declaredIncident(), 0, [{}], { groups: [group(1)] }).incident;
  expect(incident.alerts.storm).toBeUndefined();
  expect(toView(incident)).not.toHaveProperty('aliases');
});
