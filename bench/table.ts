/** Results as text: a line a measurement, and the table against the floor. Pure. */
import { hangingChatRatios, type HangingChatResult } from './hanging-chat.ts';
import { figuresOf } from './intake-table.ts';
import type { IntakeResult } from './intake.ts';
import { LONG_LIST, PLAIN_LIST, type RecordsResult } from './records.ts';
import type { CpuPerAlert, KillResult, Measured } from './rounds.ts';
import { markdownTable, median, round, show } from './stats.ts';

export interface Row {
  readonly peer: string;
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly p50Ratio: number;
  readonly p99Ratio: number;
  readonly throughputRatio: number;
  readonly cpuOwn: number;
  readonly cpuTemporal: number;
}

/** One row a peer, in the order of the first round. `NaN` where nothing was measured. */
export function tabulate(results: readonly Measured[]): Row[] {
  const peers = [...new Set(results.map(({ peer }) => peer))];
  const p50 = (m: Measured | undefined) => m?.latency?.page.p50;
  const p99 = (m: Measured | undefined) => m?.latency?.page.p99;
  const perSecond = (m: Measured | undefined) => m?.storm?.pagesPerSecond;
  return peers.map((peer) => {
    const mine = results.filter((m) => m.peer === peer);
    const floorOf = (m: Measured) => results.find((other) => other.peer === 'floor' && other.round === m.round);
    const middle = (read: (m: Measured) => number | undefined) => median(mine.flatMap((m) => read(m) ?? []));
    const ratio = (read: (m: Measured | undefined) => number | undefined) =>
      middle((m) => divide(read(m), read(floorOf(m))));
    return {
      peer,
      p50: middle(p50),
      p99: middle(p99),
      perSecond: middle(perSecond),
      p50Ratio: ratio(p50),
      p99Ratio: ratio(p99),
      throughputRatio: ratio(perSecond),
      cpuOwn: middle((m) => m.stormCpu?.own),
      cpuTemporal: middle((m) => m.stormCpu?.temporal),
    };
  });
}

/** What the row of Tocsin is of. */
export function setupOf({ plain }: { readonly plain: boolean }): string {
  return plain
    ? 'tocsin --plain: records on; Slack, ticket files, status page, mail and releases channel off'
    : 'tocsin with everything on: records (PGlite), Slack and releases channel, ticket files, status page; mail configured';
}

export function renderTable(rows: readonly Row[]): string {
  const head = [
    'peer',
    'p50 ms',
    'p99 ms',
    'storm /s',
    'p50 ÷ floor',
    'p99 ÷ floor',
    '/s ÷ floor',
    'cpu own',
    'cpu temporal',
  ];
  const body = rows.map((row) => [
    row.peer,
    ...[row.p50, row.p99, row.perSecond].map((value) => show(value, 1)),
    ...[row.p50Ratio, row.p99Ratio, row.throughputRatio].map((value) => show(value, 2)),
    ...[row.cpuOwn, row.cpuTemporal].map((value) => show(value, 1)),
  ]);
  return markdownTable(head, body);
}

export function describeRound({ peer, round: n, readyMs, ...m }: Measured): string {
  const parts = [`round ${n}  ${peer.padEnd(12)} ready ${readyMs} ms`];
  if (m.latency) {
    const { page, ack, refused, unpaged } = m.latency;
    parts.push(`page p50 ${page.p50} p99 ${page.p99} max ${page.max}, ack p50 ${ack.p50}${cpu(m.latencyCpu)}`);
    if (refused + unpaged > 0) parts.push(`${refused} REFUSED, ${unpaged} UNPAGED`);
  }
  if (m.storm) {
    const { pagesPerSecond, acksPerSecond, page, unpaged, doubled, errors } = m.storm;
    parts.push(
      `storm ${pagesPerSecond}/s (acks ${acksPerSecond}/s) page p50 ${page.p50} p99 ${page.p99}${cpu(m.stormCpu)}`,
    );
    if (unpaged + doubled > 0) parts.push(`${unpaged} UNPAGED, ${doubled} DOUBLED`);
    parts.push(...trouble(errors));
  }
  if (m.ingest) {
    const { acksPerSecond, ack, errors } = m.ingest;
    parts.push(`ingest ${acksPerSecond}/s ack p50 ${ack.p50} p99 ${ack.p99}`, ...trouble(errors));
  }
  return parts.join('  |  ');
}

export function describeKill(kill: KillResult): string {
  return [
    `kill     ${kill.peer.padEnd(12)} ${kill.kept ? 'kept' : 'NOT KEPT'}`,
    `killed ${kill.killed} at ${kill.ackedAtKill} acks and ${kill.pagedAtKill} pages, ready again in ${kill.readyAgainMs} ms`,
    `acked ${kill.acked}, unpaged ${kill.unpaged}, two keys ${kill.doubled}, repeats of one key ${kill.repeats}`,
    ...trouble(kill.errors),
  ].join('  |  ');
}

function cpu(spent: CpuPerAlert | undefined): string {
  return spent === undefined ? '' : `, cpu ${spent.own} + ${spent.temporal} ms an alert`;
}

function trouble(errors: Readonly<Record<string, number>>): string[] {
  const text = Object.entries(errors).map(([what, n]) => `${n} × ${what}`);
  return text.length === 0 ? [] : [`sent again: ${text.join(', ')}`];
}

function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined || b === 0 ? undefined : a / b;
}

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
  what,
  value,
  target: `≤ ${bound}`,
  reached: value <= bound,
});

const below = (what: string, value: number, bound: number): Verdict => ({
  what,
  value,
  target: `< ${bound}`,
  reached: value < bound,
});

const atLeast = (what: string, value: number, bound: number): Verdict => ({
  what,
  value,
  target: `≥ ${bound}`,
  reached: value >= bound,
});
