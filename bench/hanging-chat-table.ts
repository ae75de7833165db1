/** The voices' results as text: a line a round and the table of quiet against trouble. Pure. */
import type { LatencyResult } from './load.ts';
import { markdownTable, show } from './markdown.ts';
import { median } from './stats.ts';
import type { HangingChatResult } from './hanging-chat.ts';

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
    `round ${round}  voices       ready ${readyMs} ms`,
    `quiet ${pages(quiet)} (Slack answered ${answered} calls)`,
    `troubled ${pages(whileHanging)}`,
    `posts that hung ${hungBefore.posts} before, ${hung.posts} in all, at most ${hung.atOnce} at once`,
    `report: ${report.list.n} lists p50 ${report.list.p50}, ${report.export.n} exports p50 ${report.export.p50}${refused}`,
  ].join('  |  ');
}
