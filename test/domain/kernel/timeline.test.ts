/** How runs of what Tocsin and monitoring did fold into one entry, and what never does. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainText } from '../../../domain/kernel/text.ts';
import type { FoldableEntry } from '../../../domain/kernel/timeline.ts';
import { foldTimeline, isByPerson, isTurningPoint } from '../../../domain/kernel/timeline.ts';
import { afterAlerts, afterCommand, afterEvents, atMinute, firingIncident } from '../../support/pure-incident.ts';

type Entry = FoldableEntry & { readonly seq: number };

const minute = (at: number): string => `+${at / 60_000}`;
const told = (timeline: readonly FoldableEntry[]): readonly string[] =>
  foldTimeline(timeline).map(({ text }) => plainText(text, minute, (key) => key.toUpperCase()));

const entry = (at: number, kind: string, over: Partial<Entry> = {}): Entry => {
  return { seq: at, at: at * 60_000, kind, by: null, text: `${kind} ${at}`, ...over };
};
const paged = (at: number, ...to: readonly string[]): Entry =>
  entry(at, 'paged', { pages: to.map((name) => ({ to: name, state: 'accepted' })) });
const alerts = (at: number, kind: string, ...names: readonly string[]): Entry =>
  entry(at, kind, { alerts: names.map((name) => ({ fingerprint: name, name })) });

describe('a run of pages', () => {
  test('is one entry that counts the people and the pages', () => {
    expect(told([paged(2, 'ana', 'bo'), paged(4, 'ana', 'cy'), paged(31, 'eve', 'ana')])).toEqual([
      'Paged 4 people 6 times: ANA, BO, CY, EVE, +2–+31',
    ]);
    expect(told([paged(2, 'ana'), paged(4, 'ana')])).toEqual(['Paged ANA twice, +2–+4']);
    expect(told([paged(2, 'ana'), paged(2, 'bo')])).toEqual(['Paged ANA, BO, +2']);
    expect(told([paged(1, ...'abcdefg'), paged(2, 'a')])).toEqual([
      'Paged 7 people 8 times: A, B, C, D, E and 2 more, +1–+2',
    ]);
  });

  test('says which pages failed', () => {
    const failed = entry(3, 'paged', { pages: [{ to: 'bo', name: 'Bo Lind', state: 'failed' }] });
    expect(told([paged(2, 'ana'), failed])).toEqual(['Paged ANA; 1 page FAILED (Bo Lind), +2–+3']);
    expect(told([failed, failed])).toEqual(['2 pages FAILED (Bo Lind), +3']);
  });

  test('ends where a person acts, and a single page keeps its words', () => {
    const note = entry(3, 'note-added', { by: 'ana' });
    expect(told([paged(1, 'bo'), paged(2, 'bo'), note, paged(4, 'bo')])).toEqual([
      'Paged BO twice, +1–+2',
      'note-added 3',
      'paged 4',
    ]);
  });

  test('that people still wait for tells its last entry', () => {
    const trying = (at: number): Entry => entry(at, 'paged', { pages: [{ to: 'bo', state: 'retrying' }] });
    expect(told([trying(1), trying(2)])).toEqual(['paged 2 (the last of 2 such entries, +1–+2)']);
  });
});

describe('other runs', () => {
  test('alerts that come and go are one entry, with each alert once, beside the pages among them', () => {
    const timeline = [
      alerts(1, 'alerts-fired', 'Disk', 'Db'),
      paged(1, 'ana'),
      alerts(2, 'alerts-cleared', 'Disk'),
      alerts(3, 'alerts-fired', 'Disk'),
      paged(4, 'ana'),
    ];
    expect(told(timeline)).toEqual(['Alerts fired twice, cleared once: Disk, Db, +1–+3', 'Paged ANA twice, +1–+4']);
  });

  test('an incident that clears and comes back again and again is one entry, until a person steps in', () => {
    const timeline = [
      entry(1, 'recurred'),
      paged(1, 'ana'),
      entry(2, 'monitoring-started'),
      entry(3, 'recurred'),
      entry(4, 'monitoring-started', { by: 'ana' }),
      entry(5, 'recurred'),
    ];
    expect(told(timeline)).toEqual([
      'It came back twice, cleared once, +1–+3',
      'paged 1',
      'monitoring-started 4',
      'recurred 5',
    ]);
  });

  test('the same words again are counted; of others the last is told', () => {
    const failed = (at: number, text: string): Entry => entry(at, 'notification-failed', { text });
    expect(told([failed(1, 'no chat'), failed(2, 'no chat')])).toEqual(['no chat (2 times, +1–+2)']);
    expect(told([failed(1, 'no chat'), failed(2, 'no ticket')])).toEqual([
      'no ticket (the last of 2 such entries, +1–+2)',
    ]);
  });
});

test('whatever the timeline is: nothing is lost or told twice, order is kept, and what people did stands alone', () => {
  const kinds = ['paged', 'alerts-fired', 'alerts-cleared', 'update-missed', 'note-added', 'recurred', 'anything'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 60 }), (list) => {
      const timeline = list.map((kind, i) => entry(i, kind, { by: kind === 'note-added' ? 'ana' : null }));
      const folded = foldTimeline(timeline);
      const all = folded.flatMap(({ entries }) => entries);
      expect([...all].sort((a, b) => a.seq - b.seq)).toEqual(timeline);
      const firsts = folded.map(({ entries }) => entries[0].seq);
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
      for (const { entries } of folded) {
        expect(entries.map(({ seq }) => seq)).toEqual(entries.map(({ seq }) => seq).sort((a, b) => a - b));
        const [first, last] = [entries[0].seq, entries.at(-1)?.seq ?? 0];
        if (entries.length > 1) {
          const between = timeline.slice(first, last).map(({ kind }) => kind);
          expect(between).not.toContain('note-added');
          expect(between).not.toContain('anything');
        }
      }
    }),
  );
});

test('entries of an incident say whom they paged and which firing of which alert they tell of', () => {
  const delivery = { at: atMinute(1), method: 'webhook', reason: null, level: 1 } as const;
  const incident = afterEvents(firingIncident(), {
    type: 'paged',
    at: atMinute(1),
    requestNumber: 1,
    deliveries: [
      { ...delivery, to: 'ana', key: 'k1', state: 'accepted' },
      { ...delivery, to: 'bo', key: 'k2', state: 'failed' },
    ],
    methods: 1,
    unknown: [],
    again: false,
  });
  const cleared = afterAlerts(incident, 2, [{ status: 'resolved', endsAt: atMinute(2) }]).incident;
  const about = cleared.projection.timeline.map(({ kind, pages, alerts: firings }) => [kind, pages ?? firings]);
  expect(about).toEqual([
    ['declared', undefined],
    ['alerts-fired', [expect.objectContaining({ fingerprint: 'f1', startsAt: 1000, endsAt: null })]],
    [
      'paged',
      [
        { to: 'ana', state: 'accepted' },
        { to: 'bo', state: 'failed' },
      ],
    ],
    ['alerts-cleared', [expect.objectContaining({ fingerprint: 'f1', startsAt: 1000, endsAt: atMinute(2) })]],
    ['monitoring-started', undefined],
  ]);
});

test('what people decided and said is theirs, what was refused or done by Tocsin is not', () => {
  expect(isByPerson({ kind: 'note-added', by: 'ana' })).toBe(true);
  expect(isByPerson({ kind: 'command-refused', by: 'ana' })).toBe(false);
  expect(isByPerson({ kind: 'merge-requested', by: 'Tocsin' })).toBe(false);
  expect(isByPerson({ kind: 'paged', by: null })).toBe(false);
  const { timeline } = afterCommand(firingIncident(), { type: 'acknowledge' }).projection;
  expect(timeline.filter(isTurningPoint).map(({ kind }) => kind)).toEqual(['declared', 'acknowledged']);
});
