/** [LIFE-22] One alert fires in two incidents: the younger asks to be merged into the older, once for each pair. */
import { describe, expect, test } from '@jest/globals';
import { duplicateEvents, takesDuplicates } from '../../../domain/merge/duplicates.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { ProjectionAnswer } from '../../../domain/kernel/projection.ts';
import { atMinute } from '../../support/pure-incident.ts';
import type { MultiIncidentSimulator } from '../../support/multi-incident-simulator.ts';
import { simulateIncidents } from '../../support/multi-incident-simulator.ts';

const SHARED = 'disk';

/** `a` is the older one; the alert `disk` fires in all. */
function sharing(...openings: readonly Partial<Declaration>[]): MultiIncidentSimulator {
  const both = simulateIncidents(...(openings.length === 0 ? [{}, {}] : openings));
  const labels = { alertname: 'DiskFull', instance: 'db1' };
  for (const name of both.names) both.receiveAlerts(name, { fingerprint: SHARED, labels });
  return both;
}

const named = (name: string) => ({
  ...{ workflowId: `inc-${name}`, incidentId: `E-${name}`, reference: `INC-2026-${name}`, fingerprint: SHARED },
});
const older = (name: string) => ({ ...named(name), isOlder: true });

/** What the records say to `name`; true when it causes anything. */
function learns(both: MultiIncidentSimulator, name: string, answer: Partial<ProjectionAnswer>): boolean {
  const events = duplicateEvents(both.get(name), { reference: null, recurrenceOf: null, ...answer }, atMinute(2));
  both.record(name, ...events);
  return events.length > 0;
}
const youngerLearns = (both: MultiIncidentSimulator): boolean => learns(both, 'b', { duplicates: [older('a')] });
const olderLearns = (both: MultiIncidentSimulator): boolean =>
  learns(both, 'a', { duplicates: [{ ...named('b'), isOlder: false }] });
const lines = (both: MultiIncidentSimulator, name: string): readonly string[] =>
  both.get(name).projection.timeline.map(({ text }) => text);

describe('the younger one', () => {
  test('learns it from the records: it asks in the name of Tocsin, says why, and is merged', () => {
    const both = sharing();
    expect(youngerLearns(both)).toBe(true);
    both.deliverAll();
    expect(both.get('b')).toMatchObject({ phase: 'closed', outcome: 'merged', involved: [] });
    expect(lines(both, 'b')).toContain(
      'Tocsin asked to merge this into INC-2026-a: the same alert fires there (DiskFull on db1)',
    );
    expect(lines(both, 'b').at(-1)).toBe(
      'Tocsin merged this into "Checkout fails": the same alert fires there. Follow it there.',
    );
    expect(both.get('a')).toMatchObject({ phase: 'declared', involved: [], escalation: { open: true } });
    expect(both.get('a').merge.mergedFrom).toMatchObject([{ incidentId: 'E-b' }]);
  });

  test('learns it from the older one, when that was written last', () => {
    const both = sharing();
    expect(olderLearns(both)).toBe(true);
    both.deliverAll();
    expect(both.get('b')).toMatchObject({ phase: 'closed', outcome: 'merged' });
    expect(both.get('a').phase).toBe('declared');
  });

  test('is no reason to page again whoever has the older one, unless more fires here', () => {
    const same = sharing();
    same.receiveAlerts('a', { fingerprint: 'b' });
    same.record('a', { type: 'acknowledged', at: atMinute(1), by: 'ana' });
    youngerLearns(same);
    same.deliverAll();
    expect(same.get('a')).toMatchObject({ phase: 'investigating', escalation: { open: false } });
    const more = sharing();
    more.record('a', { type: 'acknowledged', at: atMinute(1), by: 'ana' });
    youngerLearns(more);
    more.deliverAll();
    expect(more.get('a').escalation.open).toBe(true);
  });

  test('asks once, whoever says it however often, before the answer and after', () => {
    const both = sharing();
    youngerLearns(both);
    expect([youngerLearns(both), olderLearns(both), olderLearns(both)]).toEqual([false, true, false]);
    both.deliverAll();
    expect([youngerLearns(both), olderLearns(both)]).toEqual([false, false]);
    expect(lines(both, 'b').filter((line) => line.includes('asked to merge'))).toHaveLength(1);
    expect(both.get('a').merge.mergedFrom).toHaveLength(1);
  });

  test('is not merged into one that is over, notes it, and does not ask again', () => {
    const both = sharing();
    both.execute('a', { type: 'declareFalseAlarm', reason: 'a load test' });
    youngerLearns(both);
    both.deliverAll();
    expect(both.get('b').phase).toBe('declared');
    expect(lines(both, 'b').at(-1)).toBe('Not merged into INC-2026-a: that one is closed: declare a new one');
    expect(youngerLearns(both)).toBe(false);
  });

  test('asks the next one when the oldest refuses, and tells the younger ones when none is left to ask', () => {
    const all = sharing({}, {}, {});
    all.execute('a', { type: 'declareFalseAlarm', reason: 'a load test' });
    const told = (): void => {
      learns(all, 'b', { duplicates: [older('a'), { ...named('c'), isOlder: false }] });
      all.deliverAll();
    };
    told();
    expect([all.get('b').phase, all.get('c').phase]).toEqual(['declared', 'declared']);
    told();
    expect([all.get('b').phase, all.get('c').outcome]).toEqual(['declared', 'merged']);
    const others = sharing({}, {}, {});
    others.execute('a', { type: 'declareFalseAlarm', reason: 'a load test' });
    for (let time = 0; time < 2; time += 1) {
      learns(others, 'c', { duplicates: [older('a'), older('b')] });
      others.deliverAll();
    }
    expect(others.get('c').merge.mergedTo).toMatchObject({ incidentId: 'E-b' });
  });

  test.each([
    [
      'the alert has cleared here',
      (both) => both.receiveAlerts('b', { fingerprint: SHARED, labels: { alertname: 'DiskFull' }, status: 'resolved' }),
    ],
    [
      'a person ignored the alert',
      (both) => both.execute('b', { type: 'resolve', resolution: 'x', ignoreAlerts: [SHARED] }),
    ],
    ['it is over', (both) => both.execute('b', { type: 'declareFalseAlarm', reason: 'a load test' })],
    ['a person is merging it elsewhere', (both) => both.execute('b', { type: 'merge', into: 'inc-z' })],
  ] as const satisfies readonly (readonly [string, (both: MultiIncidentSimulator) => unknown])[])(
    'does not ask when %s',
    (_, act: (both: MultiIncidentSimulator) => unknown) => {
      const both = sharing();
      act(both);
      expect(youngerLearns(both)).toBe(false);
    },
  );

  test('tests and storms are left alone', () => {
    expect(youngerLearns(sharing({}, { test: true }))).toBe(false);
    expect(youngerLearns(sharing({}, { storm: true }))).toBe(false);
    expect(olderLearns(sharing({ storm: true }, {}))).toBe(false);
    expect(takesDuplicates(sharing().get('a'))).toBe(true);
  });
});

describe('a person who takes the two apart', () => {
  test('is not contradicted: the reopened one is never merged there again by itself', () => {
    const both = sharing();
    youngerLearns(both);
    both.deliverAll();
    expect(both.execute('b', { type: 'reopen', reason: 'another disk' }).refused).toBe(false);
    both.deliverAll();
    expect(both.get('b').phase).toBe('mitigating');
    olderLearns(both);
    youngerLearns(both);
    both.deliverAll();
    expect([both.get('a').phase, both.get('b').phase]).toEqual(['declared', 'mitigating']);
  });

  test('is not contradicted either when a person had merged the older into the younger', () => {
    const both = sharing();
    both.execute('a', { type: 'merge', into: 'inc-b' });
    both.deliverAll();
    both.execute('a', { type: 'reopen', reason: 'not the same' });
    // Before the younger has heard of it, and after.
    expect(youngerLearns(both)).toBe(false);
    both.deliverAll();
    expect([youngerLearns(both), olderLearns(both)]).toEqual([false, false]);
    expect(both.get('b').phase).toBe('declared');
  });
});
