/** What was promised, and whether it was reached. Pure. */
import { markdownTable } from './markdown.ts';
import { LONG_LIST, PLAIN_LIST, type RecordsResult } from './records.ts';
import { round } from './stats.ts';
import type { Row } from './table.ts';
import { voicesRatios } from './voices-table.ts';
import type { VoicesResult } from './voices.ts';

export interface Verdict {
  readonly what: string;
  /** `≤ 1.3`. */
  readonly target: string;
  readonly value: number;
  readonly reached: boolean;
}

export interface Everything {
  readonly rows: readonly Row[];
  readonly voices: readonly VoicesResult[];
  readonly records: readonly RecordsResult[];
}

/** Only what was measured: nothing against the floor when Tocsin or the floor was left out. */
export function verdicts({ rows, voices, records }: Everything): Verdict[] {
  const row = rows.find(({ peer }) => peer === 'tocsin');
  const all = [
    atMost('alert → page p50 ÷ floor', row?.p50Ratio ?? NaN, 1.3),
    atLeast('storm throughput ÷ floor', row?.throughputRatio ?? NaN, 0.6),
    atMost('page p99 while Slack hangs and a report runs ÷ quiet', voicesRatios(voices).p99, 2),
    ...records.flatMap(ofRecords),
  ];
  return all.filter(({ value }) => Number.isFinite(value));
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
