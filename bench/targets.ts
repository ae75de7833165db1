/** What was promised, and whether it was reached. Pure. */
import { figuresOf } from './intake-table.ts';
import type { IntakeResult } from './intake.ts';
import { markdownTable } from './markdown.ts';
import { LONG_LIST, PLAIN_LIST, type RecordsResult } from './records.ts';
import { round } from './stats.ts';
import type { Row } from './table.ts';
import { hangingChatRatios } from './hanging-chat-table.ts';
import type { HangingChatResult } from './hanging-chat.ts';

export interface Verdict {
  readonly what: string;
  /** `≤ 1.3`. */
  readonly target: string;
  readonly value: number;
  readonly reached: boolean;
}

export interface Everything {
  readonly rows: readonly Row[];
  readonly hangingChat: readonly HangingChatResult[];
  readonly records: readonly RecordsResult[];
  readonly intake: readonly IntakeResult[];
}

/** Only what was measured: nothing against the floor when Tocsin or the floor was left out. */
export function verdicts({ rows, hangingChat, records, intake }: Everything): Verdict[] {
  const row = rows.find(({ peer }) => peer === 'tocsin');
  const all = [
    atMost('alert → page p50 ÷ floor', row?.p50Ratio ?? NaN, 1.3),
    atLeast('storm throughput ÷ floor', row?.throughputRatio ?? NaN, 0.6),
    atMost('page p99 while Slack hangs and a report runs ÷ quiet', hangingChatRatios(hangingChat).p99, 2),
    ...records.flatMap(ofRecords),
    ...(intake.length > 0 ? ofIntake(intake) : []),
  ];
  return all.filter(({ value }) => !Number.isNaN(value));
}

function ofRecords({ database, eventsPerSecond, lists }: RecordsResult): Verdict[] {
  const { [PLAIN_LIST]: plain, [LONG_LIST]: _long, ...filters } = lists;
  const slowest = Math.max(...Object.values(filters).map(({ p50 }) => p50));
  return [
    atLeast(`backlog into ${database}, events/s`, eventsPerSecond, 500),
    below(`GET /api/v1/incidents from ${database}, p50 ms`, plain?.p50 ?? NaN, 20),
    below(`GET /api/v1/incidents from ${database}, p99 ms`, plain?.p99 ?? NaN, 20),
    below(`the slowest filter of it from ${database}, p50 ms`, slowest, 20),
  ];
}

function ofIntake(results: readonly IntakeResult[]): Verdict[] {
  const figures = figuresOf(results);
  return [
    atLeast('repeats of 100 open groups, /s', figures.repeats, 1000),
    ...figures.large.flatMap(({ what, ackMs, loopMs }) => [
      below(`10,000 alerts, ${what}: answered, ms`, ackMs, 2000),
      below(`10,000 alerts, ${what}: event loop blocked, ms`, loopMs, 100),
    ]),
    ...Object.entries(figures.webhookP99).map(([load, p99]) => below(`webhook p99, ${load}, ms`, p99, 300)),
    below('slowest answer while Temporal hangs, ms', figures.frozen, 5000),
    atLeast('spool, appends/s', figures.spool, 5000),
    below('storm: durable after the last POST, s', figures.durableAfter, 10),
    below('storm: all named in pages after the last POST, s', figures.namedAfter, 20),
    atMost('storm: alerts lost or refused', figures.lost, 0),
  ];
}

export function renderVerdicts(all: readonly Verdict[]): string {
  const lines = all.map(({ what, target, value, reached }) => [
    what,
    target,
    String(round(value)),
    reached ? 'MET' : 'MISSED',
  ]);
  return markdownTable(['target', 'promised', 'measured', ''], lines);
}

const atMost = (what: string, value: number, bound: number): Verdict => ({
  ...{ what, value, target: `≤ ${bound}` },
  reached: value <= bound,
});

const below = (what: string, value: number, bound: number): Verdict => ({
  ...{ what, value, target: `< ${bound}` },
  reached: value < bound,
});

const atLeast = (what: string, value: number, bound: number): Verdict => ({
  ...{ what, value, target: `≥ ${bound}` },
  reached: value >= bound,
});
