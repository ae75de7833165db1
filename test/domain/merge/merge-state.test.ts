/** [LIFE-22] What either incident knows after a merge, alert by alert. */
import { describe, expect, test } from '@jest/globals';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { EventOf } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { MergeMessage, MergeStanding } from '../../../domain/kernel/merge-messages.ts';
import { mergePeerOf, standingOf } from '../../../domain/kernel/merge-messages.ts';
import { anAlert } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  afterCommand,
} from '../../support/pure-incident.ts';

const peer = (name: string, over: object = {}) => ({
  ...{
    workflowId: `inc-${name}`,
    incidentId: `E-${name}`,
    reference: null,
    name: `"${name}"`,
    component: null,
    ...over,
  },
});
const absorbed = (incident: Incident, name: string, standing: Partial<MergeStanding> = {}): Incident =>
  afterEvents(incident, {
    ...{ type: 'incident-merged-in', at: atMinute(3), by: 'ana', from: peer(name), incidentIds: [`E-${name}`] },
    standing: { ...standingOf(declaredIncident()), ...standing },
  });
const joined = (
  incident: Incident,
  alerts: readonly Partial<AlertReport>[],
  over: Partial<EventOf<'alerts-joined'>> = {},
): Incident =>
  afterEvents(incident, {
    ...{
      type: 'alerts-joined',
      at: atMinute(4),
      from: 'inc-b',
      source: 'alertmanager',
      staleAfterMs: 9_000,
      truncated: 0,
    },
    ...{ alerts: alerts.map(anAlert), ...over },
  });
const released = (incident: Incident, name: string): Incident =>
  afterEvents(incident, { type: 'merged-incident-released', at: atMinute(6), from: peer(name) });
const words = ({ outbox }: Incident): readonly (readonly [string, MergeMessage['kind']])[] =>
  (outbox.mergeMessages ?? []).map(({ to, message }) => [to, message.kind]);

describe('[LIFE-22] alerts that join', () => {
  test('are known as they are, by the one that brought them', () => {
    const { alerts } = joined(firingIncident(), [{ fingerprint: 'g', endsAt: null, labels: { host: 'db1' } }]);
    expect(alerts.states['g']).toEqual({
      ...{ fingerprint: 'g', status: 'firing', startsAt: 1_000, endsAt: null, lastReportedAt: atMinute(4) },
      ...{ staleAfterMs: 9_000, ignored: false, group: 'inc-b' },
    });
    expect(alerts.details['g']).toMatchObject({ labels: { host: 'db1' } });
    expect(Object.keys(alerts.details)).toEqual(['f1', 'g']);
  });

  test('of another source are asked about there', () => {
    expect(joined(firingIncident(), [{ fingerprint: 'g' }], { source: 'grafana' }).alerts.states['g']).toMatchObject({
      source: 'grafana',
    });
    expect(joined(firingIncident(), [{ fingerprint: 'g' }]).alerts.states['g']).not.toHaveProperty('source');
  });

  test('that came from yet another keep its name', () => {
    expect(joined(firingIncident(), [{ fingerprint: 'g', group: 'inc-c' }]).alerts.states['g']).toMatchObject({
      group: 'inc-c',
    });
  });

  test('and were its own before stay its own, so that a release does not take them', () => {
    const own = joined(firingIncident(), [{ startsAt: 2_000 }]);
    expect(own.alerts.states['f1']).toMatchObject({ startsAt: 2_000 });
    expect(own.alerts.states['f1']).not.toHaveProperty('group');
  });

  test.each<readonly [string, Partial<AlertReport>, Partial<AlertReport>, boolean]>([
    ['an older start', { startsAt: 2_000 }, { startsAt: 1_000 }, false],
    ['a newer start', { startsAt: 2_000 }, { startsAt: 3_000 }, true],
    ['the same firing', {}, {}, false],
    ['the end of what fires', {}, { status: 'resolved', endsAt: 5_000 }, true],
    ['a firing that has ended', { status: 'resolved' }, {}, false],
    ['an end that is known', { status: 'resolved' }, { status: 'resolved' }, false],
  ])('%s: what is known better stays', (_what, known, comes, isTaken) => {
    const before = joined(declaredIncident(), [{ fingerprint: 'g', ...known }]);
    const { lastReportedAt } =
      joined(before, [{ fingerprint: 'g', ...comes }], { at: atMinute(9) }).alerts.states['g'] ?? {};
    expect(lastReportedAt).toBe(isTaken ? atMinute(9) : atMinute(4));
  });

  test('whatever they are called, nothing is mistaken for them', () => {
    expect(joined(declaredIncident(), [{ fingerprint: 'constructor' }]).alerts.states['constructor']).toMatchObject({
      status: 'firing',
    });
  });

  test('[ALERT-12] the labels of fifty are kept, those of its own first', () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ fingerprint: `g${n}`, labels: { n: `${n}` } }));
    const full = joined(firingIncident(), many);
    expect(Object.keys(full.alerts.details)).toEqual([
      'f1',
      ...many.slice(0, 49).map(({ fingerprint }) => fingerprint),
    ]);
    expect(Object.keys(full.alerts.states)).toHaveLength(61);
    const again = joined(full, [{ fingerprint: 'g0', startsAt: 5_000, labels: { n: 'new' } }]);
    expect(again.alerts.details['g0']?.labels).toEqual({ n: '0' });
  });

  test('what their senders left out is known of the one that brought them', () => {
    const two = absorbed(absorbed(firingIncident(), 'b'), 'c');
    expect(joined(two, [], { truncated: 5 }).merge.mergedFrom?.map(({ truncated }) => truncated)).toEqual([5, 0]);
    expect(joined(firingIncident(), [])).not.toHaveProperty('merge.mergedFrom');
  });
});

describe('[LIFE-22] one that is taken in', () => {
  test('is there once, as it is now, beside the others', () => {
    const again = absorbed(absorbed(absorbed(firingIncident(), 'b'), 'c'), 'b', { truncated: 3 });
    expect(again.merge.mergedFrom?.map(({ workflowId, truncated }) => [workflowId, truncated])).toEqual([
      ['inc-c', 0],
      ['inc-b', 3],
    ]);
  });

  test('brings whom it paged, whether leadership was called, and the worst it was', () => {
    const known = { ...firingIncident(), escalation: { ...firingIncident().escalation, paged: ['ana'] } };
    const one = absorbed(known, 'b', { paged: ['bo', 'ana'], leadershipOf: 'platform', highestSeverity: 'SEV1' });
    expect(one).toMatchObject({
      escalation: { paged: ['ana', 'bo'], leadershipPageRequested: true },
      highestSeverity: 'SEV1',
    });
    const other = absorbed(known, 'b', { leadershipOf: 'shop', highestSeverity: 'SEV3' });
    expect(other).toMatchObject({
      escalation: { paged: ['ana'], leadershipPageRequested: false },
      highestSeverity: 'SEV2',
    });
    expect(
      absorbed({ ...known, escalation: { ...known.escalation, leadershipPageRequested: true } }, 'b'),
    ).toMatchObject({ escalation: { leadershipPageRequested: true } });
  });
});

describe('[ALERT-18] [LIFE-22] a group that left a storm', () => {
  const group = (name: string) =>
    ({ workflowId: `inc-${name}`, title: name, severity: 'SEV2', service: null }) as const;
  const alert = (name: string) => ({ fingerprint: name, group: `inc-${name}`, startsAt: 2_000 });
  const storm = afterAlerts(declaredIncident({ storm: true }), 0, [alert('b'), alert('c'), alert('d')], {
    groups: [group('b'), group('c'), group('d')],
  }).incident;
  const parted = ['b', 'c'].reduce((incident, name) => afterCommand(incident, { type: 'split', alert: name }), storm);

  test('is heard here again once its incident is a part of the storm, and not any more when it goes', () => {
    expect(parted.alerts.storm?.splitOffGroups).toEqual(['inc-b', 'inc-c']);
    const back = joined(absorbed(parted, 'b'), [{ fingerprint: 'b' }]);
    expect(back.alerts.storm).toMatchObject({ splitOffGroups: ['inc-c'], groups: [{ title: 'd' }] });
    expect(back.phase).toBe('declared');
    expect(afterAlerts(back, 5, [{ ...alert('b'), startsAt: 9_000 }]).kinds).toContain('alerts-fired');
    const gone = released(back, 'b');
    expect(gone.alerts.storm?.splitOffGroups).toEqual(['inc-c', 'inc-b']);
    expect(Object.keys(gone.alerts.states)).toEqual(['d']);
    expect(gone.merge.mergedFrom).toEqual([]);
  });

  test('that never brought anything is not kept out when it goes', () => {
    expect(released(absorbed(storm, 'x'), 'x').alerts.storm?.splitOffGroups).toEqual([]);
    expect(released(absorbed(firingIncident(), 'x'), 'x')).not.toHaveProperty('alerts.storm');
  });
});

describe('[LIFE-22] what is said to others', () => {
  const asking = (): Incident => afterCommand(firingIncident(), { type: 'merge', into: 'inc-b' });
  const merged = (incident: Incident): Incident =>
    afterEvents(incident, { type: 'merged', at: atMinute(5), by: 'ana', into: peer('b') });

  test('an asking takes along what fires, and how long that may be silent', () => {
    const two = afterAlerts(firingIncident(), 1, [{ fingerprint: 'f2' }], { staleAfterMs: 99 * 3_600_000 }).incident;
    const cleared = afterAlerts(two, 1, [{ fingerprint: 'f1', status: 'resolved' }]).incident;
    const word = afterCommand(cleared, { type: 'merge', into: 'inc-b' }).outbox.mergeMessages?.[0]?.message;
    expect(word).toMatchObject({
      ...{ kind: 'merge-request', by: 'ana', restricted: false, test: false, source: 'alertmanager' },
      ...{ staleAfterMs: 99 * 3_600_000, alerts: [{ fingerprint: 'f2' }] },
    });
    const bare = afterCommand(declaredIncident(), { type: 'merge', into: 'inc-b' }).outbox.mergeMessages?.[0]?.message;
    expect(bare).toMatchObject({ staleAfterMs: 0, alerts: [] });
  });

  test('it is said until it was heard, or until the answer is there; each word has an id of its own', () => {
    const asked = asking();
    const [first] = asked.outbox.mergeMessages ?? [];
    expect(
      afterEvents(asked, { type: 'merge-message-sent', at: atMinute(3), id: 'another' }).outbox.mergeMessages,
    ).toEqual([first]);
    expect(
      afterEvents(asked, { type: 'merge-message-sent', at: atMinute(3), id: first?.id ?? '' }).outbox.mergeMessages,
    ).toEqual([]);
    const refused = {
      type: 'merge-refused',
      at: atMinute(3),
      by: 'ana',
      into: 'inc-b',
      reason: 'x',
      requestNumber: asked.merge.pendingMerge?.requestNumber ?? 0,
    } as const;
    expect(words(afterEvents(asked, refused))).toEqual([]);
    expect(words(afterEvents(asked, { type: 'note-added', at: atMinute(3), by: 'ana', text: 'x' }))).toEqual([
      ['inc-b', 'merge-request'],
    ]);
    const sentOn = afterEvents(asked, {
      type: 'merge-redirected',
      at: atMinute(3),
      into: 'inc-c',
      requestNumber: 99,
      hops: 1,
    });
    expect(words(sentOn)).toEqual([['inc-c', 'merge-request']]);
    expect(sentOn.merge.pendingMerge).toMatchObject({
      into: 'inc-c',
      requestNumber: 99,
      hops: 1,
      by: 'ana',
      requestedAt: atMinute(3),
    });
    expect(
      afterEvents(firingIncident(), {
        type: 'merge-redirected',
        at: atMinute(3),
        into: 'inc-c',
        requestNumber: 9,
        hops: 1,
      }).merge.pendingMerge,
    ).toBeUndefined();
    const owing = afterEvents(absorbed(absorbed(asked, 'x'), 'y'), {
      ...{ type: 'merge-message-queued', at: atMinute(4), to: 'inc-z', message: { kind: 'release', from: peer('a') } },
    });
    const ids = (merged(owing).outbox.mergeMessages ?? []).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(words(merged(owing))).toEqual([
      ['inc-z', 'release'],
      ['inc-x', 'moved'],
      ['inc-y', 'moved'],
    ]);
  });

  test('what changed while the answer was on its way is said behind it, and only that', () => {
    expect(words(merged(asking()))).toEqual([]);
    const worse = afterCommand(asking(), { type: 'setSeverity', severity: 'SEV1', reason: 'all' }, 3);
    expect(words(merged(worse))).toEqual([['inc-b', 'follow']]);
    const shown = afterEvents(asking(), { type: 'public-communication-started', at: atMinute(3), reason: 'x' });
    expect(words(merged(shown))).toEqual([['inc-b', 'follow']]);
    const answered = afterCommand(asking(), { type: 'acknowledge' }, 3);
    expect(words(merged(answered))).toEqual([]);
    const milder = afterCommand(asking(), { type: 'setSeverity', severity: 'SEV3', reason: 'one' }, 3);
    expect(words(merged(milder))).toEqual([]);
    const silent = afterCommand(afterCommand(firingIncident(), { type: 'acknowledge' }), {
      type: 'merge',
      into: 'inc-b',
    });
    const open = { ...silent, escalation: { ...silent.escalation, open: true } };
    expect(words(merged(open))).toEqual([['inc-b', 'follow']]);
  });

  test('those that are a part of it hear that it is over; nothing is asked of anybody any more', () => {
    const over = afterCommand(absorbed(asking(), 'x'), { type: 'declareFalseAlarm', reason: 'x' }, 5);
    expect(over).toMatchObject({ merge: { pendingMerge: null, mergedFrom: [] } });
    expect(words(over)).toContainEqual(['inc-x', 'over']);
    const alone = afterCommand(firingIncident(), { type: 'declareFalseAlarm', reason: 'x' }, 5);
    expect(alone).not.toHaveProperty('merge.pendingMerge');
    expect(alone).not.toHaveProperty('merge.mergedFrom');
    const still = absorbed(asking(), 'x');
    expect(still).toMatchObject({ merge: { pendingMerge: { into: 'inc-b' }, mergedFrom: [{ workflowId: 'inc-x' }] } });
  });

  test('reopened, it asks for its alerts; with nothing to ask for, nobody is asked', () => {
    const home = afterCommand(merged(asking()), { type: 'reopen', reason: 'another cause' }, 8);
    expect(words(home)).toEqual([['inc-b', 'release']]);
    const watched = afterCommand(
      afterCommand(firingIncident(), { type: 'acknowledge' }),
      { type: 'resolve', resolution: 'x' },
      4,
    );
    expect(words(afterCommand(watched, { type: 'reopen', reason: 'x' }, 8))).toEqual([]);
  });

  test('of a chain that has begun nobody is told when it would', () => {
    expect(standingOf(firingIncident({ severity: 'SEV3' }))).toMatchObject({
      mustAnswer: true,
      answerFrom: atMinute(60),
    });
    const begun = afterEvents(firingIncident({ severity: 'SEV3' }), {
      ...{
        type: 'level-started',
        at: atMinute(60),
        cycleInRun: 1,
        cycle: 1,
        level: 1,
        together: false,
        reason: 'on-call',
      },
      ...{ dueAt: atMinute(60), nextLevelAt: atMinute(120) },
    });
    expect(standingOf(begun)).toMatchObject({ mustAnswer: true, answerFrom: null });
  });

  test('an incident without a number is called by what fits of its title', () => {
    expect(mergePeerOf(declaredIncident({ title: 't'.repeat(200) })).name).toBe(`"${'t'.repeat(99)}…"`);
  });

  test('nothing in what is kept or said is undefined: it is the same after a crash', () => {
    for (const incident of [asking(), merged(absorbed(asking(), 'x')), joined(absorbed(firingIncident(), 'b'), [{}])]) {
      expect(JSON.parse(JSON.stringify(incident))).toStrictEqual(incident);
    }
  });
});
