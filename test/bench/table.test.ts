import { countEvents, summarize } from '../../bench/stats.ts';
import type { LatencyResult, StormResult } from '../../bench/load.ts';
import type { Measured } from '../../bench/rounds.ts';
import { renderTable, tabulate, type Row, renderVerdicts, verdicts } from '../../bench/table.ts';
import { renderHangingChat, type HangingChatResult } from '../../bench/hanging-chat.ts';

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

/** A round of the voices: quiet and troubled p99. */
function voicesOf(round: number, quiet: number, troubled: number): HangingChatResult {
  const latency = (ms: number): LatencyResult => ({
    page: summarize([ms]),
    ack: summarize([1]),
    refused: 0,
    unpaged: 0,
  });
  const hung = { posts: 200, atOnce: 40 };
  const report = { list: summarize([1]), export: summarize([1]), refused: 0 };
  return {
    round,
    readyMs: 1,
    quiet: latency(quiet),
    whileHanging: latency(troubled),
    answered: 1,
    hungBefore: hung,
    hung,
    report,
  };
}

const reached = (rows: readonly Row[]): boolean[] =>
  verdicts({ rows, hangingChat: [], records: [], intake: [] }).map((verdict) => verdict.reached);

describe('the table', () => {
  test('compares a peer with the floor of the same round, and takes the median of those ratios', () => {
    const rows = tabulate([
      ...[measured('tocsin', 1, 12, 30), measured('floor', 1, 10, 50)],
      ...[measured('floor', 2, 40, 10), measured('tocsin', 2, 44, 7)],
      ...[measured('tocsin', 3, 30, 40), measured('floor', 3, 20, 50)],
    ]);
    expect(rows[0]).toMatchObject({ peer: 'tocsin', p50: 30, p50Ratio: 1.2, throughputRatio: 0.7 });
    expect(reached(rows)).toEqual([true, true]);
  });

  test('says when a target is missed, and nothing when there is no floor to compare with', () => {
    const slow = tabulate([measured('tocsin', 1, 14, 20), measured('floor', 1, 10, 50)]);
    expect(reached(slow)).toEqual([false, false]);
    expect(reached(tabulate([measured('tocsin', 1, 14, 20)]))).toEqual([]);
  });

  test('shows a dash for what was not measured', () => {
    expect(renderTable(tabulate([{ peer: 'tocsin', round: 1, readyMs: 1 }]))).toContain('| –');
  });
});

describe('the targets', () => {
  test('trouble with the voices is judged by the median of the rounds, each against its own quiet', () => {
    const hangingChat = [voicesOf(1, 100, 150), voicesOf(2, 10, 40), voicesOf(3, 50, 90)];
    const [verdict] = verdicts({ rows: [], hangingChat, records: [], intake: [] });
    expect(verdict).toMatchObject({ value: 1.8, target: '≤ 2', reached: true });
    expect(renderHangingChat(hangingChat)).toContain('1.80');
    expect(verdicts({ rows: [], hangingChat: hangingChat.slice(1, 2), records: [], intake: [] })[0]).toMatchObject({
      reached: false,
    });
  });

  test('records are judged by their backlog, the list and its slowest filter, whatever the longest page takes', () => {
    const lists = { 'newest 50': summarize([12]), 'newest 200': summarize([99]), open: summarize([21]) };
    const records = [{ database: 'PGlite' as const, readyMs: 1, eventsPerSecond: 499, incidentsPerSecond: 1, lists }];
    const all = verdicts({ rows: [], hangingChat: [], records, intake: [] });
    expect(all.map((verdict) => verdict.reached)).toEqual([false, true, true, false]);
    expect(renderVerdicts(all)).toMatch(/499 +\| MISSED/);
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

  test('of the intake the worst round counts where nothing may go wrong, and a refused message is a missed target', () => {
    const hammered = (p99: number) => ({ perSecond: 2000, ack: summarize([p99]), slowest: p99, errors: {} });
    const large = (status: number) => ({
      ...{ what: 'one group', megabytes: 9, status, ackMs: 900, loopMs: 20 },
      ...{ health: summarize([1]), webhook: summarize([5]) },
    });
    const storm = { alerts: 9, sent: hammered(50), durableAfter: 1, namedAfter: 9, lost: 0, quiet: 0, pages: 3 };
    const spool = { perSecond: 9000, append: summarize([1]), bytesEach: 2000 };
    const rest = { repeats: hammered(40), noop: hammered(10), frozen: hammered(2400), storm, spool };
    const missed = (...statuses: number[]): string[] =>
      verdicts({
        ...{ rows: [], hangingChat: [], records: [] },
        intake: statuses.map((status, n) => ({ round: n + 1, large: [large(status)], ...rest })),
      }).flatMap(({ what, reached: met }) => (met ? [] : [what]));
    expect(missed(202, 202)).toEqual([]);
    expect(missed(202, 503)).toEqual(['10,000 alerts, one group: answered, ms']);
  });
});
