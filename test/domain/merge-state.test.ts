/** [LIFE-22] What either incident knows after a merge, alert by alert. */
import { describe, expect, test } from '@jest/globals';
import type { AlertReport } from '../../domain/alert.ts';
import type { EventOf } from '../../domain/events.ts';
import type { Incident } from '../../domain/incident.ts';
import type { MergeMessage, Standing } from '../../domain/merge-messages.ts';
import { mergePeerOf, standingOf } from '../../domain/merge-peers.ts';
import { anAlert } from '../support/builders.ts';
import { after, alarmed, at, declared, heard, told } from '../support/play.ts';

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
const absorbed = (incident: Incident, name: string, standing: Partial<Standing> = {}): Incident =>
  after(incident, {
    ...{ type: 'incident-absorbed', at: at(3), by: 'ana', from: peer(name), incidentIds: [`E-${name}`] },
    standing: { ...standingOf(declared()), ...standing },
  });
const joined = (
  incident: Incident,
  alerts: readonly Partial<AlertReport>[],
  over: Partial<EventOf<'alerts-joined'>> = {},
): Incident =>
  after(incident, {
    ...{ type: 'alerts-joined', at: at(4), from: 'inc-b', source: 'alertmanager', staleAfterMs: 9_000, truncated: 0 },
    ...{ alerts: alerts.map(anAlert), ...over },
  });
const released = (incident: Incident, name: string): Incident =>
  after(incident, { type: 'absorbed-released', at: at(6), from: peer(name) });
const words = ({ orders }: Incident): readonly (readonly [string, MergeMessage['say']])[] =>
  (orders.words ?? []).map(({ to, word }) => [to, word.say]);

describe('[LIFE-22] alerts that join', () => {
  test('are known as they are, by the one that brought them', () => {
    const { alerts, details } = joined(alarmed(), [{ fingerprint: 'g', endsAt: null, labels: { host: 'db1' } }]);
    expect(alerts['g']).toEqual({
      ...{ fingerprint: 'g', status: 'firing', startsAt: 1_000, endsAt: null, seenAt: at(4) },
      ...{ staleAfterMs: 9_000, ignored: false, group: 'inc-b' },
    });
    expect(details['g']).toMatchObject({ labels: { host: 'db1' } });
    expect(Object.keys(details)).toEqual(['f1', 'g']);
  });

  test('of another source are asked about there', () => {
    expect(joined(alarmed(), [{ fingerprint: 'g' }], { source: 'grafana' }).alerts['g']).toMatchObject({
      source: 'grafana',
    });
    expect(joined(alarmed(), [{ fingerprint: 'g' }]).alerts['g']).not.toHaveProperty('source');
  });

  test('that came from yet another keep its name', () => {
    expect(joined(alarmed(), [{ fingerprint: 'g', group: 'inc-c' }]).alerts['g']).toMatchObject({ group: 'inc-c' });
  });

  test('and were its own before stay its own, so that a release does not take them', () => {
    const own = joined(alarmed(), [{ startsAt: 2_000 }]);
    expect(own.alerts['f1']).toMatchObject({ startsAt: 2_000 });
    expect(own.alerts['f1']).not.toHaveProperty('group');
  });

  test.each<readonly [string, Partial<AlertReport>, Partial<AlertReport>, boolean]>([
    ['an older start', { startsAt: 2_000 }, { startsAt: 1_000 }, false],
    ['a newer start', { startsAt: 2_000 }, { startsAt: 3_000 }, true],
    ['the same firing', {}, {}, false],
    ['the end of what fires', {}, { status: 'resolved', endsAt: 5_000 }, true],
    ['a firing that has ended', { status: 'resolved' }, {}, false],
    ['an end that is known', { status: 'resolved' }, { status: 'resolved' }, false],
  ])('%s: what is known better stays', (_what, known, comes, isTaken) => {
    const before = joined(declared(), [{ fingerprint: 'g', ...known }]);
    const { seenAt } = joined(before, [{ fingerprint: 'g', ...comes }], { at: at(9) }).alerts['g'] ?? {};
    expect(seenAt).toBe(isTaken ? at(9) : at(4));
  });

  test('whatever they are called, nothing is mistaken for them', () => {
    expect(joined(declared(), [{ fingerprint: 'constructor' }]).alerts['constructor']).toMatchObject({
      status: 'firing',
    });
  });

  test('[ALERT-12] the labels of fifty are kept, those of its own first', () => {
    const many = Array.from({ length: 60 }, (_, n) => ({ fingerprint: `g${n}`, labels: { n: `${n}` } }));
    const full = joined(alarmed(), many);
    expect(Object.keys(full.details)).toEqual(['f1', ...many.slice(0, 49).map(({ fingerprint }) => fingerprint)]);
    expect(Object.keys(full.alerts)).toHaveLength(61);
    const again = joined(full, [{ fingerprint: 'g0', startsAt: 5_000, labels: { n: 'new' } }]);
    expect(again.details['g0']?.labels).toEqual({ n: '0' });
  });

  test('what their senders left out is known of the one that brought them', () => {
    const two = absorbed(absorbed(alarmed(), 'b'), 'c');
    expect(joined(two, [], { truncated: 5 }).absorbed?.map(({ truncated }) => truncated)).toEqual([5, 0]);
    expect(joined(alarmed(), [])).not.toHaveProperty('absorbed');
  });
});

describe('[LIFE-22] one that is taken in', () => {
  test('is there once, as it is now, beside the others', () => {
    const again = absorbed(absorbed(absorbed(alarmed(), 'b'), 'c'), 'b', { truncated: 3 });
    expect(again.absorbed?.map(({ workflowId, truncated }) => [workflowId, truncated])).toEqual([
      ['inc-c', 0],
      ['inc-b', 3],
    ]);
  });

  test('brings whom it paged, whether leadership was called, and the worst it was', () => {
    const known = { ...alarmed(), paged: ['ana'] };
    const one = absorbed(known, 'b', { paged: ['bo', 'ana'], leadershipOf: 'platform', highestSeverity: 'SEV1' });
    expect(one).toMatchObject({ paged: ['ana', 'bo'], leadershipCalled: true, highestSeverity: 'SEV1' });
    const other = absorbed(known, 'b', { leadershipOf: 'shop', highestSeverity: 'SEV3' });
    expect(other).toMatchObject({ paged: ['ana'], leadershipCalled: false, highestSeverity: 'SEV2' });
    expect(absorbed({ ...known, leadershipCalled: true }, 'b')).toMatchObject({ leadershipCalled: true });
  });
});

describe('[ALERT-18] [LIFE-22] a group that left a storm', () => {
  const group = (name: string) =>
    ({ workflowId: `inc-${name}`, title: name, severity: 'SEV2', service: null }) as const;
  const alert = (name: string) => ({ fingerprint: name, group: `inc-${name}`, startsAt: 2_000 });
  const storm = heard(declared({ storm: true }), 0, [alert('b'), alert('c'), alert('d')], {
    groups: [group('b'), group('c'), group('d')],
  }).incident;
  const parted = ['b', 'c'].reduce((incident, name) => told(incident, { type: 'split', alert: name }), storm);

  test('is heard here again once its incident is a part of the storm, and not any more when it goes', () => {
    expect(parted.storm?.left).toEqual(['inc-b', 'inc-c']);
    const back = joined(absorbed(parted, 'b'), [{ fingerprint: 'b' }]);
    expect(back.storm).toMatchObject({ left: ['inc-c'], groups: [{ title: 'd' }] });
    expect(back.phase).toBe('declared');
    expect(heard(back, 5, [{ ...alert('b'), startsAt: 9_000 }]).kinds).toContain('alerts-fired');
    const gone = released(back, 'b');
    expect(gone.storm?.left).toEqual(['inc-c', 'inc-b']);
    expect(Object.keys(gone.alerts)).toEqual(['d']);
    expect(gone.absorbed).toEqual([]);
  });

  test('that never brought anything is not kept out when it goes', () => {
    expect(released(absorbed(storm, 'x'), 'x').storm?.left).toEqual([]);
    expect(released(absorbed(alarmed(), 'x'), 'x')).not.toHaveProperty('storm');
  });
});

describe('[LIFE-22] what is said to others', () => {
  const asking = (): Incident => told(alarmed(), { type: 'merge', into: 'inc-b' });
  const merged = (incident: Incident): Incident =>
    after(incident, { type: 'merged', at: at(5), by: 'ana', into: peer('b') });

  test('an asking takes along what fires, and how long that may be silent', () => {
    const two = heard(alarmed(), 1, [{ fingerprint: 'f2' }], { staleAfterMs: 99 * 3_600_000 }).incident;
    const cleared = heard(two, 1, [{ fingerprint: 'f1', status: 'resolved' }]).incident;
    const word = told(cleared, { type: 'merge', into: 'inc-b' }).orders.words?.[0]?.word;
    expect(word).toMatchObject({
      ...{ say: 'absorb', by: 'ana', restricted: false, test: false, source: 'alertmanager' },
      ...{ staleAfterMs: 99 * 3_600_000, alerts: [{ fingerprint: 'f2' }] },
    });
    const bare = told(declared(), { type: 'merge', into: 'inc-b' }).orders.words?.[0]?.word;
    expect(bare).toMatchObject({ staleAfterMs: 0, alerts: [] });
  });

  test('it is said until it was heard, or until the answer is there; each word has an id of its own', () => {
    const asked = asking();
    const [first] = asked.orders.words ?? [];
    expect(after(asked, { type: 'merge-message-sent', at: at(3), id: 'another' }).orders.words).toEqual([first]);
    expect(after(asked, { type: 'merge-message-sent', at: at(3), id: first?.id ?? '' }).orders.words).toEqual([]);
    const refused = {
      type: 'merge-refused',
      at: at(3),
      by: 'ana',
      into: 'inc-b',
      reason: 'x',
      ask: asked.merging?.ask ?? 0,
    } as const;
    expect(words(after(asked, refused))).toEqual([]);
    expect(words(after(asked, { type: 'note-added', at: at(3), by: 'ana', text: 'x' }))).toEqual([['inc-b', 'absorb']]);
    const sentOn = after(asked, { type: 'merge-followed', at: at(3), into: 'inc-c', ask: 99, hops: 1 });
    expect(words(sentOn)).toEqual([['inc-c', 'absorb']]);
    expect(sentOn.merging).toMatchObject({ into: 'inc-c', ask: 99, hops: 1, by: 'ana', askedAt: at(3) });
    expect(
      after(alarmed(), { type: 'merge-followed', at: at(3), into: 'inc-c', ask: 9, hops: 1 }).merging,
    ).toBeUndefined();
    const owing = after(absorbed(absorbed(asked, 'x'), 'y'), {
      ...{ type: 'merge-message-queued', at: at(4), to: 'inc-z', word: { say: 'release', from: peer('a') } },
    });
    const ids = (merged(owing).orders.words ?? []).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(words(merged(owing))).toEqual([
      ['inc-z', 'release'],
      ['inc-x', 'moved'],
      ['inc-y', 'moved'],
    ]);
  });

  test('what changed while the answer was on its way is said behind it, and only that', () => {
    expect(words(merged(asking()))).toEqual([]);
    const worse = told(asking(), { type: 'setSeverity', severity: 'SEV1', reason: 'all' }, 3);
    expect(words(merged(worse))).toEqual([['inc-b', 'follow']]);
    const shown = after(asking(), { type: 'public-begun', at: at(3), why: 'x' });
    expect(words(merged(shown))).toEqual([['inc-b', 'follow']]);
    const answered = told(asking(), { type: 'acknowledge' }, 3);
    expect(words(merged(answered))).toEqual([]);
    const milder = told(asking(), { type: 'setSeverity', severity: 'SEV3', reason: 'one' }, 3);
    expect(words(merged(milder))).toEqual([]);
    const silent = told(told(alarmed(), { type: 'acknowledge' }), { type: 'merge', into: 'inc-b' });
    const open = { ...silent, chain: { ...silent.chain, open: true } };
    expect(words(merged(open))).toEqual([['inc-b', 'follow']]);
  });

  test('those that are a part of it hear that it is over; nothing is asked of anybody any more', () => {
    const over = told(absorbed(asking(), 'x'), { type: 'declareFalseAlarm', reason: 'x' }, 5);
    expect(over).toMatchObject({ merging: null, absorbed: [] });
    expect(words(over)).toContainEqual(['inc-x', 'over']);
    const alone = told(alarmed(), { type: 'declareFalseAlarm', reason: 'x' }, 5);
    expect(alone).not.toHaveProperty('merging');
    expect(alone).not.toHaveProperty('absorbed');
    const still = absorbed(asking(), 'x');
    expect(still).toMatchObject({ merging: { into: 'inc-b' }, absorbed: [{ workflowId: 'inc-x' }] });
  });

  test('reopened, it asks for its alerts; with nothing to ask for, nobody is asked', () => {
    const home = told(merged(asking()), { type: 'reopen', reason: 'another cause' }, 8);
    expect(words(home)).toEqual([['inc-b', 'release']]);
    const watched = told(told(alarmed(), { type: 'acknowledge' }), { type: 'resolve', resolution: 'x' }, 4);
    expect(words(told(watched, { type: 'reopen', reason: 'x' }, 8))).toEqual([]);
  });

  test('of a chain that has begun nobody is told when it would', () => {
    expect(standingOf(alarmed({ severity: 'SEV3' }))).toMatchObject({ mustAnswer: true, answerFrom: at(60) });
    const begun = after(alarmed({ severity: 'SEV3' }), {
      ...{ type: 'level-begun', at: at(60), cycleInRun: 1, cycle: 1, level: 1, together: false, reason: 'on-call' },
      ...{ dueAt: at(60), nextLevelAt: at(120) },
    });
    expect(standingOf(begun)).toMatchObject({ mustAnswer: true, answerFrom: null });
  });

  test('an incident without a number is called by what fits of its title', () => {
    expect(mergePeerOf(declared({ title: 't'.repeat(200) })).name).toBe(`"${'t'.repeat(99)}…"`);
  });

  test('nothing in what is kept or said is undefined: it is the same after a crash', () => {
    for (const incident of [asking(), merged(absorbed(asking(), 'x')), joined(absorbed(alarmed(), 'b'), [{}])]) {
      expect(JSON.parse(JSON.stringify(incident))).toStrictEqual(incident);
    }
  });
});
