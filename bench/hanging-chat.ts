/**
 * Whether trouble with the chat reaches the pages: one process as shipped, everything on. Single alerts while all is
 * quiet (their own posts are answered at once); then Slack answers no post any more, as many incidents as posts are to hang are opened, a report runs in a
 * loop, and the same alerts are measured again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { accepted, type BenchClient, createClient } from './client.ts';
import { type LatencyResult, measureLatency, measureStorm, type Target, warmUp } from './load.ts';
import type { Options } from './options.ts';
import { type Peer, startPeer, untilSettled } from './peer.ts';
import { TOCSIN_READS } from './peers.ts';
import { withPeerPaths } from './rounds.ts';
import type { BenchSlack, Hung } from './stand-ins.ts';
import { markdownTable, median, show, summarize, type Summary } from './stats.ts';

export interface HangingChatResult {
  readonly round: number;
  readonly readyMs: number;
  readonly quiet: LatencyResult;
  readonly whileHanging: LatencyResult;
  /** Slack calls that had been answered before the trouble: 0 would mean that Slack was not spoken to. */
  readonly answered: number;
  /** When the second measurement began. */
  readonly hungBefore: Hung;
  /** When it had ended. */
  readonly hung: Hung;
  readonly report: ReportResult;
}

/** Notifications are paced at a few a second, so it takes a while until so many posts hang. */
const HANGING_WITHIN_MS = 240_000;
const QUIET_WITHIN_MS = 600_000;

export async function runHangingChat(
  peer: Peer,
  options: Options,
  report: (result: HangingChatResult) => void,
): Promise<HangingChatResult[]> {
  const results: HangingChatResult[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const result = { round, ...(await measureHangingChat(peer, options)) };
    results.push(result);
    report(result);
  }
  return results;
}

/** Throws when the posts do not come to hang: the second measurement would be of nothing. */
function measureHangingChat(peer: Peer, { n, gapMs, posts, warm }: Options): Promise<Omit<HangingChatResult, 'round'>> {
  return withPeerPaths(peer, async (place, sink, slack) => {
    const running = await startPeer(peer, place);
    try {
      const target: Target = { port: place.port, sink, request: (alert) => peer.request(alert) };
      await untilSettled(peer, place);
      await warmUp(target, warm);
      await untilChatIdle(slack);
      const quiet = await measureLatency(target, { prefix: 'kquiet', n, gapMs });
      const answered = slack.answered();
      slack.hang();
      await measureStorm(target, { prefix: 'khang', n: posts, connections: 4 });
      const hungBefore = await untilHung(slack, posts);
      const report = startReport(place.port, TOCSIN_READS);
      await sleep(1000);
      const whileHanging = await measureLatency(target, { prefix: 'ktroubled', n, gapMs });
      const hung = slack.hung();
      return { readyMs: running.readyMs, quiet, whileHanging, answered, hungBefore, hung, report: await report.stop() };
    } finally {
      await running.stop();
    }
  });
}

/** What the warm-up set off would make "quiet" look slow, and the trouble harmless. Throws when it does not end. */
async function untilChatIdle(slack: BenchSlack): Promise<void> {
  const giveUpAt = performance.now() + QUIET_WITHIN_MS;
  for (let before = -1; slack.answered() !== before;) {
    if (performance.now() > giveUpAt) throw new Error('the warm-up goes on posting');
    before = slack.answered();
    await sleep(3000);
  }
}

async function untilHung(slack: BenchSlack, posts: number): Promise<Hung> {
  const giveUpAt = performance.now() + HANGING_WITHIN_MS;
  while (slack.hung().posts < posts) {
    if (performance.now() > giveUpAt) throw new Error(`only ${slack.hung().posts} of ${posts} posts came to hang`);
    await sleep(100);
  }
  return slack.hung();
}

export interface HangingChatRatios {
  readonly p50: number;
  readonly p99: number;
}

/** Trouble ÷ quiet of each round, then the median of the rounds; `NaN` without any. */
export function hangingChatRatios(results: readonly HangingChatResult[]): HangingChatRatios {
  const ratio = (read: (latency: LatencyResult) => number) =>
    median(results.map(({ quiet, whileHanging }) => read(whileHanging) / read(quiet)));
  return { p50: ratio(({ page }) => page.p50), p99: ratio(({ page }) => page.p99) };
}

export function renderHangingChat(results: readonly HangingChatResult[]): string {
  const row = (name: string, read: (result: HangingChatResult) => LatencyResult): string[] => {
    const middle = (of: (latency: LatencyResult) => number) => median(results.map((result) => of(read(result))));
    const times = [middle(({ page }) => page.p50), middle(({ page }) => page.p99), middle(({ page }) => page.max)];
    const lost = results.map(read).reduce((sum, { refused, unpaged }) => sum + refused + unpaged, 0);
    return [name, ...times.map((time) => show(time, 1)), String(lost)];
  };
  const { p50, p99 } = hangingChatRatios(results);
  return markdownTable(
    ['hanging-chat', 'p50 ms', 'p99 ms', 'max ms', 'refused or unpaged'],
    [
      row('quiet', ({ quiet }) => quiet),
      row('Slack hangs, a report runs', ({ whileHanging }) => whileHanging),
      ['ratio', show(p50, 2), show(p99, 2), '', ''],
    ],
  );
}

export function describeHangingChat({ round, readyMs, quiet, whileHanging, ...rest }: HangingChatResult): string {
  const { answered, hungBefore, hung, report } = rest;
  const pages = ({ page, unpaged, refused }: LatencyResult) =>
    `p50 ${page.p50} p99 ${page.p99} max ${page.max}${unpaged + refused > 0 ? `, ${refused} REFUSED, ${unpaged} UNPAGED` : ''}`;
  const refused = report.refused > 0 ? `, ${report.refused} REFUSED` : '';
  return [
    `round ${round}  hanging-chat ready ${readyMs} ms`,
    `quiet ${pages(quiet)} (Slack answered ${answered} calls)`,
    `troubled ${pages(whileHanging)}`,
    `posts that hung ${hungBefore.posts} before, ${hung.posts} in all, at most ${hung.atOnce} at once`,
    `report: ${report.list.n} lists p50 ${report.list.p50}, ${report.export.n} exports p50 ${report.export.p50}${refused}`,
  ].join('  |  ');
}

interface ReportResult {
  /** Time of one request, ms. */
  readonly list: Summary;
  readonly export: Summary;
  /** Answers other than 2xx. */
  readonly refused: number;
}

export interface Report {
  /** Resolves when the request under way has been answered. */
  stop(): Promise<ReportResult>;
}

const LISTED = 200;
const EXPORTED = 5;
const PARTS = ['export?format=json', 'export?format=markdown', 'export?format=yaml', 'postmortem'];

/**
 * A running report: one connection that lists incidents and exports the newest ones in every format, one request after
 * the other, until it is told to stop.
 */
function startReport(port: number, headers: Readonly<Record<string, string>>): Report {
  const client = createClient(port, 1);
  const times: Times = { list: [], export: [], refused: 0 };
  let stopped = false;
  const running = (async () => {
    while (!stopped) await readOnce(client, headers, times, () => stopped);
  })();
  return {
    stop: async () => {
      stopped = true;
      await running;
      client.close();
      return { list: summarize(times.list), export: summarize(times.export), refused: times.refused };
    },
  };
}

interface Times {
  readonly list: number[];
  readonly export: number[];
  refused: number;
}

async function readOnce(
  client: BenchClient,
  headers: Readonly<Record<string, string>>,
  times: Times,
  isOver: () => boolean,
): Promise<void> {
  const get = async (path: string, into: number[]): Promise<string> => {
    const answer = await client.send({ path, headers });
    into.push(answer.answeredAt - answer.sentAt);
    if (!accepted(answer)) times.refused += 1;
    return accepted(answer) ? answer.text : '{"incidents":[]}';
  };
  const { incidents } = JSON.parse(await get(`/api/v1/incidents?limit=${LISTED}`, times.list)) as {
    readonly incidents: readonly { readonly id: string }[];
  };
  for (const { id } of incidents.slice(0, EXPORTED)) {
    for (const part of PARTS) {
      if (isOver()) return;
      await get(`/api/v1/incidents/${id}/${part}`, times.export);
    }
  }
}
