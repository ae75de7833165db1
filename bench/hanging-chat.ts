/**
 * Whether trouble with the voices reaches the pages: one process as shipped, everything on. Single alerts while all is
 * quiet (their own posts are answered at once); then Slack answers no post any more, as many incidents as posts are to hang are opened, a report runs in a
 * loop, and the same alerts are measured again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { measureLatency, measureStorm, warmUp, type LatencyResult, type Target } from './load.ts';
import type { Options } from './options.ts';
import type { Peer } from './peer.ts';
import { TOCSIN_READS } from './peers/tocsin.ts';
import { startPeer, untilSettled } from './start-peer.ts';
import { startReport, type ReportResult } from './report.ts';
import { withPeerPaths } from './rounds.ts';
import type { BenchSlack, Hung } from './slack.ts';

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
