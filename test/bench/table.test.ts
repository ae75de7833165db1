import { countEvents } from '../../bench/count-events.ts';
import type { LatencyResult, StormResult } from '../../bench/load.ts';
import type { Measured } from '../../bench/rounds.ts';
import { summarize } from '../../bench/stats.ts';
import { renderTable, tabulate, verdicts } from '../../bench/table.ts';

/** `p50` ms to the page, `perSecond` pages in the storm. */
function measured(peer: string, round: number, p50: number, perSecond: number): Measured {
  const page = summarize([p50]);
  const latency: LatencyResult = { page, ack: page, refused: 0, unpaged: 0 };
  const storm: StormResult = {
    acked: 1,
    pagesPerSecond: perSecond,
    acksPerSecond: perSecond,
    page,
    unpaged: 0,
    doubled: 0,
    repeats: 0,
    errors: {},
  };
  return { peer, round, readyMs: 1, latency, storm };
}

describe('the table', () => {
  test('compares a peer with the floor of the same round, and takes the median of those ratios', () => {
    const rows = tabulate([
      ...[measured('tocsin', 1, 12, 30), measured('floor', 1, 10, 50)],
      ...[measured('floor', 2, 40, 10), measured('tocsin', 2, 44, 7)],
      ...[measured('tocsin', 3, 30, 40), measured('floor', 3, 20, 50)],
    ]);
    expect(rows[0]).toMatchObject({ peer: 'tocsin', p50: 30, p50Ratio: 1.2, throughputRatio: 0.7 });
    expect(verdicts(rows).map(({ reached }) => reached)).toEqual([true, true]);
  });

  test('says when a target is missed, and nothing when there is no floor to compare with', () => {
    const slow = tabulate([measured('tocsin', 1, 14, 20), measured('floor', 1, 10, 50)]);
    expect(verdicts(slow).map(({ reached }) => reached)).toEqual([false, false]);
    expect(verdicts(tabulate([measured('tocsin', 1, 14, 20)]))).toEqual([]);
  });

  test('shows a dash for what was not measured', () => {
    expect(renderTable(tabulate([{ peer: 'tocsin', round: 1, readyMs: 1 }]))).toContain('| –');
  });
});

describe('counting events', () => {
  test('names each event by its attributes, most frequent first', () => {
    const events = [
      { eventId: '1', workflowExecutionStartedEventAttributes: {} },
      { eventId: '2', workflowTaskScheduledEventAttributes: {}, timerStartedEventAttributes: null },
      { eventId: '3', workflowTaskScheduledEventAttributes: {} },
      { eventId: '4' },
    ];
    expect(countEvents({ events })).toEqual({
      total: 4,
      byType: { workflowTaskScheduled: 2, unknown: 1, workflowExecutionStarted: 1 },
    });
  });
});
